import { existsSync } from "node:fs";
import type { Problem } from "../base/json.ts";
import type { QuarantinedEvent } from "../journal/ports.ts";
import type { Run } from "../journal/run.ts";
import { TERMINAL } from "../journal/run.ts";
import { redactedRecords } from "../journal/run-journal.ts";
import { traceOf } from "../journal/trace.ts";
import { databaseFile } from "../store/sqlite/database.ts";
import type { Suite } from "../eval/suite.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import { submitEvents } from "../workflow/intake.ts";
import type { IntakeDeps } from "../workflow/intake.ts";
import { versionsUsed, whyOf } from "../workflow/why.ts";
import { verifyChains } from "./verify.ts";
import { eraseRuns } from "./erase.ts";
import { cancelRun } from "./commands.ts";
import { backUp } from "./backup.ts";
import { curveOf } from "./curve.ts";
import { evalsOf } from "./evals.ts";
import type { EvalDesk } from "./evals.ts";
import { holdsOf } from "./holds.ts";
import { messagesOf } from "./messages.ts";
import { Previews } from "./previews.ts";
import { promptsOf } from "./prompts.ts";
import { QueueGauge } from "./queue-gauge.ts";
import type { RedriveFollower } from "./redrive-follower.ts";
import { redrivingOf } from "./redrives.ts";
import { ReleaseDesk } from "./releases.ts";
import { candidatesOf } from "./shadow-candidates.ts";
import type { CandidateFollower } from "./shadow-candidates.ts";
import { ReviewDesk } from "./review-desk.ts";
import { restartRun } from "./restart.ts";
import { revealRun } from "./reveal.ts";
import type { Parts } from "./parts.ts";
import type { RunEvents } from "./run-events.ts";
import type { Sluice } from "./sluice.ts";
import { accessOf } from "./tokens.ts";
import { pictureOf } from "./workflow-picture.ts";

/** What works beside the worker. */
export interface Beside {
  redrives: RedriveFollower;
  candidates: CandidateFollower;
  evals: EvalDesk;
  suites(): readonly Suite[];
}

export function compose(parts: Parts, { redrives, candidates, evals, suites }: Beside): Sluice {
  const previews = new Previews(parts);
  return {
    project: parts.project,
    evals: evalsOf(evals, suites),
    releases: new ReleaseDesk(parts),
    candidates: candidatesOf(parts),
    datasets: parts.datasets,
    workflowPicture: async (workflow) => pictureOf(parts.project, workflow),
    ...running(parts, redrives, { previews, candidates, evals }),
    ...intake(parts),
    ...looking(parts),
    ...acting(parts),
    ...accessOf(parts),
    ...holdsOf(parts),
    ...promptsOf(parts),
    startPreview: previews.startPreview,
    promptPreview: previews.promptPreview,
    cancelPreview: previews.cancelPreview,
    thresholdCurve: (request) => curveOf(parts, request),
    ...redrivingOf(parts, () => redrives.poke()),
  };
}

function running(
  parts: Parts,
  redrives: RedriveFollower,
  { previews, candidates, evals }: { previews: Previews; candidates: CandidateFollower; evals: EvalDesk },
): Pick<Sluice, "health" | "drain" | "close" | "auditVerify" | "auditHead" | "backup"> {
  const { store, room, engine, worker, audit, keptEvents, retention, serving, feed, project } = parts;
  const drain = async (graceMs = project.config.drainGraceMs): Promise<void> => {
    await Promise.all([worker.stop(graceMs), redrives.stop(), evals.close()]);
  };
  return {
    async health() {
      try {
        await store.nextDue();
        // Nobody may send anything while it is full, so it is tried whether it still is.
        if (room.full || !existsSync(databaseFile(project.config.dataDir))) await store.writeProbe();
        return { ready: true, problems: [] };
      } catch (error) {
        return { ready: false, problems: [`The store does not answer: ${(error as Error).message}`] };
      }
    },
    auditVerify: () => verifyChains(store, engine.keyring),
    auditHead: () => store.auditHead(),
    drain,
    backup: () => backUp(parts),
    async close(graceMs = project.config.drainGraceMs) {
      await Promise.all([previews.close(), candidates.stop()]);
      await drain(graceMs);
      await serving.stop();
      await retention.stop();
      await audit.stop();
      await keptEvents.stop();
      feed.close();
      await engine.models.close();
      await store.close();
    },
  };
}

type Intake = Pick<Sluice, "submit" | "whenDecided" | "watch">;

function intake({ engine, store, project, workflows, worker, events, feed }: Parts): Intake {
  const gauge = new QueueGauge(store, engine.clock, project.config.queueLimit);
  const deps: IntakeDeps = {
    store,
    keyring: engine.keyring,
    clock: engine.clock,
    contracts: project.contracts,
    workflows: [...workflows.values()],
    awaited: engine.awaited,
    keepEventsMs: project.config.keepEventsMs,
    recent: engine.recent,
    probe: engine.probe,
  };
  return {
    async submit(bodies) {
      const retryAfterS = await gauge.enter(bodies.length);
      if (retryAfterS !== null) return bodies.map(() => ({ outcome: "queue_full", eventId: null, retryAfterS }));
      let runs = 0;
      try {
        const submissions = await submitEvents(deps, bodies);
        for (const each of submissions) if (each.outcome === "accepted") runs += each.runs.length;
        if (submissions.some(({ outcome }) => outcome === "accepted")) worker.poke();
        return submissions;
      } finally {
        gauge.arrived(bodies.length, runs);
      }
    },
    watch: (tell) => feed.watch(tell),
    whenDecided: (runId, timeoutMs, signal) => whenSettled(store, events, runId, timeoutMs, signal),
  };
}

/** Resolves at the run's end, when it waits for a person, or after `timeoutMs` or the signal, with the run as it stands. */
async function whenSettled(
  store: SqliteStore,
  events: RunEvents,
  runId: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Run | null> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, timeoutMs);
  signal?.addEventListener("abort", () => over.resolve(), { once: true });
  let changed = Promise.withResolvers<void>();
  const unwatch = events.watch(runId, () => changed.resolve());
  let done = false;
  void over.promise.then(() => (done = true));
  try {
    for (;;) {
      const run = await store.run(runId);
      if (run === null || done || TERMINAL.includes(run.status) || run.wait === "review") return run;
      await Promise.race([changed.promise, over.promise]);
      changed = Promise.withResolvers<void>();
    }
  } finally {
    clearTimeout(timer);
    unwatch();
  }
}

type Looking = Pick<
  Sluice,
  | "listRuns"
  | "countRuns"
  | "facetRuns"
  | "traffic"
  | "run"
  | "eventWaits"
  | "runViews"
  | "trace"
  | "messages"
  | "why"
  | "drift"
  | "quarantine"
>;

function looking(parts: Parts): Looking {
  const { store, project } = parts;
  const loaded = async (runId: string) => {
    const found = await store.load(runId);
    return found === null ? null : { run: found.run, records: await redactedRecords(found.records, store) };
  };
  return {
    listRuns: (filter, page) => store.list(filter, page),
    countRuns: (filter) => store.counts(filter),
    facetRuns: (filter) => store.facets(filter),
    run: (runId) => store.run(runId),
    eventWaits: (runId) => store.eventWaitsOf(runId),
    async trace(runId) {
      const found = await loaded(runId);
      return found === null ? null : traceOf(found.run, found.records);
    },
    messages: (runId, step) => messagesOf(parts, runId, step),
    async why(runId) {
      const found = await loaded(runId);
      if (found === null) return null;
      const queries = versionsUsed(found.records).map(({ prompt, hash }) =>
        store.evidenceFor({ kind: "prompt", name: prompt, hash }),
      );
      const evidence = (await Promise.all(queries)).flat();
      return whyOf(found.run, found.records, project.prompts, evidence);
    },
    traffic: (window) => store.traffic(window),
    runViews: (runId) => store.runViews(runId),
    drift: () => store.drift(),
    async quarantine(page) {
      const { items, next } = await store.quarantined(page);
      return { items: items.map(quarantinedItem), next };
    },
  };
}

function quarantinedItem(item: QuarantinedEvent): Omit<QuarantinedEvent, "body" | "errors"> & { errors: Problem[] } {
  const { quarantineId, receivedAt, eventType, eventId } = item;
  return { quarantineId, receivedAt, eventType, eventId, errors: JSON.parse(item.errors) as Problem[] };
}

type Acting = Pick<
  Sluice,
  | "cancel"
  | "restart"
  | "reveal"
  | "erase"
  | "erasures"
  | "listReviews"
  | "review"
  | "nextReview"
  | "countReviews"
  | "claimReview"
  | "unclaimReview"
  | "previewReview"
  | "decideReview"
>;

function acting(parts: Parts): Acting {
  const desk = new ReviewDesk(parts);
  return {
    cancel: (runId, actor, reason) => cancelRun(parts, runId, actor, reason),
    restart: (runId, request, actor) => restartRun(parts, runId, request, actor),
    reveal: (runId, actor, reason) => revealRun(parts, runId, actor, reason),
    erasures: (limit) => parts.store.erasures(limit),
    erase: (request, actor) => eraseRuns(parts, request, actor),
    listReviews: (filter, page) => parts.store.reviews(filter, page),
    review: (reviewId, actor) => desk.item(reviewId, actor),
    nextReview: (asked, actor) => desk.next(asked, actor),
    countReviews: (filter, actor) => parts.store.reviewCounts(filter, actor.name),
    claimReview: (reviewId, actor) => desk.claim(reviewId, actor),
    unclaimReview: (reviewId, actor) => desk.unclaim(reviewId, actor),
    previewReview: (reviewId, action, actor) => desk.preview(reviewId, action, actor),
    decideReview: (reviewId, action, actor, outcomeHash) => desk.decide(reviewId, action, actor, outcomeHash),
  };
}
