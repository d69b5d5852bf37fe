import type { ReactNode } from "react";
import { Badge } from "./badge.tsx";
import type { Tone } from "./badge.tsx";
import css from "./figures.module.css";
import { duration, percent, plural, usd } from "./format.ts";

export interface Interval {
  low: number;
  high: number;
}

interface ProportionProps {
  /** 0 to 1; null where nothing could be measured. */
  value: number | null;
  /** Exact, two-sided, 95 %. */
  interval: Interval | null;
  /** What it is a share of. */
  cases: number;
  /** One of them. */
  what?: string;
}

/** A share with its interval and how many it is of: no share is shown without them. */
export function Proportion({ value, interval, cases, what = "case" }: ProportionProps): ReactNode {
  if (value === null || cases === 0) return <span className={css["none"]}>no {what}</span>;
  return (
    <span className={css["proportion"]}>
      <strong>{percent(value, 2)}</strong>
      {interval !== null && <IntervalText interval={interval} />}
      <span className={css["of"]}>of {plural(cases, what)}</span>
    </span>
  );
}

export function IntervalText({ interval: { low, high } }: { interval: Interval }): ReactNode {
  return (
    <span className={css["interval"]} title="95 % interval, exact">
      {percent(low, 2)} to {percent(high, 2)}
    </span>
  );
}

/** A value in the unit of its metric: shares as percent, times, US dollars, else a number. */
export function metricText(metric: string, value: number, isShare: boolean): string {
  if (isShare) return percent(value, 2);
  if (metric.startsWith("latency")) return duration(value);
  if (metric.startsWith("cost")) return usd(value);
  return String(Number(value.toPrecision(4)));
}

const VERDICT_TONE: Readonly<Record<string, Tone>> = { PASS: "ok", FAIL: "bad", INCONCLUSIVE: "wait" };

/** PASS, FAIL or INCONCLUSIVE. */
export function Verdict({ verdict, title }: { verdict: string; title?: string }): ReactNode {
  return (
    <Badge tone={VERDICT_TONE[verdict] ?? "off"} {...(title === undefined ? {} : { title })}>
      {verdict}
    </Badge>
  );
}

const MEANS =
  "Answered by local/in-context, which learns from the examples of a prompt and does not read its instructions: the figure says nothing about the wording.";

/** Beside every figure that a model without instructions made. */
export function InContext({ long = false }: { long?: boolean }): ReactNode {
  if (long) return <p className={css["context"]}>{MEANS}</p>;
  return (
    <span className={css["mark"]} title={MEANS}>
      in-context: examples only
    </span>
  );
}
