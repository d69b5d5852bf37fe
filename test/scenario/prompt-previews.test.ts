import { describe, expect, test } from "vitest";
import type { Preview, PreviewRequest } from "../../src/app/previewing.ts";
import type { Actor } from "../../src/app/sluice.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { event, tool, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import type { ModelRequest } from "../../src/model/port.ts";
import { Peer, post } from "./peer.ts";
import { KIM, PROMPT, World, gate } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string }>;
interface Output {
  category: string;
  urgency: string;
  confidence: number;
}
const on = event("ticket.created");
const ED: Actor = { name: "ed", role: "editor" };
const SECOND: JsonObject = {
  ...PROMPT,
  version: "2",
  messages: [{ role: "user", content: "Second: {{ ticket.body }}" }],
};

/** What a ticket's body says after `first` or `second` is what that version answers: `billing high 0.9`. */
function answers(request: ModelRequest): JsonObject {
  const text = request.messages.at(-1)?.content ?? "";
  const said = new RegExp(`${text.startsWith("Second") ? "second" : "first"}=(\\w+) (\\w+) ([\\d.]+)`).exec(text);
  return { category: said?.[1] ?? "other", urgency: said?.[2] ?? "low", confidence: Number(said?.[3] ?? 1) };
}

/** Look the customer up, classify, ask a person below 0.75, escalate urgent billing. */
async function triage(script: (request: ModelRequest) => Json | Promise<Json> = answers): Promise<{
  world: World;
  peer: Peer;
}> {
  const peer = await Peer.start();
  const escalate = post(peer, "escalate", { kind: "other", risk: "low" });
  const queueOf = tool("queueOf", {
    effect: "read",
    args: { type: "object", properties: { category: { type: "string" } } },
    run: async ({ category }) => ({ queue: `queue of ${String(category)}` }),
  });
  const run = async (ctx: Ctx, received: unknown): Promise<unknown> => {
    const result = (await ctx.prompt("classify", received)) as unknown as Output;
    await ctx.rule("known", result.category !== "other");
    const final = (
      result.confidence < ctx.thresholds["review_below"]!
        ? await ctx.review("low confidence", { of: "classify" })
        : result
    ) as Output;
    const asked = (received as { customer: { id: string } }).customer.id === "cus_asks";
    const queue = asked ? await ctx.tool("queue", queueOf as never, { category: final.category } as never) : null;
    if (final.category === "billing" && final.urgency === "high")
      await ctx.tool("escalate", escalate, { text: final.category });
    return ctx.decide({ ...final, queue });
  };
  const options = {
    on,
    deadline: "24h",
    prompts: { classify: "classifier" },
    tools: { escalate, queueOf },
    thresholds: { review_below: 0.75 },
  };
  const flow = workflow("flow", options as never, (received, ctx) => run(ctx as unknown as Ctx, received));
  return { peer, world: await World.open({ workflows: flow, script: script as never }) };
}

async function preview(world: World, over: Partial<PreviewRequest> = {}): Promise<Preview> {
  const request = { name: "classifier", what: { document: SECOND }, workflow: "flow", runs: 200, ...over };
  const { previewId } = await world.sluice.startPreview(request, ED);
  return await ended(world, previewId);
}

async function ended(world: World, previewId: string): Promise<Preview> {
  for (;;) {
    const present = await world.sluice.promptPreview("classifier", previewId);
    if (present.status !== "running") return present;
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

const ticket = (body: string, customer = "cus_1"): JsonObject => ({
  ticket: { id: "tkt", body },
  customer: { id: customer },
});

describe("a version on recorded runs", () => {
  test("is seen in what it would decide, against what people decided, and nothing happens", async () => {
    const { world, peer } = await triage();
    const same = await world.submit(ticket("first=account low 0.9 second=account low 0.8"));
    const other = await world.submit(ticket("first=account low 0.9 second=billing high 0.9"));
    const corrected = await world.submit(ticket("first=account low 0.4 second=billing high 0.9"));
    const approved = await world.submit(ticket("first=account low 0.5 second=billing low 0.3"));
    for (const runId of [same, other]) await world.ended(runId);
    const { reviewId } = await world.review(corrected);
    const right = { category: "billing", urgency: "high", confidence: 1 };
    await world.sluice.decideReview(reviewId, { action: "correct", correctedOutput: right, correctionReason: "read it" }, KIM); // prettier-ignore
    await world.sluice.decideReview((await world.review(approved)).reviewId, { action: "approve" }, KIM);
    for (const runId of [corrected, approved]) await world.ended(runId);
    const sent = peer.received.length;
    const records = (await world.trace(other)).length;

    const found = await preview(world);
    expect(found).toMatchObject({ status: "done", done: 4, total: 4, changed: 3, failure: null });
    expect(found.fields.toSorted()).toEqual(["category", "queue", "urgency"]);
    expect(found.rows.map(({ runId }) => runId)).toEqual([approved, corrected, other, same]);
    const [a, b, c, d] = found.rows;
    expect(d).toMatchObject({ status: "same", changed: [], person: null, beforeAsks: false, afterAsks: false });
    expect(c).toMatchObject({ status: "changed", changed: ["category", "urgency"], after: { category: "billing" } });
    expect(b).toMatchObject({
      before: { category: "account", confidence: 0.4 },
      after: { category: "billing", urgency: "high", confidence: 0.9 },
      beforeAsks: true,
      afterAsks: false,
      beforeRight: false,
      afterRight: true,
      person: { action: "correct", by: "kim", decision: { category: "billing", urgency: "high" } },
    });
    expect(a).toMatchObject({ afterAsks: true, beforeRight: true, afterRight: false, person: { action: "approve" } });
    expect(found.accuracy).toMatchObject({
      peopleDecided: 2,
      before: { hits: 1, cases: 2, value: 0.5 },
      after: { hits: 1, cases: 2 },
      worse: 1,
      better: 1,
      shown: "nothing",
    });
    expect(found.accuracy.before.interval?.low).toBeCloseTo(0.0126, 4);
    expect(found.automation).toMatchObject({ before: { hits: 2, cases: 4 }, after: { hits: 3, cases: 4 } });
    expect(peer.received).toHaveLength(sent);
    expect(await world.trace(other)).toHaveLength(records);
    expect(await world.run(corrected)).toMatchObject({ disposition: "reviewed" });
  });

  test("asks the model once for what it was asked before", async () => {
    const { world } = await triage();
    await world.ended(await world.submit(ticket("first=account low 0.9 second=billing low 0.9")));
    expect((await preview(world)).rows[0]?.cached).toBe(false);
    const calls = world.model.requests.length;
    expect((await preview(world)).rows[0]).toMatchObject({ cached: true, after: { category: "billing" }, costUsd: 0 });
    expect(world.model.requests).toHaveLength(calls);
    const third = { ...SECOND, messages: [{ role: "user", content: "Second, too: {{ ticket.body }}" }] };
    expect((await preview(world, { what: { document: third } })).rows[0]?.cached).toBe(false);
  });

  test("that answers off its schema is asked once more, then a person would be", async () => {
    const { world } = await triage((request) => {
      const text = JSON.stringify(request.messages);
      return text.includes("Second") ? { category: "nonsense" } : answers(request);
    });
    await world.ended(await world.submit(ticket("first=account low 0.9")));
    const before = world.model.requests.length;
    const { rows } = await preview(world);
    expect(rows[0]).toMatchObject({ status: "asks", after: null, afterAsks: true, before: { category: "account" } });
    expect(rows[0]?.note).toContain("invalid_output");
    expect(world.model.requests).toHaveLength(before + 2);
  });

  test("with an answer that a rule turns down would ask a person", async () => {
    const { world } = await triage();
    await world.ended(await world.submit(ticket("first=account low 0.9 second=other low 0.9")));
    const { rows } = await preview(world);
    expect(rows[0]).toMatchObject({ status: "asks", after: null, note: expect.stringContaining("known") });
  });

  test("stops at a read that is not on record for its answer, and counts for neither side", async () => {
    const { world } = await triage();
    const runId = await world.submit(ticket("first=account low 0.4 second=billing low 0.9", "cus_asks"));
    await world.sluice.decideReview((await world.review(runId)).reviewId, { action: "approve" }, KIM);
    await world.ended(runId);
    const { rows, accuracy } = await preview(world);
    expect(rows[0]).toMatchObject({ status: "incomplete", after: null, note: expect.stringContaining('"queue"') });
    expect(accuracy.peopleDecided).toBe(0);
  });

  test("shows what is sensitive as tokens, whatever the model makes of it", async () => {
    const quoting = { ...SECOND, output_schema: { type: "object", required: ["category", "urgency", "confidence", "quote"], properties: { ...((PROMPT["output_schema"] as JsonObject)["properties"] as JsonObject), quote: { type: "string" } } } }; // prettier-ignore
    const { world } = await triage((request) => {
      const text = request.messages.at(-1)?.content ?? "";
      const secret = /secret words of the customer here/.exec(text)?.[0] ?? "";
      return text.startsWith("Second") ? { ...answers(request), quote: secret } : answers(request);
    });
    await world.ended(
      await world.submit(ticket("secret words of the customer here first=account low 0.9 second=account low 0.9")),
    );
    const found = await preview(world, { what: { document: quoting } });
    expect(found.rows[0]?.after?.["quote"]).toMatch(/^\[redacted:/);
    expect(JSON.stringify(found)).not.toContain("secret words");
  });

  test("leaves out runs whose originals are gone, and says how many", async () => {
    const { world } = await triage();
    const [one, two] = [
      await world.submit(ticket("first=account low 0.9")),
      await world.submit(ticket("first=billing low 0.9")),
    ];
    for (const runId of [one, two]) await world.ended(runId);
    const report = await world.sluice.erase({ runId: one, cancel: true, dryRun: false, reason: "asked" }, { name: "root", role: "admin" }); // prettier-ignore
    expect(report.erased).toBe(1);
    const found = await preview(world);
    expect(found.skipped).toEqual({ originalsGone: 1, notAsked: 0 });
    expect([found.done, found.rows.length]).toEqual([2, 1]);
  });

  test("that cannot be asked is a failure of each run, with the reason", async () => {
    const { world } = await triage();
    await world.ended(await world.submit(ticket("first=account low 0.9")));
    const wider = { ...SECOND, inputs: ["ticket.body", "ticket.mood"] };
    const { rows, changed } = await preview(world, { what: { document: wider } });
    expect(rows[0]).toMatchObject({ status: "failed", afterAsks: true, note: expect.stringContaining("ticket.mood") });
    expect(changed).toBe(0);
  });

  test("may read what the recorded version did not", async () => {
    const { world } = await triage();
    await world.ended(await world.submit(ticket("first=account low 0.9 second=billing low 0.9")));
    const wider = { ...SECOND, inputs: ["ticket.body", "customer.id"] };
    expect((await preview(world, { what: { document: wider } })).rows[0]).toMatchObject({ status: "changed" });
  });
});

describe("a preview", () => {
  test("shows its first rows while others are still asked, and ends when it is told to", async () => {
    const held = gate();
    const { world } = await triage(async (request) => {
      const text = request.messages.at(-1)?.content ?? "";
      if (text.startsWith("Second") && text.includes("slow")) await held.opened;
      return answers(request);
    });
    await world.ended(await world.submit(ticket("slow first=account low 0.9")));
    await world.ended(await world.submit(ticket("first=account low 0.9 second=billing low 0.9")));
    const request = { name: "classifier", what: { document: SECOND }, workflow: "flow", runs: 200 };
    const { previewId } = await world.sluice.startPreview(request, ED);
    let present = await world.sluice.promptPreview("classifier", previewId);
    while (present.rows.length === 0) {
      await new Promise((resolve) => void setImmediate(resolve));
      present = await world.sluice.promptPreview("classifier", previewId);
    }
    expect(present).toMatchObject({ status: "running", done: 1, total: 2, changed: 1 });
    expect(await world.sluice.cancelPreview("classifier", previewId)).toMatchObject({ status: "cancelled", done: 1 });
    held.open();
  });

  test("of the same prompt by the same person takes the place of the one before", async () => {
    const held = gate();
    const { world } = await triage(async (request) => {
      if (request.messages.at(-1)?.content.startsWith("Second")) await held.opened;
      return answers(request);
    });
    await world.ended(await world.submit(ticket("first=account low 0.9")));
    const request = { name: "classifier", what: { document: SECOND }, workflow: "flow", runs: 200 };
    const first = await world.sluice.startPreview(request, ED);
    const second = await world.sluice.startPreview(request, ED);
    expect((await world.sluice.promptPreview("classifier", first.previewId)).status).toBe("cancelled");
    held.open();
    expect((await ended(world, second.previewId)).status).toBe("done");
  });

  test("of what is no version, no workflow or no slot is refused with the reason", async () => {
    const { world } = await triage();
    const refused = async (over: Partial<PreviewRequest>): Promise<unknown> =>
      await preview(world, over).then(
        () => null,
        (error: { code?: string }) => error.code,
      );
    expect(await refused({ what: { document: { ...SECOND, model: "" } } })).toBe("invalid_prompt");
    expect(await refused({ what: { version: "9" } })).toBe("unknown_prompt_version");
    expect(await refused({ what: { draftId: "drf_none" } })).toBe("unknown_draft");
    expect(await refused({ workflow: "flwo" })).toBe("unknown_workflow");
    expect(await refused({ slot: "other" })).toBe("unknown_slot");
    expect(await refused({ what: { document: { ...SECOND, model: "nowhere/one" } } })).toBe("model_not_usable");
  });

  test("over 200 runs, of which people decided a third, is counted right to the last run", async () => {
    const { world } = await triage();
    const runIds: string[] = [];
    for (let i = 0; i < 200; i++) {
      const confidence = i % 3 === 0 ? 0.4 : 0.9;
      // The second version is wrong in every tenth run, and right in every fifth that the first one gets wrong.
      const first = i % 5 === 0 ? "account" : "billing";
      const second = i % 10 === 1 ? "account" : "billing";
      runIds.push(await world.submit(ticket(`first=${first} low ${confidence} second=${second} low 0.9`)));
    }
    let reviewed = 0;
    for (const [i, runId] of runIds.entries()) {
      if (i % 3 !== 0) {
        await world.ended(runId);
        continue;
      }
      reviewed++;
      const { reviewId } = await world.review(runId);
      const right = { category: "billing", urgency: "low", confidence: 1 };
      await world.sluice.decideReview(
        reviewId,
        { action: "correct", correctedOutput: right, correctionReason: "" },
        KIM,
      );
      await world.ended(runId);
    }
    const began = performance.now();
    const found = await preview(world);
    const seconds = (performance.now() - began) / 1_000;
    const judged = runIds.map((_, i) => i).filter((i) => i % 3 === 0);
    expect(found).toMatchObject({ status: "done", done: 200, total: 200, changed: 60 });
    expect(found.accuracy).toMatchObject({
      peopleDecided: reviewed,
      before: { hits: judged.filter((i) => i % 5 !== 0).length, cases: reviewed },
      after: { hits: judged.filter((i) => i % 10 !== 1).length, cases: reviewed },
    });
    expect(found.automation).toMatchObject({ before: { hits: 133 }, after: { hits: 200 } });
    expect(seconds).toBeLessThan(20);
  }, 60_000);
});
