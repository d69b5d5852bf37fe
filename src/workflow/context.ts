import type { FailureOverrides } from "../base/failure-overrides.ts";
import type { Json } from "../base/json.ts";
import type { OutputRule } from "../prompt/check.ts";
import type { Tool } from "../tool/define.ts";
import type { EventRef } from "./event-ref.ts";

type PromptOutput<P extends Record<string, string>, S extends keyof P> = P[S] extends keyof SluicePrompts
  ? SluicePrompts[P[S]]
  : Record<string, Json>;

/** What every step takes besides its own. */
export interface StepOptions {
  /** Tells apart calls under the same name. */
  key?: string;
  /** Overrides of the failure table for this step. */
  failures?: FailureOverrides;
}

export interface PromptOptions extends StepOptions {
  /** Checks on the parsed output besides the schema. A miss goes into the one repair. */
  rules?: readonly OutputRule[];
}

export interface ToolOptions extends StepOptions {
  /** The result itself: the run parks where approval is due; in shadow `simulate` answers, or the run ends there. */
  required?: boolean;
}

export interface ReadOptions<A = never, R = never> extends ToolOptions {
  /** Another read, given the same arguments, for one that fails or takes too long for good. Declare it under `tools` too. */
  fallback?: Tool<A, R, "read">;
}

/** What a write gives: whether it happened, and if not, what would have been sent. */
export type WriteOutcome<R, A> =
  | { status: "done"; result: R }
  | { status: "proposed" | "blocked" | "denied"; payload: A; result?: undefined };

export interface ReviewOptions<S extends string = string> {
  key?: string;
  /** The prompt step whose output the reviewer judges and may correct. */
  of: S;
  /** Its key, where several calls share the name; the latest call's unless set. */
  ofKey?: string;
  team?: string;
  priority?: number;
  /** `"4h"`: escalated once then, and stopped after the same time again. */
  expiresIn?: string;
  /** Sensitive fields of the event the reviewer sees: `["ticket.body"]`. */
  reveal?: readonly string[];
}

export interface RuleOptions extends StepOptions {
  /** The prompt step a reviewer corrects when the rule fails; the latest one unless set. */
  of?: string;
  /** Its key, where several calls share the name; the latest call's unless set. */
  ofKey?: string;
  message?: string;
  reveal?: readonly string[];
}

export interface WaitForOptions {
  key?: string;
  /** What the event must have, by dotted path into it: `{ "payment.order_id": order.id }`. All must hold. */
  where?: Readonly<Record<string, string | number | boolean | null>>;
  /** `"2d"` or milliseconds. */
  timeout?: string | number | undefined;
}

/** The verbs of a workflow. Each named step is on record once, and answers from there on every resume. */
export interface WorkflowContext<P extends Record<string, string>> {
  readonly runId: string;
  readonly thresholds: Readonly<Record<string, number>>;
  /** Aborted when the run loses its lease or is cancelled. */
  readonly signal: AbortSignal;
  /** Renders the slot's prompt over `inputs`, calls the model, validates, repairs once; resolves with the proven output. */
  prompt<S extends keyof P & string>(slot: S, inputs: unknown, options?: PromptOptions): Promise<PromptOutput<P, S>>;
  /** A read gives its result. */
  tool<A, R, F = R>(
    name: string,
    tool: Tool<A, R, "read">,
    args: NoInfer<A>,
    options?: ReadOptions<NoInfer<A>, F>,
  ): Promise<R | F>;
  tool<A, R>(
    name: string,
    tool: Tool<A, R, "write">,
    args: NoInfer<A>,
    options: ToolOptions & { required: true; fallback?: never },
  ): Promise<R>;
  /** A write gives its outcome: look at it before going on. */
  tool<A, R>(
    name: string,
    tool: Tool<A, R, "write">,
    args: NoInfer<A>,
    options?: ToolOptions & { fallback?: never },
  ): Promise<WriteOutcome<R, A>>;
  /** Any code with a side effect or a result that may differ next time. The result must be JSON. */
  run<R>(name: string, body: (signal: AbortSignal) => R | Promise<R>, options?: StepOptions): Promise<R>;
  /** Must be true for the run to go on; else a reviewer corrects the output it rests on, or overrides it with a reason. */
  rule(name: string, holds: boolean, options?: RuleOptions): Promise<void>;
  /** Waits for a person; resolves with the approved or corrected output of `of`. */
  review<S extends keyof P & string>(name: string, options: ReviewOptions<S>): Promise<PromptOutput<P, S>>;
  /** Waits without a process: `"4h"` or milliseconds. */
  sleep(name: string, duration: string | number, options?: { key?: string }): Promise<void>;
  /** Waits without a process for another event, until the run's deadline. */
  waitFor<E>(name: string, event: EventRef<E>, options?: WaitForOptions & { timeout?: undefined }): Promise<E>;
  /** With a timeout: null where none came in time. */
  waitFor<E>(name: string, event: EventRef<E>, options: WaitForOptions): Promise<E | null>;
  /** The decision, once, and last. */
  decide(decision: unknown): Promise<void>;
  /** Epoch ms, the same on every resume. */
  now(): number;
  /** In [0, 1), the same on every resume. */
  random(): number;
  /** One structured line in the log, not repeated on resume. Sensitive values are redacted. */
  log(message: string, data?: unknown): void;
}
