import type { FailureInfo } from "../base/failure.ts";
import type { Keyring } from "../journal/keyring.ts";
import { isCacheable } from "./asking.ts";
import type { CaseAnswer, CaseAsker, Scorers } from "./asking.ts";
import type { PlacedCase } from "./case.ts";
import { matchesExpected } from "./expected.ts";
import { OVER_BUDGET } from "./meter.ts";
import type { Meter } from "./meter.ts";
import type { EvalRun, EvalStore, NewResult, StoredAnswer } from "./ports.ts";

/** One eval run that a process has taken. */
export interface EvalWork {
  evalId: string;
  owner: string;
  repeat: number;
  /** Cases under way at once. */
  concurrency: number;
  /** Asks anew what was answered before. */
  fresh: boolean;
  /** The same each time. */
  cases(): AsyncIterable<PlacedCase>;
  asker: CaseAsker;
  scorers: Scorers | null;
  meter: Meter;
}

export interface EvalDeps {
  store: EvalStore;
  keyring: Pick<Keyring, "sealBytes" | "openBytes" | "bodyMac">;
  /** Told of the run whenever more of it is on disk. */
  told(run: EvalRun): void;
}

/** `ended`: it was cancelled, or another process has taken it. */
export type CasesDone = { came: "all" } | { came: "stopped"; why: FailureInfo } | { came: "ended" };

/** A case whose turn it is. */
interface Due {
  place: number;
  placed: PlacedCase;
  repeat: number;
  key: Uint8Array;
}

/** Places that are looked up together. */
const WINDOW = 256;

/**
 * Asks every case that has no result yet, `concurrency` at a time, and puts what comes on disk as it comes. Memory holds what is
 * under way and no more. Rejects with the reason of `signal`: what is on disk stays, and the next call goes on from there.
 */
export async function runCases(deps: EvalDeps, work: EvalWork, signal: AbortSignal): Promise<CasesDone> {
  const pool = new Pool(work.concurrency);
  const results = new Results(deps, work);
  const over = (): boolean => signal.aborted || results.ended || work.meter.over !== null;
  try {
    for await (const window of windows(work.cases(), work.repeat)) {
      const due = await notDone(deps, work, window);
      const known = await alreadyAnswered(deps, work, due);
      for (const [index, each] of due.entries()) {
        await pool.place();
        if (over()) break;
        pool.run(async () => {
          const stored = known[index] ?? null;
          const came = stored === null ? await asked(deps, work, each, signal) : await reused(deps, work, each, stored);
          if (came !== null) results.add(came);
        });
      }
      await results.room();
      if (over()) break;
    }
    await pool.empty();
  } finally {
    // Whatever stopped it: what was paid for is kept.
    await results.written();
  }
  if (results.ended) return { came: "ended" };
  signal.throwIfAborted();
  return work.meter.over === null ? { came: "all" } : { came: "stopped", why: work.meter.over };
}

type Slot = Omit<Due, "key">;

async function* windows(cases: AsyncIterable<PlacedCase>, repeats: number): AsyncGenerator<Slot[]> {
  let window: Slot[] = [];
  let place = 0;
  for await (const placed of cases)
    for (let repeat = 1; repeat <= repeats; repeat++) {
      window.push({ place: place++, placed, repeat });
      if (window.length < WINDOW) continue;
      yield window;
      window = [];
    }
  if (window.length > 0) yield window;
}

async function notDone({ store, keyring }: EvalDeps, work: EvalWork, window: readonly Slot[]): Promise<Due[]> {
  const from = window[0]?.place ?? 0;
  const done = new Set(await store.placesDone(work.evalId, from, from + window.length));
  return window
    .filter(({ place }) => !done.has(place))
    .map((slot) => ({ ...slot, key: keyring.bodyMac(`eval\n${work.asker.identity(slot.placed, slot.repeat)}`) }));
}

async function alreadyAnswered(
  { store }: EvalDeps,
  { fresh }: EvalWork,
  due: readonly Due[],
): Promise<(StoredAnswer | null)[]> {
  if (fresh || due.length === 0) return due.map(() => null);
  return await store.cachedAnswers(due.map(({ key }) => key));
}

interface Came {
  result: NewResult;
  /** Spent on it now. */
  costUsd: number | null;
}

/** Null: it was not asked, for want of money. */
async function asked(deps: EvalDeps, work: EvalWork, due: Due, signal: AbortSignal): Promise<Came | null> {
  const answer = await work.asker.ask(due.placed, due.repeat, signal);
  if (answer.error?.code === OVER_BUDGET) return null;
  const key = isCacheable(answer) ? due.key : null;
  const body = deps.keyring.sealBytes(Buffer.from(JSON.stringify(answer)));
  const result = await judged(deps, work, due, answer, { body, key });
  return { result, costUsd: answer.costUsd };
}

async function reused(deps: EvalDeps, work: EvalWork, due: Due, stored: StoredAnswer): Promise<Came> {
  const answer = openAnswer(deps.keyring, stored.body);
  return { result: await judged(deps, work, due, answer, { stored: stored.answer }), costUsd: 0 };
}

async function judged(
  { keyring }: EvalDeps,
  { scorers }: EvalWork,
  { place, placed, repeat }: Due,
  { outcome, output }: CaseAnswer,
  answer: NewResult["answer"],
): Promise<NewResult> {
  const answered = outcome === "answered";
  const scores = scorers === null || !answered ? null : await scorers(placed, output);
  return {
    place,
    caseId: placed.id,
    caseHash: caseMac(keyring, placed),
    dataset: placed.dataset,
    repeat,
    outcome,
    passing: answered && matchesExpected(placed.expected, output),
    scores: scores === null ? null : keyring.sealBytes(Buffer.from(JSON.stringify(scores))),
    answer,
  };
}

/** A plain hash of a short case could be guessed. */
function caseMac(keyring: Pick<Keyring, "bodyMac">, { hash }: Pick<PlacedCase, "hash">): Uint8Array {
  return keyring.bodyMac(`case\n${hash}`);
}

export function openAnswer(keyring: Pick<Keyring, "openBytes">, body: Uint8Array): CaseAnswer {
  return JSON.parse(Buffer.from(keyring.openBytes(body)).toString()) as CaseAnswer;
}

/** At most so many at once. The first that fails fails whoever waits for the pool. */
class Pool {
  readonly #size: number;
  #busy = 0;
  #failure: { error: unknown } | null = null;
  #changed = Promise.withResolvers<void>();

  constructor(size: number) {
    this.#size = size;
  }

  /** Resolves once there is a place. */
  async place(): Promise<void> {
    await this.#until(() => this.#busy < this.#size);
  }

  run(task: () => Promise<void>): void {
    this.#busy++;
    void task()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#busy--;
        this.#changed.resolve();
      });
  }

  /** Resolves once nothing is under way. Rejects then with what the first failed with. */
  async empty(): Promise<void> {
    while (this.#busy > 0) await this.#next();
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && this.#failure === null) await this.#next();
    if (this.#failure !== null) await this.empty();
  }

  async #next(): Promise<void> {
    await this.#changed.promise;
    this.#changed = Promise.withResolvers();
  }
}

/** Between two writes: what comes in that time shares one. What is not on disk when the process dies is asked again. */
const BETWEEN_WRITES_MS = 20;
const MOST_WAITING = 2_000;

/** Results on their way to the disk, one write at a time. */
class Results {
  readonly #deps: EvalDeps;
  readonly #work: EvalWork;
  #waiting: Came[] = [];
  #writing: Promise<void> | null = null;
  #failure: { error: unknown } | null = null;
  /** Whatever comes now is not taken any more. */
  ended = false;

  constructor(deps: EvalDeps, work: EvalWork) {
    this.#deps = deps;
    this.#work = work;
  }

  add(came: Came): void {
    this.#waiting.push(came);
    this.#writing ??= this.#write();
  }

  /** Resolves once there is room for more. Rejects where the store does not take it. */
  async room(): Promise<void> {
    if (this.#waiting.length > MOST_WAITING || this.#failure !== null) await this.written();
  }

  async written(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && !this.ended && this.#failure === null) {
        await new Promise((resolve) => setTimeout(resolve, BETWEEN_WRITES_MS));
        await this.#writeOnce(this.#waiting.splice(0));
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#writing = null;
    }
  }

  async #writeOnce(came: readonly Came[]): Promise<void> {
    const { store, told } = this.#deps;
    const { evalId, owner } = this.#work;
    const costUsd = came.reduce((sum, each) => sum + (each.costUsd ?? 0), 0);
    const unpriced = came.filter((each) => each.costUsd === null).length;
    const results = came.map(({ result }) => result);
    const run = await store.putResults({ evalId, owner, results, costUsd, unpriced });
    if (run === null) this.ended = true;
    else told(run);
  }
}
