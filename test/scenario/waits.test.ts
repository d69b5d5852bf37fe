import { describe, expect, it } from "vitest";
import { workflow } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { FILES, HOUR, amountOf, idOf, open, paid, payable, payment, send, ticket, waiter } from "./waiting.ts";
import { World, gate } from "./world.ts";

describe("an event that is waited for", () => {
  it("is what the run goes on with", async () => {
    const world = await open(payable());
    const runId = await world.submit(ticket("t1"));
    const run = await world.waiting(runId, "event");
    expect(run.wakeAt).toBe(run.deadlineAt);
    expect(await world.sluice.submit([payment("t1", { amount: 12 }, "pay_a")])).toEqual([
      { outcome: "accepted", eventId: "pay_a", runs: [] },
    ]);
    expect(await world.ended(runId)).toMatchObject({ status: "completed", decision: { got: 12 } });
    const [asked, came] = await world.steps(runId, "payment");
    expect(asked).toMatchObject({
      type: "wait",
      status: "waiting",
      input: { event: "payment.received", where: { "payment.ticket": "t1" } },
    });
    expect(came).toMatchObject({
      type: "wait",
      status: "success",
      output: { event_id: "pay_a", payment: { amount: 12 } },
      detail: { event_id: "pay_a" },
    });
    const saw = (await world.sluice.why(runId))?.questions.find(({ id }) => id === "input")?.answer;
    expect(saw).toEqual(["No model was called.", '"payment" waited for payment.received: pay_a came']);
  });

  it("reaches only the run whose conditions it meets", async () => {
    const world = await open(payable());
    const [one, two] = [await world.submit(ticket("t1")), await world.submit(ticket("t2"))];
    await world.waiting(one, "event");
    await world.waiting(two, "event");
    await send(world, payment("t2", { amount: 2 }));
    expect(await world.ended(two)).toMatchObject({ decision: { got: 2 } });
    expect(await world.run(one)).toMatchObject({ status: "waiting", wait: "event" });
  });

  it("reaches every run that waits for it", async () => {
    const world = await open(payable());
    const runs = [await world.submit(ticket("t1")), await world.submit(ticket("t1")), await world.submit(ticket("t1"))];
    for (const runId of runs) await world.waiting(runId, "event");
    await send(world, payment("t1", { amount: 9 }));
    for (const runId of runs) expect(await world.ended(runId)).toMatchObject({ decision: { got: 9 } });
  });

  it("is compared in JSON: numbers, truth and null as such, and several conditions together", async () => {
    const world = await open(
      waiter(async (_, ctx) => {
        const where = { "payment.amount": 1, "payment.settled": false, "payment.note": null };
        const got = await ctx.waitFor("payment", paid, { where });
        return ctx.decide({ got: got["event_id"] });
      }),
    );
    const runId = await world.submit();
    await world.waiting(runId, "event");
    await send(
      world,
      payment("t", { amount: 1, settled: false }),
      payment("t", { amount: 1, settled: true, note: null }),
      payment("t", { amount: 1, settled: false, note: "null" }),
      payment("t", { amount: 2, settled: false, note: null }),
    );
    await send(world, payment("t", { amount: 1.0, settled: false, note: null }, "pay_right"));
    expect(await world.ended(runId)).toMatchObject({ decision: { got: "pay_right" } });
  });

  it("that comes twice is had once", async () => {
    const world = await open(
      waiter(async (e, ctx) => {
        const where = { "payment.ticket": idOf(e) };
        const first = await ctx.waitFor("payment", paid, { where, key: "1" });
        const second = await ctx.waitFor("payment", paid, { where, key: "2" });
        return ctx.decide({ first: amountOf(first), second: amountOf(second) });
      }),
    );
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    const once = payment("t1", { amount: 1 });
    await send(world, once);
    expect(await world.sluice.submit([once])).toMatchObject([{ outcome: "duplicate", runs: [] }]);
    await world.until(runId, "The second wait", ({ status, nextSeq }) => status === "waiting" && nextSeq === 5);
    expect(await world.sluice.submit([once])).toMatchObject([{ outcome: "duplicate", runs: [] }]);
    expect(await world.run(runId)).toMatchObject({ status: "waiting" });
    await send(world, payment("t1", { amount: 2 }));
    expect(await world.ended(runId)).toMatchObject({ decision: { first: 1, second: 2 } });
  });

  it("is had by the steps of one run in turn, also where they wait beside each other", async () => {
    const world = await open(
      waiter(async (e, ctx) => {
        const where = { "payment.ticket": idOf(e) };
        const both = await Promise.all([ctx.waitFor("first", paid, { where }), ctx.waitFor("second", paid, { where })]);
        return ctx.decide({ got: both.map(amountOf) });
      }),
    );
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    await send(world, payment("t1", { amount: 1 }));
    await world.until(runId, "One step done", ({ status, nextSeq }) => status === "waiting" && nextSeq === 5);
    await send(world, payment("t1", { amount: 2 }));
    expect(await world.ended(runId)).toMatchObject({ decision: { got: [1, 2] } });
  });

  it("of many at once reaches each run once, whatever the order", async () => {
    const world = await open(payable());
    const names = Array.from({ length: 40 }, (_, i) => `t${i}`);
    const early = names.filter((_, i) => i % 3 === 0);
    await send(world, ...early.map((name) => payment(name, { amount: Number(name.slice(1)) })));
    const submitted = await world.sluice.submit(names.map((name) => world.event(ticket(name))));
    const late = names.filter((_, i) => i % 3 !== 0);
    await Promise.all(late.map((name) => send(world, payment(name, { amount: Number(name.slice(1)) }))));
    for (const [i, submission] of submitted.entries()) {
      const runId = (submission as { runs: { runId: string }[] }).runs[0]?.runId as string;
      expect(await world.ended(runId)).toMatchObject({ status: "completed", decision: { got: i } });
    }
  });

  it("starts the workflows on its type as well", async () => {
    const receipts = workflow("receipt", { on: paid, deadline: "1h" }, async (e, ctx) =>
      ctx.decide({ of: amountOf(e) }),
    );
    const world = await World.open({ files: FILES, workflows: [payable(), receipts] });
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    const [submission] = await world.sluice.submit([payment("t1", { amount: 3 })]);
    const started = (submission as { runs: { runId: string; workflow: string }[] }).runs;
    expect(started).toMatchObject([{ workflow: "receipt" }]);
    expect(await world.ended(runId)).toMatchObject({ decision: { got: 3 } });
    expect(await world.ended(started[0]?.runId as string)).toMatchObject({ decision: { of: 3 } });
  });
});

describe("an early event", () => {
  it("that comes before the run is kept for it where its conditions name it", async () => {
    const world = await open(payable());
    await send(world, payment("t1", { amount: 5 }), payment("t2", { amount: 6 }));
    const runId = await world.submit(ticket("t1"));
    expect(await world.ended(runId)).toMatchObject({ decision: { got: 5 } });
  });

  it("that comes before the run is none for a wait without conditions; one that comes before the wait is", async () => {
    const { opened, open: goOn } = gate();
    const clock = frozenClock();
    const world = await open(
      waiter(async (_, ctx) => {
        await ctx.run("long work", async () => await opened);
        return ctx.decide({ got: amountOf(await ctx.waitFor("payment", paid)) });
      }),
      { clock },
    );
    await send(world, payment("t1", { amount: 1 }));
    clock.advance(1_000);
    const runId = await world.submit();
    await send(world, payment("t1", { amount: 2 }), payment("t1", { amount: 3 }));
    goOn();
    expect(await world.ended(runId)).toMatchObject({ decision: { got: 2 } });
  });

  it("that comes while the run is busy elsewhere, after it has asked, is found when it parks", async () => {
    const { opened, open: goOn } = gate();
    const asked = gate();
    const world = await open(
      waiter(async (e, ctx) => {
        const wait = ctx.waitFor("payment", paid, { where: { "payment.ticket": idOf(e) } });
        const work = ctx.run("work beside it", async () => {
          asked.open();
          await opened;
        });
        const [got] = await Promise.all([wait, work]);
        return ctx.decide({ got: amountOf(got) });
      }),
    );
    const runId = await world.submit(ticket("t1"));
    await asked.opened;
    await world.until(runId, "The wait on record", ({ nextSeq }) => nextSeq >= 3);
    await send(world, payment("t1", { amount: 4 }));
    expect(await world.run(runId)).toMatchObject({ status: "running" });
    goOn();
    expect(await world.ended(runId)).toMatchObject({ decision: { got: 4 } });
  });

  it("outlives the process, as the wait does", async () => {
    const world = await open(payable());
    await send(world, payment("t1", { amount: 7 }));
    const waiting = await world.submit(ticket("t2"));
    await world.waiting(waiting, "event");
    await world.restart();
    const early = await world.submit(ticket("t1"));
    expect(await world.ended(early)).toMatchObject({ decision: { got: 7 } });
    await send(world, payment("t2", { amount: 8 }));
    expect(await world.ended(waiting)).toMatchObject({ decision: { got: 8 } });
  });

  it("is kept for as long as the setting says", async () => {
    const clock = frozenClock();
    const world = await open(payable({ timeout: "1h" }), { clock, config: { keepEvents: "2h" } });
    await send(world, payment("t1", { amount: 1 }), payment("t2", { amount: 2 }));
    clock.advance(2 * HOUR - 1);
    expect(await world.ended(await world.submit(ticket("t1")))).toMatchObject({ decision: { got: 1 } });
    clock.advance(1);
    const late = await world.submit(ticket("t2"));
    await world.waiting(late, "event");
    clock.advance(HOUR);
    await world.poke();
    expect(await world.ended(late)).toMatchObject({ decision: { got: null } });
  });
});

describe("an event that no workflow declares", () => {
  it("is refused while nobody waits, accepted while a run does, and refused again after", async () => {
    const world = await open(payable({ declared: false }));
    const early = payment("t1", { amount: 1 });
    const refused = { outcome: "refused", code: "no_workflow", quarantineId: null };
    expect(await world.sluice.submit([early])).toMatchObject([refused]);
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    await send(world, payment("t9", { amount: 9 }));
    await send(world, early);
    expect(await world.ended(runId)).toMatchObject({ decision: { got: 1 } });
    expect(await world.sluice.submit([payment("t1")])).toMatchObject([refused]);
    expect(await world.sluice.submit([early])).toMatchObject([{ outcome: "duplicate", runs: [] }]);
  });

  it("is accepted for a wait that was opened before the process was started", async () => {
    const world = await open(payable({ declared: false }));
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    await world.restart();
    await send(world, payment("t1", { amount: 1 }));
    expect(await world.ended(runId)).toMatchObject({ decision: { got: 1 } });
  });

  it("of a type without a contract is refused as unknown", async () => {
    const world = await open(payable());
    const [submission] = await world.sluice.submit([{ ...payment("t1"), event: "payment.lost" }]);
    expect(submission).toMatchObject({ outcome: "refused", code: "unknown_event_type" });
  });
});
