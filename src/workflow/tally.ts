import type { JournalRecord } from "../journal/record.ts";
import type { NewRecord } from "../journal/run-journal.ts";
import { isAnsweredCall } from "./history.ts";

/** What a run is found by. */
export function facetsOf({ body }: Pick<JournalRecord, "body">): string[] {
  const facets: string[] = [];
  if (body.prompt !== undefined) facets.push(`prompt:${body.prompt}`);
  if (body.promptVersion !== undefined) facets.push(`prompt_version:${body.prompt}@${body.promptVersion}`);
  if (body.model !== undefined) facets.push(`model:${body.model}`);
  if (body.tool !== undefined) facets.push(`tool:${body.tool}`);
  return facets;
}

/** Dollars; null where a price is unknown. */
export function costOf(entries: readonly { record: NewRecord }[]): number | null {
  return spentBy(entries).usd;
}

/** Answered model calls and their dollars. */
export function spentBy(entries: readonly { record: NewRecord }[]): { modelCalls: number; usd: number | null } {
  const calls = entries.filter(({ record }) => isAnsweredCall(record));
  const costs = calls.map(({ record }) => record.body.costUsd);
  const usd = costs.includes(null) ? null : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0);
  return { modelCalls: calls.length, usd };
}
