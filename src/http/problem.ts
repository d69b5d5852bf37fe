import { STATUS_CODES } from "node:http";
import type { Json, Problem } from "../base/json.ts";

export interface ProblemInput {
  status: number;
  /** Stable, lower snake case. */
  code: string;
  detail: string;
  errors?: readonly Problem[] | undefined;
  /** Members besides those of RFC 9457. */
  more?: Record<string, Json>;
  headers?: Record<string, string>;
}

export interface ProblemDocument {
  [key: string]: unknown;
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: readonly Problem[];
}

/** RFC 9457; `code` is what a program acts on, so `type` stays `about:blank` and `title` the status phrase. */
export function problemDocument({ status, code, detail, errors, more }: ProblemInput): ProblemDocument {
  return {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail,
    code,
    ...(errors === undefined || errors.length === 0 ? {} : { errors }),
    ...more,
  };
}

export function problemResponse(input: ProblemInput): Response {
  return new Response(JSON.stringify(problemDocument(input)), {
    status: input.status,
    headers: { ...input.headers, "content-type": "application/problem+json" },
  });
}

/** Thrown anywhere below a route; becomes its problem response. */
export class HttpProblem extends Error {
  readonly input: ProblemInput;
  constructor(input: ProblemInput) {
    super(input.detail);
    this.name = "HttpProblem";
    this.input = input;
  }
}
