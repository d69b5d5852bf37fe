import { paced } from "./hold.ts";
import type { CommitInput } from "./ports.ts";
import type { RunFilter } from "./run-filter.ts";
import type { SealedRecord } from "./record.ts";

/** What a redrive in the background was asked to do. */
export interface RedrivePlan {
  /** One run, or all dead runs that matched when it began. */
  filter: RunFilter & { runId?: string };
  /** So many are redriven first, and have to come to something before the others are; 0: none. */
  canary: number;
  /** Runs a minute; null: as fast as they can be. */
  perMinute: number | null;
  /** Share of the redriven that may die again, of which it stops; null: no canary at all, later `DEFAULT_STOP_RATE`. */
  stopRate: number | null;
  /** What came to something, before the share of the dead among it counts (after the canary). */
  minSample: number;
  /** The release of the workflow that the runs go by from now on; null: the one they pinned. */
  release: number | null;
}

export const DEFAULT_STOP_RATE = 0.2;
export const DEFAULT_MIN_SAMPLE = 10;
/** Most runs one redrive takes. */
export const MAX_REDRIVEN = 100_000;

export type RedriveState = "running" | "done" | "stopped" | "cancelled";

/** A redrive in the background. Times are epoch ms; the counts are of its runs. */
export interface Redrive {
  redriveId: string;
  state: RedriveState;
  /** Why it stopped by itself. */
  why: string | null;
  plan: RedrivePlan;
  by: string;
  reason: string;
  createdAt: number;
  endedAt: number | null;
  /** Who cancelled it. */
  endedBy: string | null;
  nextAt: number;
  total: number;
  redriven: number;
  /** No longer dead when their turn came, or not to be read. */
  refused: number;
  /** Ended otherwise than dead, after the redrive. */
  wentOn: number;
  /** Came to wait for a person. */
  waits: number;
  died: number;
}

export interface StartRedrive {
  redriveId: string;
  plan: RedrivePlan;
  limit: number;
  by: string;
  reason: string;
}

/** A dead run with its turn in a redrive. */
export interface RedriveTurn {
  place: number;
  runId: string;
  workflow: string;
}

export interface RedriveItem {
  runId: string;
  /** In the redrive of `RedriveInput`. */
  place: number;
  /** Null: it cannot be redriven, for this reason. */
  record: SealedRecord | null;
  why?: string;
  /** What it goes by from now on, where that changes. */
  pins?: NonNullable<CommitInput["pins"]>;
}

export interface RedriveInput {
  /** Null: no background job. One that does not run any more redrives nothing. */
  redriveId: string | null;
  items: readonly RedriveItem[];
  /** When the next one is due. */
  nextAt: number;
}

export type RedriveResult = { runId: string; ok: true } | { runId: string; ok: false; why: string };

/** How a redrive stands, and what its runs that came to nothing yet do. */
export interface RedriveStanding {
  redrive: Redrive;
  /** In the queue, running, or to be tried again by themselves. */
  moving: number;
  /** Waiting for a time or an event. */
  resting: number;
}

export interface RedriveStore {
  /** How many dead runs match, by workflow. */
  countDead(filter: RunFilter): Promise<{ workflow: string; count: number }[]>;
  /** Ids of dead runs that match, oldest first. */
  deadRuns(filter: RunFilter, limit: number): Promise<string[]>;
  /** Fixes which runs it is about, oldest first, and begins. */
  startRedrive(input: StartRedrive): Promise<Redrive>;
  /** Whose turn it is next. */
  redriveTurns(redriveId: string, limit: number): Promise<RedriveTurn[]>;
  /** Sends dead runs back to the queue, each once in a redrive, with its record; in order of the items. */
  redriveRuns(input: RedriveInput): Promise<RedriveResult[]>;
  /** Counts what the redriven runs came to. Null: there is no such redrive. */
  judgeRedrive(redriveId: string): Promise<RedriveStanding | null>;
  /** Ends one that runs; answers it as it is then. */
  endRedrive(input: {
    redriveId: string;
    state: Exclude<RedriveState, "running">;
    why: string | null;
    by: string | null;
  }): Promise<Redrive | null>;
  /** Newest first, the last 200; `state`: only those. */
  redrives(state?: RedriveState): Promise<Redrive[]>;
  redrive(redriveId: string): Promise<Redrive | null>;
}

/** What a redrive does next. */
export type RedriveStep =
  | { do: "redrive"; count: number; nextAt: number }
  | { do: "wait" }
  | { do: "stop"; why: string }
  | { do: "done" };

const BATCH = 50;
/** Runs on their way at once: beyond it the queue would only grow, and the stop rule come too late. */
const MOST_MOVING = 500;

/** Decides from how a redrive stands what follows. Pure. */
export function nextStep({ redrive, moving }: RedriveStanding, now: number): RedriveStep {
  const why = whyStop(redrive);
  if (why !== null) return { do: "stop", why };
  const { plan, total, redriven, refused, wentOn, waits, died } = redrive;
  const left = total - redriven - refused;
  if (left === 0) return moving > 0 ? { do: "wait" } : { do: "done" };
  const inCanary = redriven < plan.canary;
  if (!inCanary && redriven === plan.canary && wentOn + waits + died < redriven) return { do: "wait" };
  const most = Math.min(left, BATCH, MOST_MOVING - moving, inCanary ? plan.canary - redriven : left);
  if (most <= 0) return { do: "wait" };
  if (plan.perMinute === null) return { do: "redrive", count: most, nextAt: now };
  let count = 0;
  let { nextAt } = redrive;
  while (count < most && nextAt <= now) {
    nextAt = paced(nextAt, now, plan.perMinute);
    count++;
  }
  return count === 0 ? { do: "wait" } : { do: "redrive", count, nextAt: Math.ceil(nextAt) };
}

/** Null where it may go on. A run that died again counts whatever it died of; one that waits for a person does not. */
function whyStop({ plan, redriven, wentOn, waits, died }: Redrive): string | null {
  const { canary, stopRate, minSample } = plan;
  if (died === 0) return null;
  if (canary > 0 && redriven <= canary) {
    if (stopRate !== null && died / canary < stopRate) return null;
    if (canary === 1) return "The one run that went first died again.";
    return `${died} of the ${canary} runs that went first died again.`;
  }
  const judged = wentOn + waits + died;
  const most = stopRate ?? DEFAULT_STOP_RATE;
  if (judged < minSample || died / judged < most) return null;
  return `${died} of ${judged} redriven runs died again: ${percent(died / judged)}, and it stops at ${percent(most)}.`;
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
