import { z } from "@hono/zod-openapi";
import { isoTime } from "../base/clock.ts";
import { formatRate, parseRate } from "../base/rate.ts";
import type { Hold } from "../journal/hold.ts";
import { orNull } from "./documents.ts";
import type { Document } from "./documents.ts";

const time = z.iso.datetime();

/** `60/min`, as runs a minute. */
export const RATE: z.ZodType<number, string> = z
  .string()
  .max(40)
  .transform((text, context) => {
    try {
      return parseRate(text);
    } catch (error) {
      context.issues.push({ code: "custom", message: (error as Error).message, input: text });
      return z.NEVER;
    }
  })
  .openapi({ type: "string", description: 'How many: "60/min", "2/s" or "100/h".' });

export const REASON: z.ZodString = z.string().trim().min(1, "say why").max(1_000);

export const HOLD: z.ZodType = z
  .object({
    hold_id: z.string(),
    workflow: z.string(),
    cause: z
      .enum(["command", "release"])
      .describe("`release`: its present release is off and holds the events; another release ends it, no resume does."),
    state: z.enum(["held", "releasing", "over"]),
    since: time,
    by: z.string().describe("Who paused it last."),
    reason: z.string().describe("Why it was paused last."),
    ended_at: time.nullable(),
    runs: z.int().describe("Runs that stand in the queue or are parked; 0 once it is over."),
    release: orNull(
      z.object({
        rate: z.string(),
        since: time,
        to_start: z.int().describe("Runs that stood in the queue at `since`."),
        started: z.int(),
      }),
    ).describe("How it is, or was last, released at a rate."),
    history: z
      .array(
        z.object({
          act: z.enum(["pause", "resume", "lift"]),
          at: time,
          by: z.string(),
          reason: z.string().nullable(),
          rate: z.string().nullable().describe("Of a resume; null: all at once."),
        }),
      )
      .describe("Who did what, oldest first."),
  })
  .openapi("Hold");

export function holdDocument({ holdId, workflow, cause, state, heldAt, endedAt, runs, release, acts }: Hold): Document {
  const paused = acts.findLast(({ act }) => act === "pause");
  return {
    hold_id: holdId,
    workflow,
    cause,
    state,
    since: isoTime(heldAt),
    by: paused?.by ?? "",
    reason: paused?.reason ?? "",
    ended_at: endedAt === null ? null : isoTime(endedAt),
    runs,
    release:
      release === null
        ? null
        : {
            rate: formatRate(release.perMinute),
            since: isoTime(release.since),
            to_start: release.toStart,
            started: release.started,
          },
    history: acts.map(({ act, at, by, reason, perMinute }) => ({
      act,
      at: isoTime(at),
      by,
      reason,
      rate: perMinute === null ? null : formatRate(perMinute),
    })),
  };
}
