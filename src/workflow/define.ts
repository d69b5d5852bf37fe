import { parseDuration } from "../base/duration.ts";
import type { FailureOverrides } from "../base/failure-overrides.ts";
import { isObject } from "../base/json.ts";
import type { JsonObject } from "../base/json.ts";
import { schemaOf } from "../base/schema.ts";
import type { Schema, SchemaInput } from "../base/schema.ts";
import type { AnyTool } from "../tool/define.ts";
import type { WorkflowContext } from "./context.ts";
import { definitionMistakes } from "./definition-mistakes.ts";
import type { DefinitionMistake } from "./definition-mistakes.ts";
import type { EventRef } from "./event-ref.ts";

declare global {
  /** Event types by name; `sluice types` fills it from the contracts. */
  interface SluiceEvents {}
  /** Prompt outputs by prompt name; `sluice types` fills it from the specs. */
  interface SluicePrompts {}
}

type EventShape<N extends string> = N extends keyof SluiceEvents ? SluiceEvents[N] : JsonObject;

/** Names the event a workflow starts on, or waits for: `event('support_ticket.created')`. */
export function event<const N extends string>(type: N, options: { version?: number } = {}): EventRef<EventShape<N>> {
  return { type, ...options };
}

export type Affects = "customer_communication" | "billing" | "security" | "compliance";

export interface WorkflowOptions<E, P extends Record<string, string>> {
  on: EventRef<E>;
  /** Events it may wait for with `ctx.waitFor`: one that comes before its wait is accepted and kept for it. */
  waitsFor?: readonly EventRef[];
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
  /** Each run stays with the code it was first claimed under: a worker with other code leaves it alone. */
  pinned?: boolean;
  failures?: FailureOverrides;
}

/** A workflow as `workflow()` makes it and the runtime executes it. */
export interface Workflow {
  readonly name: string;
  readonly on: EventRef;
  readonly waitsFor: readonly EventRef[];
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
  readonly pinned: boolean;
  readonly failures: FailureOverrides;
  readonly run: (event: JsonObject, ctx: WorkflowContext<Record<string, string>>) => Promise<unknown>;
}

/**
 * A definition with mistakes, all of them. `workflow` is what could be made of the rest, for whoever looks for more
 * mistakes in its code; it is never run.
 */
export class WorkflowError extends RangeError {
  readonly mistakes: readonly DefinitionMistake[];
  readonly workflow: Workflow;
  constructor(defined: Workflow, mistakes: readonly DefinitionMistake[]) {
    super(mistakes.map(({ message, fix }) => `${defined.name}: ${message}${fix === "" ? "" : ` ${fix}`}`).join("\n"));
    this.name = "WorkflowError";
    this.workflow = defined;
    this.mistakes = mistakes;
  }
}

/**
 * Defines a workflow: the function is run from its start on every resume, and each named step answers from the journal
 * once it is on record. Throws `WorkflowError` naming everything that is wrong with the definition.
 */
export function workflow<E, const P extends Record<string, string>>(
  name: string,
  options: WorkflowOptions<E, P>,
  run: (event: E, ctx: WorkflowContext<P>) => Promise<unknown>,
): Workflow {
  const mistakes = definitionMistakes(name, options, run);
  if (mistakes.length === 0) return made(name, options as WorkflowOptions<unknown, Record<string, string>>, run as Run);
  const wrong = new Set(mistakes.filter(({ path }) => path.length === 1).map(({ path }) => path[0]));
  const sound = isObject(options) ? Object.entries(options).filter(([key]) => !wrong.has(key)) : [];
  const rest = { on: { type: "" }, ...Object.fromEntries(sound) } as WorkflowOptions<unknown, Record<string, string>>;
  throw new WorkflowError(made(name, rest, run as Run), mistakes);
}

type Run = Workflow["run"];

function made(name: string, options: WorkflowOptions<unknown, Record<string, string>>, run: Run): Workflow {
  const { concurrency } = options;
  return {
    name,
    on: options.on,
    // Of a definition with mistakes, what is listed may be anything.
    waitsFor: (options.waitsFor ?? []).filter((each) => isObject(each) && typeof each.type === "string"),
    decision: options.decision === undefined ? null : schemaOf(options.decision),
    success: options.success ?? null,
    deadlineMs: options.deadline === undefined ? null : parseDuration(options.deadline),
    affects: options.affects ?? [],
    prompts: options.prompts ?? {},
    tools: options.tools ?? {},
    thresholds: options.thresholds ?? {},
    concurrency: concurrency === undefined ? null : { key: concurrency.key ?? null, limit: concurrency.limit },
    budget: options.budget ?? {},
    priority: options.priority ?? (() => 0),
    reveal: options.reveal ?? [],
    failures: options.failures ?? {},
    pinned: options.pinned ?? false,
    run,
  };
}

/** True also for one that another copy of this module has thrown. */
export function isWorkflowError(error: unknown): error is WorkflowError {
  return error instanceof RangeError && "mistakes" in error && "workflow" in error;
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
