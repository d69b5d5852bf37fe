import { accept } from "./accept.ts";
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
import { claim } from "./claim.ts";
import { commit } from "./commit.ts";
import { abandon, command, renew } from "./lease.ts";
import { holdsOf, pause, presentHolds, resume } from "./holds.ts";
import { counts, list } from "./list-runs.ts";
import { awaitedTypes, eventWait, eventWaitsOf } from "./event-waits.ts";
import { addDraft, draft, drafts, dropDraft, saveDraft } from "./drafts.ts";
import { dropKeptEvents } from "./kept-events.ts";
import type { AnyOperation } from "./operation.ts";
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
import { restart } from "./restart.ts";
import { leaveServing, noteServing, serving } from "./serving.ts";
import { snapshot } from "./snapshot.ts";
import { addToken, extendSession, redeemLogin, revokeToken, token, tokenByHash, tokens } from "./tokens.ts";
import { traffic } from "./traffic.ts";
import { writeProbe } from "./write-probe.ts";
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

/** What the writer thread does, by name. */
export const WRITES: ReadonlyMap<string, AnyOperation> = byName([
  accept,
  claim,
  commit,
  renew,
  abandon,
  command,
  dropKeptEvents,
  restart,
  quarantine,
  appendAudit,
  removeOriginals,
  removeValues,
  removeQuarantined,
  forgetWords,
  sweep,
  writeProbe,
  noteRestored,
  eraseRun,
  eraseEvent,
  noteErasure,
  endErasure,
  claimReview,
  claimNextReview,
  unclaimReview,
  answer,
  noteView,
  noteRunView,
  publish,
  propose,
  rejectProposal,
  registerVersion,
  publishPrompt,
  withdrawPrompt,
  approvePrompt,
  addDraft,
  saveDraft,
  dropDraft,
  noteServing,
  leaveServing,
  noteCandidates,
  addToken,
  revokeToken,
  redeemLogin,
  extendSession,
  pause,
  resume,
  startRedrive,
  redriveRuns,
  beginDataset,
  addCases,
  publishDataset,
  dropDatasetDraft,
  judgeRedrive,
  endRedrive,
  addEvals,
  takeEval,
  reopenEval,
  putResults,
  endEval,
  cancelEval,
]);

/** What the reader thread does, by name. */
export const READS: ReadonlyMap<string, AnyOperation> = byName([
  run,
  load,
  standings,
  modelCallsSince,
  runsOfEvent,
  eventWait,
  eventWaitsOf,
  awaitedTypes,
  list,
  counts,
  facets,
  blobs,
  nextDue,
  quarantined,
  drift,
  unauditedHeads,
  auditEntries,
  auditHead,
  auditOf,
  snapshot,
  erasures,
  runsOfEventId,
  review,
  reviews,
  reviewViews,
  reviewCounts,
  runViews,
  traffic,
  control,
  controls,
  proposal,
  proposals,
  releases,
  serving,
  endedWithCandidate,
  followed,
  candidatesOfRun,
  candidateAnswers,
  candidateTotals,
  candidatesSpent,
  versions,
  publications,
  approvalsOf,
  promptUsage,
  draft,
  drafts,
  token,
  tokenByHash,
  tokens,
  presentHolds,
  holdsOf,
  datasets,
  datasetVersions,
  datasetCases,
  datasetCase,
  deadGroups,
  countDead,
  deadRuns,
  redriveTurns,
  redrives,
  redrive,
  evalRun,
  evalRuns,
  unfinishedEval,
  openEvals,
  evalResults,
  placesDone,
  cachedAnswers,
  evalReport,
  evidenceFor,
  evidenceById,
]);

function byName(operations: readonly unknown[]): ReadonlyMap<string, AnyOperation> {
  return new Map((operations as AnyOperation[]).map((operation) => [operation.name, operation]));
}
