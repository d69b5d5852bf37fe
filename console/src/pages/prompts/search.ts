/** Which version is looked at, beside which, which part of them, and what they served since when. */
export interface PromptSearch {
  version?: string;
  against?: string;
  part?: Part;
  since?: string;
}

export const PARTS = ["messages", "examples", "schema", "spec"] as const;
export type Part = (typeof PARTS)[number];

export function promptSearch(search: Record<string, unknown>): PromptSearch {
  const { version, against, part, since } = search;
  const known = PARTS.find((each) => each === part);
  return {
    ...(version === undefined ? {} : { version: String(version) }),
    ...(against === undefined ? {} : { against: String(against) }),
    ...(known === undefined ? {} : { part: known }),
    ...(typeof since === "string" && /^\d+[mhd]$/.test(since) ? { since } : {}),
  };
}
