import { z } from "@hono/zod-openapi";
import { isoTime } from "../base/clock.ts";
import type { Preview, PreviewRow, Share } from "../app/previewing.ts";
import { anyJson, orNull } from "./documents.ts";
import type { Document } from "./documents.ts";

const COUNT = z.int();
const INTERVAL = z.object({ low: z.number(), high: z.number() });
export const SHARE: z.ZodType = z
  .object({
    hits: COUNT,
    cases: COUNT,
    value: z.number().nullable().describe("Null where there are no cases."),
    interval: orNull(INTERVAL).describe("Exact, two-sided, 95 %."),
  })
  .openapi("Share");

const usd = z.number().nullable().describe("US dollars; null where a price is unknown.");
const DECISION = anyJson.nullable().describe("Redacted. Null: it comes to none by itself.");

const ROW = z
  .object({
    run_id: z.string(),
    created_at: z.iso.datetime(),
    status: z
      .enum(["same", "changed", "asks", "incomplete", "failed"])
      .describe(
        "asks: the new version comes to no decision without a person. incomplete: with its answer the run needs a step that is not on record. failed: the model or the code failed.",
      ),
    before: DECISION,
    after: DECISION,
    before_asks: z.boolean().describe("A person is asked before that decision."),
    after_asks: z.boolean(),
    person: orNull(
      z.object({ decision: anyJson.nullable(), action: z.enum(["approve", "correct", "reject"]), by: z.string() }),
    ).describe("Null where nobody looked."),
    changed: z.array(z.string()).describe("Fields in which the two decisions differ."),
    before_right: z.boolean().nullable().describe("As the person decided; null where nobody has."),
    after_right: z.boolean().nullable(),
    cost_usd: usd,
    cost_before_usd: usd,
    cached: z.boolean().describe("The version was asked this before."),
    note: z.string().nullable(),
  })
  .openapi("PreviewRow");

export const PREVIEW: z.ZodType = z
  .object({
    preview_id: z.string(),
    name: z.string(),
    version: z.string(),
    hash: z.string(),
    model: z.string(),
    workflow: z.string(),
    by: z.string(),
    status: z.enum(["running", "done", "cancelled", "failed"]),
    failure: z.string().nullable(),
    done: COUNT.describe("Runs that were looked at."),
    total: COUNT,
    skipped: z.object({
      originals_gone: COUNT.describe("Retention or erasure took what the model would have to be shown."),
      not_asked: COUNT.describe("They ended before the prompt was asked."),
    }),
    in_context: z
      .boolean()
      .describe("The model reads the examples and no instructions: changed instructions change nothing here."),
    fields: z.array(z.string()).describe("Of the decision, those that are compared."),
    changed: COUNT.describe("Runs that would be decided otherwise."),
    cost_usd: usd,
    cost_before_usd: usd,
    accuracy: z
      .object({
        before: SHARE,
        after: SHARE,
        people_decided: COUNT,
        worse: COUNT,
        better: COUNT,
        p: z.number().describe("Exact paired test on the runs in which they differ, two-sided."),
        shown: z.enum(["worse", "better", "nothing"]),
      })
      .describe("Over the runs that a person decided, which are not drawn at random."),
    automation: z.object({ before: SHARE, after: SHARE }).describe("Runs that need no person."),
    rows: z.array(ROW).describe("Newest run first; they come as they are computed."),
    started_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
  })
  .openapi("PromptPreview");

export function shareDocument({ hits, cases, value, interval }: Share): Document {
  return { hits, cases, value, interval };
}

export function previewDocument(preview: Preview): Document {
  const { previewId, skipped, inContext, accuracy, automation, rows, startedAt, endedAt, ...same } = preview;
  const { costUsd, costBeforeUsd, ...said } = same;
  const { peopleDecided, before, after, ...compared } = accuracy;
  return {
    preview_id: previewId,
    ...said,
    skipped: { originals_gone: skipped.originalsGone, not_asked: skipped.notAsked },
    in_context: inContext,
    cost_usd: costUsd,
    cost_before_usd: costBeforeUsd,
    accuracy: {
      before: shareDocument(before),
      after: shareDocument(after),
      people_decided: peopleDecided,
      ...compared,
    },
    automation: { before: shareDocument(automation.before), after: shareDocument(automation.after) },
    rows: rows.map(rowDocument),
    started_at: isoTime(startedAt),
    ended_at: endedAt === null ? null : isoTime(endedAt),
  };
}

function rowDocument(row: PreviewRow): Document {
  return {
    run_id: row.runId,
    created_at: isoTime(row.createdAt),
    status: row.status,
    before: row.before,
    after: row.after,
    before_asks: row.beforeAsks,
    after_asks: row.afterAsks,
    person: row.person,
    changed: row.changed,
    before_right: row.beforeRight,
    after_right: row.afterRight,
    cost_usd: row.costUsd,
    cost_before_usd: row.costBeforeUsd,
    cached: row.cached,
    note: row.note,
  };
}
