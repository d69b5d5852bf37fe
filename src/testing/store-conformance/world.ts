import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { DatasetStore } from "../../eval/dataset-ports.ts";
import type { EvalStore } from "../../eval/ports.ts";
import type { EvidenceStore } from "../../release/evidence.ts";
import type { TokenStore } from "../../base/access.ts";
import { newId } from "../../base/id.ts";
import type { HoldStore } from "../../journal/hold.ts";
import type { EventWaitStore } from "../../journal/event-waits.ts";
import type { AcceptInput, ClaimedRun, JournalStore, NewReview, NewRun } from "../../journal/ports.ts";
import type { SealedRecord } from "../../journal/record.ts";
import type { WaitKind } from "../../journal/run.ts";
import type { RunCommand } from "../../journal/transition.ts";
import type { RetentionStore } from "../../journal/retention.ts";
import type { RedriveStore } from "../../journal/redrive.ts";
import type { PromptStore } from "../../prompt/ports.ts";
import type { CandidateStore } from "../../release/candidates.ts";
import type { ReleaseStore } from "../../release/ports.ts";
import type { ProposalStore } from "../../release/proposal.ts";
import type { ServingStore } from "../../release/serving.ts";
import type { ReviewStore } from "../../review/ports.ts";
import type { FrozenClock } from "../frozen-clock.ts";

/** All ports that a store implements. */
export type ConformingStore = JournalStore &
  EventWaitStore &
  ReviewStore &
  ReleaseStore &
  ServingStore &
  CandidateStore &
  ProposalStore &
  TokenStore &
  HoldStore &
  RetentionStore &
  PromptStore &
  RedriveStore &
  EvalStore &
  DatasetStore &
  EvidenceStore & { close(): Promise<void> };

/** Opens an empty store that takes the time from `clock` and chains with `chainKey`. */
export type StoreFactory = (setting: { clock: FrozenClock; chainKey: Uint8Array }) => Promise<ConformingStore>;

export const LEASE_MS = 30_000;

type Submitted = Partial<NewRun> & Partial<Omit<AcceptInput, "runs">>;

/** What one case works with: the store, and a workflow name of its own, so that cases do not see each other's runs. */
export class World {
  readonly store: ConformingStore;
  readonly clock: FrozenClock;
  readonly chainKey: Uint8Array;
  readonly workflow: string = `workflow_${newId("run").slice(4)}`;
  #made = 0;

  constructor(store: ConformingStore, clock: FrozenClock, chainKey: Uint8Array) {
    this.store = store;
    this.clock = clock;
    this.chainKey = chainKey;
  }

  /** A name nothing else in the store has. */
  name(of: string): string {
    return `${of}_${this.workflow}_${this.#made++}`;
  }

  sealed(name: string, over: Partial<SealedRecord> = {}): SealedRecord {
    const body = over.body ?? JSON.stringify({ output: name });
    const now = this.clock.now();
    return {
      kind: "code",
      type: "code",
      name,
      key: "",
      attempt: 1,
      status: "success",
      ends: true,
      startedAt: now,
      endedAt: now,
      body,
      blobRefs: null,
      blobs: [],
      mac: digest(`${name} ${body}`),
      vault: null,
      ...over,
    };
  }

  event(over: Submitted = {}): AcceptInput {
    const eventId = over.eventId ?? this.name("evt");
    return {
      eventType: over.eventType ?? "ticket.created",
      eventId,
      contractVersion: over.contractVersion ?? 1,
      bodyMac: over.bodyMac ?? digest(eventId),
      drift: over.drift ?? [],
      runs: [this.newRun(over)],
    };
  }

  newRun(over: Partial<NewRun> = {}): NewRun {
    return {
      runId: over.runId ?? newId("run"),
      workflow: over.workflow ?? this.workflow,
      priority: over.priority ?? 0,
      concurrencyKey: over.concurrencyKey ?? null,
      concurrencyLimit: over.concurrencyLimit ?? null,
      deadlineAt: over.deadlineAt ?? null,
      wrappedKey: over.wrappedKey ?? digest("wrapped key"),
      record: over.record ?? this.sealed("ticket.created", { kind: "event", type: "trigger" }),
    };
  }

  /** Accepts an event with one run; answers the run's id. */
  async submit(over: Submitted = {}): Promise<string> {
    const input = this.event(over);
    const [result] = await this.store.accept([input]);
    assert.equal(result?.outcome, "accepted");
    return input.runs[0]?.runId as string;
  }

  async claim(limit = 1, worker = "worker-1", perWorkflow: number | null = null): Promise<ClaimedRun[]> {
    const workflows = [{ name: this.workflow, limit: perWorkflow }];
    return await this.store.claim({ worker, leaseMs: LEASE_MS, limit, workflows });
  }

  /** Accepts and claims one run. */
  async start(over: Submitted = {}): Promise<Started> {
    const runId = await this.submit(over);
    return await this.resume(runId);
  }

  /** Claims a run that is queued already and stands first in line. */
  async resume(runId: string, worker = "worker-1"): Promise<Started> {
    const [claimed] = await this.claim(1, worker);
    assert.ok(claimed, `run ${runId} could not be claimed`);
    assert.equal(claimed.run.runId, runId);
    return { runId, epoch: claimed.run.epoch, lastSeq: claimed.run.nextSeq - 1 };
  }

  /** Commits one command for a run, with records, and expects the store to take it. */
  async move(started: Started, command: RunCommand, records: readonly SealedRecord[] = []): Promise<void> {
    const result = await this.store.commit({ runId: started.runId, epoch: started.epoch, records, command });
    assert.equal(result.ok, true);
  }

  async park(started: Started, wait: WaitKind, wakeAt: number | null): Promise<void> {
    await this.move(started, { do: "park", wait, wakeAt, seenSeq: started.lastSeq });
  }

  newReview(over: Partial<NewReview> = {}): NewReview {
    return {
      reviewId: newId("rev"),
      workflow: this.workflow,
      step: "low confidence",
      key: "",
      of: "classify",
      why: "low_confidence",
      reason: "0.61 is below 0.75",
      team: "support",
      priority: 0,
      createdAt: this.clock.now(),
      expiresAt: null,
      ...over,
    };
  }

  /** A run that waits for the answer to one review. */
  async waitingForReview(over: Partial<NewReview> = {}): Promise<Started & { reviewId: string }> {
    const started = await this.start();
    const review = this.newReview(over);
    const { runId, epoch } = started;
    const asked = this.sealed("low confidence", { kind: "review", type: "review", status: "waiting", ends: false });
    const result = await this.store.commit({ runId, epoch, records: [asked], reviews: [review] });
    assert.ok(result.ok);
    const opened = { ...started, lastSeq: result.lastSeq, reviewId: review.reviewId };
    await this.park(opened, "review", review.expiresAt);
    return opened;
  }
}

/** A run this test holds. */
export interface Started {
  runId: string;
  epoch: number;
  /** The last record the holder knows. */
  lastSeq: number;
}

/** 32 bytes that stand for a MAC. */
export function digest(text: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(text).digest());
}

/** One promise of a port, as a sentence, and how to see that it is kept. */
export interface Case {
  sentence: string;
  run: (world: World) => Promise<void>;
}

export interface Aspect {
  name: string;
  cases: readonly Case[];
}

/** Declares an aspect: sentences and the code that tries them. */
export function aspect(name: string, cases: Record<string, (world: World) => Promise<void>>): Aspect {
  return { name, cases: Object.entries(cases).map(([sentence, run]) => ({ sentence, run })) };
}
