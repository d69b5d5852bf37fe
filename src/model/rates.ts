import type { Clock } from "../base/clock.ts";
import { Failure } from "../base/failure.ts";
import { APART_MS, before, firstPlace, fitsAlone, withPlace } from "./rate.ts";
import type { RateLimit, Schedule } from "./rate.ts";
import type { ModelName } from "./registry.ts";

/** Limits by `provider/model`, and by `provider/*` for all models of a provider together. */
export type RateLimits = Readonly<Record<string, RateLimit>>;

/** One call that is to be made. */
export interface RateAsk {
  /** Known by it when it asks again. */
  id: string;
  /** The run that asks. */
  owner: string;
  model: ModelName;
  /** What the call may use up at most, messages and answer together. */
  tokens: number;
}

/** `begin`: the call may be made now, and is known by its ticket. Else it has a place, kept for it when it asks again then. */
export type Turn = { begin: true; ticket: string } | { begin: false; at: number };

/**
 * Who may call a model when: places are given in advance, in the order of asking, so that runs wait and do not fail. A port, so
 * that workers on several machines can share limits.
 */
export interface ModelRates {
  /** Throws `Failure` (`budget`) for a call that is larger than what a whole minute allows. */
  turn(ask: RateAsk): Promise<Turn>;
  /** What the call used up. Not called where nobody knows: then it counts with what it might have used. */
  settle(ticket: string, tokens: number): Promise<void>;
  /** The call was not made after all. */
  giveBack(ticket: string): Promise<void>;
  /** The provider turned a call away until then (epoch ms): nobody runs into it before. */
  pause(model: ModelName, until: number): Promise<void>;
  /** The run has ended: places kept for it are free. */
  forget(owner: string): Promise<void>;
  /** Counts a call that was made before this keeper was there, at its time (epoch ms). */
  recall(model: ModelName, at: number, tokens: number): Promise<void>;
}

/** One limit, and the places under it. */
interface Line {
  name: string;
  limit: RateLimit;
  schedule: Schedule;
  pausedUntil: number;
}

interface Kept {
  owner: string;
  at: number;
  order: number;
  lines: readonly Line[];
}

/** The limits of one process, in memory: whoever starts it recalls what was called before. */
export function localRates(limits: RateLimits, clock: Clock): ModelRates {
  return new LocalRates(limits, clock);
}

class LocalRates implements ModelRates {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  readonly #lines = new Map<string, Line>();
  /** By id of the ask: places that wait to be taken. */
  readonly #kept = new Map<string, Kept>();
  readonly #begun = new Map<string, readonly Line[]>();
  #asked = 0;
  #tickets = 0;

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  async turn(ask: RateAsk): Promise<Turn> {
    const now = this.#clock.now();
    const lines = this.#linesOf(ask.model, now);
    refuseTooLarge(ask, lines);
    const open = Math.max(now, ...lines.map(({ pausedUntil }) => pausedUntil));
    const kept = this.#kept.get(ask.id);
    if (kept !== undefined && kept.at > now && kept.at >= open) return { begin: false, at: kept.at };
    const order = kept?.order ?? ++this.#asked;
    this.#drop(ask.id);
    const at = placeIn(lines, order, ask.tokens, open);
    const begun = at <= now;
    const id = begun ? `${order}/${++this.#tickets}` : ask.id;
    for (const line of lines.filter(isLimited))
      line.schedule = withPlace(line.schedule, { id, at, order, begun, tokens: ask.tokens });
    if (!begun) this.#kept.set(id, { owner: ask.owner, at, order, lines });
    else if (lines.some(isLimited)) this.#begun.set(id, lines);
    return begun ? { begin: true, ticket: id } : { begin: false, at };
  }

  async settle(ticket: string, tokens: number): Promise<void> {
    for (const line of this.#begun.get(ticket) ?? [])
      line.schedule = line.schedule.map((place) => (place.id === ticket ? { ...place, tokens } : place));
    this.#begun.delete(ticket);
  }

  async giveBack(ticket: string): Promise<void> {
    for (const line of this.#begun.get(ticket) ?? []) without(line, ticket);
    this.#begun.delete(ticket);
  }

  async pause(model: ModelName, until: number): Promise<void> {
    const line = this.#line(`${model.provider}/${model.model}`);
    line.pausedUntil = Math.max(line.pausedUntil, Math.ceil(until));
  }

  async forget(owner: string): Promise<void> {
    for (const [id, kept] of this.#kept) if (kept.owner === owner) this.#drop(id);
  }

  async recall(model: ModelName, at: number, tokens: number): Promise<void> {
    const id = `recalled/${++this.#tickets}`;
    for (const line of this.#linesOf(model, at).filter(isLimited))
      line.schedule = withPlace(line.schedule, { id, at, order: 0, begun: true, tokens });
  }

  #drop(id: string): void {
    for (const line of this.#kept.get(id)?.lines ?? []) without(line, id);
    this.#kept.delete(id);
  }

  /** Its own line and that of its provider, as far as they are limited or paused, without what is over. */
  #linesOf({ provider, model }: ModelName, now: number): Line[] {
    const names = [`${provider}/${model}`, `${provider}/*`].filter(
      (name) => Object.hasOwn(this.#limits, name) || this.#lines.has(name),
    );
    return names
      .map((name) => this.#line(name))
      .filter((line) => {
        this.#forgetPast(line, now);
        if (isLimited(line) || line.pausedUntil > now) return true;
        this.#lines.delete(line.name);
        return false;
      });
  }

  #forgetPast(line: Line, now: number): void {
    const past = line.schedule.findIndex(({ at }) => at + APART_MS > now);
    const gone = line.schedule.slice(0, past === -1 ? line.schedule.length : past);
    if (gone.length === 0) return;
    line.schedule = line.schedule.slice(gone.length);
    for (const { id } of gone) {
      this.#begun.delete(id);
      this.#kept.delete(id);
    }
  }

  #line(name: string): Line {
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    const limit = Object.hasOwn(this.#limits, name) ? (this.#limits[name] as RateLimit) : {};
    const line: Line = { name, limit, schedule: [], pausedUntil: 0 };
    this.#lines.set(name, line);
    return line;
  }
}

function isLimited({ limit }: Line): boolean {
  return limit.requestsPerMinute !== undefined || limit.tokensPerMinute !== undefined;
}

function without(line: Line, id: string): void {
  line.schedule = line.schedule.filter((place) => place.id !== id);
}

/** The first moment that suits all lines, for somebody who asked in this order. */
function placeIn(lines: readonly Line[], order: number, tokens: number, from: number): number {
  const asked = lines.filter(isLimited).map(({ schedule, limit }) => ({ limit, schedule: before(schedule, order) }));
  for (let at = from; ;) {
    const later = Math.max(at, ...asked.map(({ schedule, limit }) => firstPlace(schedule, limit, tokens, at)));
    if (later === at) return at;
    at = later;
  }
}

function refuseTooLarge({ model, tokens }: RateAsk, lines: readonly Line[]): void {
  const line = lines.find(({ limit }) => !fitsAlone(limit, tokens));
  if (line === undefined) return;
  const { provider, model: name } = model;
  throw new Failure({
    class: "budget",
    code: "over_rate_limit",
    message:
      `This call of ${provider}/${name} may use ${tokens} tokens, and rateLimits lets ${line.name} use ` +
      `${line.limit.tokensPerMinute} in a whole minute: it can never be made. Lower the prompt's limits.max_output_tokens ` +
      `or its inputs, or raise the limit.`,
  });
}
