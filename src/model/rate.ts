/** What may be asked of a model within any minute; what is absent is not limited. */
export interface RateLimit {
  requestsPerMinute?: number;
  /** Of messages and answers together. */
  tokensPerMinute?: number;
}

/** One call that has a time to begin at. */
export interface Place {
  id: string;
  /** When it may begin, or has begun; epoch ms. */
  at: number;
  /** Counts up in the order of asking. */
  order: number;
  begun: boolean;
  /** What it may use up; once that is known, what it did. */
  tokens: number;
}

/** All places that count, by time. */
export type Schedule = readonly Place[];

const MINUTE_MS = 60_000;
/** How long it may take from the turn to the call. */
const GRACE_MS = 2_000;
/** Calls whose turns are this far apart are never in the same minute, however late the earlier one was made. */
export const APART_MS: number = MINUTE_MS + GRACE_MS;

/** Whether a call of so many tokens can be made at all. */
export function fitsAlone({ tokensPerMinute = Infinity }: RateLimit, tokens: number): boolean {
  return tokens <= tokensPerMinute;
}

/**
 * The first moment from `from` on at which one more call keeps every minute within the limit, those of all calls in the
 * schedule included. Epoch ms. The call has to fit alone.
 */
export function firstPlace(schedule: Schedule, limit: RateLimit, tokens: number, from: number): number {
  const near = new Near(schedule.slice(after(schedule, from - APART_MS)), limit);
  if (near.fits(from, tokens)) return from;
  let tried = from;
  for (const { at } of near.places) {
    if (at + APART_MS <= tried) continue;
    tried = at + APART_MS;
    if (near.fits(tried, tokens)) return tried;
  }
  throw new RangeError("A call that does not fit alone has no place.");
}

/** What somebody who asked in this order has to respect: calls that have begun, and places of those who asked before. */
export function before(schedule: Schedule, order: number): Schedule {
  return schedule.filter((place) => place.begun || place.order < order);
}

/** `schedule` with one more place. */
export function withPlace(schedule: Schedule, place: Place): Schedule {
  return schedule.toSpliced(after(schedule, place.at), 0, place);
}

/** Index of the first place that is later than `time`. */
function after(schedule: Schedule, time: number): number {
  let [low, high] = [0, schedule.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((schedule[middle] as Place).at > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The places that one more call could be too near to, with their tokens summed up. */
class Near {
  readonly places: Schedule;
  readonly #sums: number[] = [0];
  readonly #requests: number;
  readonly #tokens: number;

  constructor(places: Schedule, { requestsPerMinute = Infinity, tokensPerMinute = Infinity }: RateLimit) {
    this.places = places;
    let sum = 0;
    for (const { tokens } of places) this.#sums.push((sum += tokens));
    this.#requests = requestsPerMinute;
    this.#tokens = tokensPerMinute;
  }

  /** Whether every stretch of time that a call at `at` would be in has room for it. */
  fits(at: number, tokens: number): boolean {
    const last = after(this.places, at);
    for (let i = after(this.places, at - APART_MS); i < last; i++)
      if (!this.#room((this.places[i] as Place).at, i, tokens)) return false;
    return this.#room(at, last, tokens);
  }

  /** In the stretch that begins at `start`, with the place of index `first`. */
  #room(start: number, first: number, tokens: number): boolean {
    const end = after(this.places, start + APART_MS - 1);
    const used = (this.#sums[end] as number) - (this.#sums[first] as number);
    return end - first + 1 <= this.#requests && used + tokens <= this.#tokens;
  }
}
