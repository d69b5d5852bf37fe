import { ApiError } from "../../api/client.ts";
import { askRuns } from "./ask.ts";
import type { Row } from "./row.ts";
import type { RunsSearch } from "./search.ts";

const PAGE = 500;
const AT_ONCE = 4;

/** Reads every run that matches, telling how many it has so far. Rejects when `signal` says so. */
export async function readAll(
  search: RunsSearch,
  signal: AbortSignal,
  told: (rows: readonly Row[]) => void,
): Promise<void> {
  let cursor: string | null = null;
  do {
    const page = await askRuns(search, cursor, PAGE, signal);
    told(page.rows);
    cursor = page.next;
  } while (cursor !== null);
}

export interface Outcome {
  done: number;
  refused: { id: string; why: string }[];
  /** Why it ended before all had their turn. */
  stopped: string | null;
}

/**
 * Does `act` for each run, a few at once. A refusal (404, 409) is that run's own and is noted; anything else, silence or
 * a missing right, ends it.
 */
export async function forEachRun(
  ids: readonly string[],
  act: (id: string, signal: AbortSignal) => Promise<string | null>,
  signal: AbortSignal,
  told: (outcome: Outcome) => void,
): Promise<Outcome> {
  const rest = [...ids];
  let outcome: Outcome = { done: 0, refused: [], stopped: null };
  const note = (change: Partial<Outcome>): void => {
    outcome = { ...outcome, ...change };
    told(outcome);
  };
  const work = async (): Promise<void> => {
    for (let id = rest.shift(); id !== undefined && outcome.stopped === null; id = rest.shift()) {
      if (signal.aborted) return note({ stopped: "You stopped it." });
      try {
        const why = await act(id, signal);
        if (why === null) note({ done: outcome.done + 1 });
        else note({ refused: [...outcome.refused, { id, why }] });
      } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 409))
          note({ refused: [...outcome.refused, { id, why: error.message }] });
        else
          note({
            stopped: signal.aborted ? "You stopped it." : error instanceof Error ? error.message : String(error),
          });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcome;
}
