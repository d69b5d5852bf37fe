import type { Run, TraceStep } from "../../api/schema.gen.ts";
import { spanOf } from "./step-words.ts";

/** A stretch in which nothing ran, drawn shorter than it was. Times are epoch ms, places 0 to 1. */
export interface Gap {
  from: number;
  to: number;
  left: number;
  right: number;
  /** What it waited for. */
  why: string;
}

/** Where moments of a run stand on its time axis. */
export interface Axis {
  /** Place of a moment, 0 to 1; moments outside the run are at its ends. */
  place(at: number): number;
  gaps: readonly Gap[];
  /** Ms in which something ran. */
  busyMs: number;
  start: number;
  end: number;
}

/** What stands still may take twice the room of what ran; the longest stretches beyond that are drawn short. */
const STILL_PER_BUSY = 2;
/** Shorter stretches are drawn as they are. */
const SHORT_MS = 100;
const GAP_WIDTH = 0.09;
const GAPS_WIDTH = 0.45;
const MOST_PER_MS = 0.02;

interface Stretch {
  from: number;
  to: number;
  still: boolean;
}

type Timed = Pick<Run, "status" | "waiting_for" | "created_at" | "ended_at">;

/** Waits for people, timers and a free worker would leave no room for steps of milliseconds, so they are drawn short. */
export function axisOf(run: Timed, trace: readonly TraceStep[], now: number): Axis {
  const stretches = stretchesOf(run, trace, now);
  const busyMs = total(stretches.filter(({ still }) => !still));
  const short = drawnShort(stretches, Math.max(busyMs, SHORT_MS));
  const long = total(stretches.filter((each) => !short.has(each)));
  // Where next to nothing ran, milliseconds are not stretched over the whole axis.
  const longShare =
    short.size === 0 ? 1 : Math.min(1 - Math.min(GAP_WIDTH * short.size, GAPS_WIDTH), long * MOST_PER_MS);
  const gapWidth = (1 - longShare) / Math.max(1, short.size);
  const perMs = long === 0 ? 0 : longShare / long;
  let left = 0;
  const placed = stretches.map((stretch) => {
    const width = short.has(stretch) ? gapWidth : (stretch.to - stretch.from) * perMs;
    const at = { ...stretch, left, right: left + width, gap: short.has(stretch) };
    left += width;
    return at;
  });
  const gaps = placed.filter(({ gap }) => gap).map(({ from, to, left: l, right }) => ({ from, to, left: l, right, why: whyStill(run, trace, (from + to) / 2) })); // prettier-ignore
  const [start, end] = [stretches[0]?.from ?? 0, stretches.at(-1)?.to ?? 0];
  return { place: (at) => placeIn(placed, at), gaps, busyMs, start, end };
}

function total(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** The run from its event to its end, cut where something begins or ceases to run. */
function stretchesOf(run: Timed, trace: readonly TraceStep[], now: number): Stretch[] {
  // What came on record after the end, such as an erasure, made the run no longer.
  const over = run.ended_at === null ? Number.POSITIVE_INFINITY : Date.parse(run.ended_at);
  const spans = trace
    .map(busySpan)
    .filter(({ start }) => start <= over)
    .sort((a, b) => a.start - b.start);
  const stretches: Stretch[] = [];
  let at = Math.min(Date.parse(run.created_at), spans[0]?.start ?? Number.POSITIVE_INFINITY);
  const add = (to: number, still: boolean): void => {
    const last = stretches.at(-1);
    if (to > at && !still && last?.still === false) last.to = to;
    else if (to > at) stretches.push({ from: at, to, still });
    at = Math.max(at, to);
  };
  for (const { start, end } of spans) {
    add(start, true);
    add(end, false);
  }
  add(run.ended_at === null ? now : Date.parse(run.ended_at), run.status !== "running");
  return stretches;
}

/** Nothing runs while a person or a timer is waited for: of those steps only the end is a moment of work. */
function busySpan(step: TraceStep): { start: number; end: number } {
  const { start, end } = spanOf(step);
  return step.type === "review" || step.type === "wait" || step.type === "override"
    ? { start: end, end }
    : { start, end };
}

function drawnShort(stretches: readonly Stretch[], busyMs: number): ReadonlySet<Stretch> {
  const still = stretches.filter((each) => each.still).toSorted((a, b) => b.to - b.from - (a.to - a.from));
  let left = total(still);
  const short = new Set<Stretch>();
  for (const stretch of still) {
    const ms = stretch.to - stretch.from;
    if (left <= busyMs * STILL_PER_BUSY || ms < SHORT_MS) break;
    short.add(stretch);
    left -= ms;
  }
  return short;
}

/** What was waited for at a moment at which nothing ran. */
function whyStill(run: Timed, trace: readonly TraceStep[], at: number): string {
  const before = trace.filter((step) => busySpan(step).end <= at);
  const last = before.at(-1);
  const isLast = before.length === trace.length;
  if (last === undefined || last.type === "trigger") return "in the queue";
  if (isLast && run.status === "queued") return "in the queue";
  if (last.status === "waiting" && last.type === "wait") return isEventWait(last) ? "for an event" : "asleep";
  if (last.status === "waiting" && last.type === "review") return "for a person";
  if (isLast && run.waiting_for === "review") return "for a person";
  if (last.status === "error" && !(isLast && run.ended_at !== null)) return "until the next attempt";
  return "between steps";
}

/** Of the two kinds of waits one names what it waits for; a sleep does not. */
function isEventWait({ input }: TraceStep): boolean {
  return typeof input === "object" && input !== null && "event" in input;
}

function placeIn(placed: readonly (Stretch & { left: number; right: number })[], at: number): number {
  let [low, high] = [0, placed.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placed[middle]?.to ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const found = placed[low];
  if (found === undefined) return 0;
  const share = (at - found.from) / Math.max(found.to - found.from, Number.EPSILON);
  return found.left + Math.min(1, Math.max(0, share)) * (found.right - found.left);
}
