import { Failure } from "../base/failure.ts";
import type { Reserved } from "../journal/ports.ts";

/** What a run has used up: answered model calls, and their dollars; null where a price is unknown. */
export interface Spent {
  modelCalls: number;
  usd: number | null;
}

/** A model call that is about to be made or under way: it counts until it has an answer, or none. */
export interface Reservation {
  readonly usd: number;
}

/**
 * What one run may still use up. A call is counted before it is made, so that calls made at once share what is left; what
 * stands reserved is on disk with it, so that a call of which nobody knows how it ended stays counted.
 */
export class Budget {
  readonly #limit: { usd?: number; modelCalls?: number };
  readonly #open = new Set<Reservation>();
  /** Calls that were under way when an earlier process ended. */
  readonly #lost: Reserved;
  #spent: Spent;
  #written: Reserved | null;

  constructor(limit: { usd?: number; modelCalls?: number }, spent: Spent, lost: Reserved | null) {
    this.#limit = limit;
    this.#spent = spent;
    this.#lost = lost ?? { modelCalls: 0, usd: 0 };
    this.#written = this.#lost;
  }

  /** Whether anything is limited: else nothing has to be on disk before a call. */
  get limited(): boolean {
    return this.#limit.usd !== undefined || this.#limit.modelCalls !== undefined;
  }

  /** Counts a call that may cost so much at most (null: unknown). Throws `Failure` (`budget`) where that would be too much. */
  reserve(usd: number | null): Reservation {
    this.#check(usd ?? 0);
    const reservation: Reservation = { usd: usd ?? 0 };
    this.#open.add(reservation);
    return reservation;
  }

  /** The call got no answer, or what it got is counted by `spend`. */
  release(reservation: Reservation): void {
    this.#open.delete(reservation);
  }

  /** None of the calls under way gets an answer any more: they were stopped. */
  releaseAll(): void {
    this.#open.clear();
  }

  spend({ modelCalls, usd }: Spent): void {
    const before = this.#spent;
    this.#spent = {
      modelCalls: before.modelCalls + modelCalls,
      usd: before.usd === null || usd === null ? null : before.usd + usd,
    };
  }

  /** What has to be written now; undefined where it is on disk already. */
  toWrite(): Reserved | undefined {
    if (!this.limited) return undefined;
    const now = this.#reserved();
    if (this.#written?.modelCalls === now.modelCalls && this.#written.usd === now.usd) return undefined;
    return (this.#written = now);
  }

  /** The store did not take it. */
  notWritten(): void {
    this.#written = null;
  }

  #reserved(): Reserved {
    let { modelCalls, usd } = this.#lost;
    for (const each of this.#open) {
      modelCalls++;
      usd += each.usd;
    }
    return { modelCalls, usd };
  }

  #check(usd: number): void {
    const reserved = this.#reserved();
    const { modelCalls, usd: dollars } = this.#limit;
    if (modelCalls !== undefined && this.#spent.modelCalls + reserved.modelCalls + 1 > modelCalls)
      throw this.#usedUp(`${modelCalls} model call${modelCalls === 1 ? "" : "s"}`, "");
    // Where a price is unknown, so is what was spent: only calls can be counted then.
    if (dollars === undefined || this.#spent.usd === null) return;
    const used = this.#spent.usd + reserved.usd;
    if (used >= dollars) throw this.#usedUp(`$${dollars}`, "");
    if (used + usd > dollars)
      throw this.#usedUp(
        `$${dollars}`,
        ` The next call may cost $${inDollars(usd)}, and $${inDollars(dollars - used)} is left.`,
      );
  }

  #usedUp(what: string, more: string): Failure {
    const lost = this.#lost.modelCalls;
    const cutOff =
      lost === 0
        ? ""
        : ` ${lost} of its calls ${lost === 1 ? "was" : "were"} cut off by the end of a process and ${lost === 1 ? "counts" : "count"} as made.`;
    const message = `The run's budget of ${what} is used up.${more}${cutOff}`;
    return new Failure({ class: "budget", code: "run_budget", message });
  }
}

function inDollars(usd: number): string {
  return usd.toPrecision(3);
}
