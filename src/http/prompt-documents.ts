import { z } from "@hono/zod-openapi";
import { isoTime } from "../base/clock.ts";
import type { JsonObject } from "../base/json.ts";
import type { DocumentProblem } from "../prompt/document.ts";
import type { CheckedDraft, ComparedVersions, PromptVersion, PromptVersionDetail, Served } from "../app/prompting.ts";
import type { Difference } from "../base/differences.ts";
import { anyJson } from "./documents.ts";
import type { Document } from "./documents.ts";
import { EVIDENCE, evidenceDocument } from "./release-documents.ts";

const time = z.iso.datetime();
const APPROVAL = z.object({ by: z.string(), at: time, reason: z.string() }).openapi("PromptApproval");

/** The spec as it is published, and what is on record of it. Settings that are not set are absent. */
const VERSION_FIELDS = {
  name: z.string(),
  version: z.string(),
  owner: z.string(),
  description: z.string().optional(),
  model: z.string(),
  fallback_models: z.array(z.string()).optional(),
  temperature: z.number().optional(),
  inputs: z.array(z.union([z.string(), z.object({ path: z.string(), redact: z.boolean().optional() })])),
  messages: z
    .array(z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() }))
    .describe("Templates; of a spec without messages those that are sent in their place."),
  examples: z.array(z.object({ input: anyJson, output: anyJson })).optional(),
  output_schema: z.record(z.string(), anyJson),
  confidence: z.string().optional().describe("Pointer into the output."),
  repair: z.object({ attempts: z.int().nullable().optional() }).optional(),
  limits: z
    .object({
      timeout: z.union([z.string(), z.number()]).nullable().optional(),
      max_output_tokens: z.number().nullable().optional(),
      usd: z.number().nullable().optional(),
    })
    .optional(),
  risk: z.enum(["low", "high"]),
  rollback_version: z.string().optional(),
  eval_suite: z.string().optional(),
  hash: z.string(),
  file: z.string().optional(),
  source: z.enum(["file", "registry"]).describe("Where this process has it from."),
  published_at: time.nullable().describe("Null where nobody has published it: it is served from its file."),
  published_by: z.string().nullable(),
  reason: z.string().nullable().describe("Why it was published."),
  approvals: z.array(APPROVAL).describe("Of this very content."),
  serves: z.array(z.string()).describe("Workflows whose present release serves it."),
  candidate_in: z.array(z.string()).describe("Workflows whose present release tries it."),
};
export const VERSION: z.ZodType = z.object(VERSION_FIELDS).openapi("PromptVersion");

const COUNT = z.int();
const USAGE = z
  .object({
    runs: COUNT,
    dispositions: z.record(z.string(), COUNT).describe("What those runs came to; none: not decided."),
    reviews: z
      .object({ approve: COUNT, correct: COUNT, reject: COUNT })
      .describe("How people answered the reviews of those runs."),
    overrides: COUNT.describe("Corrections and rejections."),
    first_at: time.nullable(),
    last_at: time.nullable(),
  })
  .openapi("PromptUsage");
const SERVED = z
  .object({
    workflow: z.string(),
    as: z.enum(["serves", "shadow", "live"]).describe("shadow and live: as a candidate."),
    from_release: COUNT,
    to_release: COUNT,
    since: time,
    until: time.nullable().describe("Null: it still is."),
  })
  .openapi("PromptServed");
export const VERSION_DETAIL: z.ZodType = z
  .object({
    ...VERSION_FIELDS,
    evidence: z.array(EVIDENCE).describe("Of this very content, newest first."),
    usage: USAGE,
    served: z.array(SERVED),
  })
  .openapi("PromptVersionDetail");

export const DOCUMENT: z.ZodType<JsonObject> = z
  .record(z.string(), anyJson)
  .describe("The spec, as a file of it would say.");

const PROBLEM = z
  .object({
    pointer: z.string().describe("Into the document."),
    line: COUNT.describe("Of the document as JSON indented by two."),
    text_line: COUNT.optional().describe("Of a message: the line of its text."),
    code: z.string(),
    message: z.string(),
    fix: z.string().optional(),
    severity: z.enum(["error", "warning"]),
  })
  .openapi("PromptProblem");
export const DRAFT: z.ZodType = z
  .object({
    draft_id: z.string(),
    name: z.string(),
    base: z.string().nullable().describe("The version it was begun from."),
    revision: COUNT.describe("Say it with a change: one that somebody else has made meanwhile refuses."),
    document: z.record(z.string(), anyJson),
    problems: z.array(PROBLEM).describe("All that is wrong with it; with an error it cannot be published."),
    created_at: time,
    created_by: z.string(),
    updated_at: time,
    updated_by: z.string(),
  })
  .openapi("PromptDraft");
export const PROMPT: z.ZodType = z
  .object({ name: z.string(), owner: z.string(), versions: z.array(VERSION), drafts: z.array(DRAFT) })
  .openapi("Prompt");

const DIFFERENCE = z
  .object({
    pointer: z.string(),
    from: anyJson.optional().describe("Absent: it was not there."),
    to: anyJson.optional().describe("Absent: it is gone."),
  })
  .openapi("PromptDifference");
const SIDE = z.object({ version: z.string(), hash: z.string(), model: z.string(), evidence: z.array(EVIDENCE) });
export const COMPARED: z.ZodType = z
  .object({
    name: z.string(),
    from: SIDE,
    to: SIDE,
    same: z.boolean(),
    settings: z.array(DIFFERENCE),
    schema: z.array(DIFFERENCE).describe("Pointers into output_schema."),
    messages: z.array(
      z.object({
        index: COUNT,
        from: z.string().nullable().describe("Role; null where there is no such message."),
        to: z.string().nullable(),
        lines: z.array(z.object({ op: z.enum(["same", "removed", "added"]), text: z.string() })),
      }),
    ),
    examples: z.object({ added: z.array(anyJson), removed: z.array(anyJson), kept: COUNT }),
  })
  .openapi("PromptComparison");

export function versionDocument(given: PromptVersion): Document {
  const { spec, source, publication, approvals, serves, candidateIn } = given;
  const withdrawn = publication === null || publication.withdrawn !== null;
  return {
    ...spec.document,
    risk: spec.risk,
    hash: spec.hash,
    ...(spec.file === undefined ? {} : { file: spec.file }),
    source,
    published_at: withdrawn ? null : isoTime(publication.at),
    published_by: withdrawn ? null : publication.by,
    reason: withdrawn ? null : publication.reason,
    approvals: approvals.map(({ by, at, reason }) => ({ by, at: isoTime(at), reason })),
    serves,
    candidate_in: candidateIn,
  };
}

export function detailDocument(detail: PromptVersionDetail): Document {
  const { runs, dispositions, reviews, firstAt, lastAt } = detail.usage;
  return {
    ...versionDocument(detail),
    evidence: detail.evidence.map(evidenceDocument),
    usage: {
      runs,
      dispositions,
      reviews,
      overrides: reviews.correct + reviews.reject,
      first_at: firstAt === null ? null : isoTime(firstAt),
      last_at: lastAt === null ? null : isoTime(lastAt),
    },
    served: detail.served.map(servedDocument),
  };
}

function servedDocument({ workflow, as, from, to, since, until }: Served): Document {
  const ended = until === null ? null : isoTime(until);
  return { workflow, as, from_release: from, to_release: to, since: isoTime(since), until: ended };
}

export function draftDocument({ draft, document, problems }: CheckedDraft): Document {
  const { draftId, name, base, revision, createdAt, createdBy, updatedAt, updatedBy } = draft;
  return {
    draft_id: draftId,
    name,
    base,
    revision,
    document,
    problems: problems.map(problemDocument),
    created_at: isoTime(createdAt),
    created_by: createdBy,
    updated_at: isoTime(updatedAt),
    updated_by: updatedBy,
  };
}

function problemDocument({ textLine, ...problem }: DocumentProblem): Document {
  return { ...problem, ...(textLine === undefined ? {} : { text_line: textLine }) };
}

export function comparedDocument(name: string, { from, to, comparison }: ComparedVersions): Document {
  const side = ({ spec, evidence }: ComparedVersions["from"]): Document => {
    const { version, hash, model } = spec;
    return { version, hash, model, evidence: evidence.map(evidenceDocument) };
  };
  const { same, settings, schema, messages, examples } = comparison;
  return {
    name,
    from: side(from),
    to: side(to),
    same,
    settings: settings.map(differenceDocument),
    schema: schema.map(differenceDocument),
    messages,
    examples,
  };
}

function differenceDocument({ pointer, before, after }: Difference): Document {
  return {
    pointer,
    ...(before === undefined ? {} : { from: before }),
    ...(after === undefined ? {} : { to: after }),
  };
}
