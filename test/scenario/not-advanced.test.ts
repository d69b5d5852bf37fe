import { expect, test } from "vitest";
import { event, workflow } from "../../src/index.ts";
import { World } from "./world.ts";

const flow = workflow("flow", { on: event("ticket.created"), deadline: "24h" }, async (_event, ctx) => {
  await ctx.run("one", () => 1);
  return ctx.decide({});
});

test("a run that cannot be advanced three times in a row is a dead letter, and is redriven once that is mended", async () => {
  let broken = true;
  let times = 0;
  const world = await World.open({
    workflows: flow,
    probe(point) {
      if (point !== "before_decision" || !broken) return;
      times++;
      throw new Error("cannot be written");
    },
  });
  const runId = await world.submit();
  expect(await world.ended(runId)).toMatchObject({
    status: "dead",
    failure: { class: "bug", code: "not_advanced", message: expect.stringContaining("cannot be written") as string },
  });
  expect(times).toBe(3);
  broken = false;
  await world.redrive(runId);
  expect((await world.until(runId, "The end", ({ status }) => status === "completed")).decision).toEqual({});
});

test("an error that passes is forgotten: the run starts again from what is on disk", async () => {
  let left = 2;
  const world = await World.open({
    workflows: flow,
    probe(point) {
      if (point === "before_decision" && left-- > 0) throw new Error("not just now");
    },
  });
  expect((await world.ended(await world.submit())).status).toBe("completed");
});
