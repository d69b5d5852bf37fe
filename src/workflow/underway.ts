import type { WaitKind } from "../journal/run.ts";

// Bound at load: the determinism guard replaces the globals while workflow code runs.
const nextTurn = setImmediate;

/** What a step waits for outside this process; null: only an answer can wake it. */
export interface Wait {
  wait: WaitKind;
  wakeAt: number | null;
  /** A step beside it has failed for good: the workflow may have given it up. */
  aside: boolean;
}

/** Why a step's signal was aborted when another one failed for good. */
export class SiblingFailed extends Error {
  constructor() {
    super("Another step of this run failed for good.");
  }
}

/** The steps of one execution: which execute, which wait, which were stopped. Says when nothing is left but waiting. */
export class Underway {
  readonly #abort = new AbortController();
  readonly #parked: (waits: readonly Wait[]) => void;
  readonly #executing = new Map<symbol, { abort: AbortController; abortable: boolean; done: Promise<unknown> }>();
  #waits: Wait[] = [];
  /** Steps that were stopped by a sibling's failure; each goes on when called, should the workflow still wait for it. */
  #setAside: (() => void)[] = [];
  #over = false;

  /** `parked` is told once, when no step executes and some wait. */
  constructor(parked: (waits: readonly Wait[]) => void) {
    this.#parked = parked;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Steps that were started, have not settled, and were not given up with a step beside them. */
  get pending(): number {
    return this.#executing.size + this.#waits.filter(({ aside }) => !aside).length;
  }

  /** Executes a step's body: counted, abortable, under a signal of its own. */
  async execute<T>(abortable: boolean, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const id = Symbol();
    const abort = new AbortController();
    if (this.signal.aborted) abort.abort(this.signal.reason);
    const done = body(abort.signal);
    this.#executing.set(id, { abort, abortable, done });
    try {
      return await done;
    } finally {
      this.#executing.delete(id);
      this.#parkWhenIdle();
    }
  }

  /** Stops what runs beside a step that failed for good, and waits for it. Writes are let finish. */
  async abortSiblings(): Promise<void> {
    const siblings = [...this.#executing.values()];
    for (const { abort, abortable } of siblings) if (abortable) abort.abort(new SiblingFailed());
    await Promise.allSettled(siblings.map(({ done }) => done));
    // Those that wait now are given up as well, with what was about to wait when it was stopped.
    if (siblings.length > 0) await this.calledTogether();
    for (const wait of this.#waits) wait.aside = true;
  }

  /** Resolves once the code has called everything that it calls in the same breath, with all that follows from records. */
  async calledTogether(): Promise<void> {
    await this.execute(false, () => new Promise<void>((resolve) => void nextTurn(resolve)));
  }

  /** A promise that never settles: the step waits outside this process, and the frame is dropped once nothing runs. */
  park(wait: WaitKind, wakeAt: number | null): Promise<never> {
    this.#waits.push({ wait, wakeAt, aside: false });
    this.#parkWhenIdle();
    return new Promise(() => {});
  }

  /**
   * Resolves when the workflow has nothing else to do: it waits for this step, which a sibling's failure has stopped.
   * A step that nobody waits for any more never goes on.
   */
  setAside(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#setAside.push(resolve);
    this.#parkWhenIdle();
    return promise;
  }

  #parkWhenIdle(): void {
    if (this.#waits.length + this.#setAside.length === 0 || this.#over) return;
    // After the present microtasks: workflow code that was just answered may start its next step.
    nextTurn(() => {
      if (this.#executing.size > 0 || this.#over) return;
      // What was given up is waited for again where the workflow turns out to have nothing else.
      const given = this.#setAside.length > 0 && this.#waits.every(({ aside }) => aside);
      if (!given) this.#parked(this.#waits);
      else for (const goOn of this.#setAside.splice(0)) goOn();
    });
  }

  /** Aborts everything, the run's own signal included. */
  stop(reason: Error): void {
    this.#abort.abort(reason);
    this.#abortAll(reason);
  }

  /** The execution has ended: what still runs is told so, and nothing parks or goes on any more. */
  end(): void {
    this.#over = true;
    if (this.#executing.size > 0) this.#abortAll(new Error("The run has gone on without this step."));
    this.#waits = [];
    this.#setAside = [];
  }

  #abortAll(reason: Error): void {
    for (const { abort } of this.#executing.values()) abort.abort(reason);
  }
}
