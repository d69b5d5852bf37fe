import type { RunJournal } from "./run-journal.ts";

const LIMIT = 2_000;

/**
 * Journals of runs that this process has just accepted: the claim that follows need not open their vault again.
 * Only a short cut; a run that is not here is put together from the disk.
 */
export class RecentJournals {
  readonly #journals = new Map<string, RunJournal>();

  remember(journal: RunJournal): void {
    this.#journals.set(journal.runId, journal);
    if (this.#journals.size <= LIMIT) return;
    const [oldest] = this.#journals.keys();
    if (oldest !== undefined) this.#journals.delete(oldest);
  }

  /** The journal, which is forgotten with that; undefined where it is not known. */
  take(runId: string): RunJournal | undefined {
    const journal = this.#journals.get(runId);
    this.#journals.delete(runId);
    return journal;
  }
}
