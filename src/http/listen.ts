import { STATUS_CODES, createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { RequestError, getRequestListener } from "@hono/node-server";
import { UsageError } from "../base/failure.ts";
import type { Api } from "./operation.ts";
import { problemDocument, problemResponse } from "./problem.ts";
import type { ProblemInput } from "./problem.ts";

export interface ListenOptions {
  /** 0: any free one. */
  port: number;
  host: string;
  /** How long `close` waits for answers under way, in ms; 10 s unless set. */
  graceMs?: number;
}

export interface Listening {
  /** With the port that was really taken. */
  readonly url: string;
  /** Accepts nothing new, lets answers under way finish, then closes. */
  close(): Promise<void>;
}

/** A sender that is slower than this is holding a connection, not sending. */
const SERVER_OPTIONS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  // A request that names no host is refused in our own words.
  requireHostHeader: false,
};
const DEFAULT_GRACE_MS = 10_000;

/** Serves `app`. Throws `UsageError` with what to do where the address cannot be taken. */
export async function listen(app: Pick<Api, "fetch">, options: ListenOptions): Promise<Listening> {
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false, errorHandler: refuseUnread });
  const server = createServer(SERVER_OPTIONS, (request, response) => void listener(request, response));
  server.on("clientError", refuseGarbage);
  server.on("checkExpectation", refuseExpectation);
  const closing = closeGracefully(server, options.graceMs ?? DEFAULT_GRACE_MS);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, options)));
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: serverUrl(options.host, port), close: closing };
}

/** Where a local command reaches what listens on `host` and `port`. */
export function serverUrl(host: string, port: number): string {
  return `http://${urlHost(host)}:${port}`;
}

function urlHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

function cannotListen(error: NodeJS.ErrnoException, { port, host }: ListenOptions): Error {
  if (error.code === "EADDRINUSE")
    return new UsageError(
      "port_in_use",
      `Port ${port} on ${host} is taken. Stop what listens there, or take another with --port (0 for any free one).`,
    );
  if (error.code === "EACCES")
    return new UsageError(
      "port_not_allowed",
      `This user may not listen on port ${port}. Take one above 1023 with --port.`,
    );
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND" || error.code === "EAI_AGAIN")
    return new UsageError(
      "bad_host",
      `This machine has no address ${JSON.stringify(host)} to listen on. Check --host.`,
    );
  return error;
}

/** What never gets to the app: a request whose address and host cannot be put together. Nothing it throws may get out. */
function refuseUnread(error: unknown): Response {
  const headers = { connection: "close" };
  if (!(error instanceof RequestError))
    return problemResponse({
      status: 500,
      code: "internal_error",
      detail: "The request could not be handled.",
      headers,
    });
  const detail = `The request's address cannot be read: ${error.message}.`;
  return problemResponse({ status: 400, code: "bad_request", detail, headers });
}

function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const detail = 'Only "Expect: 100-continue" is known here.';
  const problem = problemDocument({ status: 417, code: "unknown_expectation", detail });
  const body = JSON.stringify(problem);
  const headers = { "content-type": "application/problem+json", "content-length": Buffer.byteLength(body) };
  response.writeHead(417, { connection: "close", ...headers });
  response.end(body);
}

/** Answers what is not even HTTP in the same words as everything else. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const problem = GARBAGE[error.code ?? ""] ?? {
    status: 400,
    code: "bad_request",
    detail: "This is not an HTTP request.",
  };
  const body = JSON.stringify(problemDocument(problem));
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nconnection: close\r\n` +
      `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  // Who is still sending would see a reset connection in place of the answer, were the rest not read and thrown away.
  socket.removeAllListeners("data").resume();
  const timer = setTimeout(() => socket.destroy(), REFUSED_MS);
  socket.once("close", () => clearTimeout(timer));
}

const REFUSED_MS = 1_000;

const GARBAGE: Readonly<Record<string, ProblemInput>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: "request_timeout", detail: "The request did not arrive in time." },
  HPE_HEADER_OVERFLOW: { status: 431, code: "headers_too_large", detail: "The request's headers are too large." },
};

function closeGracefully(server: Server, graceMs: number): () => Promise<void> {
  const underWay = new Set<ServerResponse>();
  let closed: Promise<void> | undefined;
  server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
    underWay.add(response);
    if (closed !== undefined) response.setHeader("connection", "close");
    response.once("close", () => underWay.delete(response));
  });
  return () => {
    closed ??= new Promise((resolve) => {
      const hard = setTimeout(() => server.closeAllConnections(), graceMs);
      server.close(() => {
        clearTimeout(hard);
        resolve();
      });
      // A kept-alive connection would hold the server open after its answer.
      for (const response of underWay) if (!response.headersSent) response.setHeader("connection", "close");
      server.closeIdleConnections();
    });
    return closed;
  };
}
