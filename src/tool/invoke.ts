import type { Clock } from "../base/clock.ts";
import { systemClock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { Failure } from "../base/failure.ts";
import { MAX_DEPTH, pointerToken } from "../base/json.ts";
import type { Json, Problem } from "../base/json.ts";
import type { AnyTool, Reconciled, ToolCall } from "./define.ts";
import { failureFrom } from "./failures.ts";

export interface InvokeOptions {
  /** Aborted when the run is cancelled or loses its lease; the call then rejects with the signal's reason. */
  signal: AbortSignal;
  idempotencyKey: string;
  clock?: Clock;
  /** Calls `act` after `ms` unless cancelled; the system's timer unless given. */
  after?: (ms: number, act: () => void) => () => void;
}

// Bound at load: the determinism guard replaces the globals while workflow code runs.
const startTimer = setTimeout;
const stopTimer = clearTimeout;

function systemTimer(ms: number, act: () => void): () => void {
  const timer = startTimer(act, Math.min(ms, 2 ** 31 - 1));
  return () => stopTimer(timer);
}

/**
 * Calls a tool with arguments that were checked. Resolves with the result as plain JSON, on its schema; rejects with a
 * `Failure` (`timeout`, `transient`, `rate_limited`, `tool_drift`, `bug`, or the class the tool threw), or with the
 * reason of `signal`. A handler that ignores its signal is left behind.
 */
export function invoke(tool: AnyTool, args: Json, options: InvokeOptions): Promise<Json> {
  return bounded(tool, options, async (call) => checkedResult(tool, await tool.run(structuredClone(args), call)));
}

/** Asks a tool whether a write has happened whose answer was lost. Same failures as `invoke`. */
export function reconcile(tool: AnyTool, args: Json, options: InvokeOptions): Promise<Reconciled<Json>> {
  return bounded(tool, options, async (call) => {
    const found = await tool.reconcile(structuredClone(args), call);
    if (found?.status === "done") return { status: "done", result: checkedResult(tool, found.result) };
    if (found?.status === "not_done" || found?.status === "unknown") return found;
    throw drift(tool, "bad_reconcile", 'its reconcile answered neither "done", "not_done" nor "unknown"');
  });
}

/** The stand-in for a required write in shadow. */
export function simulate(tool: AnyTool, args: Json, options: InvokeOptions): Promise<Json> {
  return bounded(tool, options, async () => checkedResult(tool, await tool.simulate(structuredClone(args))));
}

function bounded<T>(tool: AnyTool, options: InvokeOptions, act: (call: ToolCall) => Promise<T>): Promise<T> {
  const { signal, idempotencyKey, clock = systemClock, after = systemTimer } = options;
  if (signal.aborted) return Promise.reject(signal.reason);
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const late = new Failure({
      class: "timeout",
      code: "tool_timeout",
      message: `The tool ${tool.name} did not answer within ${formatDuration(tool.timeoutMs)}.`,
    });
    const end = (settle: () => void): void => {
      cancel();
      signal.removeEventListener("abort", aborted);
      settle();
    };
    const stop = (reason: unknown): void =>
      end(() => {
        reject(reason);
        controller.abort(reason);
      });
    const aborted = (): void => stop(signal.reason);
    const cancel = after(tool.timeoutMs, () => stop(late));
    signal.addEventListener("abort", aborted, { once: true });
    act({ signal: controller.signal, idempotencyKey }).then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(failureFrom(error, `The tool ${tool.name}`, clock))),
    );
  });
}

function checkedResult(tool: AnyTool, result: unknown): Json {
  const problems: Problem[] = [];
  const json = plainJson(result === undefined ? null : result, "", 0, problems);
  if (problems.length > 0) throw drift(tool, "not_json", "its result is not JSON", problems);
  const mismatch = tool.result?.validate(json) ?? [];
  if (mismatch.length > 0) throw drift(tool, "result_schema", "its result is off its schema", mismatch);
  return json;
}

function drift(tool: AnyTool, code: string, what: string, errors: Problem[] = []): Failure {
  const places = errors.slice(0, 3).map(({ pointer, message }) => `${pointer || "the result"} ${message}`);
  const message = `The tool ${tool.name} does not do what it declares: ${[what, ...places].join("; ")}.`;
  return new Failure({ class: "tool_drift", code, message, ...(errors.length > 0 ? { errors } : {}) });
}

/** A copy of what JSON can hold. Absent properties are left out and broken text is mended, as JSON over HTTP would do. */
function plainJson(value: unknown, pointer: string, depth: number, problems: Problem[]): Json {
  const wrong = (message: string): null => {
    if (problems.length < 10) problems.push({ pointer, message });
    return null;
  };
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "number") return Number.isFinite(value) ? value : wrong(`is ${value}, which JSON cannot hold`);
  if (typeof value !== "object")
    return wrong(`is ${typeof value === "undefined" ? "undefined" : `a ${typeof value}`}, which JSON cannot hold`);
  if (depth >= MAX_DEPTH) return wrong(`is nested deeper than ${MAX_DEPTH} levels, or in a circle`);
  if (Array.isArray(value))
    return Array.from(value, (item, i) => plainJson(item, `${pointer}/${i}`, depth + 1, problems));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return wrong(`is a ${value.constructor?.name ?? "special object"}, which is not plain JSON`);
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return Object.fromEntries(
    entries.map(([key, child]) => [
      key.toWellFormed(),
      plainJson(child, `${pointer}/${pointerToken(key)}`, depth + 1, problems),
    ]),
  );
}
