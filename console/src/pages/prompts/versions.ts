import type { PromptVersion } from "../../api/schema.gen.ts";
import type { PromptSearch } from "./search.ts";

/** Numbers within a version count as such: 9 is before 10. */
const ORDER = new Intl.Collator("en", { numeric: true });

/** The versions of one prompt, the newest first. */
export function versionsOf(items: readonly PromptVersion[], name: string): PromptVersion[] {
  return items.filter((each) => each.name === name).sort((a, b) => ORDER.compare(b.version, a.version));
}

/** Each prompt once, by name, as its versions, the newest first. */
export function byName(items: readonly PromptVersion[]): PromptVersion[][] {
  const names = [...new Set(items.map(({ name }) => name))].sort(ORDER.compare);
  return names.map((name) => versionsOf(items, name));
}

export interface Chosen {
  version: PromptVersion;
  /** What it is compared with; undefined where there is nothing else. */
  against: PromptVersion | undefined;
}

/**
 * What the address asks for: the newest unless it names a version, beside the one a rollback leads to, else the next
 * older one. Null where the address names a version that is not deployed.
 */
export function choose(versions: readonly PromptVersion[], search: PromptSearch): Chosen | null {
  const find = (version: string | undefined): PromptVersion | undefined =>
    versions.find((each) => each.version === version);
  const version = search.version === undefined ? versions[0] : find(search.version);
  if (version === undefined) return null;
  if (search.against !== undefined) {
    const against = find(search.against);
    return against === undefined ? null : { version, against };
  }
  const next = versions[versions.indexOf(version) + 1] ?? versions[versions.indexOf(version) - 1];
  return { version, against: find(version.rollback_version) ?? next };
}
