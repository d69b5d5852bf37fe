import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext, WorkflowOptions } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import type { Run } from "../../src/journal/run.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import type { FrozenClock } from "../../src/testing/frozen-clock.ts";
import { World } from "./world.ts";

export type Ctx = WorkflowContext<Record<string, string>>;
export type Body = (ctx: Ctx, event: JsonObject) => Promise<unknown>;
const on = event("ticket.created");

export function flow(
  run: Body,
  over: Partial<WorkflowOptions<unknown, Record<string, string>>> = {},
): ReturnType<typeof workflow> {
  return workflow("flow", { on, deadline: "24h", ...over }, (received, ctx) => run(ctx, received as JsonObject));
}

export const HOUR = 3_600_000;
export const VALID = { category: "billing", urgency: "low", confidence: 1 };

/** A run that has got as far as its pause under `before`, and goes on under `after` in another process. */
export async function deployed(
  before: ReturnType<typeof workflow>,
  after: ReturnType<typeof workflow>,
  given: { files?: Record<string, string>; over?: JsonObject } = {},
): Promise<{ world: World; run: Run; clock: FrozenClock }> {
  const clock = frozenClock();
  const script = [VALID, VALID, VALID];
  const world = await World.open({ workflows: before, clock, script, files: given.files ?? {} });
  const runId = await world.submit(given.over);
  await world.waiting(runId, "sleep");
  clock.advance(HOUR);
  await world.restart({ workflows: after });
  return { world, run: await world.ended(runId), clock };
}

export const pause = (ctx: Ctx): Promise<unknown> => ctx.sleep("pause", "1h");
