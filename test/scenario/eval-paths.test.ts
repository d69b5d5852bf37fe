import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EvalView } from "../../src/app/evals.ts";
import type { Actor } from "../../src/app/sluice.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { ScoredCase } from "../../src/eval/result.ts";
import { Peer } from "./peer.ts";
import { World } from "./world.ts";

const ADA: Actor = { name: "ada", role: "editor" };
const ANSWER = { category: "billing", urgency: "high", confidence: 0.9 };

/** Reads, computes, writes and looks up by HTTP at `url`: whatever of it is called leaves a request there. */
function workflowFile(url: string): string {
  return `
import { event, tool, workflow } from "sluice";
const send = async (path, body) => (await fetch("${url}" + path, { method: "POST", body: JSON.stringify(body) })).json();
const object = (properties) => ({ type: "object", properties, required: Object.keys(properties) });
const text = { type: "string" };
const known = async (id) => (await send("/known", { id })).ok;
const lookUp = tool("look_up", { effect: "read", risk: "low", args: object({ id: text }), result: object({ vip: { type: "boolean" } }), ids: { "/id": known }, run: (args) => send("/look_up", args) });
const escalate = tool("escalate", { effect: "write", risk: "low", args: object({ id: text }), run: (args) => send("/escalate", args) });
const refund = tool("refund", { effect: "write", kind: "refund", args: object({ id: text }), run: (args) => send("/refund", args) });
export default workflow("triage", {
  on: event("ticket.created"), success: "suite:paths", deadline: "1h",
  prompts: { classify: "classifier" }, tools: { lookUp, escalate, refund }, thresholds: { review_below: 0.5 },
}, async (event, ctx) => {
  const { vip } = await ctx.tool("look up", lookUp, { id: event.customer.id });
  const score = await ctx.run("score", async () => (await send("/score", {})).score ?? 0);
  const said = await ctx.prompt("classify", { ticket: event.ticket });
  const final = said.confidence < ctx.thresholds.review_below ? await ctx.review("unsure", { of: "classify" }) : said;
  if (event.ticket.body.includes("wait")) await ctx.sleep("a day", "24h");
  const escalated = final.urgency === "high" ? await ctx.tool("escalate", escalate, { id: event.ticket.id }) : { status: "none" };
  if (event.ticket.body.includes("refund")) await ctx.tool("refund", refund, { id: event.ticket.id }, { required: true });
  return ctx.decide({ category: final.category, vip, score, escalated: escalated.status });
});
`;
}

interface CaseLine {
  id: string;
  body?: string;
  input?: JsonObject;
  expected: Json;
  tools?: JsonObject;
  source?: string;
}

function eventOf(body: string): JsonObject {
  return {
    event: "ticket.created",
    // The same in every case: each is a run of its own all the same.
    event_id: "evt_1",
    created_at: "2026-05-29T14:22:10Z",
    ticket: { id: "tkt_1", body },
    customer: { id: "cus_1" },
  };
}

const READS = { "look up": { result: { vip: true } }, score: { result: 7 } };
const DECIDED = { category: "billing", vip: true, score: 7, escalated: "blocked" };

async function opened(lines: readonly CaseLine[], script: () => JsonObject = () => ANSWER) {
  const peer = await Peer.start();
  const suite = {
    name: "paths",
    workflow: "triage",
    datasets: [{ file: "golden.jsonl", kind: "golden" }],
    targets: [{ name: "All", metric: "accuracy", target: ">= 50%" }],
  };
  const cases = lines.map(({ body = "Charged twice.", input = eventOf(body), ...rest }) => ({ input, ...rest }));
  const world = await World.open({
    script,
    files: {
      "workflows/triage.ts": workflowFile(peer.url),
      "evals/paths/suite.json": JSON.stringify(suite),
      "evals/paths/golden.jsonl": cases.map((each) => `${JSON.stringify(each)}\n`).join(""),
    },
  });
  return { world, peer };
}

async function evaluated({ sluice }: World): Promise<{ view: EvalView; cases: Map<string, ScoredCase> }> {
  const how = { repeat: 1, concurrency: 4, budgetUsd: null, fresh: false };
  const { view } = await sluice.evals.startEval({ suite: "paths", ...how }, ADA);
  const { evalId } = view.run;
  const over = Promise.withResolvers<void>();
  const look = async (): Promise<void> => {
    const status = (await sluice.evals.evalView(evalId))?.run.status;
    if (status !== "queued" && status !== "running") over.resolve();
  };
  const unwatch = sluice.evals.watchEval(evalId, () => void look());
  await look();
  await over.promise;
  unwatch();
  const ended = (await sluice.evals.evalView(evalId)) as EvalView;
  const { items } = await sluice.evals.evalCases(ended.run, { from: 0, limit: 100 });
  return { view: ended, cases: new Map(items.map((each) => [each.case.id, each])) };
}

describe("a whole path in an eval", { timeout: 60_000 }, () => {
  test("is decided by the real code, from what the case records; nothing outside is called", async () => {
    const { world, peer } = await opened([
      { id: "by-step", expected: DECIDED, tools: READS },
      { id: "by-tool", expected: DECIDED, tools: { look_up: { result: { vip: true } }, score: { result: 7 } } },
      {
        id: "write-answered",
        expected: { escalated: "done" },
        tools: { ...READS, escalate: { result: { ok: true } } },
      },
      { id: "waits", body: "I can wait.", expected: DECIDED, tools: READS },
      {
        id: "refund",
        body: "A refund, please.",
        expected: DECIDED,
        tools: { ...READS, refund: { result: { ok: true } } },
      },
    ]);
    const { view, cases } = await evaluated(world);
    expect([...cases.values()].map(({ case: { id }, result }) => [id, result.outcome, result.error])).toEqual(
      [...cases.keys()].map((id) => [id, "answered", null]),
    );
    expect(view.run).toMatchObject({ status: "done", verdict: "PASS" });
    expect(cases.get("by-tool")?.result).toMatchObject({ output: DECIDED, confidence: 0.9, validJson: true });
    expect(cases.get("write-answered")?.result.output).toMatchObject({ escalated: "done" });
    expect(peer.received).toEqual([]);
    expect((await world.sluice.listRuns({}, { limit: 5 })).items).toEqual([]);
  });

  test("fails a case whose calls are not recorded, or otherwise; a person asked is an outcome of its own", async () => {
    const { world, peer } = await opened([
      { id: "nothing", expected: DECIDED },
      { id: "no-code", expected: DECIDED, tools: { "look up": { result: { vip: true } } } },
      {
        id: "other-args",
        expected: DECIDED,
        tools: { ...READS, "look up": { args: { id: "cus_2" }, result: { vip: true } } },
      },
      { id: "used-up", expected: DECIDED, tools: { ...READS, "look up": [] } },
      { id: "off-schema", expected: DECIDED, tools: { ...READS, "look up": { result: { vip: "yes" } } } },
      { id: "broken", expected: DECIDED, tools: { ...READS, "look up": { error: { class: "bug", message: "No." } } } },
      { id: "no-refund", body: "A refund, please.", expected: DECIDED, tools: READS },
      { id: "bad-event", input: { event: "ticket.created", event_id: "evt_2" }, expected: DECIDED },
      { id: "lost-source", expected: DECIDED, source: "run_none" },
    ]);
    const { view, cases } = await evaluated(world);
    const outcome = (id: string) => [cases.get(id)?.result.outcome, cases.get(id)?.result.error?.code];
    expect(outcome("nothing")).toEqual(["failed", "unrecorded_call"]);
    expect(outcome("no-code")).toEqual(["failed", "unrecorded_call"]);
    expect(outcome("other-args")).toEqual(["failed", "unrecorded_call"]);
    expect(outcome("used-up")).toEqual(["failed", "unrecorded_call"]);
    expect(outcome("off-schema")).toEqual(["review", "result_schema"]);
    expect(outcome("broken")).toEqual(["failed", "recorded"]);
    expect(outcome("no-refund")).toEqual(["failed", "unrecorded_call"]);
    expect(outcome("bad-event")).toEqual(["failed", "invalid_event"]);
    expect(outcome("lost-source")).toEqual(["failed", "unrecorded_call"]);
    expect(view.run).toMatchObject({ status: "done", verdict: "FAIL" });
    expect(peer.received).toEqual([]);
  });

  test("says how the code's own review and the model's failures end it", async () => {
    const { world } = await opened([{ id: "unsure", expected: DECIDED, tools: READS }], () => ({
      ...ANSWER,
      confidence: 0.2,
    }));
    const { cases } = await evaluated(world);
    expect(cases.get("unsure")?.result).toMatchObject({ outcome: "review", output: { confidence: 0.2 }, error: null });
    const off = await opened([{ id: "off", expected: DECIDED, tools: READS }], () => ({ category: "none" }));
    expect((await evaluated(off.world)).cases.get("off")?.result).toMatchObject({
      outcome: "invalid",
      validJson: true,
      validFirst: false,
    });
  });

  test("a case that comes from a run is answered by what that run recorded", async () => {
    const { world, peer } = await opened([{ id: "placeholder", expected: DECIDED, tools: READS }]);
    peer.next(
      { status: 200, body: { ok: true } },
      { status: 200, body: { vip: false } },
      { status: 200, body: { score: 3 } },
    );
    const [submitted] = await world.sluice.submit([eventOf("Charged twice.")]);
    const runId = submitted?.outcome === "accepted" ? (submitted.runs[0]?.runId ?? "") : "";
    await world.sluice.whenDecided(runId, 10_000);
    const asked = peer.received.length;
    const line = {
      id: "from-run",
      input: eventOf("Charged twice."),
      expected: { vip: false, score: 3 },
      source: runId,
    };
    await writeFile(join(world.dir, "evals/paths/golden.jsonl"), `${JSON.stringify(line)}\n`);
    await world.restart({});
    const { cases } = await evaluated(world);
    expect(cases.get("from-run")?.result).toMatchObject({ outcome: "answered", output: { vip: false, score: 3 } });
    expect(peer.received).toHaveLength(asked);
  });
});
