import { OpenAPIHono, z } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import type { Clock } from "../../base/clock.ts";
import type { Timers } from "../../base/timers.ts";
import type { Sluice } from "../../app/sluice.ts";
import { STATUSES } from "../filter.ts";
import { LiveStream } from "../live-stream.ts";
import { reportFailure } from "../log.ts";
import type { Log } from "../log.ts";
import type { Api, ApiContext, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";

export interface StreamRouteOptions {
  log: Log;
  clock: Clock;
  timers: Timers;
  /** Ends all streams when the server stops. */
  stopping: AbortSignal;
}

/** Open at once: each costs a connection and a few timers. */
const MAX_STREAMS = 1_000;

const HELLO = z.object({ server_time: z.iso.datetime() }).openapi("StreamHello");
const CHANGES = z
  .object({
    runs: z.array(z.object({ run_id: z.string(), workflow: z.string(), status: z.enum(STATUSES) })),
    more: z.boolean().describe("More runs have changed than are named: look again at what you show."),
    reviews: z.boolean().describe("The review queue may have changed."),
  })
  .openapi("StreamChanges");

export function streamRoutes(sluice: Sluice, options: StreamRouteOptions): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  const open = new Set<LiveStream>();
  options.stopping.addEventListener("abort", () => open.forEach((stream) => stream.close()), { once: true });
  api.openAPIRegistry.register("StreamHello", HELLO);
  api.openAPIRegistry.register("StreamChanges", CHANGES);
  operation(
    api,
    "GET /v1/stream",
    {
      tag: "stream",
      summary: "What changes, as it changes",
      description:
        "Server-sent events: `hello` (StreamHello) first; `changes` (StreamChanges) at most four times a second, naming at most 200 runs; `ping` every 10 s; `signed_out` when the session or token is no longer good, and the stream ends. What happened while nobody was connected is not told: after each `hello`, look again.",
      answers: {
        200: { description: "The stream.", type: "text/event-stream" },
        503: { description: "stopping, or too_many_streams; see Retry-After." },
      },
    },
    (c, { caller }) => {
      if (options.stopping.aborted) throw notNow("stopping", "The server is stopping.");
      if (open.size >= MAX_STREAMS) throw notNow("too_many_streams", `${MAX_STREAMS} streams are open already.`);
      // Nobody reads what follows.
      if (c.req.raw.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream" });
      return streamed(c, open, options, (write) => new LiveStream({ sluice, caller, write, ...options }));
    },
  );
  return api;
}

type Write = (event: string, data: object) => Promise<unknown>;

function streamed(
  c: ApiContext,
  open: Set<LiveStream>,
  { log }: StreamRouteOptions,
  make: (write: Write) => LiveStream,
): Response {
  const { method, path } = c.req;
  const response = streamSSE(c, async (out) => {
    const stream = make((event, data) => out.writeSSE({ event, data: JSON.stringify(data) }));
    open.add(stream);
    out.onAbort(() => stream.close());
    try {
      const end = await stream.run();
      if (end === "stuck") cutOff(c);
    } catch (error) {
      reportFailure(log, error, { method, path });
    } finally {
      open.delete(stream);
    }
  });
  response.headers.set("cache-control", "no-store");
  // Nothing comes after it: a connection that were kept would hold up a server that stops.
  response.headers.set("connection", "close");
  // Proxies of nginx's kind gather an answer before they pass it on, unless they are told not to.
  response.headers.set("x-accel-buffering", "no");
  return response;
}

/** What was written is still on its way to somebody who does not take it: only the connection can be given up. */
function cutOff(c: ApiContext): void {
  (c.env as { outgoing?: { destroy(): void } } | undefined)?.outgoing?.destroy();
}

function notNow(code: string, detail: string): HttpProblem {
  return new HttpProblem({ status: 503, code, detail, headers: { "retry-after": "5" } });
}
