import type { SqliteStore } from "../store/sqlite/open.ts";
import type { ReviewOutcome } from "../review/ports.ts";

type Operations = Omit<SqliteStore, "close">;

/** The runs an operation has changed, by what it was given and what it answered. */
type Touched<K extends keyof Operations> = (
  answer: Awaited<ReturnType<Operations[K]>>,
  ...given: Parameters<Operations[K]>
) => readonly string[];

const byReview = (outcome: ReviewOutcome): readonly string[] => (outcome.ok ? [outcome.review.runId] : []);

/**
 * Every operation of the store, and which runs it changes; null: none. A new operation has to be entered here, so that no
 * change goes untold. (A run whose lease ran out is told of when it is claimed again.)
 */
const TOUCHES: { readonly [K in keyof Operations]: Touched<K> | null } = {
  accept: (results) =>
    results.flatMap((result) =>
      result.outcome === "accepted" ? [...result.runs.map(({ runId }) => runId), ...result.woken] : [],
    ),
  claim: (claimed) => claimed.map(({ run }) => run.runId),
  commit: (result, { runId }) => (result.ok ? [runId] : []),
  abandon: ({ poisoned }) => poisoned,
  command: (result, { runId }) => (result.ok ? [runId] : []),
  restart: (result, { runId }) => (result.ok ? [runId] : []),
  claimReview: byReview,
  unclaimReview: byReview,
  answer: byReview,
  claimNextReview: (review) => (review === null ? [] : [review.runId]),
  removeOriginals: ({ removed }) => removed,
  removeValues: ({ removed }) => removed,
  eraseRun: (outcome, runId) => (outcome === "erased" ? [runId] : []),
  removeQuarantined: null,
  forgetWords: null,
  sweep: null,
  snapshot: null,
  writeProbe: null,
  noteRestored: null,
  eraseEvent: null,
  runsOfEventId: null,
  noteErasure: null,
  endErasure: null,
  erasures: null,
  renew: null,
  nextDue: null,
  run: null,
  load: null,
  standings: null,
  runsOfEvent: null,
  modelCallsSince: null,
  eventWait: null,
  eventWaitsOf: null,
  awaitedTypes: null,
  dropKeptEvents: null,
  list: null,
  counts: null,
  facets: null,
  blobs: null,
  traffic: null,
  noteRunView: null,
  runViews: null,
  quarantine: null,
  quarantined: null,
  drift: null,
  unauditedHeads: null,
  appendAudit: null,
  auditEntries: null,
  auditHead: null,
  auditOf: null,
  reviews: null,
  review: null,
  noteView: null,
  reviewViews: null,
  reviewCounts: null,
  control: null,
  controls: null,
  propose: null,
  proposal: null,
  proposals: null,
  rejectProposal: null,
  publish: null,
  releases: null,
  noteServing: null,
  leaveServing: null,
  serving: null,
  endedWithCandidate: null,
  followed: null,
  noteCandidates: null,
  candidatesOfRun: null,
  candidateAnswers: null,
  candidateTotals: null,
  candidatesSpent: null,
  registerVersion: null,
  versions: null,
  publishPrompt: null,
  publications: null,
  withdrawPrompt: null,
  approvePrompt: null,
  approvalsOf: null,
  promptUsage: null,
  addDraft: null,
  draft: null,
  drafts: null,
  saveDraft: null,
  dropDraft: null,
  addToken: null,
  token: null,
  tokenByHash: null,
  tokens: null,
  revokeToken: null,
  redeemLogin: null,
  extendSession: null,
  redriveRuns: (results) => results.flatMap(({ runId, ok }) => (ok ? [runId] : [])),
  countDead: null,
  deadRuns: null,
  deadGroups: null,
  startRedrive: null,
  redriveTurns: null,
  judgeRedrive: null,
  endRedrive: null,
  redrives: null,
  redrive: null,
  // The parked runs that a resume queues are few, and told of when they are claimed.
  pause: null,
  resume: null,
  presentHolds: null,
  holdsOf: null,
  addEvals: null,
  beginDataset: null,
  addCases: null,
  publishDataset: null,
  dropDatasetDraft: null,
  datasets: null,
  datasetVersions: null,
  datasetCases: null,
  datasetCase: null,
  evalRun: null,
  evalRuns: null,
  unfinishedEval: null,
  openEvals: null,
  takeEval: null,
  reopenEval: null,
  putResults: null,
  evalResults: null,
  placesDone: null,
  cachedAnswers: null,
  endEval: null,
  cancelEval: null,
  evalReport: null,
  evidenceFor: null,
  evidenceById: null,
};

/** `store`, telling `changed` of every run that it has changed, once that is on disk. */
export function toldStore(store: SqliteStore, changed: (runIds: readonly string[]) => void): SqliteStore {
  type AnyOperation = (...given: unknown[]) => Promise<unknown>;
  const operations = store as unknown as Record<string, AnyOperation>;
  const telling = Object.entries(TOUCHES).flatMap(([name, touched]) => {
    if (touched === null) return [];
    const operation = operations[name] as AnyOperation;
    const runsOf = touched as (answer: unknown, ...given: unknown[]) => readonly string[];
    const told: AnyOperation = async (...given) => {
      const answer = await operation(...given);
      changed(runsOf(answer, ...given));
      return answer;
    };
    return [[name, told] as const];
  });
  return { ...store, ...Object.fromEntries(telling) };
}
