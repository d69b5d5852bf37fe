import { z } from "@hono/zod-openapi";
import { isoTime } from "../base/clock.ts";
import { formatRate } from "../base/rate.ts";
import { DEFAULT_STOP_RATE } from "../journal/redrive.ts";
import type { Redrive } from "../journal/redrive.ts";
import { anyJson } from "./documents.ts";
import type { Document } from "./documents.ts";

const time = z.iso.datetime();

export const REDRIVE_JOB: z.ZodType = z
  .object({
    redrive_id: z.string(),
    state: z.enum(["running", "done", "stopped", "cancelled"]),
    why: z.string().nullable().describe("Why it stopped by itself."),
    phase: z.enum(["canary", "rest"]).describe("canary: what was redriven first has still to come to something."),
    counts: z
      .object({
        total: z.int().describe("Dead runs that matched when it began."),
        redriven: z.int(),
        refused: z.int().describe("Not dead any more when their turn came, or not to be read."),
        went_on: z.int().describe("Ended, and not dead."),
        waits: z.int().describe("Came to wait for a person."),
        died: z.int().describe("Dead again, of whatever."),
      })
      .describe("Of its runs."),
    filter: z.record(z.string(), anyJson),
    canary: z.int().nullable(),
    rate: z.string().nullable(),
    stop_on_failure_rate: z.number().describe("In force after the canary."),
    min_sample: z.int(),
    release: z.int().nullable().describe("The release its runs go by from now on; null: the one they pinned."),
    by: z.string(),
    reason: z.string(),
    created_at: time,
    ended_at: time.nullable(),
    ended_by: z.string().nullable().describe("Who cancelled it."),
  })
  .openapi("Redrive");

export function redriveDocument(redrive: Redrive): Document {
  const { plan, total, redriven, refused, wentOn, waits, died } = redrive;
  const { canary, perMinute, stopRate, minSample, release } = plan;
  const proven = redriven > canary || (redriven === canary && wentOn + waits + died >= redriven);
  return {
    redrive_id: redrive.redriveId,
    state: redrive.state,
    why: redrive.why,
    phase: canary > 0 && !proven ? "canary" : "rest",
    counts: { total, redriven, refused, went_on: wentOn, waits, died },
    filter: filterDocument(plan.filter),
    canary: canary === 0 ? null : canary,
    rate: perMinute === null ? null : formatRate(perMinute),
    stop_on_failure_rate: stopRate ?? DEFAULT_STOP_RATE,
    min_sample: minSample,
    release,
    by: redrive.by,
    reason: redrive.reason,
    created_at: isoTime(redrive.createdAt),
    ended_at: redrive.endedAt === null ? null : isoTime(redrive.endedAt),
    ended_by: redrive.endedBy,
  };
}

/** A filter in the words it is asked for with. */
function filterDocument(filter: Redrive["plan"]["filter"]): Document {
  return Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      (name === "since" || name === "until") && typeof value === "number" ? isoTime(value) : value,
    ]),
  );
}
