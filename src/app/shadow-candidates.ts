import { UsageError } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Timers } from "../base/timers.ts";
import type { CandidateAnswer } from "../release/candidates.ts";
import type { Pins } from "../release/release.ts";
import type { Parts } from "./parts.ts";
import type { Candidates } from "./sluice.ts";
import { aboutOf, shadowAnswers, shadowCandidates, skipped } from "./shadow-question.ts";
import type { PinnedCandidate, ShadowQuestion } from "./shadow-question.ts";

const FOLLOWER = "candidates";
const EVERY_MS = 1_000;
const BATCH = 50;
const DAY_MS = 86_400_000;
/** Of one run and candidate: a model that is slower than that counts as failed by its own time limit long before. */
const RUN_MS = 600_000;

/** What the candidates of a workflow have answered. Throws `UsageError` unknown_workflow (404). */
export function candidatesOf({ store, project }: Parts): Candidates {
  const assertKnown = async (name: string): Promise<void> => {
    if (project.workflows.has(name) || (await store.control(name)) !== null) return;
    const message = `There is no workflow ${JSON.stringify(name)}. ${didYouMean(name, project.workflows.keys())}`;
    throw new UsageError("unknown_workflow", message.trimEnd(), { status: 404 });
  };
  return {
    async totals(workflow) {
      await assertKnown(workflow);
      return await store.candidateTotals(workflow);
    },
    async answers(filter, page) {
      await assertKnown(filter.workflow);
      return await store.candidateAnswers(filter, page);
    },
  };
}

export interface ShadowLimits {
  /** Questions under way at once. */
  concurrency: number;
  /** Dollars within any 24 hours, as far as prices are known; null: no limit. */
  usdPerDay: number | null;
}

/**
 * Asks shadow candidates what the runs asked that have ended, in the order in which the audit chain took them: behind the work,
 * a few at a time. How far it has come is on disk, and so is each answer: a new process asks only what is missing.
 */
export class CandidateFollower {
  readonly #parts: Parts;
  readonly #timers: Timers;
  readonly #limits: ShadowLimits;
  readonly #stop = new AbortController();
  #cancel: (() => void) | null = null;
  #working: Promise<void> | null = null;
  #failing = false;

  constructor(parts: Parts, timers: Timers, limits: ShadowLimits) {
    this.#parts = parts;
    this.#timers = timers;
    this.#limits = limits;
  }

  start(): void {
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error("This process is stopping."));
    this.#cancel?.();
    await this.#working;
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #look(): void {
    if (this.#stopped || this.#working !== null) return;
    this.#working = this.#follow().finally(() => {
      this.#working = null;
      if (!this.#stopped) this.#cancel = this.#timers.after(EVERY_MS, () => this.#look());
    });
  }

  async #follow(): Promise<void> {
    try {
      while (!this.#stopped && (await this.#batch()));
      this.#failing = false;
    } catch (error) {
      if (this.#stopped || this.#failing) return;
      this.#failing = true;
      const data = { error: (error as Error).message };
      this.#parts.engine.log("warn", "Shadow candidates could not be asked; it is tried again.", data);
    }
  }

  /** False where there is nothing more. */
  async #batch(): Promise<boolean> {
    const { store } = this.#parts;
    const from = await store.followed(FOLLOWER);
    const { runs, position } = await store.endedWithCandidate(from, BATCH);
    if (position === from) return false;
    const waiting = [...runs];
    const ask = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && !this.#stopped; next = waiting.shift())
        await this.#run(next.runId);
    };
    await Promise.all(Array.from({ length: this.#limits.concurrency }, ask));
    if (this.#stopped) return false;
    await store.noteCandidates({ answers: [], followed: { follower: FOLLOWER, position } });
    return true;
  }

  async #run(runId: string): Promise<void> {
    const { store, workflows } = this.#parts;
    const run = await store.run(runId);
    const deployed = run === null ? undefined : workflows.get(run.workflow);
    if (run?.pins == null || deployed === undefined) return;
    const pins = JSON.parse(run.pins) as Pins;
    const before = await store.candidatesOfRun(runId);
    for (const pinned of shadowCandidates(pins)) {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(RUN_MS)]);
      const question = { parts: this.#parts, deployed, runId, pinned, known: knownKeys(before, pinned), signal };
      const answers = await this.#answers(question, pins.release);
      if (answers.length > 0) await store.noteCandidates({ answers });
    }
  }

  async #answers(question: ShadowQuestion, release: number): Promise<CandidateAnswer[]> {
    // What the present release does not try any more is asked no more.
    if (!this.#isTried(question)) return [skipped(aboutOf(question, release), "", "not_served")];
    if (await this.#isSpent()) return [skipped(aboutOf(question, release), "", "budget")];
    return await shadowAnswers(question);
  }

  #isTried({ deployed, pinned }: ShadowQuestion): boolean {
    const release = this.#parts.engine.controls.get(deployed.workflow.name)?.release;
    const candidate = release?.prompts[pinned.slot]?.candidate;
    return release?.stage !== "off" && candidate?.mode === "shadow" && candidate.hash === pinned.candidate.hash;
  }

  async #isSpent(): Promise<boolean> {
    const { usdPerDay } = this.#limits;
    if (usdPerDay === null) return false;
    const spent = await this.#parts.store.candidatesSpent(this.#parts.engine.clock.now() - DAY_MS);
    return spent >= usdPerDay;
  }
}

function knownKeys(answers: readonly CandidateAnswer[], { slot, candidate }: PinnedCandidate): Set<string> {
  const same = answers.filter(
    (each) => each.slot === slot && each.hash === candidate.hash && each.model === candidate.model,
  );
  return new Set(same.map(({ key }) => key));
}
