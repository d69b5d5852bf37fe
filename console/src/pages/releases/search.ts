import type { ReleaseChange } from "../../api/schema.gen.ts";

/** A change that is being drafted (its dialog is open), and the release of the history that is looked for. */
export interface ReleaseSearch {
  change?: ReleaseChange;
  number?: number;
}

export function releaseSearch(search: Record<string, unknown>): ReleaseSearch {
  const { change } = search;
  const number = Number(search["number"] ?? Number.NaN);
  return {
    ...(typeof change === "object" && change !== null && !Array.isArray(change) ? { change } : {}),
    ...(Number.isInteger(number) && number > 0 ? { number } : {}),
  };
}

/** Opens the dialog of a change, or closes it; the address has what is drafted. */
export type Draft = (change: ReleaseChange | null) => void;
