import { hostname } from "node:os";
import type { Timers } from "../base/timers.ts";
import { SERVING_EVERY_MS } from "../release/serving.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import type { Worker } from "../worker/worker.ts";
import type { Engine } from "../workflow/engine.ts";
import { knowHolds } from "./known-holds.ts";

interface Follows {
  store: SqliteStore;
  engine: Engine;
  worker: Worker;
  /** Names of the workflows this process serves. */
  workflows: Iterable<string>;
  timers: Timers;
}

/**
 * Keeps this process at the present release of each workflow: looks about once a second, and at once where this process itself
 * has changed one; runs under way go by what it finds. Says in the store what the process serves, so that anybody can see
 * whether a release is in force everywhere.
 */
export class ServingFollower {
  readonly #parts: Follows;
  readonly #workflows: readonly string[];
  readonly #startedAt: number;
  #cancel: (() => void) | null = null;
  #refreshing: Promise<void> = Promise.resolve();
  #stopped = false;
  #failing = false;

  constructor(parts: Follows) {
    this.#parts = parts;
    this.#workflows = [...parts.workflows].sort();
    this.#startedAt = parts.engine.clock.now();
  }

  async start(): Promise<void> {
    await this.refresh();
    this.#next();
  }

  /** What is present by now is in force in this process when it resolves. */
  async refresh(): Promise<void> {
    // One after the other: what was read first may not be said last.
    this.#refreshing = this.#refreshing.then(
      () => this.#refresh(),
      () => this.#refresh(),
    );
    await this.#refreshing;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#refreshing.catch(() => {});
    await this.#parts.store.leaveServing(this.#parts.worker.id).catch(() => {});
  }

  #next(): void {
    if (this.#stopped) return;
    this.#cancel = this.#parts.timers.after(SERVING_EVERY_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    try {
      await this.refresh();
      this.#failing = false;
    } catch (error) {
      const data = { error: (error as Error).message };
      if (!this.#failing && !this.#stopped)
        this.#parts.engine.log("warn", "The present releases could not be read; it is tried again.", data);
      this.#failing = true;
    }
    this.#next();
  }

  async #refresh(): Promise<void> {
    if (this.#stopped) return;
    const { store, engine, worker } = this.#parts;
    let changed = false;
    for (const row of await store.controls()) {
      changed ||= (engine.controls.get(row.workflow)?.version ?? 0) < row.version;
      engine.controls.take(row);
    }
    if (changed) await knowHolds(engine, store);
    await store.noteServing({
      worker: worker.id,
      host: hostname(),
      pid: process.pid,
      startedAt: this.#startedAt,
      serves: this.#serves(),
    });
    if (changed) worker.poke();
  }

  #serves(): { workflow: string; release: number; version: number }[] {
    return this.#workflows.flatMap((workflow) => {
      const present = this.#parts.engine.controls.get(workflow);
      return present === null ? [] : [{ workflow, release: present.release.number, version: present.version }];
    });
  }
}
