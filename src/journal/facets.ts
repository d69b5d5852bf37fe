import type { RunFilter } from "./run-filter.ts";
import type { RunStatus } from "./run.ts";

/** What runs are counted by, beside each other. */
export const FACETS = [
  "workflow",
  "status",
  "disposition",
  "stage",
  "release",
  "prompt_version",
  "model",
  "tool",
  "failure_class",
] as const;
export type FacetName = (typeof FACETS)[number];

/** How many runs of a filter there are, and how many of each value, every facet under all filters but its own. */
export interface RunFacets {
  total: number;
  /** Most frequent first, then by name; at most `MAX_VALUES` each. */
  facets: Record<FacetName, FacetCount[]>;
}

export interface FacetCount {
  value: string;
  count: number;
}

const MAX_VALUES = 50;

/** Runs that are alike in everything they are counted by. */
export interface RunKind {
  workflow: string;
  status: RunStatus;
  disposition: string | null;
  stage: string | null;
  release: number | null;
  failureClass: string | null;
  /** As `CommitInput.facets` names them. */
  facets: readonly string[];
}

export interface CountedKind {
  kind: RunKind;
  count: number;
}

/** The part of a filter that kinds do not answer: the runs themselves have to be asked. */
export function beyondKinds(filter: RunFilter): RunFilter {
  const { fingerprint, since, until, edgeFrom, edgeTo, q } = filter;
  const asked = { fingerprint, since, until, edgeFrom, edgeTo, q };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

/** Counts by facet. `counted`: kinds of the runs that pass `beyondKinds(filter)`. */
export function countFacets(counted: readonly CountedKind[], filter: RunFilter): RunFacets {
  const checks = checksOf(filter);
  const found = new Map(FACETS.map((name) => [name, new Map<string, number>()]));
  let total = 0;
  const add = (name: FacetName, kind: RunKind, count: number): void => {
    const values = found.get(name) as Map<string, number>;
    for (const value of valuesOf(name, kind)) values.set(value, (values.get(value) ?? 0) + count);
  };
  for (const { kind, count } of counted) {
    const failed = checks.filter(({ passes }) => !passes(kind));
    const [only] = failed;
    if (only === undefined) {
      total += count;
      for (const name of FACETS) add(name, kind, count);
    } else if (failed.length === 1 && only.facet !== null) add(only.facet, kind, count);
  }
  const facets = Object.fromEntries(FACETS.map((name) => [name, mostFrequent(found.get(name) ?? new Map())]));
  return { total, facets: facets as RunFacets["facets"] };
}

/** Counts by status of the kinds that pass the filter. */
export function countStatuses(counted: readonly CountedKind[], filter: RunFilter): Map<RunStatus, number> {
  const checks = checksOf(filter);
  const found = new Map<RunStatus, number>();
  for (const { kind, count } of counted)
    if (checks.every(({ passes }) => passes(kind))) found.set(kind.status, (found.get(kind.status) ?? 0) + count);
  return found;
}

function mostFrequent(values: ReadonlyMap<string, number>): FacetCount[] {
  return [...values]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, MAX_VALUES);
}

interface Check {
  /** Whose filter it is; null: of something that is not counted. */
  facet: FacetName | null;
  passes(kind: RunKind): boolean;
}

function checksOf(filter: RunFilter): Check[] {
  const checks: Check[] = [];
  const check = (facet: FacetName | null, wanted: unknown, passes: Check["passes"]): void => {
    if (wanted !== undefined) checks.push({ facet, passes });
  };
  const { workflow, status, disposition, stage, release, failureClass, prompt, promptVersion, model, tool } = filter;
  check("workflow", workflow, (kind) => kind.workflow === workflow);
  check("status", status, (kind) => kind.status === status);
  check("disposition", disposition, (kind) => kind.disposition === disposition);
  check("stage", stage, (kind) => kind.stage === stage);
  check("release", release, (kind) => kind.release === release);
  check("failure_class", failureClass, (kind) => kind.failureClass === failureClass);
  check(null, prompt, ({ facets }) => facets.includes(`prompt:${prompt}`));
  check("prompt_version", promptVersion, ({ facets }) => facets.some(isVersion(prompt, promptVersion ?? "")));
  check("model", model, ({ facets }) => facets.includes(`model:${model}`));
  check("tool", tool, ({ facets }) => facets.includes(`tool:${tool}`));
  return checks;
}

/** A version without its prompt is that version of any. */
function isVersion(prompt: string | undefined, version: string): (facet: string) => boolean {
  const [prefix, named] = ["prompt_version:", version.includes("@") ? version : `${prompt ?? ""}@${version}`];
  if (!named.startsWith("@")) return (facet) => facet === prefix + named;
  return (facet) => facet.startsWith(prefix) && facet.endsWith(named);
}

function valuesOf(name: FacetName, kind: RunKind): string[] {
  switch (name) {
    case "prompt_version":
    case "model":
    case "tool":
      return kind.facets.filter((facet) => facet.startsWith(`${name}:`)).map((facet) => facet.slice(name.length + 1));
    case "failure_class":
      return kind.failureClass === null ? [] : [kind.failureClass];
    case "release":
      return kind.release === null ? [] : [String(kind.release)];
    default: {
      const value = kind[name];
      return value === null ? [] : [value];
    }
  }
}
