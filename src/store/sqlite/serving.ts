import type { Serving, ServingNote, WorkerServing } from "../../release/serving.ts";
import { plain, type Operation } from "./operation.ts";

/** So long is it kept on record that a process was there, once it is silent. */
const KEPT_MS = 24 * 3_600_000;

export const noteServing: Operation<ServingNote, ServingNote, null> = plain(
  "noteServing",
  (db, { worker, host, pid, startedAt, serves }, now) => {
    db.change(
      "INSERT INTO workers (worker, host, pid, started_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)" +
        " ON CONFLICT DO UPDATE SET seen_at = ?5",
      worker,
      host,
      pid,
      startedAt,
      now,
    );
    for (const { workflow, release, version } of serves)
      db.change(
        "INSERT INTO worker_serves (worker, workflow, release, version, since) VALUES (?1, ?2, ?3, ?4, ?5)" +
          " ON CONFLICT DO UPDATE SET release = ?3, version = ?4, since = ?5 WHERE version <> ?4",
        worker,
        workflow,
        release,
        version,
        now,
      );
    const gone = "SELECT worker FROM workers WHERE seen_at < ?";
    db.change(`DELETE FROM worker_serves WHERE worker IN (${gone})`, now - KEPT_MS);
    db.change("DELETE FROM workers WHERE seen_at < ?", now - KEPT_MS);
    return null;
  },
);

export const leaveServing: Operation<string, string, null> = plain("leaveServing", (db, worker) => {
  db.change("DELETE FROM worker_serves WHERE worker = ?", worker);
  db.change("DELETE FROM workers WHERE worker = ?", worker);
  return null;
});

export const serving: Operation<number, number, WorkerServing[]> = plain("serving", (db, since) =>
  db
    .all<Omit<WorkerServing, "serves">>(
      "SELECT worker, host, pid, started_at AS startedAt, seen_at AS seenAt FROM workers WHERE seen_at >= ?" +
        " ORDER BY started_at, worker",
      since,
    )
    .map((worker) => ({
      ...worker,
      serves: db
        .all<Serving>(
          "SELECT workflow, release, version, since FROM worker_serves WHERE worker = ? ORDER BY workflow",
          worker.worker,
        )
        .map((served) => ({ ...served })),
    })),
);
