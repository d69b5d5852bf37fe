import { describe, expect, it } from "vitest";
import { event } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { HOUR, amountOf, idOf, open, paid, payable, payment, send, ticket, waiter } from "./waiting.ts";
import type { Body } from "./waiting.ts";
import { KIM } from "./world.ts";

describe("a timeout", () => {
  it("gives null, and an event after it changes nothing", async () => {
    const clock = frozenClock();
    const world = await open(payable({ timeout: "2h" }), { clock });
    const runId = await world.submit(ticket("t1"));
    const run = await world.waiting(runId, "event");
    expect(run.wakeAt).toBe(clock.now() + 2 * HOUR);
    clock.advance(2 * HOUR);
    // At the very moment it is over, and before the run has noted it.
    await send(world, payment("t1", { amount: 1 }));
    await world.poke();
    expect(await world.ended(runId)).toMatchObject({ status: "completed", decision: { got: null } });
    await send(world, payment("t1", { amount: 2 }));
    const [asked, over] = await world.steps(runId, "payment");
    expect(asked).toMatchObject({ status: "waiting", detail: { until: run.wakeAt } });
    expect(over).toMatchObject({ status: "success", output: null });
  });

  it("does not count for an event that came in time, however late the run gets to it", async () => {
    const clock = frozenClock();
    const world = await open(payable({ timeout: "2h" }), { clock });
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    clock.advance(2 * HOUR - 1);
    await send(world, payment("t1", { amount: 1 }));
    clock.advance(5 * HOUR);
    expect(await world.ended(runId)).toMatchObject({ decision: { got: 1 } });
  });

  it("is over after a restart where it was over while nobody ran", async () => {
    const clock = frozenClock();
    const world = await open(payable({ timeout: "2h" }), { clock });
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    await world.sluice.close(0);
    clock.advance(3 * HOUR);
    await world.restart();
    expect(await world.ended(runId)).toMatchObject({ decision: { got: null } });
  });

  it("is the run's deadline where there is none, and that ends the run", async () => {
    const clock = frozenClock();
    const world = await open(payable({ deadline: "3h" }), { clock });
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    clock.advance(3 * HOUR);
    await world.poke();
    expect(await world.ended(runId)).toMatchObject({ status: "dead", failure: { class: "timeout", code: "deadline" } });
    await send(world, payment("t1"));
    expect(await world.run(runId)).toMatchObject({ status: "dead" });
  });

  it("after which the run waits again under another name has the event that came late", async () => {
    const clock = frozenClock();
    const world = await open(
      waiter(async (e, ctx) => {
        const where = { "payment.ticket": idOf(e) };
        for (const round of ["1", "2", "3"]) {
          const got = await ctx.waitFor("payment", paid, { where, timeout: "1h", key: round });
          if (got !== null) return ctx.decide({ round, got: amountOf(got) });
        }
        return ctx.decide({ round: "none" });
      }),
      { clock },
    );
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    clock.advance(HOUR);
    await send(world, payment("t1", { amount: 5 }));
    await world.poke();
    expect(await world.ended(runId)).toMatchObject({ decision: { round: "2", got: 5 } });
  });
});

describe("a run that is over", () => {
  it("by cancellation waits no more", async () => {
    const world = await open(payable({ declared: false }));
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    expect(await world.sluice.cancel(runId, KIM, "not needed")).toMatchObject({ ok: true });
    expect(await world.sluice.submit([payment("t1")])).toMatchObject([{ outcome: "refused", code: "no_workflow" }]);
    expect(await world.run(runId)).toMatchObject({ status: "cancelled" });
  });

  it("by a failure asks anew when it is redriven, and has what came meanwhile", async () => {
    let broken = true;
    const world = await open(
      waiter(async (e, ctx) => {
        const where = { "payment.ticket": idOf(e) };
        const first = await ctx.waitFor("first", paid, { where });
        if (broken) throw new Error("not ready");
        const second = await ctx.waitFor("second", paid, { where });
        return ctx.decide({ first: amountOf(first), second: amountOf(second) });
      }),
    );
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    await send(world, payment("t1", { amount: 1 }));
    expect(await world.ended(runId)).toMatchObject({ status: "dead" });
    await send(world, payment("t1", { amount: 2 }));
    broken = false;
    await world.redrive(runId);
    expect(await world.ended(runId)).toMatchObject({ status: "completed", decision: { first: 1, second: 2 } });
  });

  it("by its deadline waits again when it is redriven", async () => {
    const clock = frozenClock();
    const world = await open(payable({ deadline: "3h" }), { clock });
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    clock.advance(3 * HOUR);
    await world.poke();
    await world.ended(runId);
    await world.redrive(runId);
    await world.waiting(runId, "event");
    expect(await world.steps(runId, "payment")).toMatchObject([{ status: "waiting" }, { status: "waiting" }]);
    await send(world, payment("t1", { amount: 3 }));
    expect(await world.ended(runId)).toMatchObject({ status: "completed", decision: { got: 3 } });
  });
});

describe("wrong use", () => {
  const mistakes: [string, string, Body][] = [
    ["no event", "not_an_event", async (_, ctx) => void (await ctx.waitFor("a", "payment.received" as never))],
    [
      "a type without a contract",
      "unknown_event",
      async (_, ctx) => void (await ctx.waitFor("a", event("payment.recieved"))),
    ],
    [
      "a version that is not there",
      "unknown_event_version",
      async (_, ctx) => void (await ctx.waitFor("a", event("payment.received", { version: 7 }))),
    ],
    [
      "a path that no such event has",
      "where_path",
      async (_, ctx) => void (await ctx.waitFor("a", paid, { where: { "payment.tiket": "x" } })),
    ],
    [
      "a condition that is undefined",
      "wait_where",
      async (_, ctx) => void (await ctx.waitFor("a", paid, { where: { "payment.ticket": undefined as never } })),
    ],
    [
      "a condition that is no scalar",
      "wait_where",
      async (_, ctx) => void (await ctx.waitFor("a", paid, { where: { "payment.ticket": ["x"] as never } })),
    ],
    [
      "a function for where",
      "wait_where",
      async (_, ctx) => void (await ctx.waitFor("a", paid, { where: (() => true) as never })),
    ],
    [
      "a timeout that is none",
      "wait_timeout",
      async (_, ctx) => void (await ctx.waitFor("a", paid, { timeout: "soon" })),
    ],
    ["a timeout of nothing", "wait_timeout", async (_, ctx) => void (await ctx.waitFor("a", paid, { timeout: 0 }))],
  ];
  for (const [what, code, body] of mistakes)
    it(`of ${what} ends the run as a bug, also where the code catches it`, async () => {
      const world = await open(
        waiter(async (e, ctx) => {
          await Promise.resolve(body(e, ctx)).catch(() => undefined);
          return ctx.decide({});
        }),
      );
      const runId = await world.submit();
      expect(await world.ended(runId)).toMatchObject({ status: "dead", failure: { class: "bug", code } });
    });

  it("by code that waits for something else than is on record is a divergence", async () => {
    const world = await open(payable());
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    const other = waiter(async (_, ctx) => {
      await ctx.waitFor("payment", paid, { where: { "payment.ticket": "other" } });
      return ctx.decide({});
    });
    await world.restart({ workflows: other });
    await send(world, payment("t1"));
    const run = await world.ended(runId);
    expect(run).toMatchObject({ status: "dead", failure: { class: "bug", code: "divergence" } });
    await world.restart({ workflows: payable() });
    await world.redrive(runId);
    expect(await world.ended(runId)).toMatchObject({ status: "completed" });
  });
});
