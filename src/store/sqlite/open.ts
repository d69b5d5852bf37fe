import type { TokenStore } from "../../base/access.ts";
import type { Clock } from "../../base/clock.ts";
import type { DatasetStore } from "../../eval/dataset-ports.ts";
import type { EvalStore } from "../../eval/ports.ts";
import type { HoldStore } from "../../journal/hold.ts";
import type { EventWaitStore } from "../../journal/event-waits.ts";
import type { JournalStore } from "../../journal/ports.ts";
import type { RetentionStore } from "../../journal/retention.ts";
import type { RedriveStore } from "../../journal/redrive.ts";
import type { EvidenceStore } from "../../release/evidence.ts";
import type { PromptStore } from "../../prompt/ports.ts";
import type { CandidateStore } from "../../release/candidates.ts";
import type { ReleaseStore } from "../../release/ports.ts";
import type { ProposalStore } from "../../release/proposal.ts";
import type { ServingStore } from "../../release/serving.ts";
import type { ReviewStore } from "../../review/ports.ts";
import type { BackupInfo, RestoredInput, RestoredOutcome } from "../backup.ts";
import { accept } from "./accept.ts";
import { awaitedTypes, eventWait, eventWaitsOf } from "./event-waits.ts";
import { appendAudit, auditEntries, auditHead, auditOf, unauditedHeads } from "./audit.ts";
import {
  addCases,
  beginDataset,
  datasetCase,
  datasetCases,
  datasets,
  datasetVersions,
  dropDatasetDraft,
  publishDataset,
} from "./datasets.ts";
import { deadGroups } from "./dead-groups.ts";
import { facets } from "./facets.ts";
import { endErasure, eraseEvent, erasures, eraseRun, noteErasure, runsOfEventId } from "./erase.ts";
import { cachedAnswers, evalReport, evalResults, placesDone } from "./eval-results.ts";
import {
  addEvals,
  cancelEval,
  endEval,
  evalRun,
  evalRuns,
  openEvals,
  putResults,
  reopenEval,
  takeEval,
  unfinishedEval,
} from "./evals.ts";
import { evidenceById, evidenceFor } from "./evidence.ts";
import { claim } from "./claim.ts";
import { commit } from "./commit.ts";
import { holdsOf, pause, presentHolds, resume } from "./holds.ts";
import { addDraft, draft, drafts, dropDraft, saveDraft } from "./drafts.ts";
import { dropKeptEvents } from "./kept-events.ts";
import { Copier } from "./copier.ts";
import { Lane } from "./lane.ts";
import { abandon, command, renew } from "./lease.ts";
import { asksTotals, counts, list } from "./list-runs.ts";
import { StoreError } from "../store-error.ts";
import type { ThreadData, WriterProbe } from "./thread-protocol.ts";
import type { Operation } from "./operation.ts";
import { drift, quarantine, quarantined } from "./quarantine.ts";
import { blobs, load, modelCallsSince, nextDue, run, runsOfEvent, standings } from "./read-runs.ts";
import {
  countDead,
  deadRuns,
  endRedrive,
  judgeRedrive,
  redrive,
  redriveRuns,
  redrives,
  redriveTurns,
  startRedrive,
} from "./redrives.ts";
import { proposal, proposals, propose, rejectProposal } from "./release-proposals.ts";
import {
  candidateAnswers,
  candidatesOfRun,
  candidatesSpent,
  candidateTotals,
  endedWithCandidate,
  followed,
  noteCandidates,
} from "./candidates.ts";
import { control, controls, publish, registerVersion, releases, versions } from "./releases.ts";
import { approvalsOf, approvePrompt, promptUsage, publications, publishPrompt, withdrawPrompt } from "./prompts.ts";
import { claimNextReview, reviewCounts } from "./review-queue.ts";
import { answer, claimReview, noteView, review, reviewViews, reviews, unclaimReview } from "./reviews.ts";
import { forgetWords, removeOriginals, removeQuarantined, removeValues, sweep } from "./retention.ts";
import { noteRestored } from "./restored.ts";
import { noteRunView, runViews } from "./run-views.ts";
import { leaveServing, noteServing, serving } from "./serving.ts";
import { restart } from "./restart.ts";
import { addToken, extendSession, redeemLogin, revokeToken, token, tokenByHash, tokens } from "./tokens.ts";
import { traffic } from "./traffic.ts";
import { writeProbe } from "./write-probe.ts";

export type Store = JournalStore &
  EventWaitStore &
  ReviewStore &
  ReleaseStore &
  ProposalStore &
  ServingStore &
  CandidateStore &
  TokenStore &
  HoldStore &
  RetentionStore &
  PromptStore &
  RedriveStore &
  EvalStore &
  DatasetStore &
  EvidenceStore;

export interface SqliteStore extends Store {
  /** Copies the store, as it stands at one moment, to a new file. Throws `UsageError` backup_running, `StoreError` disk_full. */
  snapshot(file: string): Promise<BackupInfo>;
  /** Resolves where the store's disk takes a write. */
  writeProbe(): Promise<void>;
  noteRestored(input: RestoredInput): Promise<RestoredOutcome>;
  /** Resolves when all that was asked for is done, the files are closed and the data folder is free. */
  close(): Promise<void>;
}

export interface SqliteOptions {
  /** Made where it does not exist. */
  dataDir: string;
  /** Key of the record chains; a folder made with another one is refused. */
  chainKey: Uint8Array;
  clock: Clock;
  /** Where tests stop the writer. */
  probe?: WriterProbe;
}

type Ask = <Input, Parsed, Output>(operation: Operation<Input, Parsed, Output>, input: Input) => Promise<Output>;

/**
 * Opens the embedded store and becomes the owner of its data folder.
 * Throws `UsageError`: `store_in_use`, `store_newer`, `not_a_store`, `wrong_key`.
 */
export async function openSqliteStore({ dataDir, chainKey, clock, probe }: SqliteOptions): Promise<SqliteStore> {
  const data = { dataDir, chainKey: Uint8Array.from(chainKey), now: clock.now() };
  // Both load at once; the writer opens first, since it makes the files and takes the lock.
  const writer = new Lane({ ...data, role: "writer", ...(probe === undefined ? {} : { probe }) });
  const reader = new Lane({ ...data, role: "reader" });
  try {
    await writer.open();
    await reader.open();
  } catch (error) {
    await Promise.all([reader.close(), writer.close()]);
    throw error;
  }
  const write: Ask = (operation, input) => writer.call(operation, input, clock.now());
  const read: Ask = (operation, input) => reader.call(operation, input, clock.now());
  const surveyor = new Surveyor({ ...data, role: "reader" });
  const copier = new Copier({ ...data, role: "reader" });
  const survey: Ask = (operation, input) => surveyor.lane((lane) => lane.call(operation, input, clock.now()));
  return {
    ...journal(write, read, survey),
    ...eventWaitsPort(write, read),
    ...reviewsPort(write, read, survey),
    ...releasesPort(write, read),
    ...promptsPort(write, read, survey),
    ...stagesPort(write, read, survey),
    ...tokensPort(write, read),
    ...holdsPort(write, read),
    ...retentionPort(write, read),
    ...redrivesPort(write, read, survey),
    ...evalsPort(write, read),
    ...datasetsPort(write, read),
    evidenceFor: (query, limit = 100) => read(evidenceFor, { query, limit }),
    evidenceById: (ids) => read(evidenceById, ids),
    writeProbe: async () => void (await write(writeProbe, null)),
    noteRestored: (input) => write(noteRestored, input),
    snapshot: async (file) => await copier.copy(file, clock.now()),
    async close() {
      await Promise.all([reader.close(), surveyor.close(), copier.close()]);
      await writer.close();
    },
  };
}

/**
 * A reader of its own for questions that count many runs, so that nothing that is quick waits behind them. Its thread is
 * started by the first of them: a process that nobody looks at does without.
 */
class Surveyor {
  readonly #data: ThreadData;
  #opening: Promise<Lane> | null = null;

  constructor(data: ThreadData) {
    this.#data = data;
  }

  lane<T>(use: (lane: Lane) => Promise<T>): Promise<T> {
    this.#opening ??= this.#open();
    return this.#opening.then(use);
  }

  async close(): Promise<void> {
    this.#opening ??= Promise.reject(new StoreError("closed", "The store is closed."));
    // What was asked before goes first: it has been waiting on the same promise for longer.
    await this.#opening.then((lane) => lane.close()).catch(() => {});
  }

  async #open(): Promise<Lane> {
    const lane = new Lane(this.#data);
    try {
      await lane.open();
      return lane;
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }
}

function journal(write: Ask, read: Ask, survey: Ask): JournalStore {
  return {
    accept: (inputs) => write(accept, inputs),
    claim: (request) => write(claim, request),
    commit: (input) => write(commit, input),
    renew: (held, leaseMs) => write(renew, { held, leaseMs }),
    abandon: (request) => write(abandon, request),
    command: (input) => write(command, input),
    restart: (input) => write(restart, input),
    nextDue: () => read(nextDue, null),
    run: (runId) => read(run, runId),
    load: (runId) => read(load, runId),
    standings: (runIds) => read(standings, runIds),
    modelCallsSince: (since) => read(modelCallsSince, since),
    runsOfEvent: (eventType, eventId) => read(runsOfEvent, { eventType, eventId }),
    list: (filter, page) => read(list, { filter, page }),
    traffic: (window) => survey(traffic, window),
    noteRunView: async (runId, by, reason) => void (await write(noteRunView, { runId, by, reason })),
    runViews: (runId) => read(runViews, runId),
    counts: (filter) => (asksTotals(filter) ? read : survey)(counts, filter),
    facets: (filter) => survey(facets, filter),
    deadGroups: (filter) => survey(deadGroups, filter),
    blobs: (hashes) => read(blobs, hashes),
    quarantine: async (items) => void (await write(quarantine, items)),
    quarantined: (page) => read(quarantined, page),
    drift: () => read(drift, null),
    unauditedHeads: (limit) => read(unauditedHeads, limit),
    appendAudit: async (entries) => void (await write(appendAudit, entries)),
    auditEntries: (page) => read(auditEntries, page),
    auditOf: (runIds) => read(auditOf, runIds),
    auditHead: () => read(auditHead, null),
  };
}

function eventWaitsPort(write: Ask, read: Ask): EventWaitStore {
  return {
    eventWait: (waitId) => read(eventWait, waitId),
    eventWaitsOf: (runId) => read(eventWaitsOf, runId),
    awaitedTypes: () => read(awaitedTypes, null),
    dropKeptEvents: (limit) => write(dropKeptEvents, limit),
  };
}

function reviewsPort(write: Ask, read: Ask, survey: Ask): ReviewStore {
  return {
    reviews: (filter, page) => read(reviews, { filter, page }),
    review: (reviewId) => read(review, reviewId),
    claimReview: (reviewId, by, forMs) => write(claimReview, { reviewId, by, forMs }),
    claimNextReview: (request) => write(claimNextReview, request),
    reviewCounts: (filter, by) => survey(reviewCounts, { filter, by }),
    unclaimReview: (reviewId, by) => write(unclaimReview, { reviewId, by }),
    answer: (input) => write(answer, input),
    noteView: async (reviewId, by, fields) => void (await write(noteView, { reviewId, by, fields })),
    reviewViews: (reviewId) => read(reviewViews, reviewId),
  };
}

function stagesPort(write: Ask, read: Ask, survey: Ask): ServingStore & CandidateStore {
  return {
    noteServing: async (note) => void (await write(noteServing, note)),
    leaveServing: async (worker) => void (await write(leaveServing, worker)),
    serving: (since) => read(serving, since),
    endedWithCandidate: (position, limit) => read(endedWithCandidate, { position, limit }),
    followed: (follower) => read(followed, follower),
    noteCandidates: async (input) => void (await write(noteCandidates, { followed: null, ...input })),
    candidatesOfRun: (runId) => read(candidatesOfRun, runId),
    candidateAnswers: (filter, page) => read(candidateAnswers, { filter, page }),
    candidateTotals: (workflow) => survey(candidateTotals, workflow),
    candidatesSpent: (since) => survey(candidatesSpent, since),
  };
}

function releasesPort(write: Ask, read: Ask): ReleaseStore & ProposalStore {
  return {
    control: (workflow) => read(control, workflow),
    controls: () => read(controls, null),
    publish: (release, expectedVersion, agreed) => write(publish, { release, expectedVersion, agreed: agreed ?? null }),
    propose: (given) => write(propose, given),
    proposals: (workflow) => read(proposals, workflow),
    proposal: (proposalId) => read(proposal, proposalId),
    rejectProposal: (rejection) => write(rejectProposal, rejection),
    releases: (workflow) => read(releases, workflow),
    registerVersion: (version) => write(registerVersion, version),
    versions: (kind) => read(versions, kind),
  };
}

function promptsPort(write: Ask, read: Ask, survey: Ask): PromptStore {
  return {
    publishPrompt: (input) => write(publishPrompt, input),
    publications: (name) => read(publications, name ?? null),
    withdrawPrompt: (input) => write(withdrawPrompt, input),
    approvePrompt: (input) => write(approvePrompt, input),
    approvalsOf: (hash) => read(approvalsOf, hash ?? null),
    promptUsage: (name, version) => survey(promptUsage, { name, version }),
    addDraft: (input) => write(addDraft, input),
    draft: (draftId) => read(draft, draftId),
    drafts: (name) => read(drafts, name ?? null),
    saveDraft: (input) => write(saveDraft, input),
    dropDraft: (input) => write(dropDraft, input),
  };
}

function redrivesPort(write: Ask, read: Ask, survey: Ask): RedriveStore {
  return {
    countDead: (filter) => survey(countDead, filter),
    deadRuns: (filter, limit) => survey(deadRuns, { filter, limit }),
    startRedrive: (input) => write(startRedrive, input),
    redriveTurns: (redriveId, limit) => read(redriveTurns, { redriveId, limit }),
    redriveRuns: (input) => write(redriveRuns, input),
    judgeRedrive: (redriveId) => write(judgeRedrive, redriveId),
    endRedrive: (input) => write(endRedrive, input),
    redrives: (state) => read(redrives, state ?? null),
    redrive: (redriveId) => read(redrive, redriveId),
  };
}

function datasetsPort(write: Ask, read: Ask): DatasetStore {
  return {
    beginDataset: (input) => write(beginDataset, input),
    addCases: (into, cases) => write(addCases, { draft: into, cases }),
    publishDataset: (from, hash) => write(publishDataset, { draft: from, hash }),
    dropDatasetDraft: async (dropped) => void (await write(dropDatasetDraft, dropped)),
    datasets: () => read(datasets, null),
    datasetVersions: (name) => read(datasetVersions, name),
    datasetCases: (query) => read(datasetCases, query),
    datasetCase: (query) => read(datasetCase, query),
  };
}

function evalsPort(write: Ask, read: Ask): EvalStore {
  return {
    addEvals: (evals) => write(addEvals, evals),
    evalRun: (evalId) => read(evalRun, evalId),
    evalRuns: (filter, page) => read(evalRuns, { filter, page }),
    unfinishedEval: (request) => read(unfinishedEval, request),
    openEvals: () => read(openEvals, null),
    takeEval: (evalId, owner) => write(takeEval, { evalId, owner }),
    reopenEval: (evalId, plan) => write(reopenEval, { evalId, plan }),
    putResults: (input) => write(putResults, input),
    evalResults: (query) => read(evalResults, query),
    placesDone: (evalId, from, to) => read(placesDone, { evalId, from, to }),
    cachedAnswers: (keys) => read(cachedAnswers, keys),
    endEval: (input) => write(endEval, input),
    cancelEval: (evalId, by, failure) => write(cancelEval, { evalId, by, failure }),
    evalReport: (evalId) => read(evalReport, evalId),
  };
}

function holdsPort(write: Ask, read: Ask): HoldStore {
  return {
    pause: (input) => write(pause, input),
    resume: (input) => write(resume, input),
    presentHolds: () => read(presentHolds, null),
    holdsOf: (workflow) => read(holdsOf, workflow),
  };
}

function tokensPort(write: Ask, read: Ask): TokenStore {
  return {
    addToken: async (added, hash) => void (await write(addToken, { token: added, hash })),
    token: (tokenId) => read(token, tokenId),
    tokenByHash: (hash) => read(tokenByHash, hash),
    tokens: () => read(tokens, null),
    revokeToken: (tokenId) => write(revokeToken, tokenId),
    redeemLogin: (redemption) => write(redeemLogin, redemption),
    extendSession: (tokenId, expiresAt) => write(extendSession, { tokenId, expiresAt }),
  };
}

function retentionPort(write: Ask, read: Ask): RetentionStore {
  return {
    removeOriginals: (input) => write(removeOriginals, input),
    removeValues: (input) => write(removeValues, input),
    removeQuarantined: (input) => write(removeQuarantined, input),
    forgetWords: (first) => write(forgetWords, { first }),
    sweep: () => write(sweep, null),
    eraseRun: (runId, record) => write(eraseRun, { runId, record }),
    eraseEvent: (eventId, dryRun = false) => write(eraseEvent, { eventId, dryRun }),
    noteErasure: (erasure) => write(noteErasure, erasure),
    endErasure: async (number, done) => void (await write(endErasure, { number, done })),
    runsOfEventId: (eventId) => read(runsOfEventId, eventId),
    erasures: (limit) => read(erasures, limit),
  };
}
