import { CHAIN_START, chainNext } from "../../journal/chain.ts";
import type { AcceptInput, AcceptResult, NewRun } from "../../journal/ports.ts";
import type { Database, Row } from "./database.ts";
import { isAwaited, keepEvent } from "./kept-events.ts";
import type { Operation } from "./operation.ts";
import { putRecords, takeRecords } from "./record-wire.ts";
import { pathFromTrigger } from "./paths.ts";
import { insertRecord } from "./records.ts";
import { indexEvent } from "./search.ts";
import type { Packer, Unpacker } from "./wire.ts";

export const accept: Operation<readonly AcceptInput[], AcceptInput[], AcceptResult[]> = {
  name: "accept",
  put(packer, inputs) {
    packer.cell(inputs.length);
    for (const input of inputs) putInput(packer, input);
  },
  take(unpacker) {
    return Array.from({ length: unpacker.number() }, () => takeInput(unpacker));
  },
  run: (db, inputs, now) => inputs.map((input) => acceptOne(db, input, now)),
  putResult(packer, results) {
    packer.cell(results.length);
    for (const result of results) {
      packer.cell(result.outcome);
      if (result.outcome === "conflict" || result.outcome === "unawaited") continue;
      packer.cell(result.runs.length);
      for (const { runId, workflow } of result.runs) {
        packer.cell(runId);
        packer.cell(workflow);
      }
      packer.cell(result.woken.length === 0 ? null : result.woken);
    }
  },
  takeResult(unpacker) {
    return Array.from({ length: unpacker.number() }, () => takeOutcome(unpacker));
  },
};

function putInput(packer: Packer, input: AcceptInput): void {
  packer.cell(input.eventType);
  packer.cell(input.eventId);
  packer.cell(input.contractVersion);
  packer.bytes(input.bodyMac);
  packer.cell(input.drift.length === 0 ? null : [...input.drift]);
  putAwaited(packer, input.awaited);
  packer.cell(input.runs.length);
  for (const run of input.runs) {
    packer.cell(run.runId);
    packer.cell(run.workflow);
    packer.cell(run.priority);
    packer.cell(run.concurrencyKey);
    packer.cell(run.concurrencyLimit);
    packer.cell(run.deadlineAt);
    packer.bytes(run.wrappedKey);
    putRecords(packer, [run.record]);
  }
}

function putAwaited(packer: Packer, awaited: AcceptInput["awaited"]): void {
  packer.cell(awaited?.keepUntil ?? null);
  if (awaited === undefined) return;
  packer.cell(awaited.declared);
  packer.bytes(awaited.tokens);
  packer.bytes(awaited.body);
}

function takeAwaited(unpacker: Unpacker): Pick<AcceptInput, "awaited"> {
  const keepUntil = unpacker.cell() as number | null;
  if (keepUntil === null) return {};
  const declared = unpacker.cell() as boolean;
  return { awaited: { keepUntil, declared, tokens: unpacker.bytes(), body: unpacker.bytes() } };
}

function takeInput(unpacker: Unpacker): AcceptInput {
  const input = {
    eventType: unpacker.text(),
    eventId: unpacker.text(),
    contractVersion: unpacker.number(),
    bodyMac: unpacker.bytes(),
    drift: (unpacker.cell() as string[] | null) ?? [],
    ...takeAwaited(unpacker),
  };
  const runs = Array.from({ length: unpacker.number() }, (): NewRun => {
    return {
      runId: unpacker.text(),
      workflow: unpacker.text(),
      priority: unpacker.number(),
      concurrencyKey: unpacker.cell() as string | null,
      concurrencyLimit: unpacker.cell() as number | null,
      deadlineAt: unpacker.cell() as number | null,
      wrappedKey: unpacker.bytes(),
      record: takeRecords(unpacker)[0] as NewRun["record"],
    };
  });
  return { ...input, runs };
}

function takeOutcome(unpacker: Unpacker): AcceptResult {
  const outcome = unpacker.cell() as AcceptResult["outcome"];
  if (outcome === "conflict" || outcome === "unawaited") return { outcome };
  const runs = Array.from({ length: unpacker.number() }, () => {
    return { runId: unpacker.text(), workflow: unpacker.text() };
  });
  return { outcome, runs, woken: (unpacker.cell() as string[] | null) ?? [] };
}

function acceptOne(db: Database, input: AcceptInput, now: number): AcceptResult {
  const known = db.get(
    "SELECT body_mac, first_run, run_count FROM events WHERE event_id = ? AND event_type = ?",
    input.eventId,
    input.eventType,
  );
  if (known !== undefined) return again(db, input, known);
  if (input.runs.length === 0 && input.awaited?.declared === false && !isAwaited(db, input.eventType))
    return { outcome: "unawaited" };
  const runNos = input.runs.map((run) => insertRun(db, input, run, now));
  db.change(
    "INSERT INTO events (event_id, event_type, body_mac, contract_version, received_at, first_run, run_count) VALUES (?, ?, ?, ?, ?, ?, ?)",
    input.eventId,
    input.eventType,
    input.bodyMac,
    input.contractVersion,
    now,
    runNos[0] ?? null,
    runNos.length,
  );
  for (const pointer of input.drift)
    db.change(
      "INSERT INTO drift (event_type, contract_version, pointer, n, last_seen_at) VALUES (?, ?, ?, 1, ?)" +
        " ON CONFLICT DO UPDATE SET n = n + 1, last_seen_at = max(last_seen_at, excluded.last_seen_at)",
      input.eventType,
      input.contractVersion,
      pointer,
      now,
    );
  const runs = input.runs.map(({ runId, workflow }) => ({ runId, workflow }));
  return { outcome: "accepted", runs, woken: keepEvent(db, input, now) };
}

function again(db: Database, input: AcceptInput, known: Row): AcceptResult {
  if (Buffer.compare(known["body_mac"] as Uint8Array, input.bodyMac) !== 0) return { outcome: "conflict" };
  const runs = db.all<{ runId: string; workflow: string }>(
    "SELECT run_id AS runId, workflow FROM runs WHERE run_no >= ?1 AND run_no < ?1 + ?2 ORDER BY run_no",
    known["first_run"] as number | null,
    known["run_count"] as number,
  );
  return { outcome: "duplicate", runs, woken: [] };
}

function insertRun(db: Database, input: AcceptInput, run: NewRun, now: number): number {
  const chain = chainNext(db.chainKey, CHAIN_START, 1, run.record.mac);
  const runNo = db.insert(
    "INSERT INTO runs (run_id, workflow, event_type, event_id, contract_version, priority, concurrency_key," +
      " concurrency_limit, status, ready, epoch, deaths, death_seq, next_seq, chain, cost_usd, created_at, updated_at, deadline_at," +
      " path_no, path_indexed)" +
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued', 1, 0, 0, 0, 2, ?9, 0, ?10, ?10, ?11, ?12, ?12)",
    run.runId,
    run.workflow,
    input.eventType,
    input.eventId,
    input.contractVersion,
    run.priority,
    run.concurrencyKey,
    run.concurrencyLimit,
    chain,
    now,
    run.deadlineAt,
    pathFromTrigger(db, run.workflow),
  );
  insertRecord(db, runNo, { seq: 1, epoch: 0, chain }, run.record);
  indexEvent(db, runNo, run.record);
  db.insert("INSERT INTO run_keys (run_no, wrapped) VALUES (?, ?)", runNo, run.wrappedKey);
  db.count(run.workflow, null, "queued");
  return runNo;
}
