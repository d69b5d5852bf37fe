/** Which workflows are on hold in this process: nothing new of theirs is started. The store has the last word at each claim. */
export class Holds {
  #held: ReadonlySet<string> = new Set();

  has(workflow: string): boolean {
    return this.#held.has(workflow);
  }

  /** What is held from now on, all of it. */
  set(workflows: readonly string[]): void {
    this.#held = new Set(workflows);
  }
}
