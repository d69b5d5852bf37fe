import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { frozenClock } from "../../testing/frozen-clock.ts";
import { digest, World } from "../../testing/store-conformance/world.ts";
import { openForReading } from "./database.ts";
import { openSqliteStore } from "./open.ts";

const CHAIN_KEY = digest("chain key");

async function open(): Promise<{ world: World; dataDir: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-retention-"));
  const clock = frozenClock();
  const store = await openSqliteStore({ dataDir, chainKey: CHAIN_KEY, clock });
  onTestFinished(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { world: new World(store, clock, CHAIN_KEY), dataDir };
}

/** Which files of the folder hold these bytes. */
function filesWith(dataDir: string, bytes: Uint8Array): string[] {
  return readdirSync(dataDir).filter((name) => readFileSync(join(dataDir, name)).includes(bytes));
}

async function ended(world: World, over: Parameters<World["start"]>[0]): Promise<string> {
  const started = await world.start(over);
  await world.move(started, { do: "complete", disposition: "applied" });
  return started.runId;
}

describe("what was removed", () => {
  it("is in no file of the store after a sweep: keys, vaults, quarantined bodies", async () => {
    const { world, dataDir } = await open();
    const secrets = {
      key: digest("the wrapped key"),
      vault: digest("the vault"),
      body: digest("the quarantined body"),
    };
    const record = world.sealed("ticket.created", { kind: "event", type: "trigger", vault: secrets.vault });
    await ended(world, { wrappedKey: secrets.key, record });
    for (let i = 0; i < 50; i++) await ended(world, { wrappedKey: digest(`another key ${i}`) });
    const item = { quarantineId: "qua_1", receivedAt: world.clock.now(), eventType: null, eventId: null, errors: "[]" };
    await world.store.quarantine([{ ...item, body: secrets.body }]);
    await world.store.sweep();
    for (const secret of Object.values(secrets)) expect(filesWith(dataDir, secret)).toContain("sluice.db");

    await world.store.removeOriginals({ endedBy: world.clock.now(), limit: 1_000 });
    await world.store.removeQuarantined({ receivedBy: world.clock.now(), limit: 1_000 });
    expect(await world.store.sweep()).toBe(true);
    for (const secret of Object.values(secrets)) expect(filesWith(dataDir, secret)).toEqual([]);
  });

  it("is in no file either where it was values: bodies, texts, outcomes and the words of the search index", async () => {
    const { world, dataDir } = await open();
    const long = "wombat ".repeat(2_000);
    const hash = Buffer.from(digest(long)).toString("hex");
    const record = world.sealed("ticket.created", {
      kind: "event",
      type: "trigger",
      key: "quokka",
      body: JSON.stringify({ output: { body: "zanzibar", other: "" } }),
      blobRefs: JSON.stringify({ "/output/other": hash }),
      blobs: [{ hash, text: long }],
    });
    const started = await world.start({ record });
    const command = { do: "die", failure: { class: "bug", code: "bug", message: "numbat", step: null } } as const;
    await world.store.commit({ ...started, records: [], command, decision: '{"said":"kookaburra"}' });
    for (let i = 0; i < 300; i++) await world.submit();
    await world.store.sweep();
    const words = ["zanzibar", "wombat", "numbat", "kookaburra", "quokka"].map((word) => Buffer.from(word));
    for (const word of words) expect(filesWith(dataDir, word)).toContain("sluice.db");

    await world.store.removeValues({ endedBy: world.clock.now(), limit: 1_000 });
    for (let first = true; await world.store.forgetWords(first); first = false);
    expect(await world.store.sweep()).toBe(true);
    for (const word of words) expect(filesWith(dataDir, word)).toEqual([]);
  });

  it("is not waited for by the writer while somebody reads an older state", async () => {
    const { world, dataDir } = await open();
    await ended(world, {});
    const reader = openForReading(join(dataDir, "sluice.db"));
    reader.exec("BEGIN; SELECT count(*) FROM runs");
    reader.prepare("SELECT count(*) FROM runs").get();
    await world.store.removeOriginals({ endedBy: world.clock.now(), limit: 10 });
    const before = performance.now();
    expect(await world.store.sweep()).toBe(false);
    expect(performance.now() - before).toBeLessThan(2_000);
    reader.close();
    expect(await world.store.sweep()).toBe(true);
  });
});
