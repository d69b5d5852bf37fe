import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import { event, workflow } from "../../src/index.ts";
import { CONTRACT, World, gate } from "./world.ts";

const on = event("ticket.created");
const echo = (name: string, version?: number): ReturnType<typeof workflow> =>
  workflow(name, { on: version === undefined ? on : event("ticket.created", { version }) }, (received, ctx) =>
    ctx.decide({ event: received }),
  );

describe("events", () => {
  test("sent again are duplicates with the same run, in whatever order their fields stand", async () => {
    const world = await World.open({ workflows: echo("flow") });
    const body = world.event();
    const turned = Object.fromEntries(Object.entries(body).toReversed());
    const [first] = await world.sluice.submit([body]);
    const [second] = await world.sluice.submit([turned]);
    expect(second).toEqual({ ...first, outcome: "duplicate" });
    await world.restart();
    expect((await world.sluice.submit([body]))[0]).toEqual({ ...first, outcome: "duplicate" });
    expect((await world.sluice.listRuns({}, { limit: 10 })).items).toHaveLength(1);
  });

  test("of the same id and another body are in conflict", async () => {
    const world = await World.open({ workflows: echo("flow") });
    const body = world.event();
    await world.sluice.submit([body]);
    const other = { ...body, ticket: { id: "tkt_1", body: "Another text." } };
    expect(await world.sluice.submit([other])).toEqual([{ outcome: "conflict", eventId: "evt_1" }]);
  });

  test("in one batch are judged one by one: new, again, in conflict, off the contract, of an unknown type", async () => {
    const world = await World.open({ workflows: echo("flow") });
    const body = world.event();
    const results = await world.sluice.submit([
      body,
      { ...body },
      { ...body, customer: { id: "cus_2" } },
      { ...world.event(), ticket: { id: 7 } },
      { ...world.event(), event: "ticket.closed" },
      world.event(),
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual([
      "accepted",
      "duplicate",
      "conflict",
      "refused",
      "refused",
      "accepted",
    ]);
    expect(results[1]).toMatchObject({ runs: (results[0] as { runs: unknown }).runs });
    const invalid = results[3] as { code: string; errors: { pointer: string }[]; quarantineId: string };
    expect(invalid.code).toBe("invalid_event");
    expect(invalid.errors.map(({ pointer }) => pointer)).toEqual(["/ticket/body", "/ticket/id"]);
    const { items } = await world.sluice.quarantine({ limit: 10 });
    expect(items.find(({ quarantineId }) => quarantineId === invalid.quarantineId)).toMatchObject({ eventId: "evt_2" });
    expect((await world.sluice.listRuns({}, { limit: 10 })).items).toHaveLength(2);
  });

  test("start a run of every workflow that takes them, each with its own end", async () => {
    const failing = workflow("failing", { on }, () => Promise.reject(new Error("no")));
    const world = await World.open({ workflows: [echo("one"), failing, echo("two")] });
    const [accepted] = await world.sluice.submit([world.event()]);
    const { runs } = accepted as { runs: { runId: string; workflow: string }[] };
    expect(runs.map((run) => run.workflow)).toEqual(["one", "failing", "two"]);
    const ends = await Promise.all(runs.map(({ runId }) => world.ended(runId)));
    expect(ends.map(({ status }) => status)).toEqual(["completed", "dead", "completed"]);
  });

  test("with undeclared properties are accepted, counted as drift, and passed on without them", async () => {
    const world = await World.open({ workflows: echo("flow") });
    const run = await world.ended(await world.submit({ extra: 1, customer: { id: "cus_1", vip: true } }));
    const passed = (run.decision as { event: JsonObject }).event;
    expect(passed["extra"]).toBeUndefined();
    expect(passed["customer"]).toEqual({ id: "cus_1" });
    await world.submit({ extra: 2 });
    const drift = await world.sluice.drift();
    expect(new Map(drift.map(({ pointer, count }) => [pointer, count]))).toEqual(
      new Map([
        ["/customer/vip", 1],
        ["/extra", 2],
      ]),
    );
  });

  test("are refused where an author's option cannot be taken from them, and nothing is started", async () => {
    const options = {
      on,
      concurrency: { key: (e: unknown) => (e as { nothing: { id: string } }).nothing.id, limit: 1 },
    };
    const world = await World.open({ workflows: workflow("flow", options, (_e, ctx) => ctx.decide({})) });
    const [refused] = await world.sluice.submit([world.event()]);
    expect(refused).toMatchObject({ outcome: "refused", code: "workflow_option" });
    expect((await world.sluice.listRuns({}, { limit: 1 })).items).toEqual([]);
  });

  test("are turned away once the queue is full, and taken again when it has emptied", async () => {
    const held = gate();
    const workflows = workflow("flow", { on }, async (_e, ctx) => {
      await ctx.run("work", () => held.opened);
      return ctx.decide({});
    });
    const clock = { now: () => (at += 1_000) };
    let at = Date.now();
    const world = await World.open({ workflows, clock, config: { queueLimit: 2, concurrency: 1 } });
    const first = await world.submit();
    await world.until(first, "The run under way", ({ status }) => status === "running");
    await world.sluice.submit([world.event(), world.event()]);
    // Below the limit, events are not kept waiting for the count: a few more may slip in while it is made.
    let [turnedAway] = await world.sluice.submit([world.event()]);
    for (let i = 0; i < 20 && turnedAway?.outcome === "accepted"; i++)
      [turnedAway] = await world.sluice.submit([world.event()]);
    expect(turnedAway).toMatchObject({ outcome: "queue_full", retryAfterS: expect.any(Number) as number });
    held.open();
    await world.ended(first);
    const { items } = await world.sluice.listRuns({}, { limit: 50 });
    for (const { runId } of items) await world.ended(runId);
    expect((await world.sluice.submit([world.event()]))[0]?.outcome).toBe("accepted");
  });
});

describe("an older version of an event", () => {
  const NEWER: JsonObject = {
    ...CONTRACT,
    required: [...(CONTRACT["required"] as string[]), "priority"],
    properties: {
      ...(CONTRACT["properties"] as JsonObject),
      schema_version: { type: "integer" },
      priority: { enum: ["low", "high"] },
    },
  };
  const { "x-default": _, ...older } = {
    ...CONTRACT,
    properties: { ...(CONTRACT["properties"] as JsonObject), schema_version: { type: "integer" } },
  } as JsonObject;
  const files = {
    "events/ticket.created/1.schema.json": JSON.stringify(older),
    "events/ticket.created/2.schema.json": JSON.stringify(NEWER),
    "events/ticket.created/1.upcast.ts": `export default (event) => ({ ...event, schema_version: 2, priority: "low" });`,
  };

  test("reaches the workflow in the version it takes", async () => {
    const world = await World.open({ workflows: [echo("newest"), echo("fixed", 1)], files });
    const [accepted] = await world.sluice.submit([world.event({ schema_version: 1 })]);
    const { runs } = accepted as { runs: { runId: string }[] };
    const events: JsonObject[] = [];
    for (const { runId } of runs) events.push(((await world.ended(runId)).decision as { event: JsonObject }).event);
    expect(events.map(({ schema_version, priority }) => [schema_version, priority])).toEqual([
      [2, "low"],
      [1, undefined],
    ]);
  });

  test("without a way up starts only the workflows that name it", async () => {
    const { "events/ticket.created/1.upcast.ts": _way, ...without } = files;
    const world = await World.open({ workflows: [echo("newest"), echo("fixed", 1)], files: without });
    const [accepted] = await world.sluice.submit([world.event({ schema_version: 1 })]);
    expect(accepted).toMatchObject({ outcome: "accepted", runs: [{ workflow: "fixed" }] });
  });

  test("still hides what either version marks", async () => {
    const world = await World.open({ workflows: echo("newest"), files });
    const runId = await world.submit({
      schema_version: 1,
      ticket: { id: "t", body: "Nobody may read this sentence." },
    });
    await world.ended(runId);
    expect(JSON.stringify(await world.trace(runId))).not.toContain("Nobody may read");
  });
});
