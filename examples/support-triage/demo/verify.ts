import type { DeskCounts } from "../desk/desk.ts";
import type { Receipt } from "./api.ts";
import type { SeenRun } from "./flow.ts";
import { isDecided, settledKeys } from "./tally.ts";
import type { Stream } from "./tickets.ts";

export interface Check {
  holds: boolean;
  what: string;
}

export interface DeskView {
  counts: DeskCounts;
  /** Idempotency keys of the effects that took place. */
  escalationKeys: readonly string[];
  replyKeys: readonly string[];
}

export interface Evidence {
  stream: Stream;
  /** One per line of the stream. */
  receipts: readonly Receipt[];
  runs: readonly SeenRun[];
  desk: DeskView;
  /** The store already held some of the stream (`--data` of an earlier demo). */
  before: number;
}

/** Everything the demo claims, compared between the stream, the server's answers and the desk's own counts. */
export function verify({ stream, receipts, runs: all, desk, before }: Evidence): Check[] {
  const runs = runsOf(stream, all);
  const accepted = receipts.filter(({ status }) => status === 202).length;
  const duplicates = receipts.filter(({ duplicate }) => duplicate === true).length;
  const fresh = stream.distinct - before;
  const resent = stream.lines.length - fresh;
  const settled = runs.filter(({ status, waiting_for }) => isTerminal(status) || waiting_for === "review").length;
  const dead = runs.filter(({ status }) => status === "dead").length;
  return [
    { holds: accepted === fresh, what: `${accepted} of ${fresh} distinct tickets accepted` },
    { holds: duplicates === resent && sameRuns(stream, receipts), what: `${duplicates} of ${resent} re-sent tickets answered as duplicates, with the run of the first` },
    { holds: oneRunEach(stream, runs), what: `${runs.length} runs, exactly one for each of ${stream.distinct} tickets` },
    { holds: settled === runs.length && runs.length > 0, what: `${settled} of ${runs.length} runs decided, ended or waiting for a person` },
    { holds: runs.some(isDecided), what: `${runs.filter(isDecided).length} decided without a person` },
    { holds: dead === 0, what: `${dead} dead letters` },
    effects("escalations", all, "create_escalation", desk.escalationKeys, desk.counts.escalations),
    effects("replies", all, "send_reply_draft", desk.replyKeys, desk.counts.replies),
  ]; // prettier-ignore
}

/** The desk's own effects are exactly the settled writes of the runs, each once. */
function effects(
  name: string,
  runs: readonly SeenRun[],
  tool: string,
  keys: readonly string[],
  counts: DeskCounts["replies"],
): Check {
  const settled = runs.flatMap(({ steps }) => settledKeys(steps, tool));
  const same = settled.length === keys.length && new Set([...settled, ...keys]).size === keys.length;
  const holds = same && counts.distinct === keys.length && counts.conflicts === 0;
  return {
    holds,
    what: `${counts.distinct} ${name} at the desk, ${settled.length} settled in the runs, none doubled (${counts.repeated} repeated under the same key)`,
  };
}

/** The runs of the stream's own tickets: whoever keeps the store may have sent others. */
export function runsOf<T extends { event_id: string }>({ ids }: Stream, runs: readonly T[]): T[] {
  const own = new Set(ids);
  return runs.filter(({ event_id }) => own.has(event_id));
}

function isTerminal(status: string): boolean {
  return ["completed", "dead", "stopped", "cancelled"].includes(status);
}

/** Each answer names the run that the first answer to the same ticket named. */
function sameRuns({ ids }: Stream, receipts: readonly Receipt[]): boolean {
  const first = new Map<string, string | undefined>();
  return (
    receipts.length === ids.length &&
    receipts.every(({ event_id, run_id }, i) => {
      if (event_id !== ids[i] || run_id === undefined) return false;
      if (!first.has(event_id)) first.set(event_id, run_id);
      return first.get(event_id) === run_id;
    })
  );
}

function oneRunEach({ ids }: Stream, runs: readonly SeenRun[]): boolean {
  const events = new Set(runs.map(({ event_id }) => event_id));
  return events.size === runs.length && events.size === new Set(ids).size && ids.every((id) => events.has(id));
}
