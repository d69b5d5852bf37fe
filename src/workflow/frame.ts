import type { FailureInfo } from "../base/failure.ts";
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { CommitInput, ControlRow, NewReview, Reserved, ReviewChange } from "../journal/ports.ts";
import type { JournalRecord, RecordKind } from "../journal/record.ts";
import type { Disposition, Run, RunFailure, RunStatus, WaitKind } from "../journal/run.ts";
import type { BodyMarks, NewRecord, RunJournal } from "../journal/run-journal.ts";
import type { Stage } from "../base/stage.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import type { Pins } from "../release/release.ts";
import type { Verdict } from "../tool/guard.ts";
import { Budget } from "./budget.ts";
import type { Reservation } from "./budget.ts";
import type { Workflow } from "./define.ts";
import type { Engine } from "./engine.ts";
import type { History } from "./history.ts";
import type { Instead } from "./instead.ts";
import type { ProposedWrite, Ruling } from "./outcome.ts";
import { Permission } from "./permission.ts";
import { costOf, facetsOf, spentBy } from "./tally.ts";
import { Underway } from "./underway.ts";
import type { Wait } from "./underway.ts";
import { usedIn } from "./used-versions.ts";

/** How one execution of a workflow function over one run ended. */
export type FrameEnd =
  | { end: "returned"; value: unknown }
  | { end: "threw"; error: unknown }
  | { end: "parked"; wait: WaitKind; wakeAt: number | null }
  | {
      end: "stopped";
      disposition: Disposition;
      failure: RunFailure | null;
      records: Entry[];
      /** The review that nobody has answered in time. */
      expired?: ReviewChange;
    }
  /** Only in a preview: the step that is not on record yet. */
  | { end: "incomplete"; step: string }
  /** The store refused or failed a commit. */
  | { end: "unstored"; error: unknown }
  /** The lease is gone; nothing more may be written. */
  | { end: "fenced" };

export interface Entry {
  record: NewRecord;
  marks?: BodyMarks;
  /** Of the model call that this record ends. */
  reservation?: Reservation;
}

/** What `ctx.decide` came to. */
export interface Decided {
  decision: JsonObject;
  disposition: Disposition;
  /** Of the control row that it was looked at by; another one by the time it is put on record, and it is looked at anew. */
  controlVersion: number;
  /** What the releases say of it, as it goes on record. */
  ruling: Ruling | null;
  /** A person has entered it in the workflow's place. */
  entered?: true;
}

/** An output that a prompt step gave the code. */
export interface Prompted {
  spec: PromptSpec;
  output: Json;
  /** A person put it in place of the model's. */
  corrected: boolean;
}

export interface FrameInit {
  engine: Engine;
  workflow: Workflow;
  run: Run;
  pins: Pins;
  /** True where the pins are to be written with the first commit. */
  pinning: boolean;
  control: ControlRow | null;
  journal: RunJournal;
  history: History;
  /** Model calls that were under way when an earlier process ended. */
  reserved?: Reserved | null;
  /** False in a preview: records answer, nothing is executed or written. */
  live: boolean;
  /** In a preview that looks how far the code gets: it goes on beside steps that are not on record. */
  ahead?: boolean;
  /** Only in a recomputation. */
  instead?: Instead;
}

/** A step that a look ahead came to, and that no record answers. */
export interface Reached {
  name: string;
  key: string;
  /** Of a write. */
  tool: string | undefined;
  /** It was called before, and nobody knows what came of it. */
  claimed: boolean;
}

/** One execution of a workflow function: what is on record, what is under way, and the way to the journal. */
export class Frame {
  readonly engine: Engine;
  readonly workflow: Workflow;
  readonly run: Run;
  readonly pins: Pins;
  readonly journal: RunJournal;
  readonly history: History;
  /** As the workflow is given it, with its originals. */
  readonly event: JsonObject;
  readonly live: boolean;
  readonly ahead: boolean;
  readonly instead: Instead | null;
  /** Only in a look ahead. */
  readonly reached: Reached[] = [];
  readonly budget: Budget;
  readonly underway: Underway = new Underway((waits) => this.#park(waits));
  readonly ended: Promise<FrameEnd>;
  /** What it may do, and by which present release. */
  readonly permission: Permission;
  #pinning: boolean;
  #settle!: (end: FrameEnd) => void;
  #settled = false;
  /** Records this execution knows of: a larger number in the store means that somebody else spoke. */
  seenSeq: number;
  #called = new Set<string>();
  /** The moment workflow code believes it is; moves with the steps it has seen. */
  virtualNow: number;
  readonly proposed: ProposedWrite[] = [];
  /** Only in a preview: writes that are not on record, and what the guard says of each. */
  readonly previewed: (ProposedWrite & { verdict: Verdict })[] = [];
  #facets = new Set<string>();
  /** Wrong use of the verbs. The run dies of it even where the code has caught it. */
  fault: Failure | null = null;
  decided: Decided | null = null;
  /** Versions of prompts it has asked, each with the model (`usedKey`). */
  readonly used: Set<string>;
  /** Outputs of the prompt steps so far, in the order in which the code got them. */
  readonly prompted: Map<string, Prompted> = new Map();
  /** Names of prompt steps that failed for good, and of writes that were refused. */
  readonly failedPrompts: Set<string> = new Set();
  readonly deniedWrites: Set<string> = new Set();
  lastPrompt: { name: string; key: string } | null = null;
  /** Key of the latest call of each prompt slot. */
  readonly promptKeys: Map<string, string> = new Map();

  constructor(init: FrameInit) {
    this.engine = init.engine;
    this.workflow = init.workflow;
    this.run = init.run;
    this.pins = init.pins;
    this.#pinning = init.pinning;
    this.journal = init.journal;
    this.history = init.history;
    this.live = init.live;
    this.ahead = init.ahead ?? false;
    this.instead = init.instead ?? null;
    this.event = init.history.event.body.output as JsonObject;
    const { pins, control, engine } = init;
    const run = { pins, event: this.event, workflow: init.run.workflow };
    this.permission = new Permission(run, control, engine.controls);
    this.used = usedIn(init.history.standing);
    this.seenSeq = init.run.nextSeq - 1;
    this.virtualNow = init.run.createdAt;
    this.budget = new Budget(init.workflow.budget, init.history.spent(), init.reserved ?? null);
    this.ended = new Promise((resolve) => (this.#settle = resolve));
  }

  get signal(): AbortSignal {
    return this.underway.signal;
  }

  /** What the run may do: the lower of its pins and the present release. */
  get stage(): Stage {
    return this.permission.stage;
  }

  /** Epoch ms; a redriven run has its whole time again. Null: none. */
  get deadlineAt(): number | null {
    const { deadlineAt, createdAt } = this.run;
    const { redrivenAt } = this.history;
    return deadlineAt === null || redrivenAt === null ? deadlineAt : redrivenAt + (deadlineAt - createdAt);
  }

  now(): number {
    return this.engine.clock.now();
  }

  /** Whether the workflow is on hold, or off: what executes may end, nothing new begins. */
  get held(): boolean {
    return this.live && (this.engine.holds.has(this.run.workflow) || this.stage === "off");
  }

  /**
   * Waits for the hold to be over: the run parks once nothing of it executes. Where nothing holds it (any more), the store
   * sends it back to the queue, and it is looked at as a whole by what is present then.
   */
  parkHeld(): Promise<never> {
    return this.underway.park("hold", null);
  }

  /** Takes a step's name for this execution. Throws `Failure` (`bug`) for a second use or a step after the decision. */
  enter(name: string, key: string): void {
    const full = key === "" ? `"${name}"` : `"${name}" (key "${key}")`;
    if (this.decided !== null)
      throw bug("step_after_decide", `Step ${full} was called after ctx.decide; the decision must come last.`);
    if (this.#called.has(`${name}\n${key}`))
      throw bug(
        "duplicate_step",
        `Step ${full} was called twice; give the second call a key of its own: { key: "…" }.`,
      );
    this.#called.add(`${name}\n${key}`);
  }

  wasCalled(name: string, key: string): boolean {
    return this.#called.has(`${name}\n${key}`);
  }

  /** How many steps this execution has asked for. */
  get calledCount(): number {
    return this.#called.size;
  }

  /** Whether present code has still to ask for a step that is finished on record. */
  owes({ name, key, kind, seq }: { name: string; key: string; kind: RecordKind; seq: number }): boolean {
    const { history } = this;
    if (seq < history.lastOverrideSeq || history.restartSeq(name, key) > 0 || this.wasCalled(name, key)) return false;
    return history.answers.length === 0 || kind !== "review";
  }

  /** A settled write of this tool that present code has not asked for so far. */
  forgottenWrite(tool: string): JournalRecord | undefined {
    const { lastOverrideSeq, standing } = this.history;
    return standing.find(
      ({ body, seq, name, key }) =>
        body.phase === "settle" && body.tool === tool && seq > lastOverrideSeq && !this.wasCalled(name, key),
    );
  }

  /** Names of the steps this execution asked for that were not on record when it began. */
  calledUnrecorded(): string[] {
    const fresh = [...this.#called].map((id) => id.split("\n") as [string, string]);
    return fresh.filter(([name, key]) => this.history.step(name, key) === undefined).map(([name]) => name);
  }

  /** True once this execution has ended, however: nothing more is written, nothing more leaves. */
  get over(): boolean {
    return this.#settled;
  }

  /** The lease is lost or the run cancelled: everything under way is told to stop. */
  fence(): void {
    this.underway.stop(new Error("This run is no longer this worker's."));
    this.finish({ end: "fenced" });
  }

  #park(waits: readonly Wait[]): void {
    const timed = waits.filter(({ wakeAt }) => wakeAt !== null).sort((a, b) => Number(a.wakeAt) - Number(b.wakeAt));
    // A run on hold is looked at as a whole when the hold is over, whatever else it waits for; its time stands still.
    if (waits.some(({ wait }) => wait === "hold")) return this.finish({ end: "parked", wait: "hold", wakeAt: null });
    const live = waits.filter(({ aside }) => !aside);
    const meant = live.length > 0 ? live : waits;
    const shown = meant.find(({ wait }) => wait === "review") ?? timed.find((wait) => meant.includes(wait)) ?? meant[0];
    if (shown === undefined) return;
    const times = [...timed.map(({ wakeAt }) => wakeAt), this.deadlineAt].filter((time) => time !== null);
    this.finish({ end: "parked", wait: shown.wait, wakeAt: times.length === 0 ? null : Math.min(...times) });
  }

  finish(end: FrameEnd): void {
    if (this.#settled) return;
    this.#settled = true;
    this.underway.end();
    this.#settle(end);
  }

  /** Writes records, fenced. Resolves when they are on disk; never resolves once the lease is lost. */
  async commit(entries: readonly Entry[], extra: CommitExtra = {}): Promise<"ok" | "control"> {
    if (this.#settled) return await new Promise(() => {});
    const input = this.#commitInput(entries, extra);
    const result = await this.engine.store.commit(input).catch((error: unknown) => this.unstored(error));
    if (result.ok) {
      this.seenSeq += entries.length;
      if (input.pins !== undefined) this.#pinning = false;
      return "ok";
    }
    this.budget.notWritten();
    if (result.why === "control") {
      this.permission.set(result.control);
      this.journal.unseal(input.records);
      return "control";
    }
    // Somebody answered a review that was about to expire, or an event came as its wait did: the run is still ours, and starts again from what is on disk.
    if (result.why === "stale") await this.giveBack();
    this.fence();
    return await new Promise(() => {});
  }

  /** The store did not take a commit, or does not answer: nothing may be built on it. The run goes back and starts from what is on disk. */
  async unstored(error: unknown): Promise<never> {
    this.underway.stop(new Error("The store does not answer."));
    this.finish({ end: "unstored", error });
    return await new Promise(() => {});
  }

  /** The last commit of this execution: records and the command that ends or parks the run. Null when the lease is gone. */
  async leave(entries: readonly Entry[], extra: CommitExtra): Promise<RunStatus | null> {
    this.finish({ end: "fenced" });
    const input = this.#commitInput(entries, extra);
    const result = await this.engine.store.commit(input);
    if (result.ok) return result.status;
    // Decided on an older release than the present one: it is decided anew by that.
    if (result.why === "control") {
      this.permission.set(result.control);
      this.journal.unseal(input.records);
      return await this.leave([], { command: { do: "yield" } });
    }
    // An answer came as the run was about to stop for want of it: it goes on from what is on disk.
    return result.why === "stale" ? await this.leave([], { command: { do: "yield" } }) : null;
  }

  /** Stops what is under way and gives the run back to the queue, as it stands on disk. */
  async giveBack(): Promise<void> {
    this.underway.stop(new Error("This process is stopping."));
    this.budget.releaseAll();
    await this.leave([], { command: { do: "yield" } });
  }

  #commitInput(entries: readonly Entry[], extra: CommitExtra): CommitInput {
    const usd = costOf(entries);
    for (const { record } of entries) for (const facet of facetsOf(record)) this.#facets.add(facet);
    this.#count(entries);
    const reserved = this.budget.toWrite();
    const records = entries.map(({ record, marks }) => this.journal.seal(record, marks));
    return {
      runId: this.run.runId,
      epoch: this.run.epoch,
      records,
      ...(usd === 0 ? {} : { costUsd: usd }),
      ...(reserved === undefined ? {} : { reserved }),
      ...(this.#pinning ? { pins: this.#pinInput() } : {}),
      ...(extra.command === undefined ? {} : { facets: [...this.#allFacets()] }),
      ...extra,
    };
  }

  #pinInput(): NonNullable<CommitInput["pins"]> {
    const { release, stage, code, pinned = false } = this.pins;
    return { release, stage, body: JSON.stringify(this.pins), ...(pinned ? { code } : {}) };
  }

  /** The record of a call takes the place of what was reserved for it. */
  #count(entries: readonly Entry[]): void {
    for (const { reservation } of entries) if (reservation !== undefined) this.budget.release(reservation);
    this.budget.spend(spentBy(entries));
  }

  #allFacets(): Set<string> {
    for (const record of this.history.records) for (const facet of facetsOf(record)) this.#facets.add(facet);
    return this.#facets;
  }
}

export interface CommitExtra {
  command?: NonNullable<CommitInput["command"]>;
  controlVersion?: number;
  reviews?: readonly NewReview[];
  reviewChanges?: readonly ReviewChange[];
  waits?: NonNullable<CommitInput["waits"]>;
  decision?: string;
  fingerprint?: string;
}

export function bug(code: string, message: string): Failure {
  return new Failure({ class: "bug", code, message });
}

export function asRunFailure(info: FailureInfo, step: string | null): RunFailure {
  return { ...info, step };
}

/** A value as the journal will give it back: what first run and resume both see. Throws `Failure` (`bug`) for what JSON cannot hold. */
export function asRecorded(value: unknown, what = "This value"): Json {
  if (value === undefined) return null;
  try {
    return JSON.parse(JSON.stringify(value)) as Json;
  } catch {
    throw bug(
      "not_json",
      `${what} is not JSON (${typeof value === "object" ? "it cannot be written as JSON" : `a ${typeof value}`}).`,
    );
  }
}
