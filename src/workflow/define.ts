import { parseDuration } from "../base/duration.ts";
import type { FailureClass, FailurePolicy } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { schemaOf } from "../base/schema.ts";
import type { Schema, SchemaInput } from "../base/schema.ts";
import type { AnyTool } from "../tool/define.ts";
import type { WorkflowContext } from "./context.ts";

declare global {
  /** Event types by name; `sluice types` fills it from the contracts. */
  interface SluiceEvents {}
  /** Prompt outputs by prompt name; `sluice types` fills it from the specs. */
  interface SluicePrompts {}
}

/** A trigger, typed from its contract. */
export interface EventRef<E = unknown> {
  readonly type: string;
  /** A fixed contract version; absent: the contract's default. */
  readonly version?: number;
  /** Only for the compiler: the event's shape. */
  readonly shape?: E;
}

type EventShape<N extends string> = N extends keyof SluiceEvents ? SluiceEvents[N] : JsonObject;

/** Names the event a workflow starts on: `event('support_ticket.created')`. */
export function event<const N extends string>(type: N, options: { version?: number } = {}): EventRef<EventShape<N>> {
  return { type, ...options };
}

export type Affects = "customer_communication" | "billing" | "security" | "compliance";

export interface WorkflowOptions<E, P extends Record<string, string>> {
  on: EventRef<E>;
  /** Schema of what `ctx.decide` takes. */
  decision?: SchemaInput;
  /** What says that it works: `suite:NAME` or a metric. */
  success?: string;
  /** How long a run may take in all, waiting included: `"24h"`. */
  deadline?: string;
  affects?: readonly Affects[];
  /** Prompt by slot. */
  prompts?: P;
  tools?: Record<string, AnyTool>;
  /** Defaults; the release overrides them, the run pins them. */
  thresholds?: Record<string, number>;
  /** At most `limit` runs of the same key at once. */
  concurrency?: { key?: (event: E) => string; limit: number };
  /** Of one run: US dollars and model calls. */
  budget?: { usd?: number; modelCalls?: number };
  /** Higher goes first; 0 unless set. */
  priority?: (event: E) => number;
  /** Sensitive fields of the event that reviewers see, in every review of this workflow: `["ticket.body"]`. */
  reveal?: readonly string[];
  /** Overrides of the failure table. */
  failures?: Partial<Record<FailureClass, Partial<FailurePolicy>>>;
}

/** A workflow as `workflow()` makes it and the runtime executes it. */
export interface Workflow {
  readonly name: string;
  readonly on: EventRef;
  readonly decision: Schema | null;
  readonly success: string | null;
  readonly deadlineMs: number | null;
  readonly affects: readonly Affects[];
  readonly prompts: Readonly<Record<string, string>>;
  readonly tools: Readonly<Record<string, AnyTool>>;
  readonly thresholds: Readonly<Record<string, number>>;
  readonly concurrency: { key: ((event: JsonObject) => string) | null; limit: number } | null;
  readonly budget: { usd?: number; modelCalls?: number };
  readonly priority: (event: JsonObject) => number;
  readonly reveal: readonly string[];
  readonly failures: Partial<Record<FailureClass, Partial<FailurePolicy>>>;
  readonly run: (event: JsonObject, ctx: WorkflowContext<Record<string, string>>) => Promise<unknown>;
}

const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * Defines a workflow: the function is run from its start on every resume, and each named step answers from the journal
 * once it is on record. Throws `RangeError` where an option makes no sense.
 */
export function workflow<E, const P extends Record<string, string>>(
  name: string,
  options: WorkflowOptions<E, P>,
  run: (event: E, ctx: WorkflowContext<P>) => Promise<unknown>,
): Workflow {
  if (!NAME.test(name))
    throw new RangeError(`"${name}" is no workflow name: lower case letters, digits and _, starting with a letter.`);
  const limit = options.concurrency?.limit;
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw new RangeError(`concurrency.limit of ${name} must be a whole number above 0.`);
  return {
    name,
    on: options.on,
    decision: options.decision === undefined ? null : schemaOf(options.decision),
    success: options.success ?? null,
    deadlineMs: options.deadline === undefined ? null : parseDuration(options.deadline),
    affects: options.affects ?? [],
    prompts: options.prompts ?? {},
    tools: options.tools ?? {},
    thresholds: options.thresholds ?? {},
    concurrency:
      options.concurrency === undefined
        ? null
        : {
            key: (options.concurrency.key ?? null) as ((event: JsonObject) => string) | null,
            limit: options.concurrency.limit,
          },
    budget: options.budget ?? {},
    priority: (options.priority ?? (() => 0)) as (event: JsonObject) => number,
    reveal: options.reveal ?? [],
    failures: options.failures ?? {},
    run: run as unknown as Workflow["run"],
  };
}

/** True for what `workflow()` made. */
export function isWorkflow(value: unknown): value is Workflow {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    "run" in value &&
    "on" in value &&
    "thresholds" in value
  );
}
