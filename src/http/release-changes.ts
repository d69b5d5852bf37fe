import { z } from "@hono/zod-openapi";
import { STAGES } from "../base/stage.ts";
import type { ReleaseAct, ReleaseRequest, RollbackTarget } from "../app/releasing.ts";
import type { ReleaseChange, SlotChange } from "../release/change.ts";
import { HttpProblem } from "./problem.ts";
import { REASON } from "./hold-documents.ts";

const name = z.string().min(1).max(200);
const share = z.number().min(0).max(1);
const condition = z.string().trim().min(1).max(4_000).nullable();

const SLOT_CHANGE = z.strictObject({
  version: name.optional().describe("Of the slot's prompt. It brings its own model and fallbacks."),
  model: name.optional(),
  fallbacks: z.array(name).max(10).optional(),
  candidate: z
    .strictObject({ version: name, share, mode: z.enum(["shadow", "live"]) })
    .nullable()
    .optional()
    .describe("Another version to try; null takes it away."),
});

/** What somebody wants changed, as HTTP takes it. */
export const CHANGE: z.ZodObject = z
  .strictObject({
    stage: z.enum(STAGES).optional(),
    share: share.optional().describe("Of the keys; the others act at most at stage suggestion."),
    scope: condition.optional().describe("CEL over event and output; null: everything."),
    automation: condition.optional().describe("CEL over event, output, confidence and thresholds; null: always."),
    sample: share.optional().describe("Share of the automated decisions that a person sees all the same."),
    thresholds: z.record(name, z.number()).optional(),
    risk_threshold: z.enum(["low", "medium", "high"]).optional(),
    tools: z
      .strictObject({ grant: z.array(name).max(100).optional(), revoke: z.array(name).max(100).optional() })
      .optional(),
    prompts: z.record(name, SLOT_CHANGE).optional().describe("By slot."),
    when_off: z.enum(["hold", "review"]).optional().describe("What becomes of events while the stage is off."),
    assign_by: z.string().max(500).optional().describe("JSON pointer into the event."),
  })
  .openapi("ReleaseChange");

type ChangeBody = Omit<ReleaseChange, "riskThreshold" | "whenOff" | "assignBy"> & {
  risk_threshold?: ReleaseChange["riskThreshold"];
  when_off?: ReleaseChange["whenOff"];
  assign_by?: string;
  prompts?: Record<string, SlotChange>;
};

/** Nothing that was not said is in it: what is left out stays as it is. */
export function changeOf(body: unknown): ReleaseChange {
  const { risk_threshold: riskThreshold, when_off: whenOff, assign_by: assignBy, ...same } = body as ChangeBody;
  return {
    ...same,
    ...(riskThreshold === undefined ? {} : { riskThreshold }),
    ...(whenOff === undefined ? {} : { whenOff }),
    ...(assignBy === undefined ? {} : { assignBy }),
  };
}

const release = z.int().positive();

/** Of every act. */
export const WHY: Record<string, z.ZodType> = {
  reason: REASON,
  expected_release: release
    .optional()
    .describe("The release you have seen; another one by now refuses: release_moved."),
};

/** Of acts that may raise something. */
export const FORCE: Record<string, z.ZodType> = {
  override: z.boolean().optional().describe("Past what the gate asks for: another person has to agree."),
  solo: z.boolean().optional().describe("Nobody else is there to agree; that is on record."),
};

export const ROLLBACK: Record<string, z.ZodType> = {
  to: release.optional().describe("An earlier release, whose prompt versions and models serve again."),
  slot: name.optional().describe("Only this prompt slot."),
  version: name.optional().describe("A version of the slot's prompt."),
  fallback: z.boolean().optional().describe("The slot's first fallback model serves in place of its model."),
  in_flight: z
    .enum(["review", "finish"])
    .optional()
    .describe("What becomes of runs that have used what is taken away and have not decided."),
};

export function requestOf(body: Record<string, unknown>): ReleaseRequest {
  const {
    reason,
    expected_release: expectedRelease,
    override,
    solo,
  } = body as {
    reason: string;
    expected_release?: number;
    override?: boolean;
    solo?: boolean;
  };
  return {
    reason,
    ...(expectedRelease === undefined ? {} : { expectedRelease }),
    ...(override === undefined ? {} : { override }),
    ...(solo === undefined ? {} : { solo }),
  };
}

export function targetOf(body: Record<string, unknown>): RollbackTarget {
  const {
    to,
    slot,
    version,
    fallback,
    in_flight: inFlight,
  } = body as RollbackTarget & {
    in_flight?: RollbackTarget["inFlight"];
  };
  return {
    ...(to === undefined ? {} : { to }),
    ...(slot === undefined ? {} : { slot }),
    ...(version === undefined ? {} : { version }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(inFlight === undefined ? {} : { inFlight }),
  };
}

/** What a plan is asked for: a change, a rollback, or being switched on again. */
export const PLAN: z.ZodObject = z.strictObject({
  change: CHANGE.optional(),
  rollback: z.strictObject(ROLLBACK).optional(),
  on: z.literal(true).optional(),
});

export function plannedAct(body: Record<string, unknown>): ReleaseAct {
  const { change, rollback, on } = body as { change?: unknown; rollback?: Record<string, unknown>; on?: true };
  if ([change, rollback, on].filter((each) => each !== undefined).length !== 1)
    throw new HttpProblem({
      status: 422,
      code: "invalid_body",
      detail: 'Give one of "change", "rollback" and "on".',
    });
  if (rollback !== undefined) return { act: "rollback", target: targetOf(rollback) };
  return on === true ? { act: "on" } : { act: "promote", change: changeOf(change) };
}
