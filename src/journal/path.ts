import { REVIEW_OF } from "./names.ts";
import type { JournalRecord } from "./record.ts";
import type { RunStatus } from "./run.ts";
import { TERMINAL } from "./run.ts";

/** The nodes of a workflow's picture that are no steps. Steps are `step:NAME`. */
export const TRIGGER = "trigger";
export const DECIDE = "decide";

/** One move of a run through the picture: the node it came to, and whether it failed there for good. */
export interface Hop {
  node: string;
  failed: boolean;
}

export type Passed = Pick<JournalRecord, "kind" | "name" | "key" | "status" | "ends">;

/** Where a run in this status ends in the picture, or stands now. */
export function lastNode(status: RunStatus): string {
  return TERMINAL.includes(status) ? `end:${status}` : `now:${status}`;
}

/** The status that `end:…` and `now:…` stand for; null for the nodes that are steps. */
export function statusOfNode(node: string): RunStatus | null {
  return node.startsWith("end:") || node.startsWith("now:") ? (node.slice(4) as RunStatus) : null;
}

/**
 * The node a record belongs to; null for what is no step of the picture, such as a correction or a redrive. A review that
 * the runtime asks by itself is a node of its own, `step:@review:NAME`: how often a step needs one is worth a number. A
 * write that was proposed and then approved comes to its node twice.
 */
function nodeOf({ kind, name }: Passed): string | null {
  if (kind === "event") return TRIGGER;
  if (kind === "decide") return DECIDE;
  if (kind === "override") return null;
  return `step:${name}`;
}

/**
 * The moves that these records, which follow one another, say: a step is passed with the record that ends it; a review, a
 * sleep or a wait, and what failed and now waits for a person, is reached as soon as the run waits there.
 * `over`: the run ends with the last of them, so that a failure in it is for good.
 */
export function hopsOf(records: readonly Passed[], over: boolean): Hop[] {
  return records.map((_, at) => hopAt(records, at, over)).filter((hop) => hop !== null);
}

function hopAt(records: readonly Passed[], at: number, over: boolean): Hop | null {
  const record = records[at] as Passed;
  const node = nodeOf(record);
  if (node === null) return null;
  const failed = record.status === "error";
  if (record.kind === "review" || record.kind === "sleep" || record.kind === "wait")
    return record.status === "waiting" || isAnsweredAtOnce(records, at) ? { node, failed: false } : null;
  const last = over && at === records.length - 1;
  return record.ends || (failed && (last || isAskedNext(records, at))) ? { node, failed } : null;
}

/** Whether a person is asked about the failure that this record tells of. */
function isAskedNext(records: readonly Passed[], at: number): boolean {
  const next = records[at + 1];
  return next?.status === "waiting" && next.name === `${REVIEW_OF}${records[at]?.name}`;
}

/** Whether this is the answer to a review that these records do not ask. */
function isAnsweredAtOnce(records: readonly Passed[], at: number): boolean {
  const { kind, name, key, ends } = records[at] as Passed;
  return kind === "review" && ends && !records.slice(0, at).some((each) => each.name === name && each.key === key);
}

export type Timed = Passed & Pick<JournalRecord, "startedAt" | "endedAt">;

/** How long things took in one run, in ms. */
export interface Times {
  /** From the first record of a step to the one that ended it: retries, and waits for a person or a time, count. */
  nodes: { node: string; ms: number }[];
  /** From the end of one step to the end of the next, and where the run has ended, from the last one to its end. */
  edges: { from: string; to: string; ms: number }[];
}

/** The times of a run, from all its records in order. `endedAt`: of the run; null where it has not ended. */
export function timesOf(records: readonly Timed[], status: RunStatus, endedAt: number | null): Times {
  const edges: Times["edges"] = [];
  const visits = visitsOf(records, TERMINAL.includes(status));
  for (const [at, { node, endedAt: left }] of visits.entries()) {
    const next = visits[at + 1] ?? { node: lastNode(status), endedAt };
    if (left !== null && next.endedAt !== null)
      edges.push({ from: node, to: next.node, ms: Math.max(0, next.endedAt - left) });
  }
  return { nodes: durationsOf(records), edges };
}

/** The nodes in the order the run came to them, each with the time it was left; null: it is there still. */
function visitsOf(records: readonly Timed[], over: boolean): { node: string; endedAt: number | null }[] {
  const visits: { node: string; endedAt: number | null }[] = [];
  for (const [at, record] of records.entries()) {
    const hop = hopAt(records, at, over);
    if (hop !== null && visits.at(-1)?.node !== hop.node) visits.push({ node: hop.node, endedAt: null });
    // What failed and is asked about is left for the review.
    const leaves = record.ends || (hop !== null && record.status === "error");
    const visit = leaves ? visits.findLast(({ node }) => node === nodeOf(record)) : undefined;
    if (visit !== undefined) visit.endedAt = record.endedAt;
  }
  return visits;
}

function durationsOf(records: readonly Timed[]): Times["nodes"] {
  const nodes: Times["nodes"] = [];
  const begun = new Map<string, number>();
  for (const record of records) {
    const node = nodeOf(record);
    if (node === null || node === TRIGGER) continue;
    const call = `${node} ${record.key}`;
    const since = begun.get(call) ?? record.startedAt;
    begun.set(call, since);
    if (!record.ends) continue;
    nodes.push({ node, ms: Math.max(0, record.endedAt - since) });
    begun.delete(call);
  }
  return nodes;
}
