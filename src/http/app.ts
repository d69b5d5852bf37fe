import { OpenAPIHono } from "@hono/zod-openapi";
import { UsageError } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import { systemClock } from "../base/clock.ts";
import type { Clock } from "../base/clock.ts";
import { systemTimers } from "../base/timers.ts";
import type { Timers } from "../base/timers.ts";
import { StoreError } from "../store/store-error.ts";
import type { StoreErrorCode } from "../store/store-error.ts";
import type { Sluice } from "../app/sluice.ts";
import { authentication } from "./auth.ts";
import { CONSOLE_DIR, consoleFiles } from "./console.ts";
import { hostCheck } from "./host.ts";
import { reportFailure } from "./log.ts";
import type { Log } from "./log.ts";
import type { Api, ApiEnv } from "./operation.ts";
import { HttpProblem, problemResponse } from "./problem.ts";
import { ROUTES, methodsOf } from "./roles.ts";
import { auditRoutes } from "./routes/audit.ts";
import { backupRoutes } from "./routes/backup.ts";
import { datasetRoutes } from "./routes/datasets.ts";
import { curveRoutes } from "./routes/curve.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { evalRoutes } from "./routes/evals.ts";
import { eventRoutes } from "./routes/events.ts";
import { holdRoutes } from "./routes/holds.ts";
import { intakeRoutes } from "./routes/intake.ts";
import { privacyRoutes } from "./routes/privacy.ts";
import { probeRoutes } from "./routes/probes.ts";
import { projectRoutes } from "./routes/project.ts";
import { promptDraftRoutes } from "./routes/prompt-drafts.ts";
import { promptPreviewRoutes } from "./routes/prompt-previews.ts";
import { promptRoutes } from "./routes/prompts.ts";
import { redriveRoutes } from "./routes/redrives.ts";
import { referenceRoutes } from "./routes/reference.ts";
import { releaseActRoutes } from "./routes/release-acts.ts";
import { candidateRoutes } from "./routes/candidates.ts";
import { releaseRoutes } from "./routes/releases.ts";
import { reviewQueueRoutes } from "./routes/review-queue.ts";
import { reviewRoutes } from "./routes/reviews.ts";
import { runViewRoutes } from "./routes/run-views.ts";
import { runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/session.ts";
import { streamRoutes } from "./routes/stream.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { trafficRoutes } from "./routes/traffic.ts";
import { workflowRoutes } from "./routes/workflows.ts";

export interface HttpOptions {
  log: Log;
  /** Largest request body in bytes; 1 MiB unless set. */
  maxBodyBytes?: number;
  /** Answer only to requests that name this machine: set where the server listens on loopback. */
  loopbackOnly?: boolean;
  /** The address people open, where a proxy stands before this server. */
  publicUrl?: string | undefined;
  /** Folder of the built console; that of the package unless set. */
  consoleDir?: string;
  /** Aborted when the server is asked to stop: waits end early. */
  stopping?: AbortSignal;
  clock?: Clock;
  timers?: Timers;
}

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

/** The HTTP API over one running Sluice. It translates and decides nothing. */
export function createHttp(sluice: Sluice, options: HttpOptions): Api {
  const app: Api = new OpenAPIHono<ApiEnv>();
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const clock = options.clock ?? systemClock;
  const counts = new Map<string, number>();
  app.use(async (c, next) => {
    c.set("maxBodyBytes", maxBodyBytes);
    await next();
    for (const [name, value] of SAFE_HEADERS) if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  });
  app.use(hostCheck(options.loopbackOnly ?? false, options.publicUrl));
  app.use(consoleFiles(options.consoleDir ?? CONSOLE_DIR));
  app.use(authentication(sluice, options.publicUrl));
  const { log, timers = systemTimers, stopping = new AbortController().signal } = options;
  for (const routes of [
    probeRoutes(sluice, counts),
    eventRoutes(sluice, { counts, stopping }),
    runRoutes(sluice, clock),
    streamRoutes(sluice, { log, clock, timers, stopping }),
    runViewRoutes(sluice),
    // Before the routes of one review: the first that matches answers.
    reviewQueueRoutes(sluice),
    reviewRoutes(sluice),
    deadLetterRoutes(sluice, clock),
    redriveRoutes(sluice),
    intakeRoutes(sluice),
    projectRoutes(sluice),
    datasetRoutes(sluice),
    evalRoutes(sluice.evals),
    promptRoutes(sluice),
    curveRoutes(sluice),
    promptDraftRoutes(sluice),
    promptPreviewRoutes(sluice),
    holdRoutes(sluice),
    workflowRoutes(sluice),
    releaseRoutes(sluice),
    candidateRoutes(sluice),
    releaseActRoutes(sluice),
    trafficRoutes(sluice, clock),
    auditRoutes(sluice),
    backupRoutes(sluice),
    privacyRoutes(sluice, clock),
    tokenRoutes(sluice, clock),
    sessionRoutes(sluice, { clock, publicUrl: options.publicUrl }),
  ])
    app.route("/", routes);
  app.route("/", referenceRoutes(app));
  app.notFound((c) => missing(c.req.method, c.req.path));
  app.onError((error, c) => failed(error, { log: options.log, method: c.req.method, path: c.req.path }));
  return app;
}

/** Unless an answer says otherwise it is no page: no caching, no guessing of types, no framing, no scripts. */
const SAFE_HEADERS: readonly (readonly [string, string])[] = [
  ["x-content-type-options", "nosniff"],
  ["cache-control", "no-store"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-resource-policy", "same-origin"],
];

function missing(method: string, path: string): Response {
  const allowed = methodsOf(path);
  if (allowed.length > 0)
    return problemResponse({
      status: 405,
      code: "method_not_allowed",
      detail: `${method} is not possible here; ${allowed.join(", ")} is.`,
      headers: { allow: allowed.join(", ") },
    });
  const paths = new Set(Object.keys(ROUTES).map((key) => key.split(" ")[1] as string));
  const near = didYouMean(path, paths);
  return problemResponse({
    status: 404,
    code: "unknown_route",
    detail: `There is nothing at this address. ${near.startsWith("Did") ? near : "GET /openapi.json lists what there is."}`,
  });
}

/** The disk is full, the process is stopping: the same request may do later. */
const SOON: ReadonlySet<StoreErrorCode> = new Set(["disk_full", "unavailable", "closed"]);

/** What whoever is called at night has to know; nothing about where things are. */
const WHY_NOT: Partial<Readonly<Record<StoreErrorCode, string>>> = {
  disk_full: "The disk of the data folder is full, nothing of this was stored. Free some space; no restart is needed.",
  closed: "The server is stopping.",
};

function notNow(error: StoreError, at: { log: Log; method: string; path: string }): Response {
  at.log.error({ code: error.code, method: at.method, path: at.path }, error.message);
  return problemResponse({
    status: 503,
    code: `store_${error.code}`,
    detail: `${WHY_NOT[error.code] ?? "The store cannot take this now."} Try again; an event that was taken after all is answered as a duplicate.`,
    headers: { "retry-after": "5" },
  });
}

/** What an error is to whoever asked. */
export function failed(error: Error, at: { log: Log; method: string; path: string }): Response {
  if (error instanceof HttpProblem) return problemResponse(error.input);
  if (error instanceof UsageError)
    return problemResponse({ status: error.status, code: error.code, detail: error.message, errors: error.errors });
  if (error instanceof StoreError && SOON.has(error.code)) return notNow(error, at);
  const errorId = reportFailure(at.log, error, { method: at.method, path: at.path });
  return problemResponse({
    status: 500,
    code: "internal_error",
    detail: `Sluice met an error it did not expect. It is in the server's log as ${errorId}.`,
    more: { error_id: errorId },
  });
}
