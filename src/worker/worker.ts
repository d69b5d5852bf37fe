import { newId } from "../base/id.ts";
import type { ClaimedRun } from "../journal/ports.ts";
import type { RunStatus } from "../journal/run.ts";
import type { Engine } from "../workflow/engine.ts";
import type { Frame } from "../workflow/frame.ts";
import { advance, endByError, enforceDeadline } from "../workflow/replay.ts";
import { openFrame } from "../workflow/open.ts";
import type { Deployed } from "../workflow/open.ts";

export interface WorkerOptions {
  engine: Engine;
  workflows: ReadonlyMap<string, Deployed>;
  /** Runs worked on at once. */
  concurrency: number;
  leaseMs: number;
  /** Told of every status a run is left in. */
  onLeft(runId: string, status: RunStatus): void;
}

/** How long a worker has to live before it tries a run that may be what killed others: a storm of kills proves nothing. */
const TRIAL_AFTER_MS = 10_000;

/** Longest pause between two looks for due runs; anything earlier wakes by itself. */
const IDLE_MS = 5_000;
/** Between two tries where the store does not answer. */
const RETRY_MS = 1_000;
const GIVE_BACK_ATTEMPTS = 60;
/** A run that cannot be advanced so often in a row is a dead letter. */
const TROUBLES = 3;
/** Codes of errors that say nothing of the run. */
const STORE_TROUBLES: ReadonlySet<string> = new Set(["disk_full", "unavailable", "closed", "corrupt"]);

/**
 * Claims due runs and advances each to its end or its next wait. Woken by `poke`, by time, and by every free slot.
 * A lost lease aborts the run's code; a graceful stop gives runs back.
 */
export class Worker {
  readonly id: string = newId("wrk");
  readonly #options: WorkerOptions;
  /** By run: how often in a row it could not be advanced. */
  readonly #troubles = new Map<string, number>();
  readonly #held = new Map<string, Frame>();
  /** Of every run in hand, also of those whose frame is not open yet: a busy process may take long over that. */
  readonly #leases = new Set<{ runId: string; epoch: number }>();
  #claimed = 0;
  #looking = false;
  #lookAgain = false;
  #stopping = false;
  #timer: NodeJS.Timeout | null = null;
  #heartbeat: NodeJS.Timeout | null = null;
  #untried: NodeJS.Timeout | null = null;
  #idle: (() => void) | null = null;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  start(): void {
    const { leaseMs } = this.#options;
    this.#heartbeat = setInterval(() => void this.#renew(), Math.max(50, Math.floor(leaseMs / 3)));
    this.#untried = setTimeout(() => {
      this.#untried = null;
      this.poke();
    }, TRIAL_AFTER_MS);
    this.poke();
  }

  /** Something may be due. Before `start` nothing is claimed: without its clocks a run would be tried that may kill workers. */
  poke(): void {
    if (this.#stopping || this.#heartbeat === null) return;
    this.#lookAgain = true;
    if (!this.#looking) void this.#look();
  }

  /** The run was taken away by a command: its code is told to stop at once. */
  drop(runId: string): void {
    this.#held.get(runId)?.fence();
  }

  get busy(): number {
    return this.#claimed;
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#lookAgain && !this.#stopping) {
        this.#lookAgain = false;
        await this.#claim();
      }
      if (!this.#stopping) await this.#sleepUntilDue();
    } catch (error) {
      this.#report("The store could not be asked for due runs; trying again.", error);
      this.#wakeIn(RETRY_MS);
    } finally {
      this.#looking = false;
      if (this.#lookAgain && !this.#stopping) void this.#look();
    }
  }

  async #claim(): Promise<void> {
    const { engine, workflows, concurrency, leaseMs } = this.#options;
    const free = concurrency - this.#claimed;
    if (free <= 0) return;
    const names = [...workflows.values()].map(({ workflow, code }) => ({
      name: workflow.name,
      limit: keylessLimit(workflow),
      ...(workflow.pinned ? { code } : {}),
    }));
    const runs = await engine.store.claim({
      worker: this.id,
      leaseMs,
      limit: free,
      workflows: names,
      spareSuspects: this.#untried !== null,
    });
    if (runs.length > 0) await engine.probe("run_claimed");
    for (const run of runs) void this.#work(run);
    // A full batch means that more may be due already.
    if (runs.length === free) this.#lookAgain = this.#claimed < concurrency;
  }

  async #work(claimed: ClaimedRun): Promise<void> {
    const { runId } = claimed.run;
    this.#claimed++;
    const lease = { runId, epoch: claimed.run.epoch };
    this.#leases.add(lease);
    let frame: Frame | null = null;
    try {
      const deployed = this.#options.workflows.get(claimed.run.workflow) as Deployed;
      frame = await openFrame(this.#options.engine, deployed, claimed);
      this.#held.set(runId, frame);
      const status = await advance(frame);
      if (status !== null) this.#options.onLeft(runId, status);
      if (status === "queued") this.#lookAgain = true;
      this.#troubles.delete(runId);
    } catch (error) {
      if (frame !== null && this.#isRunsOwn(runId, error)) await this.#giveUp(frame, error);
      else {
        this.#report(`Run ${runId} could not be advanced; it starts again from what is on disk.`, error);
        if (frame !== null) await this.#giveBack(frame);
      }
    } finally {
      this.#held.delete(runId);
      this.#leases.delete(lease);
      this.#claimed--;
      if (this.#claimed === 0) this.#idle?.();
      this.poke();
    }
  }

  /** Whether an error is this run's and no passing trouble of the store's: it has come so often in a row. */
  #isRunsOwn(runId: string, error: unknown): boolean {
    if (STORE_TROUBLES.has(String((error as { code?: unknown } | null)?.code))) return false;
    const times = (this.#troubles.get(runId) ?? 0) + 1;
    this.#troubles.set(runId, times);
    return times >= TROUBLES;
  }

  /** The run would go round for ever: it dies, and somebody is told. */
  async #giveUp(frame: Frame, error: unknown): Promise<void> {
    const { runId } = frame.run;
    this.#troubles.delete(runId);
    this.#report(`Run ${runId} could not be advanced ${TROUBLES} times in a row and is dead now.`, error);
    try {
      const status = await endByError(frame, error);
      if (status !== null) this.#options.onLeft(runId, status);
    } catch {
      await this.#giveBack(frame);
    }
  }

  /** A store that failed may take it later; if not, the lease runs out. */
  async #giveBack(frame: Frame): Promise<void> {
    for (let attempt = 0; attempt < GIVE_BACK_ATTEMPTS && !this.#stopping; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      try {
        return await frame.giveBack();
      } catch (error) {
        this.#report(`Run ${frame.run.runId} could not be given back.`, error);
      }
    }
  }

  async #renew(): Promise<void> {
    for (const frame of this.#held.values()) void enforceDeadline(frame);
    const held = [...this.#leases];
    try {
      if (held.length > 0)
        for (const runId of await this.#options.engine.store.renew(held, this.#options.leaseMs))
          this.#held.get(runId)?.fence();
      const { poisoned, requeued } = await this.#options.engine.store.abandon({});
      // A run that stood trial after deaths of its worker may have gone on: the next one is due then.
      if (this.#claimed > 0 || requeued > 0) this.poke();
      for (const runId of poisoned) this.#options.onLeft(runId, "dead");
    } catch (error) {
      this.#report("Leases could not be renewed.", error);
    }
  }

  async #sleepUntilDue(): Promise<void> {
    const due = await this.#options.engine.store.nextDue();
    const now = this.#options.engine.clock.now();
    this.#wakeIn(due === null ? IDLE_MS : Math.min(IDLE_MS, Math.max(1, due - now)));
  }

  #wakeIn(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.poke(), ms);
  }

  /** No new claims; steps that execute may end within `graceMs`, the rest is given back as it stands on disk. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#options.engine.holds.drain();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#untried !== null) clearTimeout(this.#untried);
    if (this.#claimed > 0) await this.#drained(graceMs);
    const left = [...this.#held.values()];
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    await Promise.allSettled(left.map((frame) => frame.giveBack()));
  }

  #drained(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #report(message: string, error: unknown): void {
    const said = error instanceof Error ? error.message : String(error);
    this.#options.engine.log("error", message, { error: said });
  }
}

function keylessLimit(workflow: Deployed["workflow"]): number | null {
  return workflow.concurrency !== null && workflow.concurrency.key === null ? workflow.concurrency.limit : null;
}
