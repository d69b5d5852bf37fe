import { atPath } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { JournalRecord } from "../journal/record.ts";
import { RunJournal } from "../journal/run-journal.ts";
import type { Run } from "../journal/run.ts";
import { confidenceOf } from "../prompt/check.ts";
import type { Pins } from "../release/release.ts";
import type { NextReview, QueueFilter, Review, ReviewOutcome } from "../review/ports.ts";
import { answerRecords, answerRefusal, approvalOf, asIfRecorded, subjectOf } from "../workflow/answer.ts";
import type { Answer, Subject } from "../workflow/answer.ts";
import type { Deployed } from "../workflow/open.ts";
import type { ProposedWrite } from "../workflow/outcome.ts";
import { previewRun, withdrawnWrites } from "../workflow/preview.ts";
import type { Preview as Outcome } from "../workflow/preview.ts";
import { unknownOutcomeIn } from "../workflow/unknown-outcome.ts";
import type { UnknownOutcome } from "../workflow/unknown-outcome.ts";
import { assertValues } from "./removed.ts";
import type { Parts } from "./parts.ts";
import type { Actor, Preview, ReviewAction, ReviewItem, ReviewResult } from "./sluice.ts";

/** How long a claimed review is kept for its reviewer. */
const CLAIM_MS = 15 * 60_000;
const STALE_TRIES = 5;

/** A review with the run it is about, opened. */
interface OpenCase {
  review: Review;
  run: Run;
  deployed: Deployed;
  journal: RunJournal;
  records: JournalRecord[];
  subject: Subject;
  /** Sensitive fields of the event that this look has shown in the clear so far. */
  revealed: Set<string>;
}

/** What reviewers do: look, take, preview, answer. */
export class ReviewDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async item(reviewId: string, actor: Actor): Promise<ReviewItem | null> {
    const open = await this.#open(reviewId);
    if (open === null) return null;
    const { review, run, subject, records } = open;
    const { spec, tool, scratch, proposed, proposal, lastReply, draft, validation } = subject;
    const approval = review.status === "open" ? approvalOf(subject) : "impossible";
    const shown = proposed ? proposal : lastReply;
    const outcome = approval === "impossible" ? null : await this.#outcome(open, { action: "approve" });
    const item = {
      review,
      run,
      event: this.#visible(open, records[0]?.body.output ?? null),
      proposal: shown === null ? null : this.#visible(open, shown),
      draft: draft === null ? null : this.#visible(open, draft),
      outputSchema: spec?.outputSchema ?? tool?.result?.source ?? scratch?.decision?.source ?? null,
      correctable: spec !== undefined || tool !== undefined || scratch !== undefined,
      confidence: spec === undefined || !proposed ? null : confidenceOf(spec, proposal),
      validation: validation === null ? null : this.#visible(open, validation),
      unknownOutcome: this.#unknownOutcome(open),
      approval,
      outcome: outcome === null ? null : this.#shown(open, outcome, []),
      answer: this.#answered(open),
    };
    await this.#noteView(open, actor);
    const maySeeViews = actor.role === "operator" || actor.role === "admin";
    const views = maySeeViews ? await this.#parts.store.reviewViews(reviewId) : null;
    return { ...item, revealed: [...open.revealed].sort(), views };
  }

  #unknownOutcome(open: OpenCase): ReviewItem["unknownOutcome"] {
    const { failure } = (open.subject.record.body.detail ?? {}) as { failure?: { detail?: Json } };
    const found = unknownOutcomeIn(failure?.detail);
    return found === null ? null : (this.#visible(open, found as unknown as Json) as unknown as UnknownOutcome);
  }

  /** Nothing sensitive leaves before it is on record who was shown it. */
  async #noteView({ review, revealed }: OpenCase, actor: Actor): Promise<void> {
    if (revealed.size > 0) await this.#parts.store.noteView(review.reviewId, actor.name, [...revealed].sort());
  }

  #answered(open: OpenCase): ReviewItem["answer"] {
    const { answered } = open.subject;
    if (answered === null) return null;
    const { reason, correction } = answered;
    return {
      ...answered,
      // The store's own time, as the queue shows it.
      at: open.review.answeredAt ?? answered.at,
      reason: reason === null ? null : (this.#visible(open, reason) as string),
      correction:
        correction === null
          ? null
          : {
              original: this.#visible(open, correction.original),
              corrected: this.#visible(open, correction.corrected),
            },
    };
  }

  next(asked: QueueFilter & Pick<NextReview, "skip">, actor: Actor): Promise<Review | null> {
    return this.#parts.store.claimNextReview({ ...asked, by: actor.name, forMs: CLAIM_MS });
  }

  async claim(reviewId: string, actor: Actor): Promise<ReviewResult> {
    return result(await this.#parts.store.claimReview(reviewId, actor.name, CLAIM_MS), reviewId);
  }

  async unclaim(reviewId: string, actor: Actor): Promise<ReviewResult> {
    return result(await this.#parts.store.unclaimReview(reviewId, actor.name), reviewId);
  }

  async preview(reviewId: string, action: ReviewAction, actor: Actor): Promise<ReviewResult> {
    const open = await this.#open(reviewId);
    if (open === null) return unknown(reviewId);
    const refused = this.#refused(open, action, actor, "preview");
    if (refused !== null) return refused;
    const outcome = action.action === "reject" ? null : await this.#previewed(open, action, actor);
    await this.#noteView(open, actor);
    return { ok: true, review: open.review, outcome };
  }

  /** Records the answer and sends the run on, in one transaction. */
  async decide(reviewId: string, action: ReviewAction, actor: Actor, outcomeHash?: string): Promise<ReviewResult> {
    for (let tries = 1; ; tries++) {
      const answered = await this.#decideOnce(reviewId, action, actor, outcomeHash);
      // A run that has not parked may be writing still; the outcome is looked at anew, and its hash with it.
      if (answered.ok || answered.code !== "stale" || tries === STALE_TRIES) return answered;
    }
  }

  async #decideOnce(
    reviewId: string,
    action: ReviewAction,
    actor: Actor,
    outcomeHash: string | undefined,
  ): Promise<ReviewResult> {
    const open = await this.#open(reviewId);
    if (open === null) return unknown(reviewId);
    const refused = this.#refused(open, action, actor, "decide");
    if (refused !== null) return refused;
    const preview = action.action === "reject" ? null : await this.#previewed(open, action, actor);
    if (outcomeHash !== undefined && preview !== null && preview.hash !== outcomeHash)
      return {
        ok: false,
        code: "outcome_changed",
        message: "What would follow is not what you saw; look at the new outcome and answer again.",
        errors: [],
        review: open.review,
      };
    const answer = this.#answer(open, action, actor, preview?.decision === null ? null : (preview?.hash ?? null));
    const records = answerRecords(open.subject, answer).map(({ record, marks }) => open.journal.seal(record, marks));
    const { proposed, proposal, lastReply } = open.subject;
    const replaced = action.action === "correct" ? (proposed ? proposal : lastReply) : null;
    const original = replaced === null ? null : this.#visible(open, replaced);
    await this.#noteView(open, actor);
    const input = { reviewId, by: actor.name, action: action.action, records, expectedNextSeq: open.run.nextSeq };
    const outcome = await this.#parts.store.answer(input);
    if (!outcome.ok) return result(outcome, reviewId);
    await this.#parts.engine.probe("review_answered");
    this.#parts.worker.poke();
    return { ok: true, review: outcome.review, outcome: preview, original };
  }

  async #open(reviewId: string): Promise<OpenCase | null> {
    const { store, engine, workflows } = this.#parts;
    const review = await store.review(reviewId);
    const loaded = review === null ? null : await store.load(review.runId);
    const deployed = review === null ? undefined : workflows.get(review.workflow);
    if (review === null || loaded === null || deployed === undefined) return null;
    assertValues(loaded.run);
    const { journal, records } = await RunJournal.open(loaded, {
      keyring: engine.keyring,
      store,
      vocabulary: deployed.vocabulary,
    });
    const pins = loaded.run.pins === null ? null : (JSON.parse(loaded.run.pins) as Pins);
    const subject = subjectOf(records, reviewId, { workflow: deployed.workflow, prompts: engine.prompts, pins });
    if (subject === null) return null;
    return { review, run: loaded.run, deployed, journal, records, subject, revealed: new Set() };
  }

  #refused(
    { review, journal, subject }: OpenCase,
    action: ReviewAction,
    actor: Actor,
    use: "preview" | "decide",
  ): ReviewResult | null {
    const fail = (code: "ended" | "held_by_another", message: string): ReviewResult => ({
      ok: false, code, message, errors: [], review,
    }); // prettier-ignore
    if (review.status !== "open") return fail("ended", endedMessage(review));
    const held = review.claimedBy !== null && (review.claimUntil ?? 0) > this.#parts.engine.clock.now();
    if (held && review.claimedBy !== actor.name)
      return fail("held_by_another", `${review.claimedBy} has taken this review.`);
    const corrected =
      action.action === "correct" ? { correctedOutput: journal.vault.restore(action.correctedOutput) } : {};
    const given = { action: action.action, reason: action.correctionReason ?? null, ...corrected };
    const refusal = answerRefusal(subject, given, use);
    return refusal === null ? null : { ok: false, ...refusal, review };
  }

  #answer({ journal }: OpenCase, action: ReviewAction, actor: Actor, outcomeHash: string | null): Answer {
    const reason = action.correctionReason ?? null;
    const base = { action: action.action, by: actor.name, reason, outcomeHash, now: this.#parts.engine.clock.now() };
    // What the reviewer was shown redacted comes back as tokens, and means the original.
    return action.action === "correct"
      ? { ...base, correctedOutput: journal.vault.restore(action.correctedOutput) }
      : base;
  }

  async #previewed(open: OpenCase, action: ReviewAction, actor: Actor): Promise<Preview> {
    const before = await this.#outcome(open, { action: "approve" }, actor);
    const asked = (open.subject.record.body.detail as { writes?: ProposedWrite[] }).writes ?? [];
    const outcome = action.action === "approve" ? before : await this.#outcome(open, action, actor);
    return this.#shown(open, outcome, withdrawnWrites([...asked, ...before.writes], outcome.writes));
  }

  /** What would follow: the run recomputed as if the answer were on record. */
  async #outcome(open: OpenCase, action: ReviewAction, actor: Actor = { name: "", role: "viewer" }): Promise<Outcome> {
    const { run, deployed, journal, records, subject } = open;
    const { engine, store } = this.#parts;
    const answer = this.#answer(open, action, actor, null);
    const given = answerRecords(subject, answer).map(({ record }) => record);
    const extra = answerRefusal(subject, answer, "preview") !== null ? [] : asIfRecorded(run.runId, run.nextSeq, given);
    const control = await store.control(run.workflow);
    return await previewRun({ engine, deployed, run, control, journal, records, extra });
  }

  #shown(open: OpenCase, outcome: Outcome, withdrawn: readonly ProposedWrite[]): Preview {
    const { journal } = open;
    const write = ({ step, tool, payload }: ProposedWrite): { step: string; tool: string; payload: Json } => ({
      step,
      tool,
      payload: this.#visible(open, payload),
    });
    const unique = new Map(withdrawn.map((each) => [JSON.stringify(each), each]));
    return {
      decision: outcome.decision === null ? null : this.#visible(open, outcome.decision),
      incompleteAt: outcome.incompleteAt,
      writes: outcome.writes.map(write),
      withdrawn: [...unique.values()].map(write),
      done: outcome.done.map(write),
      problems: outcome.problems,
      hash:
        outcome.hash ??
        journal.vault.fingerprint({ incompleteAt: outcome.incompleteAt, writes: outcome.writes as unknown as Json }),
    };
  }

  /** Redacted, but for the fields of the event that the review reveals, and what quotes them. */
  #visible({ journal, records, subject, revealed }: OpenCase, value: Json): Json {
    const event = (records[0]?.body.output ?? {}) as JsonObject;
    const may = (original: Json): boolean => {
      const path = subject.asked.reveal.find((each) => quotes(atPath(event, each), original));
      if (path !== undefined) revealed.add(path);
      return path !== undefined;
    };
    return journal.vault.restore(journal.redact(value), may);
  }
}

/** Whether `original` is the revealed value or a part of its text. */
function quotes(value: Json | undefined, original: Json): boolean {
  if (value === undefined) return false;
  if (JSON.stringify(value) === JSON.stringify(original)) return true;
  return typeof value === "string" && typeof original === "string" && value.includes(original);
}

function endedMessage(review: Review): string {
  if (review.status === "answered")
    return `${review.answeredBy ?? "Somebody"} has answered this review (${review.action ?? "answered"}).`;
  return review.status === "expired" ? "This review has expired." : "This review was withdrawn: its run has ended.";
}

function unknown(reviewId: string): ReviewResult {
  return { ok: false, code: "unknown_review", message: `There is no review ${reviewId}.`, errors: [], review: null };
}

function result(outcome: ReviewOutcome, reviewId: string): ReviewResult {
  if (outcome.ok) return { ok: true, review: outcome.review, outcome: null };
  const { review } = outcome;
  switch (outcome.why) {
    case "unknown":
      return unknown(reviewId);
    case "held":
      return {
        ok: false,
        code: "held_by_another",
        message: `${review?.claimedBy ?? "Somebody else"} has taken this review.`,
        errors: [],
        review,
      };
    case "stale":
      return { ok: false, code: "stale", message: "The run has gone on since; look again.", errors: [], review };
    case "ended":
      return {
        ok: false,
        code: "ended",
        message: review === null ? "This review is over." : endedMessage(review),
        errors: [],
        review,
      };
  }
}
