import { JsonTooDeep, MAX_DEPTH, notPortable, parseJson } from "../base/json.ts";
import type { Json, Problem } from "../base/json.ts";
import { duplicateKeys, roundedIntegers } from "../base/scan-json.ts";
import { HttpProblem } from "./problem.ts";

/** The media type without parameters, lower case; "" where none is given. Throws 415 for a charset that is not UTF-8. */
export function mediaType(headers: Headers): string {
  const [type, ...parameters] = (headers.get("content-type") ?? "").split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters
    .find((part) => part.startsWith("charset="))
    ?.slice("charset=".length)
    .replaceAll('"', "");
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8")
    throw unsupported(`The body is in ${JSON.stringify(charset)}; send UTF-8.`);
  const encoding = headers.get("content-encoding")?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== "identity")
    throw unsupported(`The body has the content encoding ${JSON.stringify(encoding)}; send it as it is.`);
  return type ?? "";
}

export function unsupported(detail: string): HttpProblem {
  return new HttpProblem({ status: 415, code: "unsupported_media_type", detail });
}

const MAX_PROBLEMS = 20;

/** The body's JSON. Problems: 413 as soon as `limit` bytes are passed, 400 for what is not strict UTF-8 and JSON. */
export async function readJson(request: Request, limit: number): Promise<Json> {
  const bytes = await readBytes(request, limit);
  if (bytes.byteLength === 0) throw badBody("empty_body", "The request has no body; send JSON.");
  const text = decode(bytes);
  const value = parse(text);
  const twice = duplicateKeys(text, value);
  if (twice.length > 0)
    throw badBody("duplicate_keys", "The body names the same key twice in one object.", twice.slice(0, MAX_PROBLEMS));
  const problems = [...notPortable(value), ...roundedIntegers(text, value)].slice(0, MAX_PROBLEMS);
  if (problems.length > 0)
    throw badBody(
      "invalid_json",
      "The body holds values that JSON cannot carry from one program to another.",
      problems,
    );
  return value;
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null) {
    if (Number(declared) > limit) {
      if (request.body !== null) await drain(request.body.getReader());
      throw tooLarge(limit);
    }
    // The server holds the sender to the declared length.
    const whole = new Uint8Array(await received(request.arrayBuffer()));
    if (whole.byteLength > limit) throw tooLarge(limit);
    return whole;
  }
  if (request.body === null) return new Uint8Array();
  return readStream(request.body, limit);
}

async function readStream(body: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await received(reader.read());
    if (done) return Buffer.concat(chunks);
    size += value.byteLength;
    if (size > limit) {
      await drain(reader);
      throw tooLarge(limit);
    }
    chunks.push(value);
  }
}

/** Read and thrown away before a refusal. */
const DRAIN_BYTES = 16 * 1024 * 1024;
const DRAIN_MS = 2_000;

/**
 * Lets a sender get to its end: one that is cut off in the middle often sees a broken pipe and never the answer. A sender
 * that goes on past the bounds is cut off all the same.
 */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const late = Promise.withResolvers<{ done: true }>();
  const timer = setTimeout(() => late.resolve({ done: true }), DRAIN_MS);
  try {
    for (let left = DRAIN_BYTES; left > 0;) {
      const chunk = await Promise.race([reader.read(), late.promise]);
      if (chunk.done) break;
      left -= chunk.value.byteLength;
    }
  } catch {
    // It broke off: nobody is left to answer.
  } finally {
    clearTimeout(timer);
    // Not awaited: a sender that never stops would hold the answer back.
    reader.cancel().catch(() => undefined);
  }
}

/** A body that breaks off is the sender's doing, not an error of ours. */
async function received<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch {
    throw badBody("incomplete_body", "The body broke off before its end.");
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badBody("invalid_utf8", "The body is not valid UTF-8.");
  }
}

function parse(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonTooDeep)
      throw badBody("too_deep", `The document is nested deeper than ${MAX_DEPTH} levels.`);
    // The parser's own message quotes the body.
    throw badBody("invalid_json", "The body is not JSON.");
  }
}

function badBody(code: string, detail: string, errors?: Problem[]): HttpProblem {
  return new HttpProblem({ status: 400, code, detail, errors });
}

function tooLarge(limit: number): HttpProblem {
  return new HttpProblem({
    status: 413,
    code: "too_large",
    detail: `The body is larger than ${limit} bytes.`,
    headers: { connection: "close" },
  });
}
