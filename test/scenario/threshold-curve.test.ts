import { expect, test } from "vitest";
import type { Curve, CurvePoint } from "../../src/app/curving.ts";
import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import type { ModelRequest } from "../../src/model/port.ts";
import { KIM, World } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string }>;
interface Output {
  category: string;
  urgency: string;
  confidence: number;
}

/** `billing 0.62` in a ticket's body is what the model answers. */
function answers({ messages }: ModelRequest): { category: string; urgency: string; confidence: number } {
  const [, category = "other", confidence = "1"] = /(\w+) (0\.\d+|1)/.exec(messages.at(-1)?.content ?? "") ?? [];
  return { category, urgency: "low", confidence: Number(confidence) };
}

async function opened(): Promise<World> {
  const run = async (ctx: Ctx, received: unknown): Promise<unknown> => {
    const result = (await ctx.prompt("classify", received)) as unknown as Output;
    const below = ctx.thresholds["review_below"] as number;
    const final = result.confidence < below ? await ctx.review("low confidence", { of: "classify" }) : result;
    return ctx.decide(final);
  };
  const options = {
    on: event("ticket.created"),
    deadline: "24h",
    prompts: { classify: "classifier" },
    thresholds: { review_below: 0.95, size: 3, max_wait: 20 },
  };
  const flow = workflow("flow", options, (received, ctx) => run(ctx as unknown as Ctx, received));
  return await World.open({ workflows: flow, script: answers });
}

const at = ({ points }: Curve, value: number): CurvePoint =>
  points.find((point) => point.value === value) as CurvePoint;

test("a threshold lets through what the code would let through with it, and is right where people decided the same", async () => {
  const world = await opened();
  // Right from 0.6 on, but for one; below it a coin.
  const tickets = ["billing 0.9", "billing 0.8", "account 0.7", "billing 0.6", "account 0.5", "billing 0.4"];
  for (const body of tickets) {
    const runId = await world.submit({ ticket: { id: "t", body } });
    const { reviewId } = await world.review(runId);
    const correctedOutput = { category: "billing", urgency: "low", confidence: 1 };
    const action = { action: "correct", correctedOutput, correctionReason: "read it" } as const;
    await world.sluice.decideReview(reviewId, body.startsWith("billing") ? { action: "approve" } : action, KIM);
    await world.ended(runId);
  }
  await world.ended(await world.submit({ ticket: { id: "t", body: "billing 0.97" } }));
  const curve = await world.sluice.thresholdCurve({
    workflow: "flow",
    threshold: "review_below",
    source: "runs",
    runs: 500,
  });
  expect(curve).toMatchObject({ present: 0.95, direction: "below", runs: 7, skipped: 0, peopleDecided: 6 });
  expect(at(curve, 0.95)).toMatchObject({ automation: { hits: 1, cases: 7 }, accuracy: { cases: 0, value: null } });
  expect(at(curve, 0.75)).toMatchObject({ automation: { hits: 3, cases: 7 }, accuracy: { hits: 2, cases: 2 } });
  expect(at(curve, 0.6)).toMatchObject({ automation: { hits: 5, cases: 7 }, accuracy: { hits: 3, cases: 4 } });
  expect(at(curve, 0.61)).toMatchObject({ automation: { hits: 4 }, accuracy: { hits: 2, cases: 3 } });
  expect(at(curve, 0)).toMatchObject({ automation: { hits: 7 }, accuracy: { hits: 4, cases: 6 } });
  // Clopper-Pearson of 3 of 4.
  expect(at(curve, 0.6).accuracy.interval?.low).toBeCloseTo(0.1941, 4);
  expect(at(curve, 0.6).accuracy.interval?.high).toBeCloseTo(0.9937, 4);
  const automated = curve.points.map(({ automation }) => automation.hits);
  expect(automated).toEqual(automated.toSorted((a, b) => b - a));
});

test("what cannot be drawn is refused with the reason", async () => {
  const world = await opened();
  const refused = async (threshold: string, of = "flow"): Promise<unknown> =>
    await world.sluice.thresholdCurve({ workflow: of, threshold, source: "runs", runs: 10 }).then(
      () => null,
      (error: { code?: string }) => error.code,
    );
  expect(await refused("review_bellow")).toBe("unknown_threshold");
  expect(await refused("size")).toBe("no_direction");
  expect(await refused("max_wait")).toBe("not_a_share");
  expect(await refused("review_below", "flwo")).toBe("unknown_workflow");
  const source = { evalId: "evl_none" };
  const ofEval = world.sluice.thresholdCurve({ workflow: "flow", threshold: "review_below", source, runs: 10 });
  await expect(ofEval).rejects.toMatchObject({ code: "unknown_eval" });
  const none = await world.sluice.thresholdCurve({
    workflow: "flow",
    threshold: "review_below",
    source: "runs",
    runs: 10,
  });
  expect(none).toMatchObject({ runs: 0, peopleDecided: 0 });
  expect(at(none, 0.5)).toMatchObject({ automation: { cases: 0, value: null, interval: null } });
});
