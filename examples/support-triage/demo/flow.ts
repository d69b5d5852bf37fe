import { setTimeout as pause } from "node:timers/promises";
import type { Api, Receipt, Review, Run, TraceStep } from "./api.ts";
import { progress } from "./progress.ts";
import type { Stream } from "./tickets.ts";

const BATCH = 25;
const SETTLED_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 150;
const READERS = 12;

/** A run with everything the demo looks at. */
export interface SeenRun extends Run {
  steps: TraceStep[];
  reviews: Review[];
}

/** Posts the whole stream in order, re-sent tickets included; one receipt per line. */
export async function postAll(api: Api, { lines }: Stream): Promise<Receipt[]> {
  const shown = progress("Posting tickets", lines.length);
  const receipts: Receipt[] = [];
  for (let i = 0; i < lines.length; i += BATCH) {
    receipts.push(...(await api.postEvents(`[${lines.slice(i, i + BATCH).join(",")}]`)));
    shown.update(receipts.length);
  }
  shown.end();
  return receipts;
}

/** Resolves once each run has ended or waits for a person. */
export async function untilSettled(api: Api, total: number): Promise<void> {
  const shown = progress("Deciding", total);
  const deadline = Date.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const moving = await movingRuns(api);
    const settled = Math.max(0, total - moving);
    if (moving === 0) {
      shown.update(total);
      shown.end();
      return;
    }
    shown.update(Math.min(settled, total - 1));
    if (Date.now() > deadline)
      throw new Error(`${moving} runs have not settled within ${SETTLED_WITHIN_MS / 1_000} s.`);
    await pause(LOOK_EVERY_MS);
  }
}

/** Queued, running, or waiting for anything but a person. */
async function movingRuns(api: Api): Promise<number> {
  const counts = await api.get<Record<string, number>>("/v1/runs/counts");
  const moving = (counts["queued"] ?? 0) + (counts["running"] ?? 0);
  if (moving > 0 || (counts["waiting"] ?? 0) === 0) return moving;
  const waiting = await api.all<Run>("/v1/runs?status=waiting");
  return waiting.filter((run) => run.waiting_for !== "review").length;
}

/** Every run with its trace and its open reviews. */
export async function readRuns(api: Api): Promise<SeenRun[]> {
  const runs = await api.all<Run>("/v1/runs");
  const reviews = Map.groupBy(await api.all<Review>("/v1/reviews?status=open"), (review) => review.run_id);
  const seen: SeenRun[] = [];
  const next = runs.values();
  const reader = async (): Promise<void> => {
    for (const run of next) {
      const steps = await api.get<TraceStep[]>(`/v1/runs/${run.run_id}/trace`);
      seen.push({ ...run, steps, reviews: reviews.get(run.run_id) ?? [] });
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return seen.sort((a, b) => (a.run_id < b.run_id ? -1 : 1));
}
