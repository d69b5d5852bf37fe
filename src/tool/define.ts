import { createHash } from "node:crypto";
import { parseDuration } from "../base/duration.ts";
import { overrideMistakes } from "../base/failure-overrides.ts";
import type { FailureOverrides } from "../base/failure-overrides.ts";
import { canonicalJson } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import { SchemaError, schemaOf } from "../base/schema.ts";
import type { Infer, Schema, SchemaInput } from "../base/schema.ts";

/** Whether a call changes the world outside. */
export type Effect = "read" | "write";
/** Refunds, account changes and external messages always go to a reviewer. */
export type ToolKind = "refund" | "account_change" | "external_message" | "other";
export type Risk = "low" | "medium" | "high";

export const EFFECTS: readonly Effect[] = ["read", "write"];
export const KINDS: readonly ToolKind[] = ["refund", "account_change", "external_message", "other"];
export const RISKS: readonly Risk[] = ["low", "medium", "high"];

/** What a handler is given besides its arguments. */
export interface ToolCall {
  /** Aborted on timeout, cancellation or a lost lease. Pass it on to `fetch`. */
  readonly signal: AbortSignal;
  /** The same for every attempt of one call; a write that takes it can be repeated safely. */
  readonly idempotencyKey: string;
}

/** What a look-up found about a write whose answer was lost. `unknown` leaves it to a person. */
export type Reconciled<R> = { status: "done"; result: R } | { status: "not_done" } | { status: "unknown" };

/** True when the id exists; text says what is wrong with it. */
export type IdCheck = (
  id: Json,
  call: { readonly signal: AbortSignal },
) => boolean | string | Promise<boolean | string>;

/** What an author writes. Durations as in `"20s"`, or milliseconds. */
export interface ToolDefinition<S extends SchemaInput, R, E extends Effect> {
  effect: E;
  /** `other` unless set. */
  kind?: ToolKind;
  description?: string;
  /** Closed: an argument the schema does not declare is refused, unless the schema opens itself. */
  args: S;
  /** A result off this schema is `tool_drift`. */
  result?: SchemaInput;
  /** `"30s"` unless set. */
  timeout?: string | number;
  /** Overrides of the failure table for calls of this tool. */
  failures?: FailureOverrides;
  /** `high` unless set. */
  risk?: Risk;
  /** Of one call; it can only raise `risk`. */
  riskOf?: (args: Infer<S>) => Risk;
  /** The other side keeps idempotency keys: a call whose answer was lost is repeated under the same key. */
  idempotent?: boolean;
  /** Finds out whether a write whose answer was lost has happened. */
  reconcile?: (args: Infer<S>, call: ToolCall) => Reconciled<R> | Promise<Reconciled<R>>;
  /** Answers in place of a required write in shadow. */
  simulate?: (args: Infer<S>) => R | Promise<R>;
  /** Look-ups of ids in the arguments, by JSON pointer; `*` stands for every item of a list. */
  ids?: Readonly<Record<string, IdCheck>>;
  run: (args: Infer<S>, call: ToolCall) => R | Promise<R>;
}

/** A tool as `tool()` makes it and the runtime calls it. `A`: arguments, `R`: result. */
export interface Tool<A = unknown, R = unknown, E extends Effect = Effect> {
  readonly name: string;
  readonly effect: E;
  readonly kind: ToolKind;
  readonly description: string | null;
  readonly args: Schema;
  readonly result: Schema | null;
  readonly timeoutMs: number;
  readonly failures: FailureOverrides;
  readonly risk: Risk;
  readonly idempotent: boolean;
  readonly ids: Readonly<Record<string, IdCheck>>;
  /** SHA-256 over everything that can be compared (not the functions' code), hex. */
  readonly hash: string;
  readonly canReconcile: boolean;
  readonly canSimulate: boolean;
  /** Never below `risk`; `high` when the author's `riskOf` throws. */
  riskOf(args: A): Risk;
  run(args: A, call: ToolCall): R | Promise<R>;
  /** `unknown` where the author gave no look-up. */
  reconcile(args: A, call: ToolCall): Promise<Reconciled<R>>;
  /** Throws where the author gave no simulation: ask `canSimulate` first. */
  simulate(args: A): Promise<R>;
}

export type AnyTool = Tool;

/** Letters, digits, `_`, `-` and `.`; what model providers take, and dotted names besides. */
export const TOOL_NAME: RegExp = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;
const DEFAULT_TIMEOUT = "30s";

/** Defines a tool. Throws `RangeError` naming the tool and everything that is wrong with the definition. */
export function tool<const S extends SchemaInput, R, const E extends Effect>(
  name: string,
  definition: ToolDefinition<S, R, E>,
): Tool<Infer<S>, R, E> {
  const mistakes = definitionMistakes(name, definition);
  const args = compiled(name, "args", definition.args, true, mistakes);
  const result = definition.result === undefined ? null : compiled(name, "result", definition.result, false, mistakes);
  const timeoutMs = duration(name, definition.timeout ?? DEFAULT_TIMEOUT, mistakes);
  if (mistakes.length > 0 || args === null) throw new RangeError(mistakes.join("\n"));
  const { effect, kind = "other", risk = "high", description = null, idempotent = false } = definition;
  const { reconcile, simulate } = definition;
  return {
    name, effect, kind, description, args, result, timeoutMs, risk, idempotent,
    failures: definition.failures ?? {},
    ids: definition.ids ?? {},
    hash: hashOf({ name, effect, kind, description, risk, idempotent, timeoutMs, args: args.hash, result: result?.hash ?? null }),
    canReconcile: reconcile !== undefined,
    canSimulate: simulate !== undefined,
    riskOf: (value) => raisedRisk(risk, definition.riskOf, value),
    run: definition.run,
    reconcile: async (value, call) => (reconcile === undefined ? { status: "unknown" } : await reconcile(value, call)),
    simulate: async (value) => {
      if (simulate === undefined) throw new RangeError(`The tool ${name} has no "simulate".`);
      return await simulate(value);
    },
  }; // prettier-ignore
}

/** True for what `tool()` made. */
export function isTool(value: unknown): value is AnyTool {
  return (
    typeof value === "object" &&
    value !== null &&
    "effect" in value &&
    "riskOf" in value &&
    "args" in value &&
    "run" in value
  );
}

/** Below zero when `a` is the smaller risk. */
export function compareRisks(a: Risk, b: Risk): number {
  return RISKS.indexOf(a) - RISKS.indexOf(b);
}

export function lowerRisk(a: Risk, b: Risk): Risk {
  return compareRisks(a, b) <= 0 ? a : b;
}

function raisedRisk<A>(risk: Risk, riskOf: ((args: A) => Risk) | undefined, args: A): Risk {
  if (riskOf === undefined) return risk;
  try {
    const asked = riskOf(args);
    if (!RISKS.includes(asked)) return "high";
    return compareRisks(asked, risk) > 0 ? asked : risk;
  } catch {
    return "high";
  }
}

function definitionMistakes<S extends SchemaInput, R, E extends Effect>(
  name: string,
  definition: ToolDefinition<S, R, E>,
): string[] {
  const mistakes: string[] = [];
  const oneOf = (key: string, value: unknown, known: readonly string[]): void => {
    if (value !== undefined && !known.includes(value as string))
      mistakes.push(
        `${key} of the tool ${name} is ${JSON.stringify(value)}; it must be ${known.join(", ").replace(/, (?=[^,]*$)/, " or ")}.`,
      );
  };
  if (!TOOL_NAME.test(name))
    mistakes.push(`"${name}" is no tool name: letters, digits, _, - and ., starting with a letter or _.`);
  oneOf("effect", definition.effect ?? null, EFFECTS);
  oneOf("kind", definition.kind, KINDS);
  oneOf("risk", definition.risk, RISKS);
  if (typeof definition.run !== "function") mistakes.push(`The tool ${name} has no "run" function.`);
  for (const pointer of Object.keys(definition.ids ?? {}))
    if (pointer !== "" && !pointer.startsWith("/"))
      mistakes.push(
        `ids of the tool ${name} holds "${pointer}"; write a JSON pointer into the arguments: "/${pointer}".`,
      );
  mistakes.push(
    ...overrideMistakes(definition.failures).map(({ message, fix }) =>
      `${message} (in the tool ${name}) ${fix}`.trimEnd(),
    ),
  );
  return mistakes;
}

function compiled(name: string, part: string, input: SchemaInput, closed: boolean, mistakes: string[]): Schema | null {
  try {
    if (input === undefined) throw new TypeError("it is missing");
    return schemaOf(input, { closed });
  } catch (error) {
    if (error instanceof SchemaError)
      mistakes.push(
        ...error.problems.map(
          ({ pointer, message }) =>
            `The ${part} schema of the tool ${name} is wrong at ${pointer || "its root"}: ${message}.`,
        ),
      );
    else
      mistakes.push(
        `The ${part} schema of the tool ${name} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      );
    return null;
  }
}

function duration(name: string, value: string | number, mistakes: string[]): number {
  try {
    return parseDuration(value);
  } catch (error) {
    mistakes.push(`timeout of the tool ${name}: ${(error as Error).message}`);
    return 0;
  }
}

function hashOf(parts: Json): string {
  return createHash("sha256").update(canonicalJson(parts)).digest("hex");
}
