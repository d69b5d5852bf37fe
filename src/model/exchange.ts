import { Failure } from "../base/failure.ts";
import type { FailureClass } from "../base/failure.ts";
import { JsonTooDeep, isObject, parseJson } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import { duplicateKeys } from "../base/scan-json.ts";
import { firstChoice, readCompletion } from "./completion.ts";
import type { Completion } from "./completion.ts";
import type { Unusable } from "./port.ts";
import { MAX_REPLY_BYTES, Received } from "./received.ts";

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
  /** The body, as far as it came. */
  received: Received;
  /** What the body says; undefined before it is there, and where it is no answer. */
  completion: Completion | undefined;
  /** An answer that cannot be read as one, though the call went well. */
  unusable: Unusable | undefined;
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
    received: new Received(),
    completion: undefined,
    unusable: undefined,
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
  await exchange.received.read(response.body);
  const { text, faithful } = exchange.received.text();
  const body = exchange.received.tooLarge ? undefined : parsed(text);
  if (!response.ok) throw statusFailure(peer, response.status, response.headers, body);
  if (exchange.received.tooLarge) exchange.unusable = TOO_LARGE;
  else {
    exchange.completion = completionOf(peer, response, body, text);
    if (!faithful) exchange.unusable = NOT_UTF8;
  }
  return Response.json(NOTHING_SAID);
}

const TOO_LARGE: Unusable = {
  code: "reply_too_large",
  message: `The answer is longer than ${MAX_REPLY_BYTES / 1024 / 1024} MiB.`,
};
const NOT_UTF8: Unusable = { code: "broken_text", message: "The answer holds bytes that are not UTF-8." };

/** What the AI SDK is given to read: its readers are made for answers as they should be, and forgive much. */
const NOTHING_SAID = {
  choices: [{ index: 0, message: { role: "assistant", content: "" }, finish_reason: "stop" }],
};

/** The body before it is believed: text, JSON, or too deep to be looked at. */
function parsed(text: string): Json | undefined {
  try {
    return parseJson(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof JsonTooDeep) return undefined;
    throw error;
  }
}

/** The answer in the body of a 2xx, if it speaks the protocol; some gateways put their errors into a 200. */
function completionOf(peer: Peer, response: Response, body: Json | undefined, text: string): Completion {
  const error = isObject(body) ? (body["error"] ?? firstChoice(body)?.["error"]) : undefined;
  if (isObject(error)) {
    const code = Number(error["code"]);
    throw statusFailure(peer, code >= 400 && code < 600 ? code : 502, response.headers, { error });
  }
  const completion = isObject(body) ? readCompletion(body) : undefined;
  const twice = completion === undefined ? undefined : saidTwice(text, body as Json);
  if (completion !== undefined && twice === undefined) return completion;
  throw new Failure({
    class: "transient",
    code: "not_the_protocol",
    message:
      `${place(peer)} answered ${response.status} with ${found(response, body, twice)}; a chat completion was expected. ` +
      "If it stays so, check the base URL (it usually ends in /v1).",
  });
}

/** A body that says two things of its answer says nothing. */
function saidTwice(text: string, body: Json): string | undefined {
  return duplicateKeys(text, body).find(({ pointer }) => pointer.startsWith("/choices"))?.pointer;
}

function found(response: Response, body: Json | undefined, twice: string | undefined): string {
  const type = response.headers.get("content-type") ?? "no content type";
  if (twice !== undefined) return `a body that says ${twice.slice(0, 80)} twice`;
  if (body === undefined) return `a body that is not JSON (${type.slice(0, 80)})`;
  return "JSON that is no chat completion";
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
