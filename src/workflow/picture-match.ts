import { DECISION } from "../journal/names.ts";
import { HOLE } from "./picture-text.ts";

/**
 * Finds the node of a picture by the name that a record has: `escalate` → `step:escalate`, `@decision` → `decide`.
 * A step whose name is made when it runs is found by what stands around the part that varies; an exact name goes first,
 * then the pattern that says most. Null for what the picture does not show, as after a change of the code.
 */
export function nodeMatcher(nodes: readonly { id: string }[]): (recordName: string) => string | null {
  const exact = new Set(nodes.map(({ id }) => id));
  const patterns = nodes
    .map(({ id }) => id)
    .filter((id) => id.startsWith("step:") && id.includes(HOLE))
    .toSorted((a, b) => b.length - a.length)
    .map((id) => ({ id, parts: id.slice("step:".length).split(HOLE) }));
  return (name) => {
    const id = name === DECISION ? "decide" : `step:${name}`;
    if (exact.has(id)) return id;
    return patterns.find(({ parts }) => fits(name, parts))?.id ?? null;
  };
}

/** Whether a name is these parts in order, with anything between them. */
function fits(name: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  // A review of the runtime's own is no step of a name made by the code.
  if (first === "" && name.startsWith("@")) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
