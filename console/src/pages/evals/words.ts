import type { Eval, EvalSubject, TargetRow } from "../../api/schema.gen.ts";
import { count, duration, percent, usd } from "../../parts/format.ts";
import type { Tone } from "../../parts/badge.tsx";

/** A model without instructions: its figures say nothing about them. */
const IN_CONTEXT = "local/in-context";

export function modelsOf(subject: EvalSubject): string[] {
  return subject.kind === "prompt" ? [subject.model] : Object.values(subject.prompts).map(({ model }) => model);
}

export function isInContext(subject: EvalSubject): boolean {
  return modelsOf(subject).includes(IN_CONTEXT);
}

export function subjectText(subject: EvalSubject): string {
  if (subject.kind === "prompt") return `${subject.prompt}@${subject.version}`;
  const prompts = Object.values(subject.prompts).map(({ prompt, version }) => `${prompt}@${version}`);
  return [subject.workflow, ...prompts].join(", ");
}

type Unit = TargetRow["unit"] | (string & {});

/** A figure in its unit. Shares have two places, and more where fewer would make it a target it is not. */
export function figureText(unit: Unit, value: number | null, bound?: number): string {
  if (value === null) return "–";
  if (unit === "ms") return duration(value);
  if (unit === "usd") return usd(value);
  if (unit === "tokens") return count(Math.round(value * 100) / 100);
  const digits = [2, 3, 4, 6].find((each) => bound === undefined || value === bound || percent(value, each) !== percent(bound, each)); // prettier-ignore
  return percent(value, digits ?? 8);
}

/** Exact, two-sided, 95 %. */
export function intervalText({ low, high }: { low: number; high: number }): string {
  return `${percent(low, 2)} to ${percent(high, 2)}`;
}

/** `34 of 35`; with repeats a part of a case may have passed. */
export function ofCases(hits: number | null, cases: number): string {
  const shown = (n: number): string => count(Math.round(n * 100) / 100);
  return hits === null ? shown(cases) : `${shown(hits)} of ${shown(cases)}`;
}

/** Four digits, however small. */
export function pText(p: number): string {
  return p >= 0.001 ? p.toFixed(4) : p.toExponential(2);
}

const TONES: Readonly<Record<Eval["status"], Tone>> = {
  queued: "off",
  running: "run",
  done: "ok",
  failed: "bad",
  cancelled: "off",
};

export function toneOf(status: Eval["status"]): Tone {
  return TONES[status];
}

/** A value on one line. */
export function valueText(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** Progress in words: `420 of 1,000, 0.12 $ so far, about 40 s left`. */
export function progressText({ done, total, cached, cost_usd: cost, unpriced, seconds_left: left }: Eval): string {
  return [
    `${count(done)} of ${count(total)} attempts`,
    ...(cached > 0 ? [`${count(cached)} from the cache`] : []),
    unpriced > 0 ? "cost unknown" : `${usd(cost)} so far`,
    ...(left === null ? [] : [`about ${duration(left * 1_000)} left`]),
  ].join(" · ");
}
