import type { Release } from "../../src/release/release.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { CHAIN_KEY } from "./world.ts";
import type { World } from "./world.ts";

/** Makes `change` the present release while no process serves. */
export async function publish(world: World, change: Partial<Release>): Promise<void> {
  const store = await openSqliteStore({
    dataDir: world.sluice.project.config.dataDir,
    chainKey: CHAIN_KEY,
    clock: { now: () => Date.now() },
  });
  const control = await store.control("flow");
  const release = { ...(JSON.parse(control?.body ?? "null") as Release), ...change };
  const number = release.number + 1;
  const body = JSON.stringify({ ...release, number });
  await store.publish({ workflow: "flow", number, body, createdAt: Date.now() }, control?.version ?? 0);
  await store.close();
}
