/** What is looked at over a soak, in the order it is printed. */
export interface Sample {
  /** Seconds since the start. */
  at: number;
  /** How often the server was started by then. */
  life: number;
  rssMb: number;
  heapMb: number;
  handles: number;
  walMb: number;
  /** Of the database file, for each run in it. */
  kbPerRun: number;
  /** Milliseconds; NaN where nothing came in between. */
  intake: Percentiles;
  /** From the event to its decision, of runs that no person had to look at. */
  decision: Percentiles;
  queued: number;
}

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

export interface Flatness {
  figure: string;
  /** By the line through the second half, at its two ends. */
  from: number;
  to: number;
  /** How far apart the two may be. */
  allowed: number;
  flat: boolean;
}

interface Bound {
  figure: string;
  of: (sample: Sample) => number;
  /** Whichever is more: so much of where it began, or so much in its own unit. */
  share: number;
  least: number;
}

const BOUNDS: readonly Bound[] = [
  { figure: "RSS MB", of: ({ rssMb }) => rssMb, share: 0.1, least: 25 },
  { figure: "heap MB", of: ({ heapMb }) => heapMb, share: 0.1, least: 8 },
  { figure: "file handles", of: ({ handles }) => handles, share: 0, least: 8 },
  { figure: "WAL MB", of: ({ walMb }) => walMb, share: 0.25, least: 8 },
  { figure: "database KB a run", of: ({ kbPerRun }) => kbPerRun, share: 0.1, least: 1 },
  { figure: "intake p95 ms", of: ({ intake }) => intake.p95, share: 0.5, least: 20 },
  { figure: "event to decision p95 ms", of: ({ decision }) => decision.p95, share: 0.5, least: 500 },
  { figure: "queue", of: ({ queued }) => queued, share: 0.5, least: 50 },
];

/** Whether each figure stays where it is over the second half, by least squares. Falling is as good as staying. */
export function flatnessOf(samples: readonly Sample[]): Flatness[] {
  const middle = ((samples[0]?.at ?? 0) + (samples.at(-1)?.at ?? 0)) / 2;
  const half = samples.filter(({ at }) => at >= middle);
  return BOUNDS.map(({ figure, of, share, least }) => {
    const points = half.map((each) => ({ x: each.at, y: of(each) })).filter(({ y }) => Number.isFinite(y));
    const { from, to } = lineThrough(points);
    const allowed = Math.max(from * share, least);
    return { figure, from, to, allowed, flat: points.length > 1 && to - from <= allowed };
  });
}

/** The values of the least-squares line at the first and the last point. */
function lineThrough(points: readonly { x: number; y: number }[]): { from: number; to: number } {
  const mean = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  const slope = spread === 0 ? 0 : points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
  return { from: y + slope * ((points[0]?.x ?? x) - x), to: y + slope * ((points.at(-1)?.x ?? x) - x) };
}

/** Of numbers in any order. */
export function percentilesOf(numbers: readonly number[]): Percentiles {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
