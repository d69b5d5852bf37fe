import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { frozenClock } from "../../testing/frozen-clock.ts";
import { World } from "../../testing/store-conformance/world.ts";
import { openSqliteStore, type SqliteStore } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-paths-"));
const clock = frozenClock();
const chainKey = new Uint8Array(32).fill(3);
let store: SqliteStore;

beforeAll(async () => {
  store = await openSqliteStore({ dataDir: folder, chainKey, clock });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Takes the steps, some of them in one commit; stays running unless it is to end. */
async function go(world: World, steps: readonly Step[], ends: boolean): Promise<void> {
  const { runId, epoch } = await world.start();
  const groups: Step[][] = [];
  for (const step of steps)
    if (step.together && groups.length > 0) groups.at(-1)?.push(step);
    else groups.push([step]);
  for (const group of groups) {
    const records = group.map(({ name, fails }) => world.sealed(name, { status: fails ? "error" : "success" }));
    expect((await store.commit({ runId, epoch, records })).ok).toBe(true);
  }
  if (ends) await world.move({ runId, epoch, lastSeq: 0 }, { do: "complete", disposition: "applied" });
}

interface Step {
  name: string;
  fails: boolean;
  together: boolean;
}

/** What a run adds to the counts, by its steps alone. */
function passed(steps: readonly Step[], ends: boolean): { edges: Set<string>; failed: Set<string> } {
  const way = ["trigger", ...steps.map(({ name }) => `step:${name}`)].filter((node, at, all) => all[at - 1] !== node);
  const nodes = [...way, ends ? "end:completed" : "now:running"];
  return {
    edges: new Set(nodes.slice(1).map((node, at) => `${nodes[at]} > ${node}`)),
    failed: new Set(steps.filter(({ fails }) => fails).map(({ name }) => `step:${name}`)),
  };
}

const someSteps = fc.array(
  fc.record({ name: fc.constantFrom("a", "b", "c", "d"), fails: fc.boolean(), together: fc.boolean() }),
  { maxLength: 14 },
);

function add(counts: Record<string, number>, keys: Iterable<string>): void {
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
}

describe("paths", () => {
  it("hold the edges and failures of every run, whatever way it goes, and lead back to it", async () => {
    const runs = fc.array(fc.record({ steps: someSteps, ends: fc.boolean() }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(runs, async (given) => {
        const world = new World(store, clock, chainKey);
        const { workflow } = world;
        const [edges, errors]: [Record<string, number>, Record<string, number>] = [{}, {}];
        for (const { steps, ends } of given) {
          await go(world, steps, ends);
          const expected = passed(steps, ends);
          add(edges, expected.edges);
          add(errors, expected.failed);
        }
        const seen = await store.traffic({ workflow, since: 0, until: clock.now() + 1 });
        expect(Object.fromEntries(seen.edges.map(({ from, to, count }) => [`${from} > ${to}`, count]))).toEqual(edges);
        const failed = seen.nodes.filter((node) => node.errors > 0);
        expect(Object.fromEntries(failed.map((node) => [node.id, node.errors]))).toEqual(errors);
        for (const { from, to, count } of seen.edges) {
          const counts = await store.counts({ workflow, edgeFrom: from, edgeTo: to });
          expect([from, to, Object.values(counts).reduce((sum, n) => sum + n, 0)]).toEqual([from, to, count]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("of a loop are a few rows, however often it goes round", async () => {
    const world = new World(store, clock, chainKey);
    const around = (times: number): Step[] =>
      Array.from({ length: times }, () => ["x", "y", "z"])
        .flat()
        .map((name) => ({ name, fails: false, together: false }));
    await go(world, around(3), true);
    const before = rows(world.workflow);
    await go(world, around(100), true);
    expect(rows(world.workflow)).toBe(before);
  });

  it("of a run through hundreds of different steps are given up, and the run is counted as not placed", async () => {
    const world = new World(store, clock, chainKey);
    const steps = Array.from({ length: 250 }, (_, n) => ({ name: `step ${n}`, fails: false, together: n % 50 !== 0 }));
    await go(world, steps, true);
    await go(world, steps.slice(0, 1), true);
    const seen = await store.traffic({ workflow: world.workflow, since: 0, until: clock.now() + 1 });
    expect([seen.runs, seen.unplaced]).toEqual([2, 1]);
    expect(seen.nodes.find(({ id }) => id === "trigger")?.count).toBe(1);
    expect(rows(world.workflow)).toBeLessThanOrEqual(250);
    expect((await store.list({ workflow: world.workflow, edgeTo: "end:completed" }, { limit: 5 })).items).toHaveLength(
      1,
    );
  });
});

function rows(workflow: string): number {
  const db = new DatabaseSync(join(folder, "sluice.db"), { readOnly: true });
  try {
    return db.prepare("SELECT count(*) AS n FROM paths WHERE workflow = ?").get(workflow)?.["n"] as number;
  } finally {
    db.close();
  }
}
