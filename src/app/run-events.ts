/** Tells those who wait that a run has changed. Within this process only. */
export class RunEvents {
  readonly #waiting = new Map<string, Set<() => void>>();

  changed(runId: string): void {
    for (const tell of this.#waiting.get(runId) ?? []) tell();
  }

  /** Calls `tell` at every change of the run until the returned function is called. */
  watch(runId: string, tell: () => void): () => void {
    const tells = this.#waiting.get(runId) ?? new Set();
    tells.add(tell);
    this.#waiting.set(runId, tells);
    return () => {
      tells.delete(tell);
      if (tells.size === 0) this.#waiting.delete(runId);
    };
  }
}
