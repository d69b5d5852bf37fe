import type { DeadGroup } from "../../journal/ports.ts";
import type { RunFilter } from "../../journal/run-filter.ts";
import type { RunFailure } from "../../journal/run.ts";
import { plain, type Operation } from "./operation.ts";
import { planFilter, startOf } from "./run-filter.ts";

interface GroupRow {
  fingerprint: string;
  workflow: string;
  count: number;
  first_at: number;
  last_at: number;
  run_id: string;
  failure: string;
}

/** Over all dead runs that match; the newest of a group stands for it. */
export const deadGroups: Operation<RunFilter, RunFilter, DeadGroup[]> = plain("deadGroups", (db, filter) => {
  const plan = planFilter(db, { ...filter, status: "dead" });
  if (plan === null) return [];
  const where = [plan.walk.where, ...plan.conditions, "r.fingerprint IS NOT NULL"].join(" AND ");
  const rows = db.all<GroupRow & Record<string, unknown>>(
    "SELECT g.*, x.run_id, x.workflow, o.failure FROM (SELECT r.fingerprint, count(*) AS count, min(r.ended_at) AS first_at," +
      ` max(r.ended_at) AS last_at, max(r.run_no) AS run_no FROM ${plan.walk.from} WHERE ${where} GROUP BY r.fingerprint) g` +
      " JOIN runs x ON x.run_no = g.run_no JOIN run_outcomes o ON o.run_no = g.run_no ORDER BY g.count DESC, g.last_at DESC",
    ...startOf(plan),
    ...plan.values,
  );
  return rows.map(({ fingerprint, workflow, count, first_at: firstAt, last_at: lastAt, run_id: example, failure }) => {
    const { step, class: failureClass, code, message } = JSON.parse(failure) as RunFailure;
    return { fingerprint, workflow, step, class: failureClass, code, message, count, example, firstAt, lastAt };
  });
});
