import type { HoldStore } from "../journal/hold.ts";
import type { Engine } from "../workflow/engine.ts";

/** Reads from the store what is on hold, so that running code hears of it. */
export async function knowHolds(engine: Engine, store: HoldStore): Promise<void> {
  const present = await store.presentHolds();
  engine.holds.set(present.filter(({ state }) => state === "held").map(({ workflow }) => workflow));
}
