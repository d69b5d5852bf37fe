import { z } from "@hono/zod-openapi";
import type { Clock } from "../base/clock.ts";
import { parseDuration } from "../base/duration.ts";
import { FAILURE_POLICY } from "../base/failure.ts";
import type { FailureClass } from "../base/failure.ts";
import type { Page } from "../journal/ports.ts";
import type { RunFilter } from "../journal/run-filter.ts";
import type { Disposition, RunStatus } from "../journal/run.ts";
import { STAGES } from "../base/stage.ts";
import type { Stage } from "../base/stage.ts";
import { HttpProblem } from "./problem.ts";

export const STATUSES: readonly RunStatus[] = [
  "queued",
  "running",
  "waiting",
  "completed",
  "dead",
  "stopped",
  "cancelled",
];
export const DISPOSITIONS: readonly Disposition[] = [
  "shadowed",
  "suggested",
  "applied",
  "reviewed",
  "rejected",
  "stopped",
];
export const FAILURE_CLASSES: readonly FailureClass[] = Object.keys(FAILURE_POLICY) as FailureClass[];
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

const word = z.string().min(1);
/** A node of a workflow's picture. */
const NODE = /^(trigger|decide|step:.+|end:(completed|dead|stopped|cancelled)|now:(queued|running|waiting))$/s;
const node = z
  .string()
  .regex(NODE, "it is no node of a workflow's graph: trigger, decide, step:NAME, end:STATUS or now:STATUS");

type Text = z.ZodOptional<z.ZodString>;

/** The names a set of runs is filtered by; the same in queries and in bodies. */
export const RUN_FILTER: {
  workflow: Text;
  status: z.ZodOptional<z.ZodType<RunStatus>>;
  disposition: z.ZodOptional<z.ZodType<Disposition>>;
  prompt: Text;
  prompt_version: Text;
  model: Text;
  release: z.ZodOptional<z.ZodType<number>>;
  stage: z.ZodOptional<z.ZodType<Stage>>;
  tool: Text;
  failure_class: z.ZodOptional<z.ZodType<FailureClass>>;
  fingerprint: Text;
  since: Text;
  until: Text;
  edge_from: Text;
  edge_to: Text;
  q: Text;
} = {
  workflow: word.optional(),
  status: z.enum(STATUSES).optional(),
  disposition: z.enum(DISPOSITIONS).optional(),
  prompt: word.optional().describe("Prompt name."),
  prompt_version: word.optional().describe("NAME@VERSION, or VERSION together with `prompt`."),
  model: word.optional(),
  release: z.coerce.number().int().min(1).optional(),
  stage: z.enum(STAGES).optional(),
  tool: word.optional(),
  failure_class: z.enum(FAILURE_CLASSES).optional(),
  fingerprint: word.optional().describe("Of a group of dead letters."),
  since: word.optional().describe("RFC 3339, or how long ago: 2h."),
  until: word.optional().describe("RFC 3339, or how long ago: 2h."),
  edge_from: node.optional().describe("With edge_to: runs that went straight from this node of the graph to that one."),
  edge_to: node
    .optional()
    .describe("Alone: runs that came to this node of the workflow's graph, such as step:classify."),
  q: word
    .optional()
    .describe(
      "A run id or event id, or the beginning of one; or words that the redacted event, the decision or the failure all hold, or beginnings of them.",
    ),
};

export const PAGE: { limit: z.ZodDefault<z.ZodType<number>>; cursor: Text } = {
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: word.optional().describe("`next_cursor` of the page before."),
};

export type GivenFilter = z.output<z.ZodObject<typeof RUN_FILTER>>;

export function toRunFilter(given: GivenFilter, clock: Clock): RunFilter {
  const promptVersion = toPromptVersion(given.prompt, given.prompt_version);
  if (given.edge_from !== undefined && given.edge_to === undefined)
    throw invalid("edge_from needs edge_to: where did the runs go from there?");
  return {
    ...pick(given, [
      "workflow",
      "status",
      "disposition",
      "prompt",
      "model",
      "release",
      "stage",
      "tool",
      "fingerprint",
      "q",
    ]),
    ...(promptVersion === undefined ? {} : { promptVersion }),
    ...(given.failure_class === undefined ? {} : { failureClass: given.failure_class }),
    ...(given.edge_from === undefined ? {} : { edgeFrom: given.edge_from }),
    ...(given.edge_to === undefined ? {} : { edgeTo: given.edge_to }),
    ...(given.since === undefined ? {} : { since: toTime("since", given.since, clock) }),
    ...(given.until === undefined ? {} : { until: toTime("until", given.until, clock) }),
  };
}

export function toPage(given: z.output<z.ZodObject<typeof PAGE>>): Page {
  return { limit: given.limit, ...pick(given, ["cursor"]) };
}

/** The named members that are there: an absent one stays absent rather than becoming undefined. */
export function pick<T extends object, K extends keyof T>(
  given: T,
  keys: readonly K[],
): { [P in K]?: NonNullable<T[P]> } {
  return Object.fromEntries(keys.filter((key) => given[key] !== undefined).map((key) => [key, given[key]])) as {
    [P in K]?: NonNullable<T[P]>;
  };
}

function toPromptVersion(prompt: string | undefined, version: string | undefined): string | undefined {
  if (version === undefined || version.includes("@")) return version;
  if (prompt === undefined)
    throw invalid(`prompt_version is ambiguous without a prompt: write NAME@${version}, or give prompt=NAME too.`);
  return `${prompt}@${version}`;
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Epoch ms of a query's `since` or `until`. Throws `HttpProblem` (invalid_query). */
export function toTime(name: string, text: string, clock: Clock): number {
  const at = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  try {
    return clock.now() - parseDuration(text);
  } catch {
    throw invalid(`${name} is neither a time like 2026-05-29T14:22:10Z nor how long ago, like 2h.`);
  }
}

function invalid(detail: string): HttpProblem {
  return new HttpProblem({ status: 400, code: "invalid_query", detail });
}
