import { UsageError } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import type { PromptSpec } from "./spec.ts";

/** The prompt versions of a project. */
export interface PromptSet {
  /** By name, then oldest version first. */
  all(): readonly PromptSpec[];
  names(): string[];
  /** Oldest first; empty for an unknown name. */
  versions(name: string): readonly PromptSpec[];
  latest(name: string): PromptSpec | undefined;
  find(name: string, version: string): PromptSpec | undefined;
  /** The version, or the latest one. Throws `UsageError` that suggests the near name. */
  get(name: string, version?: string): PromptSpec;
}

export function promptSet(specs: Iterable<PromptSpec>): PromptSet {
  const byName = new Map<string, PromptSpec[]>();
  for (const spec of specs) byName.set(spec.name, [...(byName.get(spec.name) ?? []), spec]);
  for (const versions of byName.values()) versions.sort((a, b) => compareVersions(a.version, b.version));
  const names = [...byName.keys()].sort();
  const versions = (name: string): readonly PromptSpec[] => byName.get(name) ?? [];
  const find = (name: string, version: string): PromptSpec | undefined =>
    versions(name).find((spec) => spec.version === version);
  return {
    all: () => names.flatMap(versions),
    names: () => [...names],
    versions,
    latest: (name) => versions(name).at(-1),
    find,
    get(name, version) {
      const spec = version === undefined ? versions(name).at(-1) : find(name, version);
      if (spec !== undefined) return spec;
      throw unknownPrompt(name, version, versions(name), names);
    },
  };
}

function unknownPrompt(
  name: string,
  version: string | undefined,
  versions: readonly PromptSpec[],
  names: readonly string[],
): UsageError {
  if (version === undefined || versions.length === 0)
    return new UsageError("unknown_prompt", `There is no prompt "${name}". ${didYouMean(name, names)}`.trim(), {
      status: 404,
    });
  const known = versions.map((spec) => spec.version);
  return new UsageError(
    "unknown_prompt_version",
    `Prompt "${name}" has no version "${version}". ${didYouMean(version, known)}`,
    {
      status: 404,
    },
  );
}

/** Orders versions as people read them: runs of digits as numbers, so `2026-05-29.2` comes before `2026-05-29.10`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = comparePart(left[i], right[i]);
    if (order !== 0) return order;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [x, y] = [/^\d/.test(a), /^\d/.test(b)];
  if (x && y && BigInt(a) !== BigInt(b)) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (x && y) return 0;
  return a < b ? -1 : a > b ? 1 : 0;
}
