import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Failure, StepFailed, event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { KIM, World, gate } from "./world.ts";

type Ctx = WorkflowContext<Record<string, string>>;
const on = event("ticket.created");
const flow = (run: (ctx: Ctx) => Promise<unknown>): ReturnType<typeof workflow> =>
  workflow("flow", { on, deadline: "24h" }, (_event, ctx) => run(ctx));

describe("replay of a workflow", () => {
  test("a finished step answers from its record under its name, whatever the order of the code says now", async () => {
    const ran: string[] = [];
    const step = (ctx: Ctx, name: string): Promise<string> => ctx.run(name, () => (ran.push(name), name.toUpperCase()));
    const before = flow(async (ctx) => {
      const a = await step(ctx, "a");
      await ctx.sleep("pause", "1h");
      return ctx.decide({ a, b: await step(ctx, "b") });
    });
    const after = flow(async (ctx) => {
      const b = await step(ctx, "b");
      await ctx.sleep("pause", "1h");
      return ctx.decide({ a: await step(ctx, "a"), b });
    });
    const clock = frozenClock();
    const world = await World.open({ workflows: before, clock });
    const runId = await world.submit();
    await world.waiting(runId, "sleep");
    clock.advance(3_600_000);
    await world.restart({ workflows: after });
    expect((await world.ended(runId)).decision).toEqual({ a: "A", b: "B" });
    expect(ran).toEqual(["a", "b"]);
  });

  test("false, 0, empty text, null and nothing at all are results like any other", async () => {
    const values = { no: false, zero: 0, empty: "", null: null, nothing: undefined };
    let calls = 0;
    const world = await World.open({
      workflows: flow(async (ctx) => {
        const seen: Record<string, unknown> = {};
        for (const [name, value] of Object.entries(values)) seen[name] = await ctx.run(name, () => (calls++, value));
        await ctx.sleep("pause", 1);
        return ctx.decide(seen);
      }),
    });
    const run = await world.ended(await world.submit());
    expect(run.decision).toEqual({ no: false, zero: 0, empty: "", null: null, nothing: null });
    expect(calls).toBe(5);
  });

  test("the first pass sees a result as the record will give it back", async () => {
    const seen: unknown[] = [];
    const world = await World.open({
      workflows: flow(async (ctx) => {
        seen.push(await ctx.run("date", () => ({ at: new Date(0), gone: undefined })));
        await ctx.sleep("pause", 1);
        return ctx.decide({});
      }),
    });
    await world.ended(await world.submit());
    expect(seen).toEqual([{ at: "1970-01-01T00:00:00.000Z" }, { at: "1970-01-01T00:00:00.000Z" }]);
  });

  test("ctx.now and ctx.random are the same on every resume", async () => {
    const seen: number[][] = [];
    const world = await World.open({
      workflows: flow(async (ctx) => {
        const pass = [ctx.now(), ctx.random()];
        seen.push(pass);
        await ctx.run("a", () => 1);
        pass.push(ctx.now(), ctx.random());
        await ctx.sleep("pause", 2);
        return ctx.decide({});
      }),
    });
    await world.ended(await world.submit());
    expect(seen).toHaveLength(2);
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.[1]).not.toBe(seen[0]?.[3]);
  });

  test("with Promise.all a failure for good aborts its siblings and rejects with StepFailed; the run is dead", async () => {
    const started = gate();
    const aborted = gate();
    let caught: unknown;
    const world = await World.open({
      workflows: flow(async (ctx) => {
        const slow = ctx.run("slow", (signal) => {
          started.open();
          return new Promise((_, reject) => {
            signal.addEventListener("abort", () => (aborted.open(), reject(signal.reason as Error)));
          });
        });
        const failing = ctx.run("failing", async () => {
          await started.opened;
          throw new Failure({ class: "bug", code: "broken", message: "It is broken." });
        });
        await Promise.all([slow, failing]).catch((error: unknown) => {
          caught = error;
          throw error;
        });
      }),
    });
    const run = await world.ended(await world.submit());
    await aborted.opened;
    expect(caught).toBeInstanceOf(StepFailed);
    expect(caught).toMatchObject({ class: "bug", step: "failing" });
    expect(run).toMatchObject({ status: "dead", failure: { class: "bug", code: "broken", step: "failing" } });
  });

  test("a caught failure takes the same branch on replay, and its aborted sibling does not stand in the way", async () => {
    const calls = { failing: 0, slow: 0 };
    const branches: string[] = [];
    const world = await World.open({
      workflows: flow(async (ctx) => {
        const started = gate();
        let branch = "whole";
        try {
          await Promise.all([
            ctx.run("slow", (signal) => {
              calls.slow++;
              started.open();
              return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
            }),
            ctx.run("failing", async () => {
              calls.failing++;
              await started.opened;
              throw new Failure({ class: "bug", code: "broken", message: "It is broken." });
            }),
          ]);
        } catch (error) {
          branch = `without: ${(error as StepFailed).step}`;
        }
        branches.push(branch);
        await ctx.sleep("pause", 2);
        return ctx.decide({ branch });
      }),
    });
    const run = await world.ended(await world.submit());
    expect(run).toMatchObject({ status: "completed", decision: { branch: "without: failing" } });
    expect(branches).toEqual(["without: failing", "without: failing"]);
    expect(calls).toEqual({ failing: 1, slow: 1 });
  });

  test("a failure on record stops what is started beside it, as it did when it happened", async () => {
    const failing = (ctx: Ctx): Promise<unknown> =>
      ctx.run("failing", () => {
        throw new Failure({ class: "bug", code: "broken", message: "It is broken." });
      });
    const ends = async (ctx: Ctx, step: Promise<unknown>): Promise<void> => {
      const branch = await step.then(
        () => "whole",
        () => "without",
      );
      await ctx.sleep("pause", "1h");
      return ctx.decide({ branch });
    };
    const stopped = gate();
    const clock = frozenClock();
    const world = await World.open({ workflows: flow((ctx) => ends(ctx, failing(ctx))), clock });
    const runId = await world.submit();
    await world.waiting(runId, "sleep");
    clock.advance(3_600_000);
    const beside = (ctx: Ctx): Promise<unknown> =>
      ctx.run("beside", (signal) => {
        signal.addEventListener("abort", () => stopped.open());
        return gate().opened;
      });
    await world.restart({ workflows: flow((ctx) => ends(ctx, Promise.all([beside(ctx), failing(ctx)]))) });
    await stopped.opened;
    expect(await world.ended(runId)).toMatchObject({ status: "completed", decision: { branch: "without" } });
    expect(await world.steps(runId, "beside")).toMatchObject([{ status: "error", error: { code: "sibling_failed" } }]);
  });

  test("with Promise.allSettled the aborted sibling is taken up again, since the workflow still waits for it", async () => {
    let tries = 0;
    const world = await World.open({
      workflows: flow(async (ctx) => {
        const started = gate();
        const results = await Promise.allSettled([
          ctx.run("slow", (signal) => {
            started.open();
            if (++tries > 1) return "done";
            return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
          }),
          ctx.run("failing", async () => {
            await started.opened;
            throw new Failure({ class: "bug", code: "broken", message: "It is broken." });
          }),
        ]);
        return ctx.decide({ results: results.map(({ status }) => status) });
      }),
    });
    const run = await world.ended(await world.submit());
    expect(run.decision).toEqual({ results: ["fulfilled", "rejected"] });
    expect(tries).toBe(2);
  });

  test("parking for a sleep, a retry and a review throws nothing into the code and runs no finally", async () => {
    const finals: string[] = [];
    const thrown: unknown[] = [];
    let tries = 0;
    const world = await World.open({
      script: [{ category: "other", urgency: "low", confidence: 1 }],
      workflows: workflow(
        "flow",
        { on, deadline: "24h", prompts: { classify: "classifier" } },
        async (received, ctx) => {
          const watched = async (name: string, body: () => Promise<unknown>): Promise<void> => {
            try {
              await body();
            } catch (error) {
              thrown.push(error);
            } finally {
              finals.push(name);
            }
          };
          await watched("sleep", () => ctx.sleep("pause", 2));
          await watched("retry", () =>
            ctx.run("flaky", () => {
              if (++tries === 1) throw new Failure({ class: "transient", code: "down", message: "Down." });
              return "up";
            }),
          );
          await ctx.prompt("classify", received);
          await watched("review", () => ctx.review("look", { of: "classify" }));
          return ctx.decide({});
        },
      ),
    });
    const runId = await world.submit();
    const review = await world.review(runId);
    // The sleep is passed in the 2nd and 3rd execution, the retry in the 3rd; the review in none.
    expect(finals).toEqual(["sleep", "sleep", "retry"]);
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).status).toBe("completed");
    expect(thrown).toEqual([]);
    // Once in the outcome the reviewer saw, once in the run itself.
    expect(finals.slice(3)).toEqual(["sleep", "retry", "review", "sleep", "retry", "review"]);
  });

  test("a step that still runs keeps the run from parking", async () => {
    const held = gate();
    const slept = gate();
    const world = await World.open({
      workflows: flow(async (ctx) => {
        const [, value] = await Promise.all([
          ctx.sleep("pause", "1h").finally(slept.open),
          ctx.run("work", () => held.opened.then(() => "worked")),
        ]);
        return ctx.decide({ value });
      }),
    });
    const runId = await world.submit();
    await world.until(runId, "The sleep on record", ({ nextSeq }) => nextSeq > 2);
    await turn();
    expect((await world.run(runId)).status).toBe("running");
    held.open();
    expect(await world.waiting(runId, "sleep")).toMatchObject({ status: "waiting", wait: "sleep" });
    expect((await world.steps(runId, "work")).at(-1)).toMatchObject({ status: "success", output: "worked" });
  });
});
