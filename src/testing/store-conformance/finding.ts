import assert from "node:assert/strict";
import type { Json } from "../../base/json.ts";
import { FACETS, type FacetName } from "../../journal/facets.ts";
import type { RunFilter } from "../../journal/run-filter.ts";
import type { RunFailure } from "../../journal/run.ts";
import { aspect, type Aspect, type Started, type World } from "./world.ts";

async function find(world: World, filter: RunFilter): Promise<string[]> {
  const { items, next } = await world.store.list({ workflow: world.workflow, ...filter }, { limit: 100 });
  assert.equal(next, null);
  return items.map(({ runId }) => runId);
}

async function startWith(world: World, event: Json, more: { eventId?: string } = {}): Promise<Started> {
  const body = JSON.stringify({ output: event });
  return await world.start({ ...more, record: world.sealed("ticket", { kind: "event", type: "trigger", body }) });
}

const FAILURE: RunFailure = { class: "transient", code: "http_503", message: "The ledger is locked.", step: "look" };

export const searching: Aspect = aspect("search by words", {
  "a run is found by words of its event, whole or by their beginning, in any case and order": async (world) => {
    const ticket = { id: "tkt_9041", subject: "Charged twice after upgrading", tags: ["A-113", 4711] };
    const { runId } = await startWith(world, { ticket, customer: { id: "cus_1188" } });
    const other = await startWith(world, { ticket: { id: "tkt_9", subject: "Charged once" } });
    for (const q of [
      "tkt_9041",
      "tkt_90",
      "9041",
      "CUS_1188",
      "charged twice",
      "twice char",
      "upgrad",
      "a-113",
      "4711",
    ])
      assert.deepEqual(await find(world, { q }), [runId], q);
    assert.deepEqual(await find(world, { q: "charged" }), [other.runId, runId]);
    for (const q of ["041", "harged", "charged nonce", "ticket", "subject"])
      assert.deepEqual(await find(world, { q }), []);
  },

  "accents, width and the missing spaces of a script do not hide a run": async (world) => {
    const { runId } = await startWith(world, { subject: "Müller: Straße, ＡＢＣ, 二重に請求されました。한국어 문장" });
    for (const q of [
      "muller",
      "MÜLLER",
      "mu\u0308ller",
      "strasse",
      "abc",
      "請求",
      "二重",
      "に請求さ",
      "請",
      "た",
      "한국",
    ])
      assert.deepEqual(await find(world, { q }), [runId], q);
    for (const q of ["二請", "求請", "ller"]) assert.deepEqual(await find(world, { q }), [], q);
  },

  "what was redacted is not found, nor the word for it": async (world) => {
    const token = "[redacted:email:AAAAAAAAAAAAAAAAAAAAAA]";
    const { runId } = await startWith(world, { customer: token, note: `from ${token} today` });
    for (const q of ["redacted", "email", "AAAAAAAAAAAAAAAAAAAAAA"]) assert.deepEqual(await find(world, { q }), [], q);
    assert.deepEqual(await find(world, { q: "from today" }), [runId]);
  },

  "a text that is kept outside of its record is found as well": async (world) => {
    const blobs = [{ hash: world.name("blob"), text: "a very long letter about marmalade" }];
    const blobRefs = JSON.stringify({ "/output/letter": blobs[0]?.hash });
    const body = JSON.stringify({ output: { letter: "" } });
    const record = world.sealed("letter", { kind: "event", type: "trigger", body, blobs, blobRefs });
    assert.deepEqual(await find(world, { q: "marmalade" }), []);
    const runId = await world.submit({ record });
    assert.deepEqual(await find(world, { q: "marmalade" }), [runId]);
  },

  "decision and failure are found with the event, and a failure no longer once the run is redriven": async (world) => {
    const decided = await startWith(world, { subject: "invoice" });
    const complete = { do: "complete", disposition: "applied" } as const;
    const decision = JSON.stringify({ category: "billing", reason: "Two equal charges" });
    await world.store.commit({ ...decided, records: [], decision, command: complete });
    const died = await startWith(world, { subject: "invoice" });
    assert.deepEqual(await find(world, { q: "invoice ledger" }), []);
    await world.move(died, { do: "die", failure: FAILURE });
    assert.deepEqual(await find(world, { q: "billing invoice" }), [decided.runId]);
    assert.deepEqual(await find(world, { q: "equal" }), [decided.runId]);
    for (const q of ["ledger", "http_503", "invoice locked"]) assert.deepEqual(await find(world, { q }), [died.runId]);
    assert.deepEqual(await find(world, { q: "invoice" }), [died.runId, decided.runId]);
    await world.store.command({ runId: died.runId, command: { do: "redrive" }, record: null });
    assert.deepEqual(await find(world, { q: "ledger" }), []);
    const again = await world.resume(died.runId);
    await world.store.commit({ ...again, records: [], decision: '{"category":"account"}', command: complete });
    assert.deepEqual(await find(world, { q: "account invoice" }), [died.runId]);
    assert.deepEqual(await find(world, { q: "ledger" }), []);
  },

  "words go with every other filter, with counts and from page to page": async (world) => {
    const word = world.name("word");
    const made: string[] = [];
    for (let n = 0; n < 5; n++) {
      world.clock.advance(1);
      made.unshift((await startWith(world, { word, n: `nr_${n}` })).runId);
    }
    const running = { status: "running", q: word } as const;
    const first = await world.store.list(running, { limit: 2 });
    const second = await world.store.list(running, { limit: 3, cursor: first.next as string });
    assert.deepEqual([...first.items, ...second.items].map(({ runId }) => runId), made); // prettier-ignore
    assert.equal(second.next, null);
    assert.equal((await world.store.counts({ q: word })).running, 5);
    assert.deepEqual(await find(world, { q: word, since: world.clock.now() }), [made[0]]);
    assert.deepEqual(await find(world, { q: word, status: "dead" }), []);
    assert.equal((await world.store.facets({ q: `${word} nr_3` })).total, 1);
  },

  "a question is never a query of the index's own language": async (world) => {
    await startWith(world, { subject: "quiet please" });
    const asked = ['"', '"quiet', "quiet OR nothing", "NOT", "quiet NOT please", "*", "qui*", "words:quiet", "NEAR(a b)", "^quiet", "{", "-", "'", "\0", "\ud800", " "]; // prettier-ignore
    const found = [];
    for (const q of asked) if ((await find(world, { q })).length > 0) found.push(q);
    assert.deepEqual(found, ['"quiet', "qui*", "^quiet"]);
  },
});

/** Runs of two workflows that end in different ways, wait and run. */
async function mixture(world: World): Promise<string[]> {
  const facets = (version: number, model: string, ...tools: string[]): string[] =>
    ["prompt:classify", `prompt_version:classify@${version}`, `model:${model}`, ...tools.map((tool) => `tool:${tool}`)]; // prettier-ignore
  const pins = (release: number, stage: string) => ({ release, stage, body: "{}" });
  const word = world.name("mixed");
  const one = async (end: "applied" | "rejected" | "dead" | "waits" | "runs", n: number): Promise<string> => {
    const run = await startWith(world, { word, n });
    const pinned = { ...run, records: [], pins: pins(1 + (n % 2), n % 2 === 0 ? "shadow" : "partial") };
    await world.store.commit({ ...pinned, facets: facets(1 + (n % 3), n % 2 === 0 ? "a/one" : "a/two") });
    const all = facets(1 + (n % 3), n % 2 === 0 ? "a/one" : "a/two", "look", ...(n % 4 === 0 ? ["write"] : []));
    const last = { ...run, records: [], facets: all };
    if (end === "applied") await world.store.commit({ ...last, command: { do: "complete", disposition: end } });
    if (end === "rejected")
      await world.store.commit({ ...last, command: { do: "stop", disposition: end, failure: null } });
    if (end === "dead") await world.store.commit({ ...last, command: { do: "die", failure: FAILURE } });
    if (end === "waits") await world.park(run, "sleep", world.clock.now() + 1e9);
    return run.runId;
  };
  const made: string[] = [];
  const ends = [
    "applied",
    "applied",
    "rejected",
    "dead",
    "applied",
    "waits",
    "dead",
    "applied",
    "runs",
    "applied",
  ] as const;
  for (const [n, end] of ends.entries()) {
    world.clock.advance(1_000);
    made.push(await one(end, n));
  }
  made.push(await world.submit());
  return made;
}

const FILTER_OF: Record<FacetName, (value: string) => RunFilter> = {
  workflow: (workflow) => ({ workflow }),
  status: (status) => ({ status: status as never }),
  disposition: (disposition) => ({ disposition }),
  stage: (stage) => ({ stage }),
  release: (release) => ({ release: Number(release) }),
  prompt_version: (promptVersion) => ({ promptVersion }),
  model: (model) => ({ model }),
  tool: (tool) => ({ tool }),
  failure_class: (failureClass) => ({ failureClass }),
};

export const counting: Aspect = aspect("facets", {
  "each value is counted as often as the list finds it under all other filters but the facet's own": async (world) => {
    await mixture(world);
    const mine = { workflow: world.workflow };
    const start = world.clock.now() - 10_000;
    const asked: RunFilter[] = [mine, { ...mine, status: "completed" }, { ...mine, status: "waiting" }, { ...mine, status: "running" }, { ...mine, disposition: "applied", stage: "shadow" }, { ...mine, tool: "write" }, { ...mine, promptVersion: "classify@2", status: "dead" }, { ...mine, promptVersion: "2" }, { ...mine, prompt: "classify", release: 1 }, { ...mine, prompt: "unknown" }, { ...mine, model: "a/one", failureClass: "transient" }, { ...mine, since: start + 3_000, until: start + 7_000 }, { ...mine, q: "mixed", disposition: "applied" }, { ...mine, q: "nowhere" }]; // prettier-ignore
    for (const filter of asked) {
      const { total, facets } = await world.store.facets(filter);
      const told = JSON.stringify(filter);
      assert.equal(total, (await find(world, filter)).length, told);
      for (const name of FACETS) {
        if (name === "workflow") continue;
        const others = without(filter, name);
        for (const { value, count } of facets[name])
          assert.equal(
            count,
            (await find(world, { ...others, ...FILTER_OF[name](value) })).length,
            `${told} ${name} ${value}`,
          );
      }
      const statuses = facets.status.reduce((sum, { count }) => sum + count, 0);
      assert.equal(statuses, (await find(world, without(filter, "status"))).length, told);
    }
  },

  "values are ordered by how many there are, then by name, and are all there": async (world) => {
    await mixture(world);
    const { total, facets } = await world.store.facets({ workflow: world.workflow });
    assert.equal(total, 11);
    assert.deepEqual(facets.status, [
      { value: "completed", count: 5 },
      { value: "dead", count: 2 },
      { value: "queued", count: 1 },
      { value: "running", count: 1 },
      { value: "stopped", count: 1 },
      { value: "waiting", count: 1 },
    ]);
    assert.deepEqual(facets.tool, [{ value: "look", count: 8 }, { value: "write", count: 2 }]); // prettier-ignore
    assert.deepEqual(facets.failure_class, [{ value: "transient", count: 2 }]);
    assert.deepEqual(facets.workflow.find(({ value }) => value === world.workflow), { value: world.workflow, count: 11 }); // prettier-ignore
  },

  "a run that is redriven or cancelled is counted as what it has become": async (world) => {
    const run = await world.start();
    await world.store.commit({ ...run, records: [], facets: ["tool:look"], command: { do: "die", failure: FAILURE } });
    const counted = async (): Promise<unknown[]> => {
      const { total, facets } = await world.store.facets({ workflow: world.workflow });
      return [total, facets.status, facets.failure_class, facets.tool];
    };
    const [look, once] = [[{ value: "look", count: 1 }], [{ value: "transient", count: 1 }]];
    assert.deepEqual(await counted(), [1, [{ value: "dead", count: 1 }], once, look]);
    await world.store.command({ runId: run.runId, command: { do: "redrive" }, record: null });
    assert.deepEqual(await counted(), [1, [{ value: "queued", count: 1 }], [], look]);
    await world.store.command({ runId: run.runId, command: { do: "cancel" }, record: null });
    assert.deepEqual(await counted(), [1, [{ value: "cancelled", count: 1 }], [], look]);
  },

  "no facet lists more than fifty values, and those are the most frequent": async (world) => {
    for (let n = 0; n < 60; n++) {
      const run = await world.start();
      const tools = [`tool:t${n}`, ...(n === 59 ? ["tool:t0"] : [])];
      await world.store.commit({
        ...run,
        records: [],
        facets: tools,
        command: { do: "complete", disposition: "applied" },
      });
    }
    const { tool } = (await world.store.facets({ workflow: world.workflow })).facets;
    assert.equal(tool.length, 50);
    assert.deepEqual(tool[0], { value: "t0", count: 2 });
  },
});

function without(filter: RunFilter, name: FacetName): RunFilter {
  const key = Object.keys(FILTER_OF[name]("1"))[0] as keyof RunFilter;
  const { [key]: _own, ...others } = filter;
  return others;
}
