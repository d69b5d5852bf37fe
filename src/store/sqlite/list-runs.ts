import { countStatuses } from "../../journal/facets.ts";
import type { Page, Paged } from "../../journal/ports.ts";
import type { RunFilter } from "../../journal/run-filter.ts";
import type { Run, RunStatus } from "../../journal/run.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { plain, type Operation } from "./operation.ts";
import { countKinds } from "./facets.ts";
import { planFilter, startOf } from "./run-filter.ts";
import { JOIN_TEXTS, SELECT_RUN, toRun } from "./run-row.ts";

interface ListInput {
  filter: RunFilter;
  page: Page;
}

export const list: Operation<ListInput, ListInput, Paged<Run>> = plain("list", (db, { filter, page }) => {
  const plan = planFilter(db, filter);
  if (plan === null) return { items: [], next: null };
  const { walk } = plan;
  const conditions = [walk.where, ...plan.conditions];
  const values = [...startOf(plan), ...plan.values];
  if (page.cursor !== undefined) {
    conditions.push(`(${walk.created}, ${walk.runNo}) < (?, ?)`);
    values.push(...decodeCursor(page.cursor, 2));
  }
  const rows = db.all(
    `${SELECT_RUN} FROM ${walk.from}${JOIN_TEXTS} WHERE ${conditions.join(" AND ")}` +
      ` ORDER BY ${walk.created} DESC, ${walk.runNo} DESC LIMIT ?`,
    ...values,
    page.limit + 1,
  );
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  const more = rows.length > page.limit && last !== undefined;
  return {
    items: items.map(toRun),
    next: more ? encodeCursor([last["created_at"] as number, last["run_no"] as number]) : null,
  };
});

export const counts: Operation<RunFilter, RunFilter, Record<RunStatus, number>> = plain("counts", (db, filter) => {
  const found: Record<RunStatus, number> = {
    queued: 0,
    running: 0,
    waiting: 0,
    completed: 0,
    dead: 0,
    stopped: 0,
    cancelled: 0,
  };
  if (asksTotals(filter)) {
    const rows = db.all<{ status: RunStatus; n: number }>(
      "SELECT status, sum(n) AS n FROM run_counts WHERE workflow = coalesce(?, workflow) AND status = coalesce(?, status) GROUP BY status",
      filter.workflow ?? null,
      filter.status ?? null,
    );
    for (const row of rows) found[row.status] = row.n;
  } else for (const [status, n] of countStatuses(countKinds(db, filter), filter)) found[status] = n;
  return found;
});

/** Whether the totals that the writer keeps answer the filter. */
export function asksTotals({ workflow: _workflow, status: _status, ...rest }: RunFilter): boolean {
  return Object.values(rest).every((value) => value === undefined);
}
