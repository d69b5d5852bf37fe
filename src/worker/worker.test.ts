import { expect, test } from "vitest";
import type { ClaimRequest } from "../journal/ports.ts";
import type { Engine } from "../workflow/engine.ts";
import { Worker } from "./worker.ts";

test("a worker claims nothing before it is started, and then spares what may have killed others", async () => {
  const claims: ClaimRequest[] = [];
  const claimed = Promise.withResolvers<void>();
  const store = {
    claim: async (request: ClaimRequest) => {
      claims.push(request);
      claimed.resolve();
      return [];
    },
    nextDue: async () => null,
  };
  const holds = { drain: () => {} };
  const engine = { store, holds, clock: { now: () => 0 }, log: () => {} } as unknown as Engine;
  const worker = new Worker({ engine, workflows: new Map(), concurrency: 1, leaseMs: 1_000, onLeft: () => {} });
  worker.poke();
  expect(claims).toEqual([]);
  worker.start();
  await claimed.promise;
  expect(claims.map(({ spareSuspects }) => spareSuspects)).toEqual([true]);
  await worker.stop(0);
});
