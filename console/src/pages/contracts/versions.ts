import type { Contract, Json } from "../../api/schema.gen.ts";

/** The contracts of one type, the newest version first. */
export function versionsOf(items: readonly Contract[], type: string): Contract[] {
  return items.filter((each) => each.type === type).sort((a, b) => b.version - a.version);
}

export function byType(items: readonly Contract[]): Contract[][] {
  const types = [...new Set(items.map(({ type }) => type))].sort((a, b) => a.localeCompare(b, "en"));
  return types.map((type) => versionsOf(items, type));
}

export interface ContractSearch {
  version?: string;
  against?: string;
}

export interface Chosen {
  version: Contract;
  against: Contract | undefined;
}

/** What the address asks for: the newest version beside the one before it, unless it says. Null: not deployed. */
export function choose(versions: readonly Contract[], search: ContractSearch): Chosen | null {
  const find = (version: string): Contract | undefined => versions.find((each) => String(each.version) === version);
  const version = search.version === undefined ? versions[0] : find(search.version);
  if (version === undefined) return null;
  if (search.against !== undefined) {
    const against = find(search.against);
    return against === undefined ? null : { version, against };
  }
  const at = versions.indexOf(version);
  return { version, against: versions[at + 1] ?? versions[at - 1] };
}

export function titleOf(schema: Json): string | null {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return null;
  const title = schema["title"] ?? schema["description"];
  return typeof title === "string" ? title : null;
}
