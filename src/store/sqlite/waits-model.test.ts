import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "../../base/id.ts";
import type { SealedRecord } from "../../journal/record.ts";
import { frozenClock } from "../../testing/frozen-clock.ts";
import type { FrozenClock } from "../../testing/frozen-clock.ts";
import { openSqliteStore } from "./open.ts";
import type { SqliteStore } from "./open.ts";

const KEY = new Uint8Array(32).fill(3);
const KEEP_MS = 100;

interface Wait {
  waitId: string;
  conditions: readonly number[];
  openedAt: number;
  expiresAt: number | null;
  state: "open" | "matched" | "taken" | "over";
  event: string | null;
}

interface Run {
  runId: string;
  epoch: number;
  createdAt: number;
  over: boolean;
  waits: Wait[];
}

interface Kept {
  id: string;
  values: readonly number[];
  receivedAt: number;
}

/** What the store should hold, kept in the plainest way. */
class Model {
  readonly runs: Run[] = [];
  kept: Kept[] = [];

  fits(wait: Wait, event: Kept): boolean {
    return wait.conditions.every((condition) => event.values.includes(condition));
  }

  had(run: Run, id: string): boolean {
    return run.waits.some(({ state, event }) => event === id && (state === "matched" || state === "taken"));
  }

  open(run: Run, wait: Wait, now: number): void {
    run.waits.push(wait);
    const since = wait.conditions.length === 0 ? run.createdAt : 0;
    const found = this.kept.find(
      (event) =>
        event.receivedAt >= since &&
        event.receivedAt + KEEP_MS > now &&
        this.fits(wait, event) &&
        !this.had(run, event.id),
    );
    if (found !== undefined) Object.assign(wait, { state: "matched", event: found.id });
  }

  /** Answers the runs it wakes, by the age of their waits. */
  accept(event: Kept, declared: boolean, now: number): string[] | "unawaited" {
    const open = this.runs.flatMap((run) =>
      run.waits.filter(({ state }) => state === "open").map((wait) => ({ run, wait })),
    );
    if (!declared && open.length === 0) return "unawaited";
    this.kept.push(event);
    const woken: string[] = [];
    const byAge = open.sort((a, b) => (a.wait.waitId < b.wait.waitId ? -1 : 1));
    for (const { run, wait } of byAge) {
      if (woken.includes(run.runId) || !this.fits(wait, event)) continue;
      if (wait.expiresAt !== null && wait.expiresAt <= now) continue;
      Object.assign(wait, { state: "matched", event: event.id });
      woken.push(run.runId);
    }
    return woken;
  }

  drop(now: number): number {
    const held = new Set(
      this.runs.flatMap(({ waits }) => waits.filter(({ state }) => state === "matched").map(({ event }) => event)),
    );
    const before = this.kept.length;
    this.kept = this.kept.filter(({ id, receivedAt }) => receivedAt + KEEP_MS > now || held.has(id));
    return before - this.kept.length;
  }
}

const conditions = fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 2 });
const someValues = fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 3 });
const someTimeout = fc.option(fc.integer({ min: 1, max: 40 }));
const which = fc.integer({ min: 0, max: 5 });
const op = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant("run" as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("open" as const), run: which, conditions, timeout: someTimeout }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("event" as const), values: someValues, declared: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("take" as const), run: which, wait: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("expire" as const), run: which, wait: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("end" as const), run: which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop" as const) }) },
);

/** One history of events, waits and ends, against store and model. */
class History {
  readonly #store: SqliteStore;
  readonly #clock: FrozenClock;
  readonly #model = new Model();
  readonly #type = newId("evt");

  constructor(store: SqliteStore, clock: FrozenClock) {
    this.#store = store;
    this.#clock = clock;
  }

  #token(text: string): Buffer {
    return createHash("sha256").update(`${this.#type} ${text}`).digest().subarray(0, 16);
  }

  #tokens(values: readonly number[]): Uint8Array {
    return Buffer.concat([this.#token("type"), ...values.map((value) => this.#token(String(value)))]);
  }

  #record(name: string): SealedRecord {
    const now = this.#clock.now();
    const times = { startedAt: now, endedAt: now };
    const body = { body: "{}", blobRefs: null, blobs: [], mac: KEY, vault: null };
    return {
      kind: "event",
      type: "trigger",
      name,
      key: "",
      attempt: 1,
      status: "success",
      ends: true,
      ...times,
      ...body,
    };
  }

  async step(each: typeof op extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
    const { runs } = this.#model;
    if (each.do === "run") return await this.#run();
    if (each.do === "event") return await this.#event(each.values, each.declared);
    if (each.do === "pass") return this.#clock.advance(each.ms);
    if (each.do === "drop")
      return expect(await this.#store.dropKeptEvents(1_000)).toBe(this.#model.drop(this.#clock.now()));
    const run = runs[each.run % Math.max(1, runs.length)];
    if (run === undefined || run.over) return;
    if (each.do === "open") return await this.#open(run, each.conditions, each.timeout);
    if (each.do === "end") return await this.#end(run);
    const wait = run.waits[each.wait % Math.max(1, run.waits.length)];
    if (wait !== undefined) await this.#change(run, wait, each.do === "take" ? "taken" : "expired");
  }

  async #run(): Promise<void> {
    const workflow = newId("wrk");
    const runId = newId("run");
    const made = { runId, workflow, priority: 0, concurrencyKey: null, concurrencyLimit: null, deadlineAt: null };
    const run = { ...made, wrappedKey: KEY, record: this.#record("other") };
    await this.#store.accept([
      { eventType: "other", eventId: runId, contractVersion: 1, bodyMac: KEY, drift: [], runs: [run] },
    ]);
    const [claimed] = await this.#store.claim({
      worker: "w",
      leaseMs: 1e9,
      limit: 1,
      workflows: [{ name: workflow, limit: null }],
    });
    const epoch = claimed?.run.epoch as number;
    this.#model.runs.push({ runId, epoch, createdAt: this.#clock.now(), over: false, waits: [] });
  }

  async #open(run: Run, sought: readonly number[], timeout: number | null): Promise<void> {
    const openedAt = this.#clock.now();
    const expiresAt = timeout === null ? null : openedAt + timeout;
    const waitId = newId("wai");
    const key = String(run.waits.length);
    const wait = {
      waitId,
      step: "wait",
      key,
      eventType: this.#type,
      tokens: this.#tokens(sought),
      openedAt,
      expiresAt,
    };
    const { runId, epoch } = run;
    const result = await this.#store.commit({ runId, epoch, records: [], waits: { open: [wait] } });
    expect(result.ok).toBe(true);
    this.#model.open(run, { waitId, conditions: sought, openedAt, expiresAt, state: "open", event: null }, openedAt);
  }

  async #event(values: readonly number[], declared: boolean): Promise<void> {
    const now = this.#clock.now();
    const eventId = newId("evt");
    const awaited = { tokens: this.#tokens(values), body: Buffer.from(eventId), keepUntil: now + KEEP_MS, declared };
    const input = { eventType: this.#type, eventId, contractVersion: 1, bodyMac: KEY, drift: [], runs: [], awaited };
    const [result] = await this.#store.accept([input]);
    const expected = this.#model.accept({ id: eventId, values, receivedAt: now }, declared, now);
    if (expected === "unawaited") return expect(result).toEqual({ outcome: "unawaited" });
    expect(result).toEqual({ outcome: "accepted", runs: [], woken: expected });
    expect(await this.#store.accept([input])).toEqual([{ outcome: "duplicate", runs: [], woken: [] }]);
  }

  async #change(run: Run, wait: Wait, to: "taken" | "expired"): Promise<void> {
    const { runId, epoch } = run;
    const result = await this.#store.commit({
      runId,
      epoch,
      records: [],
      waits: { changes: [{ waitId: wait.waitId, to }] },
    });
    const may = wait.state === (to === "taken" ? "matched" : "open");
    expect(result.ok ? "ok" : result.why).toBe(may ? "ok" : "stale");
    if (may) wait.state = to === "taken" ? "taken" : "over";
  }

  async #end(run: Run): Promise<void> {
    const { runId, epoch } = run;
    const command = { do: "stop", disposition: "stopped", failure: null } as const;
    await this.#store.commit({ runId, epoch, records: [], command });
    run.over = true;
    for (const wait of run.waits) if (wait.state !== "taken") wait.state = "over";
  }

  /** What of the waits is not as it should be, seen from outside; the history is over then. */
  async differences(): Promise<string[]> {
    const wrong: string[] = [];
    for (const wait of this.#model.runs.flatMap(({ waits }) => waits)) {
      const found = await this.#store.eventWait(wait.waitId);
      const is = found === null ? "over" : (found.event?.eventId ?? "open");
      const should = wait.state === "open" ? "open" : wait.state === "matched" ? wait.event : "over";
      if (is !== should) wrong.push(`${wait.waitId} is ${is}, not ${should}`);
    }
    const open = this.#model.runs.some(({ waits }) => waits.some(({ state }) => state === "open"));
    if ((await this.#store.awaitedTypes()).includes(this.#type) !== open) wrong.push(`awaited: not ${open}`);
    for (const { runId, over } of this.#model.runs)
      if (!over) await this.#store.command({ runId, command: { do: "cancel" }, record: null });
    this.#clock.advance(10 * KEEP_MS);
    await this.#store.dropKeptEvents(10_000);
    return wrong;
  }
}

test("whatever comes in whatever order, each wait has what the plain model says", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "sluice-waits-"));
  const clock = frozenClock();
  const store = await openSqliteStore({ dataDir, chainKey: KEY, clock });
  onTestFinished(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 5, maxLength: 40, size: "max" }), async (ops) => {
      const history = new History(store, clock);
      for (let i = 0; i < 2; i++) await history.step({ do: "run" });
      for (const each of ops) await history.step(each);
      expect(await history.differences()).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 60_000);
