import type { CommitInput, CommitResult } from "../../journal/ports.ts";
import { TERMINAL, type RunStatus } from "../../journal/run.ts";
import { transition, type RunCommand } from "../../journal/transition.ts";
import type { Database, Row } from "./database.ts";
import type { Operation } from "./operation.ts";
import { isHeld } from "./held-time.ts";
import { changeWaits, hasUntoldEvent, openWaits, waitsStand } from "./event-waits.ts";
import { hopsOf } from "../../journal/path.ts";
import { continuePath } from "./paths.ts";
import { writePins } from "./pins.ts";
import { putRecords, takeRecords } from "./record-wire.ts";
import { appendRecords, type Head } from "./records.ts";
import { changeReviews, openReviews, reviewsAreOpen, withdrawReviews } from "./reviews.ts";
import { putReserved } from "./reservations.ts";
import { facetNo, facetSetNo } from "./run-kinds.ts";
import { controlOf, runByNo, toState, writeStep } from "./run-row.ts";

/** `CommitInput` as it arrives: what was left out is undefined. */
type Parsed = { [K in keyof CommitInput]-?: CommitInput[K] | undefined } & Pick<
  CommitInput,
  "runId" | "epoch" | "records"
>;

export const commit: Operation<CommitInput, Parsed, CommitResult> = {
  name: "commit",
  put(packer, input) {
    packer.cell(input.runId);
    packer.cell(input.epoch);
    putRecords(packer, input.records);
    packer.cell(input.command);
    packer.cell(input.pins);
    packer.cell(input.controlVersion);
    packer.cell(input.reviews?.length === 0 ? undefined : input.reviews);
    packer.cell(input.reviewChanges?.length === 0 ? undefined : input.reviewChanges);
    packer.cell(input.waits);
    packer.cell(input.decision);
    packer.cell(input.costUsd);
    packer.cell(input.facets?.length === 0 ? undefined : input.facets);
    packer.cell(input.fingerprint);
    packer.cell(input.reserved);
  },
  take(unpacker) {
    return {
      runId: unpacker.text(),
      epoch: unpacker.number(),
      records: takeRecords(unpacker),
      command: unpacker.cell() as Parsed["command"],
      pins: unpacker.cell() as Parsed["pins"],
      controlVersion: unpacker.cell() as Parsed["controlVersion"],
      reviews: unpacker.cell() as Parsed["reviews"],
      reviewChanges: unpacker.cell() as Parsed["reviewChanges"],
      waits: unpacker.cell() as Parsed["waits"],
      decision: unpacker.cell() as Parsed["decision"],
      costUsd: unpacker.cell() as Parsed["costUsd"],
      facets: unpacker.cell() as Parsed["facets"],
      fingerprint: unpacker.cell() as Parsed["fingerprint"],
      reserved: unpacker.cell() as Parsed["reserved"],
    };
  },
  run: commitRun,
  putResult(packer, result) {
    packer.cell(result.ok);
    if (result.ok) {
      packer.cell(result.lastSeq);
      packer.cell(result.status);
    } else packer.cell(result);
  },
  takeResult(unpacker) {
    if (!(unpacker.cell() as boolean)) return unpacker.cell() as CommitResult;
    return { ok: true, lastSeq: unpacker.number(), status: unpacker.cell() as RunStatus };
  },
};

interface HeadRow {
  run_no: number;
  workflow: string;
  status: string;
  epoch: number;
  next_seq: number;
  chain: Uint8Array;
  created_at: number;
  facet_set_no: number | null;
  path_no: number | null;
}

const HEAD =
  "SELECT run_no, workflow, status, epoch, next_seq, chain, created_at, path_no, facet_set_no FROM runs WHERE run_id = ?";

function commitRun(db: Database, input: Parsed, now: number): CommitResult {
  const run = db.get(HEAD, input.runId) as HeadRow | undefined;
  if (run === undefined || run.status !== "running" || run.epoch !== input.epoch) return { ok: false, why: "fenced" };
  if (input.controlVersion !== undefined) {
    const control = controlOf(db, run.workflow);
    if ((control?.version ?? 0) !== input.controlVersion) return { ok: false, why: "control", control };
  }
  if (input.reviewChanges !== undefined && !reviewsAreOpen(db, run.run_no, input.reviewChanges))
    return { ok: false, why: "stale" };
  if (!waitsStand(db, run.run_no, input.waits?.changes ?? [])) return { ok: false, why: "stale" };

  const before: Head = { nextSeq: run.next_seq, chain: run.chain };
  const head = appendRecords(db, run.run_no, before, run.epoch, input.records);
  writeExtras(db, run, input, now);
  const pathNo = pathAfter(db, run, input);
  if (input.command === undefined) {
    advance(db, run, head, pathNo, now);
    return { ok: true, lastSeq: head.nextSeq - 1, status: "running" };
  }
  const status = follow(db, { ...run, path_no: pathNo }, input.command, input, head, now);
  return { ok: true, lastSeq: head.nextSeq - 1, status };
}

/** Which way the run has gone once this commit is in. */
function pathAfter(db: Database, run: HeadRow, { records, command }: Parsed): number | null {
  if (run.path_no === null || records.length === 0) return run.path_no;
  const over = command?.do === "stop" || command?.do === "die";
  return continuePath(db, run.workflow, run.path_no, hopsOf(records, over));
}

/** The run stays running: nothing but its head moves, and no index is touched. */
function advance(db: Database, run: HeadRow, head: Head, pathNo: number | null, now: number): void {
  const changed = db.change(
    "UPDATE runs SET next_seq = ?, chain = ?, updated_at = ?, path_no = ? WHERE run_no = ? AND epoch = ? AND status = 'running'",
    head.nextSeq,
    head.chain,
    now,
    pathNo,
    run.run_no,
    run.epoch,
  );
  if (changed !== 1) throw new Error(`Run ${run.run_no} changed between reading and writing it.`);
}

/** Applies the command. `seenSeq` of a park is what the worker knew before this commit, so its own records do not count. */
function follow(db: Database, run: HeadRow, command: RunCommand, input: Parsed, head: Head, now: number): RunStatus {
  const row = runByNo(db, run.run_no) as Row;
  if (command.do === "park" && command.seenSeq >= run.next_seq)
    throw new Error(
      `The park of run ${input.runId} names record ${command.seenSeq} as seen, but there are only ${run.next_seq - 1}: ` +
        "the records of the commit itself are not counted.",
    );
  const result = transition(toState(row), goingOn(db, run, whileHeld(db, run.workflow, command)), now);
  if (!result.ok) throw new Error(`A commit cannot ${command.do} run ${input.runId}: ${result.refusal}.`);
  const state = { ...result.state, nextSeq: head.nextSeq };
  writeStep(db, { row, state, chain: head.chain, now, fingerprint: input.fingerprint, pathNo: run.path_no });
  if (TERMINAL.includes(state.status)) withdrawReviews(db, run.run_no);
  return state.status;
}

/** A run that parks for a hold which is over by now, or being released, stands in the queue: nobody would wake it. */
function whileHeld(db: Database, workflow: string, command: RunCommand): RunCommand {
  if (command.do !== "park" || command.wait !== "hold" || isHeld(db, workflow)) return command;
  return { do: "yield" };
}

/** A run that an event has come for while it was running does not wait: it goes back to the queue and takes the event. */
function goingOn(db: Database, run: HeadRow, command: RunCommand): RunCommand {
  if (command.do !== "park" || command.wait === "hold" || !hasUntoldEvent(db, run.run_no)) return command;
  return { do: "yield" };
}

/** What a commit says besides its records; most commits say none of it. */
function writeExtras(db: Database, run: HeadRow, input: Parsed, now: number): void {
  if (input.pins !== undefined) writePins(db, run.run_no, input.pins);
  // Once unknown, always unknown: anything plus null is null.
  if (input.costUsd !== undefined && input.costUsd !== 0)
    db.change("UPDATE runs SET cost_usd = cost_usd + ? WHERE run_no = ?", input.costUsd, run.run_no);
  if (input.decision !== undefined)
    db.change(
      "INSERT INTO run_outcomes (run_no, decision) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET decision = ?2",
      run.run_no,
      input.decision,
    );
  if (input.reserved !== undefined) putReserved(db, run.run_no, input.reserved);
  if (input.facets !== undefined) addFacets(db, run, input.facets);
  if (input.reviewChanges !== undefined) changeReviews(db, run.run_no, input.reviewChanges, now);
  if (input.waits?.changes !== undefined) changeWaits(db, run.run_no, input.waits.changes);
  if (input.waits?.open !== undefined) openWaits(db, run, input.waits.open, now);
  if (input.reviews !== undefined) openReviews(db, run.run_no, input.runId, input.reviews);
}

function addFacets(db: Database, run: HeadRow, facets: readonly string[]): void {
  const numbers = facets.map((facet) => facetNo(db, facet));
  const set = facetSetNo(db, run.facet_set_no, numbers);
  // A run that has them all is found by them already.
  if (set === run.facet_set_no) return;
  for (const number of numbers)
    db.change(
      "INSERT OR IGNORE INTO facets (facet_no, created_at, run_no) VALUES (?, ?, ?)",
      number,
      run.created_at,
      run.run_no,
    );
  db.change("UPDATE runs SET facet_set_no = ? WHERE run_no = ?", set, run.run_no);
}
