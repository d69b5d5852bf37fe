import { expect, it } from "vitest";
import { StepFailed, event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import { World } from "./world.ts";

const on = event("ticket.created");
type Ctx = WorkflowContext<{ classify: string }>;

const waits: Record<string, (ctx: Ctx) => Promise<unknown>> = {
  sleep: (ctx) => ctx.sleep("wait", "1h"),
  event: (ctx) => ctx.waitFor("wait", on, { timeout: "1h" }),
  review: (ctx) => ctx.review("wait", { of: "classify", expiresIn: "1h" }),
};

for (const [kind, wait] of Object.entries(waits))
  it(`a run whose ${kind} stood beside a step that failed goes on without it, on every resume`, async () => {
    const flow = workflow(
      "flow",
      { on, deadline: "1d", prompts: { classify: "classifier" } },
      async (received, ctx) => {
        await ctx.prompt("classify", received);
        const fails = ctx.run("fails", () => {
          throw new TypeError("no");
        });
        const both = await Promise.all([wait(ctx), fails]).catch((error: unknown) => {
          if (error instanceof StepFailed) return null;
          throw error;
        });
        await ctx.sleep("a moment", 1);
        await ctx.run("after", () => 1);
        return ctx.decide({ both });
      },
    );
    const world = await World.open({
      workflows: flow,
      script: () => ({ category: "other", urgency: "low", confidence: 1 }),
    });
    const runId = await world.submit();
    expect(await world.ended(runId)).toMatchObject({ status: "completed", decision: { both: null } });
    expect(await world.sluice.listReviews({ runId, status: "open" }, { limit: 1 })).toMatchObject({ items: [] });
    expect(await world.sluice.eventWaits(runId)).toEqual([]);
  });

it("a run that waits for all to settle has what the wait beside a failed step gave", async () => {
  const flow = workflow("flow", { on, deadline: "1d" }, async (_, ctx) => {
    const fails = ctx.run("fails", () => {
      throw new TypeError("no");
    });
    const [waited, failed] = await Promise.allSettled([
      ctx.waitFor("wait", on, { where: { "ticket.id": "next" } }),
      fails,
    ]);
    return ctx.decide({ waited: waited.status, failed: failed.status });
  });
  const world = await World.open({ workflows: flow });
  const runId = await world.submit();
  await world.waiting(runId, "event");
  await world.submit({ ticket: { id: "next", body: "x" } });
  expect(await world.ended(runId)).toMatchObject({ decision: { waited: "fulfilled", failed: "rejected" } });
});
