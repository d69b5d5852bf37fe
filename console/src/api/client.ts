import type { Operations } from "./schema.gen.ts";

/** What the server says when it refuses: RFC 9457, with `code` to act on and pointers for bad data. */
export interface ProblemDocument {
  status: number;
  code: string;
  title?: string;
  detail: string;
  errors?: { pointer: string; message: string }[];
  [more: string]: unknown;
}

/** A refusal of the server; `status` 0: no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: { pointer: string; message: string }[];
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(problem.detail);
    this.name = "ApiError";
    this.problem = problem;
    this.status = problem.status;
    this.code = problem.code;
    this.errors = problem.errors ?? [];
  }
}

type Query = Readonly<Record<string, string | number | boolean | undefined | null>>;

type SignedOut = () => void;
let signedOut: SignedOut = () => undefined;

/** Called whenever the server no longer knows who asks. */
export function onSignedOut(then: SignedOut): void {
  signedOut = then;
}

type Key = keyof Operations;
type Member<K extends Key, M extends "params" | "query" | "body"> = Operations[K][M] extends null
  ? { [name in M]?: undefined }
  : object extends Operations[K][M]
    ? { [name in M]?: Operations[K][M] }
    : { [name in M]: Operations[K][M] };
/** What a call takes, and the signal that gives it up. */
export type Input<K extends Key> = Member<K, "params"> &
  Member<K, "query"> &
  Member<K, "body"> & { signal?: AbortSignal };
export type Answer<K extends Key> = Operations[K]["answer"];

/** Makes a call of the API, named as in its reference: `call("GET /v1/runs/{id}", { params: { id } })`. */
export function call<K extends Key>(
  key: K,
  ...[input]: object extends Input<K> ? [Input<K>?] : [Input<K>]
): Promise<Answer<K>> {
  const [method, pattern] = key.split(" ") as [string, string];
  const { params, query, body, signal } = (input ?? {}) as {
    params?: Record<string, string | number>;
    query?: Query;
    body?: unknown;
    signal?: AbortSignal;
  };
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params?.[name] ?? "")));
  return send<Answer<K>>(method, withQuery(path, query ?? {}), body, signal);
}

/** `path` with the members of `query` that are set. */
function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await answer(path, {
    method,
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    credentials: "same-origin",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.ok) return (response.status === 204 ? null : await response.json()) as T;
  const error = new ApiError(await problemOf(response));
  if (error.status === 401 && path !== "/v1/session") signedOut();
  throw error;
}

async function answer(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError({
      status: 0,
      code: "no_answer",
      detail: "The server does not answer. It may be restarting, or the line is down.",
    });
  }
}

async function problemOf(response: Response): Promise<ProblemDocument> {
  const fallback = {
    status: response.status,
    code: "unexpected_answer",
    detail: `The server answered ${response.status} ${response.statusText}.`,
  };
  try {
    return { ...fallback, ...((await response.json()) as Partial<ProblemDocument>) };
  } catch {
    return fallback;
  }
}
