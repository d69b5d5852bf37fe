/** Which workflows are on hold in this process: nothing new of theirs is started. The store has the last word at each claim. */
export class Holds {
  #held: ReadonlySet<string> = new Set();
  #all = false;

  has(workflow: string): boolean {
    return this.#all || this.#held.has(workflow);
  }

  /** The process stops: no run of any workflow begins another step in it. One that would goes back to the queue. */
  drain(): void {
    this.#all = true;
  }

  /** What is held from now on, all of it. */
  set(workflows: readonly string[]): void {
    this.#held = new Set(workflows);
  }
}
