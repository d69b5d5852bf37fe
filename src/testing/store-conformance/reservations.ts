import assert from "node:assert/strict";
import type { SealedRecord } from "../../journal/record.ts";
import { aspect, type Aspect } from "./world.ts";

export const reservations: Aspect = aspect("reservations", {
  "what a run has under way comes back with its next claim, until something else is said": async (world) => {
    const started = await world.start();
    await world.store.commit({ ...started, records: [], reserved: { modelCalls: 2, usd: 0.25 } });
    await world.store.commit({ ...started, records: [world.sealed("a")] });
    await world.store.abandon({ exceptWorker: "another" });
    const [claimed] = await world.claim();
    assert.deepEqual(claimed?.reserved, { modelCalls: 2, usd: 0.25 });
    const again = { runId: started.runId, epoch: started.epoch + 1 };
    await world.store.commit({ ...again, records: [], reserved: { modelCalls: 3, usd: 0.5 } });
    await world.store.commit({ ...again, records: [], command: { do: "yield" } });
    assert.deepEqual((await world.claim())[0]?.reserved, { modelCalls: 3, usd: 0.5 });
  },

  "model calls are found by when they began, and by nothing else": async (world) => {
    const began = world.clock.now();
    const started = await world.start();
    const call = (type: "model_call" | "repair", startedAt: number, model: string): SealedRecord => ({
      ...world.sealed("classify", { kind: "prompt", type }),
      startedAt,
      body: JSON.stringify({ model, usage: { inputTokens: 20, outputTokens: 5 } }),
    });
    const uncounted = { ...call("model_call", began + 2, "p/three"), body: JSON.stringify({ model: "p/three" }) };
    const records = [call("model_call", began - 1, "p/one"), call("repair", began + 1, "p/two"), uncounted];
    await world.store.commit({ ...started, records: [...records, world.sealed("code")] });
    const mine = (await world.store.modelCallsSince(began)).filter(({ startedAt }) => startedAt <= began + 2);
    assert.deepEqual(mine, [
      { model: "p/two", startedAt: began + 1, tokens: 25 },
      { model: "p/three", startedAt: began + 2, tokens: 0 },
    ]);
  },

  "with nothing under way nothing comes back": async (world) => {
    const started = await world.start();
    await world.store.commit({ ...started, records: [], reserved: { modelCalls: 1, usd: 0 } });
    const free = { modelCalls: 0, usd: 0 };
    await world.store.commit({ ...started, records: [world.sealed("a")], reserved: free, command: { do: "yield" } });
    assert.equal((await world.claim())[0]?.reserved, null);
  },

  "a worker that has lost the run says nothing of it": async (world) => {
    const started = await world.start();
    await world.store.abandon({ exceptWorker: "another" });
    const result = await world.store.commit({ ...started, records: [], reserved: { modelCalls: 1, usd: 1 } });
    assert.deepEqual(result, { ok: false, why: "fenced" });
    assert.equal((await world.claim())[0]?.reserved, null);
  },
});
