import { TERMINAL, type RunState } from "../../journal/run.ts";
import type { Database, Row } from "./database.ts";

/** The number of a facet's name. */
export function facetNo(db: Database, name: string): number {
  return db.remember(`facet ${name}`, () => {
    const known = db.get("SELECT facet_no FROM facet_names WHERE name = ?", name) as { facet_no: number } | undefined;
    return known?.facet_no ?? db.insert("INSERT INTO facet_names (name) VALUES (?)", name);
  });
}

/** The set of facets that holds `before` (null: none) and these. */
export function facetSetNo(db: Database, before: number | null, facetNos: readonly number[]): number {
  return db.remember(`facets ${before} ${facetNos.join(" ")}`, () => {
    const row = before === null ? undefined : db.get("SELECT facets FROM facet_sets WHERE facet_set_no = ?", before);
    const held = row === undefined ? [] : (JSON.parse(row["facets"] as string) as number[]);
    const all = [...new Set([...held, ...facetNos])].sort((a, b) => a - b);
    const facets = JSON.stringify(all);
    const known = db.get("SELECT facet_set_no FROM facet_sets WHERE facets = ?", facets);
    return (
      (known?.["facet_set_no"] as number | undefined) ?? db.insert("INSERT INTO facet_sets (facets) VALUES (?)", facets)
    );
  });
}

/** The kind of a run that ended so; null where it has not. `row`: as it was before. */
export function kindNo(db: Database, row: Row, state: RunState): number | null {
  if (!TERMINAL.includes(state.status)) return null;
  const failureClass = state.failure?.class ?? null;
  const { workflow, stage, release, facet_set_no: facets } = row;
  const values = [workflow, state.status, state.disposition, stage, release, failureClass, facets] as (string | null)[];
  const name = JSON.stringify(values);
  return db.remember(`kind ${name}`, () => {
    const known = db.get("SELECT kind_no FROM run_kinds WHERE name = ?", name);
    return (
      (known?.["kind_no"] as number | undefined) ??
      db.insert(
        "INSERT INTO run_kinds (name, workflow, status, disposition, stage, release, failure_class, facet_set_no)" +
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        name,
        ...values,
      )
    );
  });
}
