import assert from "node:assert/strict";
import type { RestartInput } from "../../journal/ports.ts";
import { aspect, type Aspect, type World } from "./world.ts";

export const restarting: Aspect = aspect("restart", {
  "a waiting run is queued, with the record of why, and the reviews named are withdrawn": async (world) => {
    const { runId, reviewId, lastSeq } = await world.waitingForReview();
    const other = await world.waitingForReview();
    const result = await world.store.restart(asked(world, runId, lastSeq + 1, { withdraw: [reviewId] }));
    assert.deepEqual(result, { ok: true });
    assert.equal((await world.store.run(runId))?.status, "queued");
    assert.equal((await world.store.load(runId))?.records.at(-1)?.name, "@restart");
    assert.equal((await world.store.review(reviewId))?.status, "withdrawn");
    assert.equal((await world.store.review(other.reviewId))?.status, "open");
  },

  "a dead run is queued, and nothing says any more that it failed": async (world) => {
    const started = await world.start();
    const failure = { class: "bug", code: "divergence", message: "other code", step: null } as const;
    await world.move(started, { do: "die", failure });
    const result = await world.store.restart(asked(world, started.runId, started.lastSeq + 1));
    assert.deepEqual(result, { ok: true });
    const run = await world.store.run(started.runId);
    assert.equal(run?.status, "queued");
    assert.equal(run?.failure, null);
    assert.equal(run?.endedAt, null);
  },

  "a run that is worked on, or has ended otherwise, stays as it is": async (world) => {
    const started = await world.start();
    const running = await world.store.restart(asked(world, started.runId, started.lastSeq + 1));
    assert.deepEqual(running, { ok: false, refusal: "running" });
    await world.move(started, { do: "complete", disposition: "applied" });
    const ended = await world.store.restart(asked(world, started.runId, started.lastSeq + 1));
    assert.deepEqual(ended, { ok: false, refusal: "ended" });
    const unknown = await world.store.restart(asked(world, "run_none", 2));
    assert.deepEqual(unknown, { ok: false, refusal: "unknown_run" });
  },

  "a run that has other records by now is left alone": async (world) => {
    const { runId, reviewId, lastSeq } = await world.waitingForReview();
    const result = await world.store.restart(asked(world, runId, lastSeq, { withdraw: [reviewId] }));
    assert.deepEqual(result, { ok: false, refusal: "stale" });
    assert.equal((await world.store.review(reviewId))?.status, "open");
  },

  "a run that is unpinned is claimed by a worker with any code": async (world) => {
    const started = await world.start();
    const pins = { release: 1, stage: "partial", body: "{}", code: "old" };
    await world.store.commit({ runId: started.runId, epoch: started.epoch, records: [], pins });
    await world.move(started, { do: "yield" });
    assert.deepEqual(await world.claim(), []);
    await world.store.restart(asked(world, started.runId, started.lastSeq + 1, { unpin: true }));
    assert.equal((await world.store.run(started.runId))?.codePin, null);
    assert.equal((await world.claim()).length, 1);
  },
});

function asked(world: World, runId: string, nextSeq: number, over: Partial<RestartInput> = {}): RestartInput {
  const record = world.sealed("@restart", { kind: "override", type: "override" });
  return { runId, record, expectedNextSeq: nextSeq, withdraw: [], waits: [], unpin: false, ...over };
}
