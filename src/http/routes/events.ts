import { OpenAPIHono, z } from "@hono/zod-openapi";
import { parseDuration } from "../../base/duration.ts";
import { isObject } from "../../base/json.ts";
import type { Json } from "../../base/json.ts";
import { cloudEventMode, fromCloudEvent } from "../../contract/cloudevent.ts";
import type { Sluice, Submission } from "../../app/sluice.ts";
import type { Run } from "../../journal/run.ts";
import { TERMINAL } from "../../journal/run.ts";
import { mediaType, readJson, unsupported } from "../body.ts";
import { RUN_FAILURE, WAITS, anyJson, orNull, promptVersions, runFailureDocument } from "../documents.ts";
import type { Document } from "../documents.ts";
import { DISPOSITIONS, STATUSES } from "../filter.ts";
import type { Api, ApiContext, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem, problemDocument, problemResponse } from "../problem.ts";
import type { ProblemInput } from "../problem.ts";

export interface EventRouteOptions {
  /** Raised by what became of each event. */
  counts: Map<string, number>;
  /** Ends waits when the server stops. */
  stopping: AbortSignal;
}

const MAX_BATCH = 500;
const MAX_WAIT_MS = 60_000;

const started = z.array(z.object({ run_id: z.string(), workflow: z.string() }));
const RECEIPT = z
  .object({
    event_id: z.string(),
    runs: started,
    run_id: z.string().nullable().describe("The first run; null where a waiting run took the event."),
    duplicate: z.boolean(),
  })
  .openapi("Receipt");
const DECIDED = z
  .object({
    ...RECEIPT.shape,
    status: z.enum(STATUSES),
    disposition: z.enum(DISPOSITIONS).nullable(),
    decision: anyJson.nullable(),
    prompt_versions: z.record(z.string(), z.string()),
    failure: orNull(RUN_FAILURE),
    waiting_for: z.enum(WAITS).nullable(),
  })
  .openapi("DecidedReceipt");
const RESULTS = z
  .object({
    results: z
      .array(z.looseObject({ index: z.int(), status: z.int(), event_id: z.string().nullable() }))
      .describe("Of each item in order: its receipt, or the problem."),
  })
  .openapi("BatchReceipt");
const EVENT = z.looseObject({ event: z.string(), event_id: z.string(), created_at: z.string() }).openapi("Event");
const CLOUD_EVENT = z.looseObject({
  specversion: z.literal("1.0"),
  id: z.string(),
  source: z.string(),
  type: z.string(),
});

export function eventRoutes(sluice: Sluice, options: EventRouteOptions): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "POST /v1/events",
    {
      tag: "events",
      summary: "Send one event, or up to 500",
      description:
        "Validated before it is acknowledged; an acknowledged event is on disk. The same id with the same body is a duplicate (200), with another body a conflict (409). An event off its contract is kept in quarantine (422).",
      query: z.object({
        wait: z.string().optional().describe("How long to wait for the decision of one event: 20s, at most 60s."),
      }),
      reads: {
        "application/json": z.union([EVENT, z.array(EVENT).min(1).max(MAX_BATCH)]),
        "application/cloudevents+json": CLOUD_EVENT,
        "application/cloudevents-batch+json": z.array(CLOUD_EVENT),
      },
      answers: {
        200: { description: "A duplicate; or, with `wait`, the decision.", schema: z.union([DECIDED, RECEIPT]) },
        202: {
          description:
            "Accepted; of an array: every item is accepted or a duplicate. With `wait`: not decided yet, the run as it stands.",
          schema: z.union([DECIDED, RECEIPT, RESULTS]),
        },
        207: { description: "Of an array: some items are refused.", schema: RESULTS },
        409: { description: "The id is taken by another body." },
        413: { description: "Too large." },
        422: { description: "Off its contract, of unknown type, or nobody waits for it." },
        429: { description: "The queue is full; see Retry-After." },
      },
    },
    (c, { query }) => receive(c, sluice, query.wait, options),
  );
  return api;
}

/** An event as it goes to intake, or what is wrong with it as a CloudEvent. */
type Item = { body: Json } | { submission: Submission };

async function receive(
  c: ApiContext,
  sluice: Sluice,
  wait: string | undefined,
  options: EventRouteOptions,
): Promise<Response> {
  const waitMs = wait === undefined ? null : toWait(wait);
  const { items, batch } = await readItems(c);
  if (batch && waitMs !== null)
    throw new HttpProblem({
      status: 400,
      code: "wait_takes_one_event",
      detail: "wait is for a single event; this is an array.",
    });
  const submissions = await submit(sluice, items);
  for (const { outcome } of submissions) options.counts.set(outcome, (options.counts.get(outcome) ?? 0) + 1);
  if (batch) return batchAnswer(submissions);
  const [submission] = submissions as [Submission];
  const firstRun = "runs" in submission ? submission.runs[0]?.runId : undefined;
  if (waitMs === null || firstRun === undefined) return singleAnswer(submission);
  const signal = AbortSignal.any([c.req.raw.signal, options.stopping]);
  return decidedAnswer(submission, await sluice.whenDecided(firstRun, waitMs, signal));
}

function toWait(text: string): number {
  try {
    return Math.min(parseDuration(text), MAX_WAIT_MS);
  } catch {
    throw new HttpProblem({
      status: 400,
      code: "invalid_query",
      detail: `wait must be a duration like 20s, not ${JSON.stringify(text)}.`,
    });
  }
}

async function readItems(c: ApiContext): Promise<{ items: Item[]; batch: boolean }> {
  const headers = c.req.header();
  const type = mediaType(c.req.raw.headers);
  const mode = cloudEventMode(headers);
  if (type !== "application/json" && !(mode !== null && /^application\/([\w.-]+\+)?json$/.test(type)))
    throw unsupported(
      'Send JSON, with the header "content-type: application/json" (or application/cloudevents+json for a CloudEvent).',
    );
  const body = await readJson(c.req.raw, c.get("maxBodyBytes"));
  const toItem = (each: Json): Item => (mode === null ? { body: each } : cloudEventItem(headers, each));
  const batch = mode === "batch" || (mode === null && Array.isArray(body));
  if (!batch) return { items: [toItem(body)], batch };
  return { items: batchItems(body).map(toItem), batch };
}

function batchItems(body: Json): Json[] {
  if (!Array.isArray(body))
    throw new HttpProblem({ status: 422, code: "invalid_batch", detail: "A batch is a JSON array of events." });
  if (body.length === 0)
    throw new HttpProblem({ status: 422, code: "empty_batch", detail: "The array holds no event." });
  if (body.length > MAX_BATCH)
    throw new HttpProblem({
      status: 413,
      code: "too_many_events",
      detail: `The array holds ${body.length} events; ${MAX_BATCH} is the limit. Nothing was accepted.`,
    });
  return body;
}

function cloudEventItem(headers: Record<string, string>, body: Json): Item {
  const result = fromCloudEvent(headers, body);
  if (result.ok) return { body: result.event };
  const id = isObject(body) && typeof body["id"] === "string" ? body["id"] : (headers["ce-id"] ?? null);
  return {
    submission: {
      outcome: "refused",
      code: "invalid_event",
      eventId: id,
      message: "This is not a valid CloudEvent.",
      errors: [...result.errors],
      quarantineId: null,
    },
  };
}

async function submit(sluice: Sluice, items: readonly Item[]): Promise<Submission[]> {
  const bodies = items.flatMap((item) => ("body" in item ? [item.body] : []));
  const answers = bodies.length === 0 ? [] : await sluice.submit(bodies);
  let next = 0;
  return items.map((item) => ("body" in item ? (answers[next++] as Submission) : item.submission));
}

function singleAnswer(submission: Submission): Response {
  if ("runs" in submission)
    return Response.json(receipt(submission), { status: submission.outcome === "duplicate" ? 200 : 202 });
  return problemResponse(problemOf(submission));
}

/** 200 only once there is an end to report: a run that waits for a person has none yet. */
function decidedAnswer(submission: Submission, run: Run | null): Response {
  if (!("runs" in submission)) return singleAnswer(submission);
  if (run === null) return Response.json(receipt(submission), { status: 202 });
  const decided = TERMINAL.includes(run.status) || run.decision !== null;
  const { status, disposition, decision, failure, wait } = run;
  const more = {
    status,
    disposition,
    decision,
    prompt_versions: promptVersions(run),
    failure: failure === null ? null : runFailureDocument(failure),
  };
  return Response.json({ ...receipt(submission), ...more, waiting_for: wait }, { status: decided ? 200 : 202 });
}

function batchAnswer(submissions: readonly Submission[]): Response {
  const results = submissions.map((submission, index) => {
    if ("runs" in submission)
      return { index, status: submission.outcome === "duplicate" ? 200 : 202, ...receipt(submission) };
    return { index, event_id: submission.eventId, ...problemDocument(problemOf(submission)) };
  });
  const retry = submissions.flatMap((submission) =>
    submission.outcome === "queue_full" ? [submission.retryAfterS] : [],
  );
  const headers = retry.length === 0 ? {} : { "retry-after": String(Math.max(...retry)) };
  return Response.json({ results }, { status: results.every(({ status }) => status < 300) ? 202 : 207, headers });
}

function receipt(submission: Extract<Submission, { runs: unknown }>): Document {
  const runs = submission.runs.map(({ runId, workflow }) => ({ run_id: runId, workflow }));
  return {
    event_id: submission.eventId,
    runs,
    run_id: runs[0]?.run_id ?? null,
    duplicate: submission.outcome === "duplicate",
  };
}

function problemOf(submission: Exclude<Submission, { runs: unknown }>): ProblemInput {
  switch (submission.outcome) {
    case "conflict":
      return {
        status: 409,
        code: "event_conflict",
        detail: "An event with this id was accepted before, with another body.",
        more: { event_id: submission.eventId },
      };
    case "queue_full":
      return {
        status: 429,
        code: "queue_full",
        detail: "The queue is full. Nothing was accepted; send it again later.",
        headers: { "retry-after": String(submission.retryAfterS) },
        more: { event_id: submission.eventId, retry_after_s: submission.retryAfterS },
      };
    case "refused":
      return {
        status: 422,
        code: submission.code,
        detail: submission.message,
        errors: submission.errors,
        more: { event_id: submission.eventId, quarantine_id: submission.quarantineId },
      };
  }
}
