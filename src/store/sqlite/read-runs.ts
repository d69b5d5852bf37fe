import type { LoadedRun, RecordedCall, RunStanding } from "../../journal/ports.ts";
import type { RecordBody } from "../../journal/record.ts";
import type { Run } from "../../journal/run.ts";
import { wrappedKeyOf } from "./claim.ts";
import { plain, type Operation } from "./operation.ts";
import { putStored, takeStored } from "./record-wire.ts";
import { recordsOf } from "./records.ts";
import { JOIN_TEXTS, runById, SELECT_RUN, toRun } from "./run-row.ts";

export const run: Operation<string, string, Run | null> = plain("run", (db, runId) => {
  const row = runById(db, runId);
  return row === undefined ? null : toRun(row);
});

export const load: Operation<string, string, LoadedRun | null> = {
  name: "load",
  put: (packer, runId) => packer.cell(runId),
  take: (unpacker) => unpacker.text(),
  run(db, runId) {
    const row = runById(db, runId);
    if (row === undefined) return null;
    const runNo = row["run_no"] as number;
    return { run: toRun(row), wrappedKey: wrappedKeyOf(db, runNo), records: recordsOf(db, runNo, runId) };
  },
  putResult(packer, loaded) {
    packer.cell(loaded === null ? null : loaded.run);
    if (loaded === null) return;
    packer.bytes(loaded.wrappedKey);
    putStored(packer, loaded.records);
  },
  takeResult(unpacker) {
    const found = unpacker.cell() as Run | null;
    if (found === null) return null;
    return { run: found, wrappedKey: unpacker.bytesOrNull(), records: takeStored(unpacker) };
  },
};

export const standings: Operation<readonly string[], readonly string[], RunStanding[]> = plain(
  "standings",
  (db, runIds) =>
    db
      .all<Omit<RunStanding, "asked"> & { asked: number }>(
        "SELECT r.run_id AS runId, r.workflow, r.status, EXISTS (SELECT 1 FROM reviews w WHERE w.run_no = r.run_no) AS asked" +
          " FROM json_each(?) ids JOIN runs r ON r.run_id = ids.value",
        JSON.stringify(runIds),
      )
      .map((row) => ({ ...row, asked: row.asked === 1 })),
);

interface EventKey {
  eventType: string;
  eventId: string;
}

export const runsOfEvent: Operation<EventKey, EventKey, Run[]> = plain("runsOfEvent", (db, { eventType, eventId }) =>
  db
    .all(
      `${SELECT_RUN} FROM events e JOIN runs r ON r.run_no >= e.first_run AND r.run_no < e.first_run + e.run_count` +
        `${JOIN_TEXTS} WHERE e.event_id = ? AND e.event_type = ? ORDER BY r.run_no`,
      eventId,
      eventType,
    )
    .map(toRun),
);

export const blobs: Operation<readonly string[], readonly string[], Map<string, string>> = plain(
  "blobs",
  (db, hashes) => {
    const found = db.all<{ hash: string; text: string }>(
      "SELECT hash, text FROM blobs WHERE hash IN (SELECT value FROM json_each(?))",
      JSON.stringify(hashes),
    );
    return new Map(found.map(({ hash, text }) => [hash, text]));
  },
);

const RELEASE_PAUSE_MS = 50;

export const nextDue: Operation<null, null, number | null> = plain("nextDue", (db, _, now) => {
  const due = db.get(
    "SELECT min(wake_at) AS at FROM runs INDEXED BY runs_timed WHERE status = 'waiting' AND wake_at IS NOT NULL",
  ) as { at: number | null } | undefined;
  const lease = db.get("SELECT min(lease_until) AS at FROM runs INDEXED BY runs_running WHERE status = 'running'") as
    | { at: number | null }
    | undefined;
  const started = db.get("SELECT min(next_at) AS at FROM holds WHERE state = 'releasing'") as { at: number | null };
  // One that was due before and could not start (all places are taken) is looked at again, but not without a pause.
  const release = started.at === null ? null : Math.max(started.at, now + RELEASE_PAUSE_MS);
  const times = [due?.at, lease?.at, release].filter((at) => typeof at === "number");
  return times.length === 0 ? null : Math.min(...times);
});

interface CallRow {
  record_no: number;
  type: string;
  started_at: number;
  ended_at: number;
  body: string;
}

const LOOKED_AT = 500;

/** Records stand in the order of their commits: looked at from the last one back, until all of a part ended before `since`. */
export const modelCallsSince: Operation<number, number, RecordedCall[]> = plain("modelCallsSince", (db, since) => {
  const calls: RecordedCall[] = [];
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const rows = db.all<CallRow>(
      "SELECT record_no, type, started_at, ended_at, body FROM records WHERE record_no < ? ORDER BY record_no DESC LIMIT ?",
      before,
      LOOKED_AT,
    );
    for (const row of rows) if (isCall(row) && row.started_at >= since) calls.push(toCall(row));
    if (rows.length < LOOKED_AT || rows.every(({ ended_at: ended }) => ended < since)) return calls.reverse();
    before = (rows.at(-1) as CallRow).record_no;
  }
});

function isCall({ type }: CallRow): boolean {
  return type === "model_call" || type === "repair";
}

function toCall({ started_at: startedAt, body }: CallRow): RecordedCall {
  const { model = "", usage } = JSON.parse(body) as RecordBody;
  return { model, startedAt, tokens: usage === undefined ? 0 : usage.inputTokens + usage.outputTokens };
}
