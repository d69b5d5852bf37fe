/** Stands in a step's name for what is only known when it runs. */
const HOLE = "${…}";

/**
 * Finds the node of a graph by the name that runs have for it: a step whose name is made when it runs is found by what
 * stands around the part that varies, exact names first. The id itself for what the graph does not show.
 */
export function nodeFinder(ids: readonly string[]): (id: string) => string {
  const exact = new Set(ids);
  const patterns = ids
    .filter((id) => id.startsWith("step:") && id.includes(HOLE))
    .toSorted((a, b) => b.length - a.length)
    .map((id) => ({ id, parts: id.split(HOLE) }));
  return (id) => {
    if (exact.has(id)) return id;
    return patterns.find(({ parts }) => fits(id, parts))?.id ?? id;
  };
}

function fits(id: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (!id.startsWith(first) || !id.endsWith(last) || id.length < first.length + last.length) return false;
  // A review that the runtime asks for by itself is no step of a name made by the code.
  if (first === "step:" && id.startsWith("step:@")) return false;
  let at = first.length;
  for (const part of rest) {
    const found = id.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= id.length - last.length;
}
