import { z } from "@hono/zod-openapi";
import { isoTime } from "../base/clock.ts";
import type { Evidence, Subject, TargetResult } from "../release/evidence.ts";
import { orNull } from "./documents.ts";
import type { Document } from "./documents.ts";

const VERDICT = z.enum(["PASS", "FAIL", "INCONCLUSIVE"]);
const SERVED = z.object({ prompt: z.string(), version: z.string(), hash: z.string(), model: z.string() });

const SUBJECT: z.ZodType = z
  .union([
    SERVED.extend({ kind: z.literal("prompt") }),
    z.object({
      kind: z.literal("workflow"),
      workflow: z.string(),
      code: z.string().describe("Fingerprint of the workflow's code."),
      prompts: z.record(z.string(), SERVED).describe("By slot."),
      thresholds: z.record(z.string(), z.number()),
      tools: z.record(z.string(), z.string()).describe("Hash of the definition of each tool."),
    }),
  ])
  .openapi("EvidenceSubject");

const TARGET: z.ZodType = z
  .object({
    name: z.string(),
    metric: z.string(),
    target: z.string().describe("As written: >= 98%."),
    critical: z.boolean(),
    value: z.number().nullable().describe("In the metric's own unit: a share 0 to 1, ms, US dollars."),
    interval: orNull(z.object({ low: z.number(), high: z.number() })).describe("Exact, two-sided, 95 %."),
    hits: z.number().nullable(),
    cases: z.int(),
    status: VERDICT,
    note: z.string(),
    needed: z.number().nullable().describe("So many more cases without an error would decide."),
  })
  .openapi("EvidenceTarget");

/** What one evaluation showed, for exactly these hashes. */
export const EVIDENCE: z.ZodType = z
  .object({
    evidence_id: z.string().describe("Id of the eval run."),
    suite: z.string(),
    suite_hash: z.string(),
    scorers_hash: z.string(),
    datasets: z.array(
      z.object({ name: z.string(), kind: z.string(), version: z.int(), hash: z.string(), cases: z.int() }),
    ),
    subject: SUBJECT,
    verdict: VERDICT,
    targets: z.array(TARGET),
    cases: z.int(),
    in_context: z
      .boolean()
      .describe("Answered by a model without instructions: its figures say nothing about instructions."),
    by: z.string(),
    at: z.iso.datetime(),
  })
  .openapi("Evidence");

export function evidenceDocument(evidence: Evidence): Document {
  const { evidenceId, suiteHash, scorersHash, inContext, subject, targets, at, ...same } = evidence;
  return {
    evidence_id: evidenceId,
    ...same,
    suite_hash: suiteHash,
    scorers_hash: scorersHash,
    subject: subjectDocument(subject),
    targets: targets.map(targetDocument),
    in_context: inContext,
    at: isoTime(at),
  };
}

function subjectDocument(subject: Subject): Document {
  return { ...subject };
}

function targetDocument(target: TargetResult): Document {
  return { ...target };
}
