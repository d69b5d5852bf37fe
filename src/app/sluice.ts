import type { Json, JsonObject, Problem } from "../base/json.ts";
import type { Role, Token } from "../base/access.ts";
import type { Erasure } from "../journal/retention.ts";
import type { OpenEventWait } from "../journal/event-waits.ts";
import type { DeadGroup, DriftCount, Page, Paged, RunView, Traffic, TrafficWindow } from "../journal/ports.ts";
import type { Redrive, RedrivePlan } from "../journal/redrive.ts";
import type { CandidateAnswer, CandidateTotals } from "../release/candidates.ts";
import type { RunFilter } from "../journal/run-filter.ts";
import type { RunFacets } from "../journal/facets.ts";
import type { Run, RunStatus } from "../journal/run.ts";
import type { TraceStep } from "../journal/trace.ts";
import type { Message } from "../model/port.ts";
import type { NextReview, QueueFilter, Review, ReviewCounts, ReviewFilter, ReviewView } from "../review/ports.ts";
import type { AnswerRefusal, Answered, Approval } from "../workflow/answer.ts";
import type { IntakeResult } from "../workflow/intake.ts";
import type { Picture } from "../workflow/picture-graph.ts";
import type { UnknownOutcome } from "../workflow/unknown-outcome.ts";
import type { Why } from "../workflow/why.ts";
import type { Actor, Caller } from "./actor.ts";
import type { Curving } from "./curving.ts";
import type { RunChanges } from "./change-feed.ts";
import type { ChainReport } from "./verify.ts";
import type { Backup } from "./backup.ts";
import type { Previewing } from "./previewing.ts";
import type { Prompting } from "./prompting.ts";
import type { Datasets } from "./datasets.ts";
import type { Evals } from "./evals.ts";
import type { Holding } from "./holding.ts";
import type { Project } from "./project.ts";
import type { Releasing } from "./releasing.ts";
import type { RestartReport, RestartRequest } from "./restart-report.ts";

export type { Actor, Caller } from "./actor.ts";
export type { Holding } from "./holding.ts";

/** What became of one submitted event: what the intake says, or that the queue is over its limit. */
export type Submission = IntakeResult | { outcome: "queue_full"; eventId: string | null; retryAfterS: number };

/** A review with everything the reviewer has to see. Sensitive values only where the review's `reveal` names them. */
export interface ReviewItem {
  review: Review;
  run: Run;
  event: Json;
  /** Output of the prompt step in question, as the model gave it; null where it gave none. */
  proposal: Json | null;
  /** What a correction starts from where the model gave no valid output: its last answer as far as it is JSON. */
  draft: Json | null;
  /** Of what a correction enters; null where nothing is declared. */
  outputSchema: JsonObject | null;
  /** Whether there is an output that a correction could replace. */
  correctable: boolean;
  confidence: number | null;
  validation: Json | null;
  /** Of a write that was cut off: all that is known of it; null where the review is about something else. */
  unknownOutcome: UnknownOutcome | null;
  approval: Approval;
  /** The decision and the writes that follow if it is approved; null where it cannot be, or is over. */
  outcome: Preview | null;
  /** Null until it is answered. */
  answer: Answered | null;
  /** Paths into the event of the sensitive fields that are shown here in the clear. */
  revealed: string[];
  /** Each time somebody was shown sensitive fields, oldest first; null for whom this is not to see. */
  views: ReviewView[] | null;
}

export type ReviewAction =
  | { action: "approve"; correctionReason?: string }
  | { action: "correct"; correctedOutput: Json; correctionReason: string }
  | { action: "reject"; correctionReason?: string };

/** What would follow an answer: recomputed from the recorded reads, nothing written. */
export interface Preview {
  /** Null where the run would not reach a decision without a step that is not on record yet. */
  decision: Json | null;
  /** The step the recomputation stopped at; null where it is complete. */
  incompleteAt: string | null;
  /** Writes that the answer would approve, exact payloads, in call order. */
  writes: { step: string; tool: string; payload: Json }[];
  /** Writes proposed before that would no longer be made. */
  withdrawn: { step: string; tool: string; payload: Json }[];
  /** Writes that are settled already and stay. */
  done: { step: string; tool: string; payload: Json }[];
  problems: Problem[];
  /** Binds an answer to exactly this outcome. */
  hash: string;
}

export type ReviewResult =
  /** `original`: of a correction that was taken, the output it stands in for. */
  | { ok: true; review: Review; outcome: Preview | null; original?: Json | null }
  | {
      ok: false;
      code: "unknown_review" | "held_by_another" | "stale" | "ended" | "outcome_changed" | AnswerRefusal["code"];
      message: string;
      errors: Problem[];
      review: Review | null;
    };

/** A run with its originals; its key may be gone, by retention or erasure. */
export type Revealed =
  | { ok: true; trace: TraceStep[]; event: Json; decision: Json | null }
  | { ok: false; code: "unknown_run" | "key_destroyed"; message: string };

export interface RedriveRequest {
  /** One run, or all dead runs that match. */
  filter: RunFilter & { runId?: string };
  limit: number;
  dryRun: boolean;
  reason: string;
  /** The release of the workflow that the runs go by from now on; else the one they pinned. */
  release?: number | null;
}

export interface RedriveReport {
  /** Dead runs that match, those beyond the limit included. */
  matched: number;
  redriven: string[];
  refused: { runId: string; why: string }[];
  dryRun: boolean;
}

export interface EraseRequest {
  /** One of these three says which runs. */
  runId?: string;
  eventId?: string;
  filter?: RunFilter;
  /** Runs that have not ended are cancelled first; without it they refuse the whole request. */
  cancel: boolean;
  dryRun: boolean;
  reason: string;
}

export interface EraseReport {
  dryRun: boolean;
  matched: number;
  /** Of them, how many had not ended. */
  unfinished: number;
  erased: number;
  cancelled: number;
  /** Their keys were gone already. */
  erasedBefore: number;
  quarantined: number;
  keptEvents: number;
  refused: { runId: string; why: string }[];
  /** The files hold nothing of it any more; false: somebody was reading, and the follower sees to it. */
  swept: boolean;
}

/** Throws `UsageError` unknown_release (422). */
export interface Redriving {
  deadGroups(filter: RunFilter): Promise<DeadGroup[]>;
  /** At once. */
  redrive(request: RedriveRequest, actor: Actor): Promise<RedriveReport>;
  /** In the background, also over restarts; resolves when it is on disk. `limit`: all there are unless given. */
  startRedrive(
    request: { filter: RedriveRequest["filter"]; limit?: number; reason: string; plan: Omit<RedrivePlan, "filter"> },
    actor: Actor,
  ): Promise<Redrive>;
  /** Those in the background, newest first. */
  redrives(): Promise<Redrive[]>;
  redriveOf(redriveId: string): Promise<Redrive | null>;
  /** Redrives no further run; the answer is as it stands then, null where there is none of this id. */
  cancelRedrive(redriveId: string, actor: Actor): Promise<Redrive | null>;
}

/** What a model was sent in one step of the trace, rendered again from what is on record. */
export interface StepMessages {
  step: number;
  messages: Message[];
  /** True where these are the very texts that were sent. */
  exact: boolean;
  /** How they differ; null where they do not. */
  note: string | null;
}

/** Beside the runs that the served version decided. */
export interface Candidates {
  /** By slot, the latest first. */
  totals(workflow: string): Promise<CandidateTotals[]>;
  /** Newest first. */
  answers(
    filter: { workflow: string; slot?: string; version?: string; differing?: boolean },
    page: Page,
  ): Promise<Paged<CandidateAnswer>>;
}

/** One running Sluice: what HTTP translates. Methods throw `UsageError` for wrong use. */
export interface Sluice extends Holding, Prompting, Previewing, Curving, Redriving {
  readonly project: Project;
  readonly releases: Releasing;
  /** What shadow candidates have answered. Throws `UsageError` unknown_workflow. */
  readonly candidates: Candidates;
  readonly datasets: Datasets;
  readonly evals: Evals;
  /** Absolute address of the local model server and such never shows here; these are for people. */
  health(): Promise<{ ready: boolean; problems: string[] }>;

  /** Validated before it is acknowledged; answers in order. Resolves when accepted events are on disk. */
  submit(bodies: readonly Json[]): Promise<Submission[]>;
  /** The run as it stands once it is decided, waiting for a person or ended, or after `timeoutMs`. */
  whenDecided(runId: string, timeoutMs: number, signal?: AbortSignal): Promise<Run | null>;

  /** Calls `tell` with what changes from now on, gathered, at most four times a second, until the returned function is called. */
  watch(tell: (changes: RunChanges) => void): () => void;

  listRuns(filter: RunFilter, page: Page): Promise<Paged<Run>>;
  countRuns(filter: RunFilter): Promise<Record<RunStatus, number>>;
  facetRuns(filter: RunFilter): Promise<RunFacets>;
  run(runId: string): Promise<Run | null>;
  /** The events that a run waits for, oldest first; none where it waits for none. */
  eventWaits(runId: string): Promise<OpenEventWait[]>;
  trace(runId: string): Promise<TraceStep[] | null>;
  why(runId: string): Promise<Why | null>;
  /**
   * Of a model call or a repair; null where there is no such run. Throws `UsageError`: `unknown_step`, `not_a_model_call`,
   * `prompt_version_gone`, `not_rendered`.
   */
  messages(runId: string, step: number): Promise<StepMessages | null>;
  traffic(window: TrafficWindow): Promise<Traffic>;
  /** Drawn from the source that is served. Throws `UsageError` unknown_workflow with the near name. */
  workflowPicture(workflow: string): Promise<Picture>;
  /** The run with its originals, once it is on record who was shown them and why. */
  reveal(runId: string, actor: Actor, reason: string): Promise<Revealed>;
  /** Who was shown them before, oldest first. */
  runViews(runId: string): Promise<RunView[]>;
  cancel(runId: string, actor: Actor, reason: string): Promise<{ ok: boolean; message: string }>;

  /** Throws `UsageError`: unknown_run, unknown_step, which_key, not_restartable, nothing_to_do. */
  restart(runId: string, request: RestartRequest, actor: Actor): Promise<RestartReport>;

  listReviews(filter: ReviewFilter, page: Page): Promise<Paged<Review>>;
  /** What it shows of sensitive fields is put on record. */
  review(reviewId: string, actor: Actor): Promise<ReviewItem | null>;
  /** For the actor to look at next, claimed: their own first, else the first one that nobody holds. Null: none is left. */
  nextReview(asked: QueueFilter & Pick<NextReview, "skip">, actor: Actor): Promise<Review | null>;
  countReviews(filter: QueueFilter, actor: Actor): Promise<ReviewCounts>;
  claimReview(reviewId: string, actor: Actor): Promise<ReviewResult>;
  unclaimReview(reviewId: string, actor: Actor): Promise<ReviewResult>;
  /** What `action` would lead to. */
  previewReview(reviewId: string, action: ReviewAction, actor: Actor): Promise<ReviewResult>;
  /** `outcomeHash`: of the preview the reviewer saw; another outcome by now refuses. Without it the present outcome is taken. */
  decideReview(reviewId: string, action: ReviewAction, actor: Actor, outcomeHash?: string): Promise<ReviewResult>;

  /** Destroys keys at once. With unfinished runs and no `cancel` nothing is done, and the report says how many there are. */
  erase(request: EraseRequest, actor: Actor): Promise<EraseReport>;
  /** Newest first. */
  erasures(limit: number): Promise<(Erasure & { at: number })[]>;

  drift(): Promise<DriftCount[]>;
  quarantine(page: Page): Promise<
    Paged<{
      quarantineId: string;
      receivedAt: number;
      eventType: string | null;
      eventId: string | null;
      errors: Problem[];
    }>
  >;
  /** Throws `UsageError` backup_running, `StoreError` disk_full. */
  backup(): Promise<Backup>;
  /** Recomputes every chain; the first broken run is named. */
  auditVerify(): Promise<ChainReport>;
  /** The newest link of the audit chain: kept elsewhere, it shows later that nothing before it was changed. Null before the first. */
  auditHead(): Promise<{ index: number; runId: string; lastSeq: number; link: Uint8Array } | null>;

  /** A bearer token; the secret is shown once. `by`: who makes it. */
  createToken(
    name: string,
    role: Role,
    expiresAt: number | null,
    by?: string | null,
  ): Promise<{ token: Token; secret: string }>;
  /** Bearer tokens, login codes that were not redeemed, and sessions; ended ones too. */
  listTokens(): Promise<Token[]>;
  /** Ends a token, a login code or a session at once. False where there is none of this id. */
  revokeToken(tokenId: string): Promise<boolean>;
  /** Who a bearer token belongs to; null where it is none, expired or revoked. */
  authenticate(secret: string): Promise<Caller | null>;
  /** The same for the secret of a session. Using a session moves its end. */
  authenticateSession(secret: string): Promise<Caller | null>;
  /** A code that lets somebody sign in once; the secret is the code. `by`: who makes it. */
  createLogin(
    name: string,
    role: Role,
    expiresAt: number,
    by: string | null,
  ): Promise<{ token: Token; secret: string }>;
  /** Exchanges a code for a session; of several at once one gets it. Null where the code is used, expired, revoked or none. */
  redeemLogin(code: string): Promise<{ caller: Caller; secret: string } | null>;
  /** Whether what let this caller in would let it in now. Does not count as use. */
  stillGood(caller: Caller): Promise<boolean>;
  /** Calls `listener` with the id of each token or session that is revoked, at once. Answers how to stop that. */
  onRevoked(listener: (tokenId: string) => void): () => void;

  /** Claims no further run, lets the steps that execute end (at most `graceMs`) and gives the runs back; events are still taken. */
  drain(graceMs?: number): Promise<void>;
  /** Stops taking work, lets running steps end (at most `graceMs`), gives leases back, closes the store. */
  close(graceMs?: number): Promise<void>;
}
