import type { Timers } from "../base/timers.ts";
import { nextStep } from "../journal/redrive.ts";
import type { Redrive } from "../journal/redrive.ts";
import type { Parts } from "./parts.ts";
import { progressOf, redriveTurns } from "./redrives.ts";

const EVERY_MS = 200;
const AFTER_FAILURE_MS = 1_000;

/**
 * Carries on the redrives that run: looks what their runs came to, decides what follows, does it. All it knows is in the
 * store, so a new process goes on where the last one stood. Sleeps while there is none.
 */
export class RedriveFollower {
  readonly #parts: Parts;
  readonly #timers: Timers;
  #cancel: (() => void) | null = null;
  #working: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(parts: Parts, timers: Timers) {
    this.#parts = parts;
    this.#timers = timers;
  }

  start(): void {
    this.poke();
  }

  /** There may be something to do. */
  poke(): void {
    this.#again = true;
    if (this.#stopped || this.#working !== null) return;
    this.#working = this.#work().finally(() => (this.#working = null));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      this.#cancel?.();
      try {
        const running = await this.#parts.store.redrives("running");
        for (const { redriveId } of running.toReversed()) if (!this.#stopped) await this.#advance(redriveId);
        if (running.length > 0) this.#lookIn(EVERY_MS);
      } catch (error) {
        const said = { error: (error as Error).message };
        this.#parts.engine.log("warn", "A redrive could not be carried on; it is tried again.", said);
        this.#lookIn(AFTER_FAILURE_MS);
      }
    }
  }

  #lookIn(ms: number): void {
    this.#cancel?.();
    if (!this.#stopped) this.#cancel = this.#timers.after(ms, () => this.poke());
  }

  async #advance(redriveId: string): Promise<void> {
    const { store, engine } = this.#parts;
    const standing = await store.judgeRedrive(redriveId);
    if (standing === null || standing.redrive.state !== "running") return;
    const step = nextStep(standing, engine.clock.now());
    switch (step.do) {
      case "wait":
        return;
      case "redrive":
        return await this.#redrive(standing.redrive, step.count, step.nextAt);
      case "stop":
        return await this.#end(redriveId, "stopped", step.why);
      case "done":
        return await this.#end(redriveId, "done", null);
    }
  }

  async #redrive({ redriveId, by, reason, plan }: Redrive, count: number, nextAt: number): Promise<void> {
    const { store, engine, worker } = this.#parts;
    const turns = await store.redriveTurns(redriveId, count);
    // Into a queue that is held back nothing is sent: it would come out all at once.
    const free = turns.findIndex(({ workflow }) => engine.holds.has(workflow));
    const now = free === -1 ? turns : turns.slice(0, free);
    if (now.length === 0) return;
    await redriveTurns(this.#parts, now, { by, reason, redriveId, release: plan.release }, nextAt);
    worker.poke();
    if (plan.perMinute === null) this.#again = true;
  }

  async #end(redriveId: string, state: "done" | "stopped", why: string | null): Promise<void> {
    const { store, engine } = this.#parts;
    const ended = await store.endRedrive({ redriveId, state, why, by: null });
    if (ended === null) return;
    const data = { redrive_id: redriveId, ...(why === null ? {} : { why }), counts: progressOf(ended) };
    if (state === "stopped") engine.log("warn", "A redrive has stopped by itself.", data);
    else engine.log("info", "A redrive is done.", data);
  }
}
