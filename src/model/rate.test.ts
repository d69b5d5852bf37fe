import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../base/failure.ts";
import { frozenClock } from "../testing/frozen-clock.ts";
import { APART_MS, firstPlace, withPlace } from "./rate.ts";
import type { Place, RateLimit, Schedule } from "./rate.ts";
import { localRates } from "./rates.ts";
import type { RateLimits } from "./rates.ts";

const MINUTE = 60_000;
interface Made {
  at: number;
  tokens: number;
}

const placeOf = (order: number): Pick<Place, "id" | "order" | "begun"> => ({ id: String(order), order, begun: false });

/** The most that any minute (its end not included) has seen. */
function mostInAnyMinute(calls: readonly Made[]): { requests: number; tokens: number } {
  const windows = calls.map(({ at: start }) => calls.filter(({ at }) => at >= start && at < start + MINUTE));
  return {
    requests: Math.max(0, ...windows.map((each) => each.length)),
    tokens: Math.max(0, ...windows.map((each) => each.reduce((sum, { tokens }) => sum + tokens, 0))),
  };
}

const limit = fc.record(
  { requestsPerMinute: fc.integer({ min: 1, max: 6 }), tokensPerMinute: fc.integer({ min: 10, max: 60 }) },
  { requiredKeys: [] },
);
const asks = fc.array(
  fc.record({
    pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 })),
    tokens: fc.integer({ min: 1, max: 10 }),
    late: fc.integer({ min: 0, max: APART_MS - MINUTE }),
  }),
  { maxLength: 60 },
);

describe("the schedule of calls", () => {
  test("never lets any minute have more than its limit, however late a call begins in its place", () => {
    fc.assert(
      fc.property(limit, asks, (allowed, all) => {
        let schedule: Schedule = [];
        let now = 1_000_000;
        const calls = all.map(({ pause, tokens, late }, i): Made => {
          now += pause;
          const at = firstPlace(schedule, allowed, tokens, now);
          expect(at).toBeGreaterThanOrEqual(now);
          schedule = withPlace(schedule, { ...placeOf(i), at, tokens });
          return { at: at + late, tokens };
        });
        const most = mostInAnyMinute(calls);
        expect(most.requests).toBeLessThanOrEqual(allowed.requestsPerMinute ?? Infinity);
        expect(most.tokens).toBeLessThanOrEqual(allowed.tokensPerMinute ?? Infinity);
      }),
      { numRuns: 400 },
    );
  });

  test("gives the first moment there is: a moment before, some minute would have too much", () => {
    fc.assert(
      fc.property(limit, asks, (allowed, all) => {
        let schedule: Schedule = [];
        for (const [i, { tokens }] of all.entries()) {
          const at = firstPlace(schedule, allowed, tokens, 0);
          const earlier = Math.max(0, at - 1);
          const starts = [...schedule.map((place) => place.at), earlier];
          const over = starts.some((start) => {
            const inside = schedule.filter((place) => place.at >= start && place.at < start + APART_MS);
            const holds = earlier >= start && earlier < start + APART_MS;
            const used = inside.reduce((sum, place) => sum + place.tokens, 0) + tokens;
            return holds && (inside.length + 1 > (allowed.requestsPerMinute ?? Infinity) || used > (allowed.tokensPerMinute ?? Infinity)); // prettier-ignore
          });
          expect(at === 0 || over).toBe(true);
          schedule = withPlace(schedule, { ...placeOf(i), at, tokens });
        }
      }),
    );
  });

  test("keeps the order in which calls of one size ask", () => {
    let schedule: Schedule = [];
    const places = Array.from({ length: 20 }, (_, i) => {
      const at = firstPlace(schedule, { requestsPerMinute: 3 }, 1, i);
      schedule = withPlace(schedule, { ...placeOf(i), at, tokens: 1 });
      return at;
    });
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places.slice(0, 4)).toEqual([0, 1, 2, APART_MS]);
  });

  test("takes little time when thousands wait", () => {
    let schedule: Schedule = [];
    const rate: RateLimit = { requestsPerMinute: 500, tokensPerMinute: 100_000 };
    const started = performance.now();
    for (let i = 0; i < 3_000; i++)
      schedule = withPlace(schedule, { ...placeOf(i), at: firstPlace(schedule, rate, 200, 0), tokens: 200 });
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(schedule.at(-1)?.at).toBe(5 * APART_MS);
  });
});

describe("turns at a model", () => {
  const model = { provider: "peer", model: "one" };
  const rates = (limits: RateLimits) => {
    const clock = frozenClock();
    const made = localRates(limits, clock);
    const ask = (owner: string, tokens = 1, name = "one") =>
      made.turn({ id: `${owner}/classify`, owner, model: { provider: "peer", model: name }, tokens });
    return { clock, made, ask };
  };

  test("are kept for whoever asked, and taken when their time comes", async () => {
    const { clock, ask } = rates({ "peer/one": { requestsPerMinute: 1 } });
    expect(await ask("a")).toMatchObject({ begin: true });
    const [b, c] = [await ask("b"), await ask("c")];
    expect([b, c]).toEqual([
      { begin: false, at: clock.now() + APART_MS },
      { begin: false, at: clock.now() + 2 * APART_MS },
    ]);
    expect(await ask("b")).toEqual(b);
    clock.advance(APART_MS);
    expect(await ask("c")).toEqual(c);
    expect(await ask("b")).toMatchObject({ begin: true });
  });

  test("are given at once to one who comes late, before those who asked later", async () => {
    const { clock, ask } = rates({ "peer/one": { requestsPerMinute: 1 } });
    await ask("a");
    await ask("b");
    expect(await ask("c")).toEqual({ begin: false, at: clock.now() + 2 * APART_MS });
    clock.advance(APART_MS + 30_000);
    expect(await ask("b")).toMatchObject({ begin: true });
    // The place of the next one moves on by as much, and stays before all that come later.
    clock.advance(APART_MS - 30_000);
    expect(await ask("c")).toEqual({ begin: false, at: clock.now() + 30_000 });
    expect(await ask("d")).toEqual({ begin: false, at: clock.now() + 30_000 + APART_MS });
  });

  test("never let any minute have more than its limit, however late, often and by whom they are asked for", async () => {
    const step = fc.record({
      who: fc.integer({ min: 0, max: 12 }),
      tokens: fc.integer({ min: 1, max: 10 }),
      pass: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40_000 })),
      then: fc.constantFrom("settle", "keep", "give back", "forget"),
    });
    await fc.assert(
      fc.asyncProperty(limit, fc.array(step, { maxLength: 150 }), async (allowed, steps) => {
        const { clock, made, ask } = rates({ "peer/*": allowed });
        const calls: Made[] = [];
        const waits = new Map<string, { at: number; tokens: number }>();
        for (const { who, tokens, pass, then } of steps) {
          clock.advance(pass);
          const owner = `run ${who}`;
          const asked = waits.get(owner)?.tokens ?? tokens;
          const turn = await ask(owner, asked, who % 2 === 0 ? "one" : "two");
          if (!turn.begin) {
            expect(turn.at).toBeGreaterThan(clock.now());
            waits.set(owner, { at: turn.at, tokens: asked });
            if (then !== "forget") continue;
            await made.forget(owner);
            waits.delete(owner);
            continue;
          }
          waits.delete(owner);
          if (then === "give back") await made.giveBack(turn.ticket);
          else calls.push({ at: clock.now(), tokens: then === "settle" ? Math.ceil(asked / 2) : asked });
          if (then === "settle") await made.settle(turn.ticket, Math.ceil(asked / 2));
        }
        const most = mostInAnyMinute(calls);
        expect(most.requests).toBeLessThanOrEqual(allowed.requestsPerMinute ?? Infinity);
        expect(most.tokens).toBeLessThanOrEqual(allowed.tokensPerMinute ?? Infinity);
      }),
      { numRuns: 300 },
    );
  });

  test("are free again when the run has ended, or the call is not made", async () => {
    const { clock, made, ask } = rates({ "peer/one": { requestsPerMinute: 1 } });
    const first = await ask("a");
    await ask("b");
    await made.forget("b");
    expect(await ask("c")).toEqual({ begin: false, at: clock.now() + APART_MS });
    await made.forget("c");
    if (first.begin) await made.giveBack(first.ticket);
    expect(await ask("d")).toMatchObject({ begin: true });
  });

  test("count what was used up, once that is known", async () => {
    const { made, ask } = rates({ "peer/one": { tokensPerMinute: 100 } });
    const first = await ask("a", 90);
    expect(await ask("b", 50)).toMatchObject({ begin: false });
    await made.forget("b");
    if (first.begin) await made.settle(first.ticket, 20);
    expect(await ask("c", 80)).toMatchObject({ begin: true });
    expect(await ask("d", 1)).toMatchObject({ begin: false });
  });

  test("are shared by all models of a provider where its limit says so", async () => {
    const { ask } = rates({ "peer/*": { requestsPerMinute: 2 }, "peer/one": { requestsPerMinute: 1 } });
    expect(await ask("a")).toMatchObject({ begin: true });
    expect(await ask("b")).toMatchObject({ begin: false });
    expect(await ask("c", 1, "two")).toMatchObject({ begin: true });
    expect(await ask("d", 1, "three")).toMatchObject({ begin: false });
  });

  test("are not given while the provider turns calls away, not even to those who had a place", async () => {
    const { clock, made, ask } = rates({ "peer/one": { requestsPerMinute: 1 } });
    await ask("a");
    await ask("b");
    const until = clock.now() + APART_MS + 30_000;
    await made.pause(model, until);
    expect(await ask("b")).toEqual({ begin: false, at: until });
    expect(await ask("x", 1, "two")).toMatchObject({ begin: true });
    clock.advance(until - clock.now());
    expect(await ask("b")).toMatchObject({ begin: true });
    expect(await ask("c")).toEqual({ begin: false, at: until + APART_MS });
  });

  test("are given freely where nothing is limited, but for the time a provider asks for", async () => {
    const { clock, made, ask } = rates({});
    for (let i = 0; i < 100; i++) expect(await ask(`run ${i}`)).toMatchObject({ begin: true });
    await made.pause(model, clock.now() + 5_000);
    expect(await ask("a")).toEqual({ begin: false, at: clock.now() + 5_000 });
    clock.advance(5_000);
    expect(await ask("a")).toMatchObject({ begin: true });
  });

  test("are refused to a call that a whole minute has no room for", async () => {
    const { ask } = rates({ "peer/*": { tokensPerMinute: 100 } });
    const refused = ask("a", 101);
    await expect(refused).rejects.toThrow(Failure);
    await expect(refused).rejects.toMatchObject({ info: { class: "budget", code: "over_rate_limit" } });
  });
});
