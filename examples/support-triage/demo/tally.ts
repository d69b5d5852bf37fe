import type { Receipt } from "./api.ts";
import type { SeenRun } from "./flow.ts";
import type { Label } from "./tickets.ts";

/** What happened to the stream. Latencies in milliseconds, from acknowledged to decided. */
export interface Tally {
  accepted: number;
  duplicates: number;
  refused: number;
  decided: number;
  waiting: number;
  /** Of those that wait: how many, by why. */
  waitingFor: Map<string, number>;
  escalated: number;
  repaired: number;
  /** Runs that got no answer the workflow could rest on, by what stopped them. */
  failedClosed: Map<string, number>;
  retriedCalls: number;
  p50: number | null;
  p95: number | null;
  /** Null where a price is unknown. */
  costUsd: number | null;
  right: { category: number; urgency: number; both: number };
}

export function tally(
  receipts: readonly Receipt[],
  runs: readonly SeenRun[],
  labels: ReadonlyMap<string, Label>,
): Tally {
  const decided = runs.filter(isDecided);
  const times = decided.map(latencyOf).sort((a, b) => a - b);
  return {
    accepted: receipts.filter(({ status }) => status === 202).length,
    duplicates: receipts.filter(({ duplicate }) => duplicate === true).length,
    refused: receipts.filter(({ status }) => status >= 400).length,
    decided: decided.length,
    waiting: runs.filter(({ waiting_for }) => waiting_for === "review").length,
    waitingFor: countBy(runs.flatMap(({ reviews }) => reviews.map(({ why }) => why))),
    escalated: runs.filter(({ steps }) => settledKeys(steps, "create_escalation").length > 0).length,
    repaired: runs.filter(({ steps }) => steps.some(({ type }) => type === "repair")).length,
    failedClosed: countBy(runs.flatMap(whyClosed)),
    retriedCalls: runs.flatMap(({ steps }) => steps).filter(({ attempt, type }) => type === "tool_call" && attempt > 1)
      .length,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    costUsd: runs.reduce<number | null>(
      (sum, { cost_usd }) => (sum === null || cost_usd === null ? null : sum + cost_usd),
      0,
    ),
    right: rightness(decided, labels),
  };
}

/** Decided without a person. */
export function isDecided({ status, disposition }: SeenRun): boolean {
  return status === "completed" && disposition === "applied";
}

/** Idempotency keys of this tool's writes that are known to have happened. */
export function settledKeys(steps: SeenRun["steps"], tool: string): string[] {
  return steps.flatMap((step) =>
    step.tool === tool && step.status === "success" && step.idempotency_key !== undefined ? [step.idempotency_key] : [],
  );
}

/** A review that the workflow's own doubt or the stage asked for is not a failure; everything else is. */
function whyClosed({ status, failure, reviews }: SeenRun): string[] {
  if (status === "dead") return [`dead letter (${failure?.class ?? "unknown"})`];
  if (status === "stopped") return [`stopped (${failure?.class ?? "unknown"})`];
  const failed = new Set(["invalid_output", "rule_failed", "tool_drift", "denied", "budget", "refused"]);
  return reviews
    .map(({ why }) => why)
    .filter((why) => failed.has(why))
    .slice(0, 1);
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function latencyOf({ created_at, ended_at }: SeenRun): number {
  return Date.parse(ended_at as string) - Date.parse(created_at);
}

function rightness(decided: readonly SeenRun[], labels: ReadonlyMap<string, Label>): Tally["right"] {
  const right = { category: 0, urgency: 0, both: 0 };
  for (const { event_id, decision } of decided) {
    const label = labels.get(event_id);
    const category = label !== undefined && decision?.category === label.category;
    const urgency = label !== undefined && decision?.urgency === label.urgency;
    right.category += Number(category);
    right.urgency += Number(urgency);
    right.both += Number(category && urgency);
  }
  return right;
}

/** Of sorted values: the smallest with at least that share at or below it. */
export function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
