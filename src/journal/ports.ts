import type { AwaitedEvent, EventWaitChange, NewEventWait } from "./event-waits.ts";
import type { Run, RunStatus } from "./run.ts";
import type { RunFacets } from "./facets.ts";
import type { RunFilter } from "./run-filter.ts";
import type { SealedRecord, StoredRecord } from "./record.ts";
import type { Refusal, RunCommand } from "./transition.ts";

/**
 * What a store does for the journal. Every method is one atomic operation; a promise that resolves is on disk.
 * Stores take the time from the clock they were made with, run `transition` inside the transaction,
 * and put the lease epoch into the WHERE of everything a worker writes.
 */
export interface JournalStore {
  /** Event, runs, keys and first records in one transaction, with what it means to runs that wait. Answers in order. */
  accept(inputs: readonly AcceptInput[]): Promise<AcceptResult[]>;
  /** Up to `limit` due runs (queued, or waiting past their time), by priority, then age, within the concurrency limits. */
  claim(request: ClaimRequest): Promise<ClaimedRun[]>;
  /** Records and at most one command, fenced by the epoch. A command that ends the run withdraws its open reviews and waits. */
  commit(input: CommitInput): Promise<CommitResult>;
  /** Extends the leases of `held`; answers the run ids that are lost. */
  renew(held: readonly { runId: string; epoch: number }[], leaseMs: number): Promise<string[]>;
  /** Gives up the leases that ran out (or, with `worker`, all that anybody but it holds: its process owns the store alone). */
  abandon(request: { exceptWorker?: string }): Promise<{ requeued: number; poisoned: string[] }>;
  /** An outside command (cancel, wake, redrive) with its record, where the run's state allows it. */
  command(input: OutsideCommand): Promise<CommandResult>;
  /**
   * Appends the record of a restart, ends the reviews it sets aside, and queues the run, where it is dead, waiting or queued.
   * Refused as `stale` where it has other records than `expectedNextSeq` says.
   */
  restart(input: RestartInput): Promise<RestartResult>;
  /** Epoch ms of the next moment at which a waiting run is due or a lease runs out; null: nothing is timed. */
  nextDue(): Promise<number | null>;

  run(runId: string): Promise<Run | null>;
  /** The whole of one run as a replay needs it; null where there is none. */
  load(runId: string): Promise<LoadedRun | null>;
  /** How each of these runs stands, in no order; one that is not there is left out. */
  standings(runIds: readonly string[]): Promise<RunStanding[]>;
  runsOfEvent(eventType: string, eventId: string): Promise<Run[]>;
  /** Model calls and repairs that began at or after `since` (epoch ms), whatever became of them, oldest first. */
  modelCallsSince(since: number): Promise<RecordedCall[]>;
  list(filter: RunFilter, page: Page): Promise<Paged<Run>>;
  counts(filter: RunFilter): Promise<Record<RunStatus, number>>;
  facets(filter: RunFilter): Promise<RunFacets>;
  /** Dead runs that died alike, the largest group first; over all that match. */
  deadGroups(filter: RunFilter): Promise<DeadGroup[]>;
  /** Which way the runs of a window went through their workflow, and how long that took them. */
  traffic(window: TrafficWindow): Promise<Traffic>;
  /** Puts on record that `by` was shown the run with its originals, and why (redacted). Rejects where there is no such run. */
  noteRunView(runId: string, by: string, reason: string): Promise<void>;
  /** Oldest first; none where there is no such run. */
  runViews(runId: string): Promise<RunView[]>;
  /** Texts of blobs by hash. */
  blobs(hashes: readonly string[]): Promise<Map<string, string>>;

  quarantine(items: readonly QuarantinedEvent[]): Promise<void>;
  quarantined(page: Page): Promise<Paged<QuarantinedEvent>>;
  drift(): Promise<DriftCount[]>;

  /** Heads of ended runs that the audit chain does not hold yet, oldest first. */
  unauditedHeads(limit: number): Promise<{ runId: string; lastSeq: number; chain: Uint8Array }[]>;
  appendAudit(entries: readonly AuditEntry[]): Promise<void>;
  auditEntries(page: Page): Promise<Paged<AuditEntry>>;
  /** Links over heads of these runs, in no order. */
  auditOf(runIds: readonly string[]): Promise<AuditEntry[]>;
  auditHead(): Promise<AuditEntry | null>;
}

export interface AcceptInput {
  eventType: string;
  eventId: string;
  contractVersion: number;
  /** HMAC of the canonical body under the project's key, 32 bytes: tells a re-send from another body. Outlives retention. */
  bodyMac: Uint8Array;
  /** Pointers of undeclared properties, counted as drift. */
  drift: readonly string[];
  runs: readonly NewRun[];
  /** Where runs wait for its type, or may. Absent: only its own runs come of it. */
  awaited?: AwaitedEvent;
}

export interface NewRun {
  runId: string;
  workflow: string;
  priority: number;
  /** Hash of the concurrency key and how many of its runs may run at once; null: no limit. */
  concurrencyKey: string | null;
  concurrencyLimit: number | null;
  deadlineAt: number | null;
  /** The run's data key, wrapped by the project's key (`vault.ts`). */
  wrappedKey: Uint8Array;
  /** The `event` record, seq 1. */
  record: SealedRecord;
}

export type AcceptResult =
  /** `woken`: runs that waited for it. A duplicate wakes none. */
  | { outcome: "accepted" | "duplicate"; runs: { runId: string; workflow: string }[]; woken: string[] }
  | { outcome: "conflict" }
  /** `awaited` alone would have had it accepted, and nobody waits for its type: nothing was written. */
  | { outcome: "unawaited" };

export interface ClaimRequest {
  worker: string;
  leaseMs: number;
  limit: number;
  /**
   * Only runs of these workflows, each with at most this many running at once (null: no limit). `code`: the fingerprint of
   * the code the worker has; runs that are pinned to it are claimed too, and runs pinned to other code never.
   */
  workflows: readonly { name: string; limit: number | null; code?: string }[];
  /**
   * Leaves runs alone whose next death at the same place would make them poison. Otherwise they are tried one at a time:
   * all runs of a worker die with it, and only the one that is to blame may end so.
   */
  spareSuspects?: boolean;
}

/** A run with all it needs to go on, read in the transaction that claimed it. */
export interface LoadedRun {
  run: Run;
  wrappedKey: Uint8Array | null;
  records: StoredRecord[];
}

export interface RunStanding {
  runId: string;
  workflow: string;
  status: RunStatus;
  /** A person was asked about it: its changes may be changes of the review queue. */
  asked: boolean;
}

/** A model call on record. */
export interface RecordedCall {
  /** `provider/model`. */
  model: string;
  startedAt: number;
  /** Of messages and answer; 0 where nobody counted them. */
  tokens: number;
}

/** The present control row of a workflow (`release/control.ts` reads it); null where it was never released. */
export interface ControlRow {
  workflow: string;
  /** Raised with every change; a write's claim names the one it was decided on. */
  version: number;
  /** The present release: its number and its body as JSON text. */
  release: number;
  body: string;
}

/** Model calls that were made, or about to be, and of which no answer is on record; dollars at most. */
export interface Reserved {
  modelCalls: number;
  usd: number;
}

export interface ClaimedRun extends LoadedRun {
  /** Of a run with a budget: what was under way when it was last given up. Null: nothing. */
  reserved: Reserved | null;
  control: ControlRow | null;
}

export interface CommitInput {
  runId: string;
  epoch: number;
  records: readonly SealedRecord[];
  /** Absent: the run stays running. `seenSeq` of a park does not count the records of this commit. */
  command?: RunCommand;
  /** Set once, with the first commit of a run. */
  pins?: {
    release: number;
    stage: string;
    body: string;
    /** Fingerprint of the only code that may claim the run from here on; absent: any. */
    code?: string;
  };
  /** The control version a write was decided on (0: never released): another one in the store refuses the whole commit. */
  controlVersion?: number;
  /** Reviews opened with this commit. */
  reviews?: readonly NewReview[];
  /** Open reviews of this run that this commit escalates (with a new expiry) or ends. */
  reviewChanges?: readonly ReviewChange[];
  /** Waits for events that this commit opens, and those it ends: one that got its event meanwhile refuses its expiry as stale. */
  waits?: { open?: readonly NewEventWait[]; changes?: readonly EventWaitChange[] };
  /** Set with the decision: redacted JSON text. */
  decision?: string;
  /** Added to the run's cost; null makes it unknown for good. */
  costUsd?: number | null;
  /** What the run has under way from now on, in place of what was said before; kept until the next one says otherwise. */
  reserved?: Reserved;
  /** Facets the run is found by, `prompt:NAME`, `prompt_version:NAME@V`, `model:M`, `tool:T`. */
  facets?: readonly string[];
  fingerprint?: string;
}

export type CommitResult =
  /** `lastSeq`: of the run after this commit. */
  | { ok: true; lastSeq: number; status: RunStatus }
  | { ok: false; why: "fenced" }
  | { ok: false; why: "control"; control: ControlRow | null }
  /** A review in `reviewChanges` was answered, or a wait got its event meanwhile: the run is still held, and has to be loaded again. */
  | { ok: false; why: "stale" };

export interface OutsideCommand {
  runId: string;
  command: Extract<RunCommand, { do: "cancel" | "wake" | "redrive" }>;
  record: SealedRecord | null;
}

export type CommandResult = { ok: true } | { ok: false; refusal: Refusal | "unknown_run" };

export interface RestartInput {
  runId: string;
  /** `journal/restart.ts` says what it holds. */
  record: SealedRecord;
  /** Of the run as the caller read it. */
  expectedNextSeq: number;
  /** Reviews that are withdrawn, where they are still open. */
  withdraw: readonly string[];
  /** Waits for events that are given up, with the events they have got: another step may have those. */
  waits: readonly string[];
  /** Any code may claim the run from here on. */
  unpin: boolean;
}

export type RestartResult = { ok: true } | { ok: false; refusal: Refusal | "unknown_run" | "stale" };

/** A review as it is opened; `review/` owns its meaning, the journal only its place in the transaction. */
export interface NewReview {
  reviewId: string;
  workflow: string;
  /** Name and key of the step that waits. */
  step: string;
  key: string;
  /** The prompt step whose output is in question; null where there is none. */
  of: string | null;
  /** Code: `low_confidence`, `invalid_output`, `rule_failed`, `stage`, … */
  why: string;
  reason: string;
  team: string | null;
  priority: number;
  createdAt: number;
  expiresAt: number | null;
}

export type ReviewChange =
  | { reviewId: string; to: "escalated"; expiresAt: number }
  | { reviewId: string; to: "expired" | "withdrawn" };

/** Runs of a workflow that came in at or after `since` and before `until`, epoch ms. */
export interface TrafficWindow {
  workflow: string;
  since: number;
  until: number;
}

/** Counts are of runs, each counted once at a node or edge however often it came there. */
export interface Traffic {
  runs: number;
  /** Runs among them whose way is not known: older than paths are, or through too many different steps. */
  unplaced: number;
  /** The most recent runs of the window, of which the times are. Times are ms, null where there are none; `sample`: of how many. */
  sampled: number;
  nodes: {
    id: string;
    count: number;
    /** Runs that failed there for good at least once, whatever became of them later. */
    errors: number;
    p50Ms: number | null;
    p95Ms: number | null;
    sample: number;
  }[];
  edges: { from: string; to: string; count: number; p95Ms: number | null; sample: number }[];
}

/** One time somebody was shown a run with its originals. */
export interface RunView {
  by: string;
  /** Epoch ms. */
  at: number;
  reason: string;
}

/** Dead letters that died alike. */
export interface DeadGroup {
  fingerprint: string;
  workflow: string;
  step: string | null;
  class: string;
  code: string;
  message: string;
  count: number;
  /** A run of the group to look at, and the times of the first and last death (epoch ms). */
  example: string;
  firstAt: number;
  lastAt: number;
}

/** Newest first. `cursor` is what the page before gave as `next`. */
export interface Page {
  limit: number;
  cursor?: string;
}

export interface Paged<T> {
  items: T[];
  next: string | null;
}

export interface QuarantinedEvent {
  quarantineId: string;
  receivedAt: number;
  eventType: string | null;
  eventId: string | null;
  /** JSON text of `Problem[]`. */
  errors: string;
  /** The body, sealed whole under the project's key: nobody can say which of its fields are sensitive. */
  body: Uint8Array;
}

export interface DriftCount {
  eventType: string;
  contractVersion: number;
  pointer: string;
  count: number;
  lastSeenAt: number;
}

/** One link of the audit chain over ended runs' heads. */
export interface AuditEntry {
  /** From 1, without gaps. */
  index: number;
  runId: string;
  lastSeq: number;
  head: Uint8Array;
  /** HMAC-SHA-256(previous link ‖ index ‖ run id ‖ last seq ‖ head). */
  link: Uint8Array;
}
