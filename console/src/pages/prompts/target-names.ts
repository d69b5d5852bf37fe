import type { Evidence } from "../../api/schema.gen.ts";

/** The targets of all, each once: in the order of the first, then what only the others have. */
export function targetNames(all: readonly Evidence[]): string[] {
  return [...new Set(all.flatMap(({ targets }) => targets.map(({ name }) => name)))];
}
