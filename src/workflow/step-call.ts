import type { FailureInfo } from "../base/failure.ts";
import type { FailureOverrides } from "../base/failure-overrides.ts";
import type { Json } from "../base/json.ts";
import type { JournalRecord, RecordBody, RecordKind, RecordStatus, TraceType } from "../journal/record.ts";
import type { Mark } from "../journal/redact.ts";
import type { NewRecord } from "../journal/run-journal.ts";
import type { CommitExtra, Entry, Frame } from "./frame.ts";

/** What one attempt of a step gave: its output, and the records that say so; the last of them ends the step. */
export interface StepDone {
  output: Json;
  entries: Entry[];
  /** What the commit says besides its records. */
  extra?: CommitExtra;
}

/** The step waits outside this process: what it waits for is on record, and nothing of it executes any more. */
export interface StepWaits {
  park(): Promise<never>;
}

/** One way to take a step: by a model, or by a tool. */
export interface Route {
  /** `provider/model`, or the tool's name. */
  name: string;
  /** What records of this way say besides. */
  about: RecordBody;
  failures?: FailureOverrides;
}

export interface Attempt {
  /** From 1, for each route anew. */
  number: number;
  /** Which of the step's routes this attempt takes; 0: its own. */
  route: number;
  startedAt: number;
  signal: AbortSignal;
  /** What is on record of this step since its attempts were last reset or it went on with this route, oldest first. */
  past: readonly JournalRecord[];
  inputHash: string | undefined;
  /** Of a write: its claim, where nobody knows whether the call that followed it did something. */
  claim: JournalRecord | undefined;
}

/** A step by name and key. */
export interface StepName {
  name: string;
  key: string;
}

/** One named step as a verb describes it. */
export interface StepCall {
  kind: RecordKind;
  type: TraceType;
  name: string;
  key: string;
  /** Compared on resume. Undefined where the step takes none. */
  input?: Json;
  inputMarks?: readonly Mark[];
  /** What a record of a failed attempt says besides the failure: the tool it was, or the prompt. */
  about?: RecordBody;
  /** Its own way first, then what it falls back on, in order; where there is nothing to fall back on, it may be left out. */
  routes?: readonly Route[];
  /** Whether the body may be stopped when another step fails for good. Writes may not. */
  abortable: boolean;
  /** A finished write: its record answers even where a correction changed what it is asked for now. */
  keepsOutcome?: boolean;
  failures?: FailureOverrides | undefined;
  /** Whose output a reviewer corrects when this step ends up in review; null: the step's own result. */
  reviewOf: StepName | null;
  execute(attempt: Attempt): Promise<StepDone | StepWaits>;
}

/** Code of the failure of a look-up after a write: the look-up was turned away, and not the write. */
export const RECONCILE_FAILED = "reconcile_failed";

/** Thrown by a step's body with the records of the failed attempt. */
export class AttemptFailed extends Error {
  readonly info: FailureInfo;
  readonly entries: Entry[];
  constructor(info: FailureInfo, entries: Entry[]) {
    super(info.message);
    this.info = info;
    this.entries = entries;
  }
}

/** What records of an attempt by this route say besides the attempt itself. */
export function saidOf({ about, routes }: StepCall, route: number): RecordBody {
  return { ...about, ...routes?.[route]?.about };
}

/** A record of this step's attempt; `body` is added to what every record of a step says. */
export function newRecord(
  frame: Frame,
  call: Pick<StepCall, "kind" | "type" | "name" | "key" | "input">,
  attempt: {
    number: number;
    startedAt: number;
    inputHash?: string | undefined;
    status: RecordStatus;
    ends?: boolean;
    type?: TraceType;
    body: NewRecord["body"];
  },
): NewRecord {
  const { kind, name, key } = call;
  const { number, startedAt, inputHash, status, ends = false, body } = attempt;
  return {
    kind,
    type: attempt.type ?? call.type,
    name,
    key,
    attempt: number,
    status,
    ends,
    startedAt,
    endedAt: frame.now(),
    body: {
      ...(call.input === undefined ? {} : { input: call.input }),
      ...(inputHash === undefined ? {} : { inputHash }),
      release: frame.pins.release,
      stage: frame.stage,
      ...body,
    },
  };
}
