import assert from "node:assert/strict";
import { CHAIN_START, chainNext } from "../../journal/chain.ts";
import { aspect, digest, type Aspect } from "./world.ts";

export const committing: Aspect = aspect("commit", {
  "records come back as they were given": async (world) => {
    const { runId, epoch } = await world.start();
    const text = "a large text ".repeat(1_000);
    const hash = Buffer.from(digest(text)).toString("hex");
    const record = world.sealed("classify", {
      kind: "prompt",
      type: "model_call",
      key: "é ☃",
      attempt: 2,
      status: "error",
      ends: false,
      body: JSON.stringify({ raw: "", output: "…" }),
      blobRefs: JSON.stringify({ "/raw": hash }),
      blobs: [{ hash, text }],
      vault: digest("sealed originals"),
    });
    await world.store.commit({ runId, epoch, records: [record] });
    const stored = (await world.store.load(runId))?.records[1];
    assert.ok(stored);
    const { seq, runId: of, epoch: under, chain, ...rest } = stored;
    const { blobs, ...given } = record;
    assert.deepEqual(
      { ...rest, mac: [...rest.mac], vault: [...(rest.vault ?? [])] },
      {
        ...given,
        mac: [...given.mac],
        vault: [...(given.vault ?? [])],
      },
    );
    assert.deepEqual([seq, of, under, chain.length], [2, runId, epoch, 32]);
    assert.deepEqual(await world.store.blobs([hash, "unknown"]), new Map([[hash, text]]));
    assert.equal(blobs.length, 1);
  },

  "the chain runs through every record of a run, whoever wrote it": async (world) => {
    const waiting = await world.waitingForReview();
    const expectedNextSeq = waiting.lastSeq + 1;
    const records = [world.sealed("answer", { kind: "review", type: "review" })];
    await world.store.answer({ reviewId: waiting.reviewId, by: "ann", action: "approve", records, expectedNextSeq });
    const again = await world.resume(waiting.runId);
    await world.store.commit({ ...again, records: [world.sealed("a"), world.sealed("b")] });
    await world.store.command({ runId: waiting.runId, command: { do: "cancel" }, record: world.sealed("cancelled") });
    const stored = (await world.store.load(waiting.runId))?.records ?? [];
    assert.equal(stored.length, 6);
    let chain = CHAIN_START;
    for (const record of stored) {
      chain = chainNext(world.chainKey, chain, record.seq, record.mac);
      assert.deepEqual([...record.chain], [...chain]);
    }
  },

  "the first commit pins": async (world) => {
    const started = await world.start();
    const pins = { release: 7, stage: "shadow", body: '{"release":7}' };
    await world.store.commit({ ...started, records: [], pins });
    const run = await world.store.run(started.runId);
    assert.deepEqual([run?.release, run?.stage, run?.pins], [7, "shadow", pins.body]);
    const found = await world.store.list({ workflow: world.workflow, release: 7, stage: "shadow" }, { limit: 5 });
    assert.deepEqual(
      found.items.map(({ runId }) => runId),
      [started.runId],
    );
  },

  "cost adds up, and unknown stays unknown": async (world) => {
    const started = await world.start();
    const cost = async (costUsd?: number | null): Promise<number | null | undefined> => {
      await world.store.commit({ ...started, records: [], ...(costUsd === undefined ? {} : { costUsd }) });
      return (await world.store.run(started.runId))?.costUsd;
    };
    assert.equal(await cost(0.25), 0.25);
    assert.equal(await cost(), 0.25);
    assert.equal(await cost(0.5), 0.75);
    assert.equal(await cost(null), null);
    assert.equal(await cost(1), null);
  },

  "a decision ends the run and is kept with it": async (world) => {
    const started = await world.start();
    const decided = world.sealed("decide", { kind: "decide", type: "decision" });
    world.clock.advance(50);
    const command = { do: "complete", disposition: "suggested" } as const;
    const decision = '{"queue":"billing","nested":[1,null]}';
    const result = await world.store.commit({ ...started, records: [decided], decision, command });
    assert.deepEqual(result, { ok: true, lastSeq: 2, status: "completed" });
    const run = await world.store.run(started.runId);
    assert.deepEqual(run?.decision, { queue: "billing", nested: [1, null] });
    assert.deepEqual([run?.status, run?.disposition, run?.endedAt], ["completed", "suggested", world.clock.now()]);
    assert.deepEqual([run?.worker, run?.leaseUntil], [null, null]);
  },

  "a run has one decision on record: a second one is refused and leaves nothing behind": async (world) => {
    const started = await world.start();
    const decided = world.sealed("decide", { kind: "decide", type: "decision" });
    await world.store.commit({ ...started, records: [decided] });
    await assert.rejects(world.store.commit({ ...started, records: [world.sealed("a"), decided] }));
    assert.equal((await world.store.load(started.runId))?.records.length, 2);
    assert.equal((await world.store.commit({ ...started, records: [world.sealed("b")] })).ok, true);
  },

  "a dead run keeps its failure, class and fingerprint, and is found by them": async (world) => {
    const started = await world.start();
    const failure = { class: "transient", code: "http_503", message: "Unavailable", step: "classify" } as const;
    const fingerprint = world.name("fingerprint");
    await world.store.commit({ ...started, records: [], command: { do: "die", failure }, fingerprint });
    const run = await world.store.run(started.runId);
    assert.deepEqual(run?.failure, failure);
    for (const filter of [{ fingerprint }, { failureClass: "transient" }, { status: "dead" as const }]) {
      const found = await world.store.list({ workflow: world.workflow, ...filter }, { limit: 5 });
      assert.deepEqual(
        found.items.map(({ runId }) => runId),
        [started.runId],
      );
    }
  },

  "what is resolved is read by the very next read": async (world) => {
    for (let n = 0; n < 30; n++) {
      const runId = await world.submit();
      assert.equal((await world.store.run(runId))?.status, "queued");
    }
  },
});
