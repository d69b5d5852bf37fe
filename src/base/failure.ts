import type { Json, Problem } from "./json.ts";

/** Why a step or run failed. `runtime.md`'s table, as data: `FAILURE_POLICY` says what follows from each. */
export type FailureClass =
  | "transient"
  | "rate_limited"
  | "timeout"
  | "invalid_output"
  | "rule_failed"
  | "tool_drift"
  | "denied"
  | "budget"
  | "refused"
  | "bug"
  | "poison";

/** Where a failure goes once its attempts are used up. */
export type FailureRoute = "dead_letter" | "review";

export interface FailurePolicy {
  /** Attempts in all, the first one included. */
  attempts: number;
  /** Delay before attempt n+1: base · 2^(n-1), with full jitter, at most `maxDelayMs`. */
  baseDelayMs: number;
  maxDelayMs: number;
  /** Whether the step goes on with its next model or tool, where it has one, once the attempts are used up. */
  fallback: boolean;
  /** Where it goes with none left. */
  then: FailureRoute;
}

const once = (then: FailureRoute): FailurePolicy => ({
  attempts: 1,
  baseDelayMs: 0,
  maxDelayMs: 0,
  fallback: false,
  then,
});

/** Defaults; a workflow or a step may override them. */
export const FAILURE_POLICY: Readonly<Record<FailureClass, FailurePolicy>> = {
  transient: { attempts: 5, baseDelayMs: 200, maxDelayMs: 30_000, fallback: true, then: "dead_letter" },
  rate_limited: { attempts: 8, baseDelayMs: 500, maxDelayMs: 60_000, fallback: true, then: "dead_letter" },
  timeout: { attempts: 3, baseDelayMs: 200, maxDelayMs: 30_000, fallback: true, then: "dead_letter" },
  // The one repair call is part of the attempt.
  invalid_output: once("review"),
  rule_failed: once("review"),
  tool_drift: once("review"),
  denied: once("review"),
  budget: once("review"),
  refused: once("review"),
  bug: once("dead_letter"),
  poison: once("dead_letter"),
};

/** A failure on record: what happened, in which class, and the code a program can act on. */
export interface FailureInfo {
  class: FailureClass;
  /** Stable, lower snake case: `http_503`, `schema`, `unknown_tool`. */
  code: string;
  message: string;
  errors?: Problem[];
  /** More about it, as data: a divergence's two sides. */
  detail?: Json;
  /** From `Retry-After`, in milliseconds. */
  retryAfterMs?: number;
}

/** Thrown by models, tools and rules; the engine records it and acts on its class. */
export class Failure extends Error {
  readonly info: FailureInfo;
  constructor(info: FailureInfo, options?: { cause?: unknown }) {
    super(info.message, options);
    this.name = "Failure";
    this.info = info;
  }
}

/** One mistake in a user's file: place, and what to do about it. */
export interface FileProblem {
  file: string;
  /** 1-based; absent where the mistake is not at one line (a missing file). */
  line?: number;
  column?: number;
  /** Lower snake case: `unknown_keyword`, `no_eval_suite`. */
  code: string;
  message: string;
  fix?: string;
  severity: "error" | "warning";
}

/** The user's files cannot be used as they are. Shown without a stack trace. */
export class ProjectError extends Error {
  readonly problems: readonly FileProblem[];
  constructor(problems: readonly FileProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.name = "ProjectError";
    this.problems = problems;
  }
}

/** `file:line:column: message` and the fix on its own line. */
export function formatProblem(problem: FileProblem): string {
  const place = [problem.file, problem.line, problem.line === undefined ? undefined : problem.column]
    .filter((part) => part !== undefined)
    .join(":");
  return `${place}: ${problem.message}${problem.fix === undefined ? "" : `\n    ${problem.fix}`}`;
}

/** Wrong use: a name that does not exist, an argument that makes no sense. CLI exit 2, HTTP 4xx. */
export class UsageError extends Error {
  readonly code: string;
  readonly status: number;
  readonly errors: readonly Problem[] | undefined;
  constructor(code: string, message: string, options: { status?: number; errors?: readonly Problem[] } = {}) {
    super(message);
    this.name = "UsageError";
    this.code = code;
    this.status = options.status ?? 400;
    this.errors = options.errors;
  }
}
