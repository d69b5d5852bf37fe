import { systemClock } from "../base/clock.ts";
import type { Clock } from "../base/clock.ts";
import { FAILURE_POLICY, Failure } from "../base/failure.ts";
import type { FailureClass, FailureInfo } from "../base/failure.ts";

/** What of a `Response` (or of an HTTP library's error) tells why a call failed. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText?: string;
  readonly headers?: { get(name: string): string | null } | Readonly<Record<string, unknown>>;
}

const CONNECTION = new Set([
  "ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "EHOSTDOWN",
  "ENETUNREACH", "ENETDOWN", "ENETRESET", "UND_ERR_SOCKET", "UND_ERR_CLOSED", "UND_ERR_DESTROYED",
]); // prettier-ignore
const TOO_SLOW = new Set([
  "ETIMEDOUT", "ESOCKETTIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT",
]); // prettier-ignore
const MAX_RETRY_AFTER = 86_400_000;

/**
 * For handlers that use `fetch`: `if (!response.ok) throw failureFromResponse(response)`. 5xx and 425 are `transient`,
 * 429 (and 503 with `Retry-After`) `rate_limited`, 408 and 504 `timeout`; any other status is `bug`, since the same
 * request would be refused again.
 */
export function failureFromResponse(answer: HttpAnswer, clock: Clock = systemClock): Failure {
  return new Failure(infoFromAnswer(answer, undefined, clock));
}

/** What code of the author's threw, as a `Failure`; `what` failed, as its message begins. A `Failure` passes as it is. */
export function failureFrom(error: unknown, what: string, clock: Clock = systemClock): Failure {
  if (error instanceof Failure) return error;
  const foreign = foreignFailure(error);
  if (foreign !== undefined) return new Failure(foreign, { cause: error });
  return new Failure(infoFromError(error, what, clock), { cause: error });
}

/** A `Failure` from another copy of this module. */
function foreignFailure(error: unknown): FailureInfo | undefined {
  const info = (error as { name?: unknown; info?: FailureInfo } | null)?.info;
  if ((error as { name?: unknown } | null)?.name !== "Failure" || typeof info !== "object" || info === null)
    return undefined;
  const known =
    Object.hasOwn(FAILURE_POLICY, info.class) && typeof info.code === "string" && typeof info.message === "string";
  return known ? info : undefined;
}

function infoFromError(error: unknown, what: string, clock: Clock): FailureInfo {
  const message = `${what} failed: ${messageOf(error)}`;
  const answer = answerOf(error);
  if (answer !== undefined) return infoFromAnswer(answer, message, clock);
  const chain = causes(error);
  const codes = chain.map((each) => (each as { code?: unknown }).code).filter((code) => typeof code === "string");
  const slow = codes.find((code) => TOO_SLOW.has(code));
  if (slow !== undefined || chain.some((each) => (each as Error).name === "TimeoutError"))
    return { class: "timeout", code: (slow ?? "timeout").toLowerCase(), message };
  const broken = codes.find((code) => CONNECTION.has(code));
  if (broken !== undefined) return { class: "transient", code: broken.toLowerCase(), message };
  if (codes.length === 0 && chain.some((each) => each instanceof TypeError && each.message === "fetch failed"))
    return { class: "transient", code: "fetch_failed", message };
  return { class: "bug", code: "exception", message };
}

function infoFromAnswer(answer: HttpAnswer, text: string | undefined, clock: Clock): FailureInfo {
  const { status } = answer;
  const retryAfterMs = retryAfter(header(answer, "retry-after"), clock);
  const message = text ?? `The other side answered ${status}${answer.statusText ? ` ${answer.statusText}` : ""}.`;
  return {
    class: classOfStatus(status, retryAfterMs !== undefined),
    code: `http_${status}`,
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function classOfStatus(status: number, saysWhen: boolean): FailureClass {
  if (status === 429 || (status === 503 && saysWhen)) return "rate_limited";
  if (status === 408 || status === 504) return "timeout";
  if (status >= 500 || status === 425) return "transient";
  return "bug";
}

/** Errors of HTTP libraries carry the status on themselves or on `response`. */
function answerOf(error: unknown): HttpAnswer | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { status, statusCode, headers, response } = error as Record<string, unknown>;
  if (typeof response === "object" && response !== null && isStatus((response as HttpAnswer).status))
    return response as HttpAnswer;
  const found = status ?? statusCode;
  if (!isStatus(found)) return undefined;
  return {
    status: found,
    ...(typeof headers === "object" && headers !== null
      ? { headers: headers as NonNullable<HttpAnswer["headers"]> }
      : {}),
  };
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 400 && (value as number) <= 599;
}

function header({ headers }: HttpAnswer, name: string): string | undefined {
  if (headers === undefined) return undefined;
  if (typeof headers["get"] === "function")
    return (headers as { get(name: string): string | null }).get(name) ?? undefined;
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === "string" || typeof found === "number" ? String(found) : undefined;
}

/** Seconds or a date (RFC 9110) → milliseconds from now, at most a day. */
function retryAfter(value: string | undefined, clock: Clock): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - clock.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER) : undefined;
}

/** The error, its causes and the members of aggregates, each once. */
function causes(error: unknown): object[] {
  const found = new Set<object>();
  const queue = [error];
  while (queue.length > 0 && found.size < 20) {
    const next = queue.shift();
    if (typeof next !== "object" || next === null || found.has(next)) continue;
    found.add(next);
    const { cause, errors } = next as { cause?: unknown; errors?: unknown };
    queue.push(cause, ...(Array.isArray(errors) ? errors : []));
  }
  return [...found];
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === "string" ? error : "it threw something that is not an error";
  const cause = error.cause instanceof Error && error.cause.message !== "" ? ` (${error.cause.message})` : "";
  return `${error.message || error.name}${cause}`;
}
