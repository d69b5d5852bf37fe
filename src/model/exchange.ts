import { Failure } from "../base/failure.ts";
import type { FailureClass } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";

/** A reply beyond this is not an answer; reading on would let one provider exhaust the process. */
const MAX_REPLY_BYTES: number = 8 * 1024 * 1024;

/** Who is called, for messages a person can act on. */
export interface Peer {
  provider: string;
  baseUrl: string;
  /** Environment variable of the key, where there is one. */
  keyVariable?: string;
  /** Never shown: removed from any text that quotes the provider. */
  secret?: string;
}

/** One HTTP exchange as it went: what was sent, what came back, and our judgement of it. */
export interface Exchange {
  fetch: typeof fetch;
  sent: string;
  /** The body as received; "" before there is one. */
  raw: string;
  body: JsonObject | undefined;
  requestId: string | undefined;
  /** Why the exchange failed, so that what the AI SDK makes of it does not matter. */
  failure: Failure | undefined;
}

// Bound at load: the determinism guard replaces the global while workflow code runs.
const nativeFetch = globalThis.fetch.bind(globalThis);

/** A `fetch` for one call that keeps the raw bodies, limits the reply, and turns every way to fail into a `Failure`. */
export function openExchange(peer: Peer): Exchange {
  const exchange: Exchange = {
    fetch: run,
    sent: "",
    raw: "",
    body: undefined,
    requestId: undefined,
    failure: undefined,
  };
  async function run(...[url, init]: Parameters<typeof fetch>): Promise<Response> {
    exchange.sent = typeof init?.body === "string" ? init.body : "";
    try {
      return await perform(exchange, peer, url, init);
    } catch (error) {
      if (init?.signal?.aborted === true) throw error;
      exchange.failure = error instanceof Failure ? error : lostConnection(peer, error);
      throw exchange.failure;
    }
  }
  return exchange;
}

async function perform(exchange: Exchange, peer: Peer, ...[url, init]: Parameters<typeof fetch>): Promise<Response> {
  // A redirected POST would become a GET, or carry the prompt to another host.
  const response = await nativeFetch(url, { ...init, redirect: "manual" });
  exchange.requestId = response.headers.get("x-request-id") ?? undefined;
  exchange.raw = await readLimited(response, peer);
  const body = parsed(exchange.raw);
  if (!response.ok) throw statusFailure(peer, response.status, response.headers, body);
  exchange.body = protocolBody(peer, response, body);
  return new Response(exchange.raw, { status: response.status, headers: { "content-type": "application/json" } });
}

async function readLimited(response: Response, peer: Peer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (size > MAX_REPLY_BYTES) throw tooLarge(peer);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The body of a 2xx, if it speaks the protocol; some gateways put their errors into a 200. */
function protocolBody(peer: Peer, response: Response, body: Json | undefined): JsonObject {
  if (isObject(body) && isObject(body["error"])) {
    const code = Number(body["error"]["code"]);
    throw statusFailure(peer, code >= 400 && code < 600 ? code : 502, response.headers, body);
  }
  if (isObject(body) && Array.isArray(body["choices"]) && isObject(body["choices"][0])) return body;
  const type = response.headers.get("content-type") ?? "no content type";
  const what = body === undefined ? `a body that is not JSON (${type})` : "JSON without choices";
  throw new Failure({
    class: "transient",
    code: "not_the_protocol",
    message: `${place(peer)} answered 200 with ${what}; a chat completion was expected. If it stays so, check the base URL (it usually ends in /v1).`,
  });
}

function tooLarge(peer: Peer): Failure {
  const message = `${place(peer)} sent more than ${MAX_REPLY_BYTES / 1024 / 1024} MiB.`;
  return new Failure({ class: "invalid_output", code: "reply_too_large", message });
}

function lostConnection(peer: Peer, error: unknown): Failure {
  const code = networkCode(error);
  const slow =
    code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT" || code === "UND_ERR_CONNECT_TIMEOUT";
  const detail = code ?? (error instanceof Error ? error.message : String(error));
  const hint = code === "ECONNREFUSED" || code === "ENOTFOUND" ? " Is it running, and is the base URL right?" : "";
  return new Failure(
    {
      class: slow ? "timeout" : "transient",
      code: slow ? "model_timeout" : "connection_lost",
      message: `No reply from ${place(peer)}: ${detail}.${hint}`,
    },
    { cause: error },
  );
}

function networkCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === "string") return code;
    if (at instanceof AggregateError) return networkCode(at.errors[0]);
  }
  return undefined;
}

/** What an error status means for the run. */
function statusFailure(peer: Peer, status: number, headers: Headers, body: Json | undefined): Failure {
  const said = providerMessage(peer, body);
  const { failureClass, code, hint } = judge(peer, status, errorCode(body));
  const retryAfterMs = retryAfter(headers);
  return new Failure({
    class: failureClass,
    code,
    message: `${place(peer)} answered ${status}${said === "" ? "" : `: ${said}`}${hint === "" ? "" : ` ${hint}`}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

interface Judgement {
  failureClass: FailureClass;
  code: string;
  hint: string;
}

function judge(peer: Peer, status: number, code: string): Judgement {
  if (status === 429)
    return code === "insufficient_quota"
      ? { failureClass: "rate_limited", code, hint: "The account has no quota left." }
      : { failureClass: "rate_limited", code: "http_429", hint: "" };
  if (status >= 500 || status === 408 || status === 409 || status === 425)
    return { failureClass: "transient", code: `http_${status}`, hint: "" };
  if (code === "content_filter" || code === "content_policy_violation")
    return { failureClass: "refused", code: "content_filter", hint: "" };
  if (code === "context_length_exceeded" || status === 413)
    return {
      failureClass: "refused",
      code: "context_length_exceeded",
      hint: "The prompt and its inputs are longer than the model takes.",
    };
  return { failureClass: "bug", code: `http_${status}`, hint: configurationHint(peer, status) };
}

function configurationHint(peer: Peer, status: number): string {
  const key = peer.keyVariable ?? "the provider's apiKeyEnv";
  if (status === 401 || status === 403) return `Check the key in ${key} and what it may use.`;
  if (status === 404) return `Check the model's name and the base URL of provider "${peer.provider}".`;
  if (status >= 300 && status < 400)
    return `Redirects are not followed: set the base URL of provider "${peer.provider}" to the final address.`;
  if (status === 400 || status === 422)
    return `If it does not take json_schema, set structuredOutput of provider "${peer.provider}" to "json_object" or "none".`;
  return "";
}

function place({ provider, baseUrl }: Peer): string {
  return `Provider "${provider}" (${URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl})`;
}

function errorCode(body: Json | undefined): string {
  const error = isObject(body) && isObject(body["error"]) ? body["error"] : {};
  return [error["code"], error["type"]].find((value) => typeof value === "string") ?? "";
}

function providerMessage({ secret }: Peer, body: Json | undefined): string {
  const error = isObject(body) ? (body["error"] ?? body["message"] ?? body["detail"]) : undefined;
  const message = isObject(error) ? error["message"] : error;
  if (typeof message !== "string") return "";
  const safe = secret === undefined || secret === "" ? message : message.replaceAll(secret, "[key]");
  return safe.length > 300 ? `${safe.slice(0, 300)}…` : safe;
}

const MAX_RETRY_AFTER_MS = 3_600_000;

/** `Retry-After` in seconds or as a date, or `retry-after-ms`; in milliseconds, an hour at most. */
function retryAfter(headers: Headers): number | undefined {
  const exact = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return Math.min(exact, MAX_RETRY_AFTER_MS);
  const value = headers.get("retry-after");
  if (value === null || value.trim() === "") return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value) - Date.parse(headers.get("date") ?? "");
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : undefined;
}
