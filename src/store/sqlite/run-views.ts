import type { RunView } from "../../journal/ports.ts";
import { plain, type Operation } from "./operation.ts";

interface ViewInput {
  runId: string;
  by: string;
  reason: string;
}

export const noteRunView: Operation<ViewInput, ViewInput, null> = plain(
  "noteRunView",
  (db, { runId, by, reason }, now) => {
    const noted = db.change(
      "INSERT INTO run_views (run_no, seen_by, seen_at, reason) SELECT run_no, ?, ?, ? FROM runs WHERE run_id = ?",
      by,
      now,
      reason,
      runId,
    );
    if (noted !== 1) throw new Error(`There is no run ${runId} to note a view of.`);
    return null;
  },
);

export const runViews: Operation<string, string, RunView[]> = plain("runViews", (db, runId) =>
  db
    .all<RunView>(
      "SELECT seen_by AS by, seen_at AS at, reason FROM run_views" +
        " WHERE run_no = (SELECT run_no FROM runs WHERE run_id = ?) ORDER BY view_no",
      runId,
    )
    .map((view) => ({ ...view })),
);
