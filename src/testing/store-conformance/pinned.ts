import assert from "node:assert/strict";
import type { ClaimedRun } from "../../journal/ports.ts";
import { aspect, LEASE_MS, type Aspect, type World } from "./world.ts";

type Submitted = NonNullable<Parameters<World["submit"]>[0]>;

export const pinnedRuns: Aspect = aspect("pinned runs", {
  "a run says which code it is pinned to; one that is not says none": async (world) => {
    const pinned = await pinnedTo(world, "old");
    assert.equal((await world.store.run(pinned))?.codePin, "old");
    const free = await world.start();
    const pins = { release: 1, stage: "partial", body: "{}" };
    await world.store.commit({ runId: free.runId, epoch: free.epoch, records: [], pins });
    assert.equal((await world.store.run(free.runId))?.codePin, null);
  },

  "a run that is pinned is claimed by a worker with its code, and by nobody else": async (world) => {
    const runId = await pinnedTo(world, "old");
    assert.deepEqual(await claimWith(world, undefined), []);
    assert.deepEqual(await claimWith(world, "new"), []);
    assert.equal((await world.store.run(runId))?.status, "queued");
    assert.deepEqual(ids(await claimWith(world, "old")), [runId]);
  },

  "what is due by its time waits in the line of its code": async (world) => {
    const runId = await pinnedTo(world, "old", { do: "park", wait: "sleep", wakeAt: world.clock.now() + 1_000 });
    world.clock.advance(1_000);
    assert.deepEqual(await claimWith(world, "new"), []);
    assert.deepEqual(ids(await claimWith(world, "old")), [runId]);
  },

  "runs pinned to other code at the head of the line hold nobody up, however many": async (world) => {
    for (let n = 0; n < 30; n++) await pinnedTo(world, `old ${n % 3}`);
    const free = await world.submit();
    assert.deepEqual(ids(await claimWith(world, "new")), [free]);
  },

  "those a worker may claim come in one order: priority first, then age": async (world) => {
    const first = await pinnedTo(world, "old");
    const second = await world.submit();
    const urgent = await world.submit({ priority: 5 });
    assert.deepEqual(ids(await claimWith(world, "old")), [urgent, first, second]);
  },

  "a run pinned to other code that is first of its concurrency key does not hold up those behind it": async (world) => {
    const key = { concurrencyKey: world.name("key"), concurrencyLimit: 1 };
    const pinned = await pinnedTo(world, "old", { do: "yield" }, key);
    const running = await world.start(key);
    const behind = await world.submit(key);
    // Both are held back now, the pinned one ahead.
    assert.deepEqual(await claimWith(world, "old"), []);
    await world.move(running, { do: "complete", disposition: "applied" });
    assert.deepEqual(ids(await claimWith(world, "new")), [behind]);
    assert.equal((await world.store.run(pinned))?.status, "queued");
  },
});

async function claimWith(world: World, code: string | undefined): Promise<ClaimedRun[]> {
  const workflows = [{ name: world.workflow, limit: null, ...(code === undefined ? {} : { code }) }];
  return await world.store.claim({ worker: "worker-1", leaseMs: LEASE_MS, limit: 100, workflows });
}

function ids(claimed: readonly ClaimedRun[]): string[] {
  return claimed.map(({ run }) => run.runId);
}

type Leaves = { do: "yield" } | { do: "park"; wait: "sleep"; wakeAt: number };

/** A run that was claimed once by a worker with this code, pinned itself to it, and left. */
async function pinnedTo(
  world: World,
  code: string,
  leaves: Leaves = { do: "yield" },
  over: Submitted = {},
): Promise<string> {
  const started = await world.start(over);
  const pins = { release: 1, stage: "partial", body: "{}", code };
  const result = await world.store.commit({ runId: started.runId, epoch: started.epoch, records: [], pins });
  assert.ok(result.ok);
  await world.move(started, leaves.do === "park" ? { ...leaves, seenSeq: started.lastSeq } : leaves);
  return started.runId;
}
