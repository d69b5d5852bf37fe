import assert from "node:assert/strict";
import type { RunFilter } from "../../journal/run-filter.ts";
import { aspect, type Aspect, type World } from "./world.ts";

/** Ids of all runs of a filter, page by page. */
async function walk(world: World, filter: RunFilter, limit: number): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 100; pages++) {
    const page = await world.store.list(filter, cursor === undefined ? { limit } : { limit, cursor });
    assert.ok(page.items.length <= limit);
    found.push(...page.items.map(({ runId }) => runId));
    if (page.next === null) return found;
    cursor = page.next;
  }
  throw new Error("The listing does not end.");
}

async function submitMany(world: World, count: number): Promise<string[]> {
  const made: string[] = [];
  for (let n = 0; n < count; n++) {
    // Some in the same millisecond, some not.
    if (n % 3 === 0) world.clock.advance(1);
    made.push(await world.submit());
  }
  return made;
}

export const pagination: Aspect = aspect("pagination", {
  "runs are listed newest first, each once, whatever the page size": async (world) => {
    const newestFirst = (await submitMany(world, 10)).toReversed();
    for (const limit of [1, 3, 10, 11])
      assert.deepEqual(await walk(world, { workflow: world.workflow }, limit), newestFirst);
  },

  "runs that come in between two pages do not shift the second": async (world) => {
    const made = await submitMany(world, 6);
    const filter = { workflow: world.workflow };
    const first = await world.store.list(filter, { limit: 3 });
    assert.ok(first.next);
    await submitMany(world, 4);
    const second = await world.store.list(filter, { limit: 3, cursor: first.next });
    const seen = [...first.items, ...second.items].map(({ runId }) => runId);
    assert.deepEqual(seen, made.toReversed());
    assert.equal(second.next, null);
  },

  "a full last page has no next": async (world) => {
    await submitMany(world, 3);
    assert.equal((await world.store.list({ workflow: world.workflow }, { limit: 3 })).next, null);
  },

  "a clock that was set back does not lose runs": async (world) => {
    await submitMany(world, 4);
    world.clock.advance(-3_600_000);
    await submitMany(world, 4);
    world.clock.advance(7_200_000);
    await submitMany(world, 4);
    assert.equal(new Set(await walk(world, { workflow: world.workflow }, 5)).size, 12);
  },

  "a cursor that no listing gave is refused": async (world) => {
    const bad = world.store.list({}, { limit: 1, cursor: "bm90IGEgY3Vyc29y" });
    await assert.rejects(bad, { name: "UsageError", code: "bad_cursor" });
  },
});

/** Runs in every state, with facets. */
async function variety(world: World): Promise<Record<string, string>> {
  const queued = await world.submit({ priority: -5 });
  const running = await world.start({ priority: 1 });
  const waiting = await world.start({ priority: 1 });
  await world.park(waiting, "sleep", world.clock.now() + 1e9);
  const facets = ["prompt:classify", "prompt_version:classify@2", "model:openai/m", "tool:escalate"];
  const done = await world.start({ priority: 1 });
  const pins = { release: 4, stage: "partial", body: "{}" };
  await world.store.commit({ ...done, records: [], pins, facets: facets.slice(0, 3) });
  await world.store.commit({ ...done, records: [], facets, command: { do: "complete", disposition: "applied" } });
  const other = await world.start({ priority: 1 });
  const otherFacets = ["prompt:extract", "prompt_version:extract@2", "model:openai/m"];
  const stop = { do: "stop", disposition: "rejected", failure: null } as const;
  await world.store.commit({ ...other, records: [], facets: otherFacets, command: stop });
  return { queued, running: running.runId, waiting: waiting.runId, done: done.runId, other: other.runId };
}

export const filters: Aspect = aspect("filters", {
  "each filter finds its runs and no others": async (world) => {
    const { queued, running, waiting, done, other } = await variety(world);
    const expected: [RunFilter, (string | undefined)[]][] = [
      [{ status: "queued" }, [queued]],
      [{ status: "running" }, [running]],
      [{ status: "waiting" }, [waiting]],
      [{ status: "completed" }, [done]],
      [{ status: "stopped" }, [other]],
      [{ disposition: "applied" }, [done]],
      [{ disposition: "rejected" }, [other]],
      [{ prompt: "classify" }, [done]],
      [{ prompt: "classify", promptVersion: "2" }, [done]],
      [{ promptVersion: "extract@2" }, [other]],
      [{ promptVersion: "2" }, [other, done]],
      [{ promptVersion: "3" }, []],
      [{ prompt: "extract", promptVersion: "classify@2" }, []],
      [{ model: "openai/m" }, [other, done]],
      [{ model: "openai/m", tool: "escalate" }, [done]],
      [{ tool: "unknown" }, []],
      [{ release: 4 }, [done]],
      [{ stage: "partial" }, [done]],
      [{ stage: "partial", disposition: "rejected" }, []],
    ];
    for (const [filter, found] of expected) {
      const within = { ...filter, workflow: world.workflow };
      assert.deepEqual(await walk(world, within, 1), found, JSON.stringify(filter));
      const counts = await world.store.counts(within);
      const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
      assert.equal(total, found.length, JSON.stringify(filter));
    }
  },

  "counts follow runs from state to state": async (world) => {
    const count = async (): Promise<Record<string, number>> => {
      const all = await world.store.counts({ workflow: world.workflow });
      return Object.fromEntries(Object.entries(all).filter(([, n]) => n !== 0));
    };
    assert.deepEqual(await count(), {});
    await variety(world);
    assert.deepEqual(await count(), { queued: 1, running: 1, waiting: 1, completed: 1, stopped: 1 });
    const slow = await world.store.counts({ workflow: world.workflow, since: 0 });
    assert.deepEqual(slow, await world.store.counts({ workflow: world.workflow }));
    const queued = await world.store.counts({ workflow: world.workflow, status: "queued" });
    assert.deepEqual([queued.queued, queued.running], [1, 0]);
  },

  "since takes the moment itself, until does not": async (world) => {
    const [first, second, third] = await Promise.all(
      [0, 1, 2].map(async () => {
        world.clock.advance(10);
        return await world.submit();
      }),
    );
    const at = async (runId: string | undefined): Promise<number> =>
      (await world.store.run(runId as string))?.createdAt as number;
    const filter = { workflow: world.workflow, since: await at(second) };
    assert.deepEqual(await walk(world, filter, 5), [third, second]);
    assert.deepEqual(await walk(world, { ...filter, until: await at(third) }, 5), [second]);
    assert.deepEqual(await walk(world, { workflow: world.workflow, until: await at(second) }, 5), [first]);
  },

  "q finds runs by their id or their event's id, whole or by its beginning": async (world) => {
    const eventId = world.name("evt_q");
    const runId = await world.submit({ eventId });
    const sibling = await world.submit({ eventId: `${eventId}_more` });
    await world.submit();
    assert.deepEqual(await walk(world, { q: runId }, 5), [runId]);
    assert.deepEqual(await walk(world, { q: eventId }, 1), [sibling, runId]);
    assert.deepEqual(await walk(world, { q: `${eventId}_` }, 5), [sibling]);
    assert.deepEqual(await walk(world, { q: eventId, status: "running" }, 5), []);
    assert.deepEqual(await walk(world, { q: "%" }, 5), []);
    assert.equal((await walk(world, { q: "run_", workflow: world.workflow }, 2)).length, 3);
  },
});
