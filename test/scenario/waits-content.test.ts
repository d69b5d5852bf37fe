import { describe, expect, it } from "vitest";
import { event, workflow } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { HOUR, PAYMENT, amountOf, created, idOf, open, paid, payment, send, ticket, waiter } from "./waiting.ts";
import { KIM, gate } from "./world.ts";

describe("what a run got", () => {
  it("is hidden in the journal where its contract marks it, and found in clear by code and model", async () => {
    const seen: unknown[] = [];
    const world = await open(
      workflow(
        "pay",
        { on: created, waitsFor: [paid], deadline: "1h", prompts: { classify: "classifier" } },
        async (e, ctx) => {
          const got = await ctx.waitFor("payment", paid, { where: { "payment.ticket": idOf(e) } });
          const { payer } = got["payment"] as { payer: string };
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
        return ctx.decide({ got: got["payment"] });
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
          now: now["payment"],
          before: before?.["payment"] ?? null,
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

describe("an event that is erased", () => {
  it("before the run has taken it is asked for again, in the time that is left", async () => {
    const clock = frozenClock();
    const { opened, open: goOn } = gate();
    const asked = gate();
    const world = await open(
      waiter(async (e, ctx) => {
        const wait = ctx.waitFor("payment", paid, { where: { "payment.ticket": idOf(e) }, timeout: "2h" });
        await Promise.all([wait, ctx.run("beside it", () => (asked.open(), opened))]);
        return ctx.decide({ got: amountOf(await wait) });
      }),
      { clock },
    );
    const runId = await world.submit(ticket("t1"));
    await asked.opened;
    await world.until(runId, "The wait on record", ({ nextSeq }) => nextSeq >= 3);
    clock.advance(HOUR);
    const gone = payment("t1", { amount: 1 }, "pay_gone");
    await send(world, gone);
    await world.sluice.erase({ eventId: "pay_gone", reason: "asked for", dryRun: false, cancel: false }, KIM);
    goOn();
    const run = await world.waiting(runId, "event");
    expect(run.wakeAt).toBe(clock.now() + HOUR);
    await send(world, payment("t1", { amount: 2 }));
    expect(await world.ended(runId)).toMatchObject({ decision: { got: 2 } });
  });
});
