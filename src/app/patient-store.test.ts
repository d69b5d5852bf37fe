import { describe, expect, test } from "vitest";
import { StoreError } from "../store/store-error.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import { patientStore } from "./patient-store.ts";

const FULL = new StoreError("disk_full", "full");
const INPUT = { runId: "run_1", epoch: 1, records: [] };

/** A store whose disk is full for so many writes. */
function filled(times: number, error: Error = FULL): { store: SqliteStore; tried: () => number } {
  let tried = 0;
  const write = async (): Promise<unknown> => {
    if (tried++ < times) throw error;
    return { ok: true, lastSeq: 1, status: "running" };
  };
  const store = { commit: write, accept: write, writeProbe: write, close: async () => {} };
  return { store: store as unknown as SqliteStore, tried: () => tried };
}

describe("where the disk is full", () => {
  test("a commit waits until it is taken, once", async () => {
    const { store, tried } = filled(2);
    const patient = patientStore(store);
    expect(await patient.commit(INPUT)).toMatchObject({ ok: true });
    expect(tried()).toBe(3);
    expect(patient.room.full).toBe(false);
  });

  test("an event is refused at once, and the store is known to be full until a write is taken", async () => {
    const patient = patientStore(filled(1).store);
    await expect(patient.accept([])).rejects.toBe(FULL);
    expect(patient.room.full).toBe(true);
    await patient.writeProbe();
    expect(patient.room.full).toBe(false);
  });

  test("closing ends the wait", async () => {
    const patient = patientStore(filled(1_000).store);
    const waiting = patient.commit(INPUT);
    await patient.close();
    await expect(waiting).rejects.toBe(FULL);
  });
});

test("any other failure of a commit is told at once", async () => {
  const error = new StoreError("unavailable", "no");
  const { store, tried } = filled(1, error);
  await expect(patientStore(store).commit(INPUT)).rejects.toBe(error);
  expect(tried()).toBe(1);
});
