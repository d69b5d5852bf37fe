import { describe, expect, it } from "vitest";
import { event, workflow } from "../../src/index.ts";
import type { Workflow } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { KIM, World, gate } from "./world.ts";
import type { Setting } from "./world.ts";

const created = event("ticket.created");
const paid = event("payment.received");
const HOUR = 3_600_000;

const PAYMENT: JsonObject = {
  "x-default": true,
  type: "object",
  required: ["event", "event_id", "created_at", "payment"],
  properties: {
    event: { const: "payment.received" },
    event_id: { type: "string" },
    created_at: { type: "string", format: "date-time" },
    payment: {
      type: "object",
      required: ["ticket"],
      properties: {
        ticket: { type: "string" },
        amount: { type: "number" },
        settled: { type: "boolean" },
        note: { type: ["string", "null"] },
        payer: { type: "string", "x-sensitive": "email" },
      },
    },
  },
};
const FILES = { "events/payment.received/1.schema.json": JSON.stringify(PAYMENT) };

let payments = 0;
function payment(ticket: string, more: JsonObject = {}, id = `pay_${++payments}`): JsonObject {
  return { event: "payment.received", event_id: id, created_at: "2026-05-29T15:00:00Z", payment: { ticket, ...more } };
}

const idOf = (e: unknown): string => (e as { ticket: { id: string } }).ticket.id;
const amountOf = (e: JsonObject | null): number | string | null =>
  e === null ? null : ((e["payment"] as { amount?: number }).amount ?? "no amount");

type Body = Parameters<typeof workflow>[2];

function waiter(
  body: Body,
  options: { declared?: boolean; deadline?: string; concurrency?: { limit: number } } = {},
): Workflow {
  const { declared = true, deadline = "30d", concurrency } = options;
  const waitsFor = declared ? { waitsFor: [paid] } : {};
  return workflow(
    "pay",
    { on: created, deadline, ...waitsFor, ...(concurrency === undefined ? {} : { concurrency }) },
    body,
  );
}

/** Waits for the payment of its ticket, and decides what it got. */
function payable(options: { timeout?: string; declared?: boolean; deadline?: string } = {}): Workflow {
  return waiter(async (e, ctx) => {
    const { timeout } = options;
    const got = await ctx.waitFor("payment", paid, { where: { "payment.ticket": idOf(e) }, timeout });
    return ctx.decide({ got: amountOf(got) });
  }, options);
}

async function open(workflows: Workflow, more: Setting = {}): Promise<World> {
  return await World.open({ files: FILES, workflows, ...more });
}

const ticket = (id: string): JsonObject => ({ ticket: { id, body: "Where is my refund?" } });

/** Sends events that are accepted. */
async function send(world: World, ...events: JsonObject[]): Promise<void> {
  for (const submission of await world.sluice.submit(events)) expect(submission).toMatchObject({ outcome: "accepted" });
}

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
        return ctx.decide({ got: (got as JsonObject)["event_id"] });
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
      ctx.decide({ of: amountOf(e as JsonObject) }),
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

describe("what a run got", () => {
  it("is hidden in the journal where its contract marks it, and found in clear by code and model", async () => {
    const seen: unknown[] = [];
    const world = await open(
      workflow(
        "pay",
        { on: created, waitsFor: [paid], deadline: "1h", prompts: { classify: "classifier" } },
        async (e, ctx) => {
          const got = await ctx.waitFor("payment", paid, { where: { "payment.ticket": idOf(e) } });
          const { payer } = (got as JsonObject)["payment"] as { payer: string };
          seen.push(payer);
          await ctx.sleep("a while", 1);
          await ctx.prompt("classify", { ticket: { body: `Paid by ${payer}.` } });
          return ctx.decide({ note: `from ${payer}` });
        },
      ),
      { script: [{ category: "billing", urgency: "low", confidence: 1 }] },
    );
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    await send(world, payment("t1", { payer: "ada.lovelace@example.com" }));
    const run = await world.ended(runId);
    expect(run).toMatchObject({ status: "completed", decision: { note: expect.stringContaining("[redacted:email:") } });
    expect(new Set(seen)).toEqual(new Set(["ada.lovelace@example.com"]));
    expect(JSON.stringify(world.model.requests)).toContain("Paid by ada.lovelace@example.com.");
    const [, came] = await world.steps(runId, "payment");
    expect(came?.output).toMatchObject({ payment: { payer: expect.stringMatching(/^\[redacted:email:/) } });
    expect(JSON.stringify(await world.trace(runId))).not.toContain("ada.lovelace");
    const revealed = await world.sluice.reveal(runId, KIM, "a test");
    expect(JSON.stringify(revealed)).toContain("ada.lovelace@example.com");
  });

  it("may be asked for by a sensitive value, which stays hidden", async () => {
    const world = await open(
      waiter(async (e, ctx) => {
        const payer = `${idOf(e)}@example.com`;
        return ctx.decide({ got: amountOf(await ctx.waitFor("payment", paid, { where: { "payment.payer": payer } })) });
      }),
    );
    const runId = await world.submit(ticket("grace.hopper"));
    await world.waiting(runId, "event");
    await send(world, payment("t2", { payer: "ada.lovelace@example.com" }));
    await send(world, payment("t1", { payer: "grace.hopper@example.com", amount: 1 }));
    expect(await world.ended(runId)).toMatchObject({ decision: { got: 1 } });
    expect(JSON.stringify(await world.steps(runId, "payment"))).not.toContain("grace.hopper@example.com");
  });

  it("has lost what its contract does not declare, and is counted as drift", async () => {
    const world = await open(
      waiter(async (e, ctx) => {
        const got = await ctx.waitFor("payment", paid, { where: { "payment.ticket": idOf(e) } });
        return ctx.decide({ got: (got as JsonObject)["payment"] });
      }),
    );
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    await send(world, payment("t1", { extra: "undeclared" }));
    expect(await world.ended(runId)).toMatchObject({ decision: { got: { ticket: "t1" } } });
    expect(await world.sluice.drift()).toMatchObject([
      { eventType: "payment.received", pointer: "/payment/extra", count: 1 },
    ]);
  });

  it("comes in the version that the code names, from whichever it was sent in", async () => {
    const second = {
      ...PAYMENT,
      "x-default": true,
      properties: {
        ...(PAYMENT["properties"] as JsonObject),
        payment: {
          type: "object",
          required: ["order"],
          properties: { order: { type: "string" }, payer: { type: "string" } },
        },
      },
    };
    const { "x-default": _, ...first } = PAYMENT;
    const files = {
      "events/payment.received/1.schema.json": JSON.stringify(first),
      "events/payment.received/2.schema.json": JSON.stringify(second),
      "events/payment.received/1.upcast.ts":
        "export default (e) => ({ ...e, payment: { order: e.payment.ticket, payer: e.payment.payer } });",
    };
    const old = event("payment.received", { version: 1 });
    const world = await open(
      waiter(async (e, ctx) => {
        const now = await ctx.waitFor("now", paid, { where: { "payment.order": idOf(e) } });
        const before = await ctx.waitFor("before", old, { where: { "payment.ticket": idOf(e) }, timeout: "30m" });
        return ctx.decide({
          now: (now as JsonObject)["payment"],
          before: (before as JsonObject | null)?.["payment"] ?? null,
        });
      }),
      { files },
    );
    const runId = await world.submit(ticket("t1"));
    await world.waiting(runId, "event");
    await send(world, { ...payment("t1", { payer: "ada.lovelace@example.com" }), schema_version: 1 });
    await world.until(runId, "The second wait", ({ status, nextSeq }) => status === "waiting" && nextSeq === 5);
    await send(world, { ...payment("t1"), schema_version: 2, payment: { order: "t1" } });
    expect(await world.run(runId)).toMatchObject({ status: "waiting" });
    await send(world, { ...payment("t1", { amount: 4 }), schema_version: 1 });
    const run = await world.ended(runId);
    // The first version marks the payer, so that it stays hidden in the second, which does not.
    expect(run).toMatchObject({
      status: "completed",
      decision: {
        now: { order: "t1", payer: expect.stringMatching(/^\[redacted:/) },
        before: { ticket: "t1", amount: 4 },
      },
    });
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
