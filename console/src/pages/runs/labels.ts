import { dateTime, words } from "../../parts/format.ts";
import type { RunFilterName, RunsSearch } from "./search.ts";

/** The filters with a place in the panel, in its order. */
export const FACETS = [
  "status",
  "workflow",
  "disposition",
  "failure_class",
  "stage",
  "release",
  "prompt_version",
  "model",
  "tool",
] as const satisfies readonly RunFilterName[];

export type FacetName = (typeof FACETS)[number];

export const FILTER_LABEL: Readonly<Record<RunFilterName, string>> = {
  workflow: "Workflow",
  status: "Status",
  disposition: "Disposition",
  stage: "Stage",
  release: "Release",
  prompt: "Prompt",
  prompt_version: "Prompt version",
  model: "Model",
  tool: "Tool",
  failure_class: "Failure class",
  fingerprint: "Died alike",
  edge_from: "From",
  edge_to: "Way",
  since: "Since",
  until: "Until",
  q: "Text",
};

/** Words of ours are written apart; names of the project stay as they are. */
const OURS: ReadonlySet<RunFilterName> = new Set(["status", "disposition", "stage", "failure_class"]);

export function valueLabel(name: RunFilterName, value: string): string {
  return OURS.has(name) ? words(value) : value;
}

/** One filter that can be taken away, which may be several names of the address. */
export interface Chip {
  names: RunFilterName[];
  label: string;
  value: string;
}

/** What is filtered by, as it is shown: a way through the picture and a span of time are one each. */
export function chipsOf(search: RunsSearch, zone: string | undefined): Chip[] {
  const chips: Chip[] = [];
  for (const [name, value] of Object.entries(search) as [RunFilterName, string][]) {
    if (name === "edge_from" || name === "since" || (name === "until" && search.since !== undefined)) continue;
    if (name === "edge_to") chips.push(wayChip(search.edge_from, value));
    else if (name === "until") chips.push({ names: ["until"], label: "Until", value: timeLabel(value, zone) });
    else chips.push({ names: [name], label: FILTER_LABEL[name], value: valueLabel(name, value) });
  }
  if (search.edge_from !== undefined && search.edge_to === undefined)
    chips.push({ names: ["edge_from"], label: "From", value: nodeLabel(search.edge_from) });
  return [...chips, ...timeChips(search, zone)];
}

function timeChips({ since, until }: RunsSearch, zone: string | undefined): Chip[] {
  if (since === undefined) return [];
  if (until === undefined && isAge(since)) return [{ names: ["since"], label: "Last", value: since }];
  if (until === undefined) return [{ names: ["since"], label: "Since", value: timeLabel(since, zone) }];
  const value = `${timeLabel(since, zone)} – ${timeLabel(until, zone)}`;
  return [{ names: ["since", "until"], label: "Created", value }];
}

/** `24h` rather than a date. */
export function isAge(time: string): boolean {
  return /^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(time);
}

/** A time of the address in the chosen zone; as it stands where it is none. */
function timeLabel(time: string, zone: string | undefined): string {
  if (isAge(time)) return `${time} ago`;
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : dateTime(at, zone).slice(0, 16);
}

function wayChip(from: string | undefined, to: string): Chip {
  if (from === undefined) return { names: ["edge_to"], label: "Reached", value: nodeLabel(to) };
  return { names: ["edge_from", "edge_to"], label: "Way", value: `${nodeLabel(from)} → ${nodeLabel(to)}` };
}

/** `step:classify` → `classify`, `end:dead` → `dead`. */
function nodeLabel(node: string): string {
  return node.replace(/^(step|end|now):/, "");
}
