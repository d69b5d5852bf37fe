import { filtersOf } from "./search.ts";
import type { RunFilterName, RunsSearch } from "./search.ts";
import { isAge } from "./labels.ts";
import type { Row } from "./row.ts";

/** The runs that something is done with: chosen ones, or all that match. */
export type Cohort = { all: true; filters: RunsSearch } | { all: false; rows: readonly Row[] };

/** The option of `sluice runs` for each filter. */
const OPTION: Readonly<Record<RunFilterName, string>> = {
  workflow: "--workflow",
  status: "--status",
  disposition: "--disposition",
  stage: "--stage",
  release: "--release",
  prompt: "--prompt",
  prompt_version: "--prompt",
  model: "--model",
  tool: "--tool",
  failure_class: "--failure-class",
  fingerprint: "--fingerprint",
  edge_from: "--edge-from",
  edge_to: "--edge-to",
  since: "--since",
  until: "--until",
  q: "--q",
};

/** `sluice runs list --status dead --json`, or `export`: the runs that match, as the command line asks for them. */
export function filterCommand(command: "list" | "export", search: RunsSearch): string {
  // NAME@VERSION says the prompt too, and the option can stand only once.
  const { prompt, prompt_version: version, ...rest } = search;
  const one = version === undefined ? prompt : version.includes("@") ? version : `${prompt ?? ""}@${version}`;
  const options = filtersOf({ ...rest, ...(one === undefined ? {} : { prompt: one }) }).map(
    ([name, value]) => `${OPTION[name]} ${shellWord(value)}`,
  );
  return ["sluice runs", command, ...options, ...(command === "list" ? ["--json"] : [])].join(" ");
}

/** Each of the runs as JSON, one after the other. */
export function runsCommand(ids: readonly string[]): string {
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) return `sluice runs show ${shellWord(only)} --json`;
  return `for run in ${ids.map(shellWord).join(" ")}; do sluice runs show "$run" --json; done`;
}

/** As one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The filters with times that stay: the same runs tomorrow, and none that come from now on. */
export function fixedTimes(search: RunsSearch, now: number): RunsSearch {
  const { since, until } = search;
  return {
    ...search,
    ...(since === undefined ? {} : { since: fixedTime(since, now) }),
    until: until === undefined ? new Date(now).toISOString() : fixedTime(until, now),
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function fixedTime(time: string, now: number): string {
  if (!isAge(time)) return time;
  const parts = time.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
  const age = [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ""] ?? 0), 0);
  return new Date(now - age).toISOString();
}
