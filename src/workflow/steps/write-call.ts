import { policyOf } from "../../base/failure-overrides.ts";
import { Failure } from "../../base/failure.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { Mark } from "../../journal/redact.ts";
import type { JournalRecord, RecordBody, ToolPhase } from "../../journal/record.ts";
import type { checkArguments } from "../../tool/arguments.ts";
import type { AnyTool, Reconciled } from "../../tool/define.ts";
import { guard } from "../../tool/guard.ts";
import type { GuardDecision, GuardInput } from "../../tool/guard.ts";
import { invoke, reconcile } from "../../tool/invoke.ts";
import { divergence } from "../divergence.ts";
import type { Entry, Frame } from "../frame.ts";
import { lostClaim } from "./lost-claim.ts";
import { RECONCILE_FAILED, newRecord } from "../step-call.ts";
import type { Attempt, StepCall, StepDone } from "../step-call.ts";
import { assertNothingForgottenYet } from "../step.ts";
import { outsideScope } from "../ruling.ts";
import { outcomeUnknown } from "../unknown-outcome.ts";
import { taintOf } from "../withdrawn.ts";

/**
 * A write's stable key at the other side: the same for every attempt of one call in one run, and of no other call. A
 * name's own `/` is written `%2F`, so that "a/b" is not taken for "a" with the key "b".
 */
export function idempotencyKey(frame: Frame, name: string, key: string): string {
  const plain = name.replaceAll("%", "%25").replaceAll("/", "%2F");
  return `${frame.run.runId}/${plain}${key === "" ? "" : `/${key}`}`;
}

export function guardCall(
  frame: Frame,
  tool: AnyTool,
  args: Json,
  argumentProblems: ReturnType<typeof checkArguments>,
): GuardDecision {
  const { permission } = frame;
  const { tools, revoked } = permission.grants;
  const registered = Object.values(frame.workflow.tools).some(({ name }) => name === tool.name);
  return guard({
    name: tool.name,
    tool: registered ? tool : undefined,
    ...(argumentProblems.length === 0 ? { risk: tool.riskOf(args) } : {}),
    argumentProblems,
    grants: tools,
    revoked,
    stage: frame.stage,
    riskThreshold: permission.riskThreshold,
    ...(tool.effect === "write" ? personFor(frame) : {}),
  });
}

/** Whether a person has to agree to any write of this run as it stands: by what it rests on, not by what is written. */
function personFor(frame: Frame): Pick<GuardInput, "person"> {
  const taken = taintOf(frame);
  if (taken !== null) {
    const detail = `${taken.prompt}@${taken.version} was withdrawn by release ${taken.release}`;
    return { person: { reason: "version_withdrawn", detail } };
  }
  const much = affectsMuch(frame);
  if (much !== null) return { person: { reason: "affects_much", detail: much } };
  // Before the decision the scope is asked of what the model said last.
  const outside = outsideScope(frame, [...frame.prompted.values()].at(-1)?.output ?? null);
  return outside === null ? {} : { person: { reason: "outside_scope", detail: outside } };
}

/** What a workflow that affects money, security, rules or customers writes is looked at until it is expanded. */
function affectsMuch({ workflow, pins, stage }: Frame): string | null {
  if (workflow.affects.length === 0 || pins.development || stage === "expanded") return null;
  const what = workflow.affects.map((word) => word.replaceAll("_", " ")).join(" and ");
  return `${workflow.name} affects ${what}, and is at ${stage}`;
}

export function toolBody(tool: AnyTool, phase: ToolPhase, decision: GuardDecision | null): RecordBody {
  return {
    tool: tool.name,
    effect: tool.effect,
    phase,
    ...(decision === null
      ? {}
      : { guard: { verdict: decision.verdict, reason: decision.reason, checks: decision.checks as unknown as Json } }),
  };
}

/** A write's outcome holds the tool's result under `result`. */
export function belowResult(marks: readonly Mark[]): Mark[] {
  return marks.map(({ pointer, kind }) => ({ pointer: `/result${pointer}`, kind }));
}

export function denied(tool: AnyTool, decision: GuardDecision, errors: ReturnType<typeof checkArguments>): Failure {
  const detail = decision.checks.findLast(({ passed }) => !passed)?.detail;
  const message = `The call of ${tool.name} was refused (${decision.reason})${detail === undefined ? "." : `: ${detail}.`}`;
  return new Failure({ class: "denied", code: decision.reason, message, ...(errors.length > 0 ? { errors } : {}) });
}

/** Answers from records follow one another without a turn of the event loop; a few are for what runs beside. */
const RENAME_TURNS = 3;

/** A write that may happen: claimed on disk before the call, settled after it, never silently repeated. */
export class WriteCall {
  readonly #frame: Frame;
  readonly #call: StepCall;
  readonly #tool: AnyTool;
  readonly #args: Json;
  readonly #attempt: Attempt;

  constructor(frame: Frame, call: StepCall, tool: AnyTool, args: Json, attempt: Attempt) {
    this.#frame = frame;
    this.#call = call;
    this.#tool = tool;
    this.#args = args;
    this.#attempt = attempt;
  }

  /** Null where it may not happen by itself any more: the guard is to be asked anew. */
  async execute(decision: GuardDecision, approved: boolean): Promise<StepDone | null> {
    const known = await this.#afterClaim();
    if (known !== null) return known;
    await this.#assertNotRenamed();
    await assertNothingForgottenYet(this.#frame);
    await this.#frame.engine.probe("before_write_claim");
    if (!(await this.#claim(decision, approved))) return null;
    await this.#frame.engine.probe("write_claimed");
    return await this.#callAndSettle(this.#args, this.#attempt.inputHash);
  }

  /**
   * Puts the claim on record under the very release the guard went by. What is present by now may allow less: then nothing is
   * claimed.
   */
  async #claim(decision: GuardDecision, approved: boolean): Promise<boolean> {
    for (let going = decision; ;) {
      const controlVersion = this.#frame.permission.version;
      going = guardCall(this.#frame, this.#tool, this.#args, []);
      if (going.verdict !== "execute" && !(approved && going.verdict === "propose")) return false;
      const claim = this.#entry("claim", "waiting", going, false, {});
      if ((await this.#frame.commit([claim], { controlVersion })) === "ok") return true;
    }
  }

  /** For a write that may not happen any more: its outcome, where an earlier call of it did happen; null: it did not. */
  async alreadyDone(): Promise<StepDone | null> {
    return this.#attempt.claim === undefined ? null : await this.#lookUp(this.#attempt.claim);
  }

  /**
   * Where it was called before and there is no word of how that ended: what came of that very call. Null: there was none,
   * or it is known not to have happened and something else is asked for by now.
   */
  async #afterClaim(): Promise<StepDone | null> {
    const { claim, inputHash } = this.#attempt;
    if (claim === undefined) return await this.#afterRestore();
    const again = (): Promise<StepDone> => this.#callAndSettle(claim.body.input ?? null, claim.body.inputHash);
    if (this.#tool.idempotent) return await again();
    const found = await this.#lookUp(claim);
    return found !== null || claim.body.inputHash !== inputHash ? found : await again();
  }

  /** Where the run came back from a backup and may have called it after that was made: as if its claim were on record. */
  async #afterRestore(): Promise<StepDone | null> {
    if (this.#tool.idempotent) return null;
    const { idempotencyKey: key } = this.#options();
    const lost = lostClaim(this.#frame, this.#call, this.#attempt, { input: this.#args, idempotencyKey: key });
    return lost === null ? null : await this.#lookUp(lost);
  }

  async #lookUp(claim: JournalRecord): Promise<StepDone | null> {
    const { input = null, inputHash } = claim.body;
    if (!this.#tool.canReconcile) throw outcomeUnknown(this.#tool, claim, { said: "none" });
    const found = await this.#reconciled(claim);
    if (found.status === "done") return this.#settled(found.result, input, inputHash);
    if (found.status === "not_done") return null;
    throw outcomeUnknown(this.#tool, claim, { said: "unknown" });
  }

  /** A look-up that fails is tried again by the failure table; a person decides where it keeps failing. */
  async #reconciled(claim: JournalRecord): Promise<Reconciled<Json>> {
    try {
      return await reconcile(this.#tool, claim.body.input ?? null, this.#options());
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { info } = error;
      const { attempts } = policyOf(
        info.class,
        this.#frame.workflow.failures,
        this.#tool.failures,
        this.#call.failures,
      );
      if (this.#attempt.number >= attempts) throw outcomeUnknown(this.#tool, claim, { said: "failed", failure: info });
      throw new Failure({
        ...info,
        code: RECONCILE_FAILED,
        message: `Looking up what came of it failed: ${info.message}`,
      });
    }
  }

  /**
   * A settled write of the same tool that present code has not asked for: most likely this step under its earlier name.
   * Calling again would do twice what was done once.
   */
  async #assertNotRenamed(): Promise<void> {
    const forgotten = (): JournalRecord | undefined => this.#frame.forgottenWrite(this.#tool.name);
    for (let turns = 0; turns < RENAME_TURNS && forgotten() !== undefined; turns++)
      await this.#frame.underway.calledTogether();
    const other = forgotten();
    if (other !== undefined)
      throw divergence({
        step: this.#call.name,
        key: this.#call.key,
        part: "renamed_write",
        recorded: `a settled call of ${this.#tool.name} at step "${other.name}", which present code has not asked for`,
        present: `a new call of ${this.#tool.name}`,
        fix: `Was "${other.name}" renamed? Give it its old name back.`,
      });
  }

  async #callAndSettle(payload: Json, inputHash: string | undefined): Promise<StepDone> {
    const result = await invoke(this.#tool, payload, this.#options());
    await this.#frame.engine.probe("write_called");
    return this.#settled(result, payload, inputHash);
  }

  /** `payload`: what it was called with. */
  #settled(result: Json, payload: Json, inputHash: string | undefined): StepDone {
    const output = { status: "done", result };
    const sent = { payload, inputHash };
    const marks = this.#tool.result?.sensitive(result) ?? [];
    return { output, entries: [this.#entry("settle", "success", null, true, output, marks, sent)] };
  }

  #options(): { signal: AbortSignal; idempotencyKey: string; clock: Frame["engine"]["clock"] } {
    const { name, key } = this.#call;
    return {
      signal: this.#attempt.signal,
      idempotencyKey: idempotencyKey(this.#frame, name, key),
      clock: this.#frame.engine.clock,
    };
  }

  #entry(
    phase: ToolPhase,
    status: "success" | "waiting",
    decision: GuardDecision | null,
    ends: boolean,
    output: JsonObject,
    outputMarks: readonly Mark[] = [],
    sent: { payload: Json; inputHash: string | undefined } = {
      payload: this.#args,
      inputHash: this.#attempt.inputHash,
    },
  ): Entry {
    const { number, startedAt } = this.#attempt;
    const { name, key } = this.#call;
    const call = { ...this.#call, input: sent.payload };
    const body: RecordBody = {
      ...toolBody(this.#tool, phase, decision),
      idempotencyKey: idempotencyKey(this.#frame, name, key),
      ...(phase === "claim" ? { detail: { worker: this.#frame.run.worker } } : { output }),
    };
    const { inputHash } = sent;
    const record = newRecord(this.#frame, call, { number, startedAt, inputHash, status, ends, body });
    return { record, marks: { input: this.#tool.args.sensitive(sent.payload), output: belowResult(outputMarks) } };
  }
}
