import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { StepMessages } from "../../src/app/sluice.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { TraceStep } from "../../src/journal/trace.ts";
import type { Message } from "../../src/model/port.ts";
import { event, workflow } from "../../src/index.ts";
import { CONTRACT, PROMPT, World } from "./world.ts";

const on = event("ticket.created");
const GOOD = { category: "billing", urgency: "low", confidence: 0.9 };
const FILE = "prompts/classifier/1.json";

const flow = workflow("flow", { on, deadline: "24h", prompts: { classify: "classifier" } }, async (received, ctx) => {
  return ctx.decide(await ctx.prompt("classify", received));
});

/** Examples, an object and a list as inputs, a system message. Of the ticket only what nobody marked. */
const WIDE: JsonObject = {
  ...PROMPT,
  inputs: ["ticket.id", "customer"],
  messages: [
    { role: "system", content: "Classify. {% raw %}{{ literally }}{% endraw %}" },
    { role: "user", content: "{{ ticket.id }} of {{ customer.id }}: {{ customer }}" },
  ],
  examples: [{ input: { ticket: { id: "t" }, customer: { id: "c" } }, output: GOOD }],
};

async function open(prompt: JsonObject, script: Json[], contract: JsonObject = CONTRACT): Promise<World> {
  const files = { [FILE]: JSON.stringify(prompt), "events/ticket.created/1.schema.json": JSON.stringify(contract) };
  return await World.open({ workflows: flow, script: script as never, files });
}

/** Of the `nth` step of that type in the trace. */
async function messagesOf(world: World, runId: string, type: TraceStep["type"], nth = 0): Promise<StepMessages> {
  const step = (await world.trace(runId)).filter((each) => each.type === type)[nth]?.step as number;
  const found = (await world.sluice.messages(runId, step)) as StepMessages;
  expect(found.step).toBe(step);
  return found;
}

function sent(world: World, call: number): readonly Message[] {
  return world.model.requests[call]?.messages as readonly Message[];
}

describe("the messages of a step", () => {
  test("are the very texts that were sent, with examples and whole objects", async () => {
    const world = await open(WIDE, [GOOD]);
    const runId = await world.submit({ customer: { id: "cus_{{ ticket.id }}", tags: ["a", "b"] } });
    await world.ended(runId);
    const { messages, exact, note } = await messagesOf(world, runId, "model_call");
    expect(messages).toEqual(sent(world, 0));
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect([exact, note]).toEqual([true, null]);
  });

  test("show sensitive values redacted, and say so", async () => {
    const world = await open(PROMPT, [GOOD]);
    const runId = await world.submit();
    await world.ended(runId);
    const { messages, exact, note } = await messagesOf(world, runId, "model_call");
    expect(sent(world, 0)).toEqual([{ role: "user", content: "Classify: Charged twice." }]);
    expect(messages[0]?.content).toMatch(/^Classify: \[redacted:[a-z0-9_]+:[\w-]{22}\]$/);
    expect([exact, note]).toEqual([false, expect.stringContaining("redacted")]);
  });

  test("are exact where the model itself was shown the redacted form", async () => {
    const hidden = { ...PROMPT, inputs: [{ path: "customer.id", redact: true }], messages: undefined } as never;
    const world = await open(hidden, [GOOD]);
    const runId = await world.submit();
    await world.ended(runId);
    const { messages, exact } = await messagesOf(world, runId, "model_call");
    expect(JSON.stringify(messages)).toContain("[redacted:");
    expect([messages, exact]).toEqual([sent(world, 0), true]);
  });

  test("of a repair hold the answer as it was shown and what was wrong with it", async () => {
    const wrong = { category: "x".repeat(30_000), urgency: "low", confidence: 2 };
    const world = await open(WIDE, [wrong, GOOD]);
    const runId = await world.submit();
    await world.ended(runId);
    const { messages, exact } = await messagesOf(world, runId, "repair");
    expect(messages).toEqual(sent(world, 1));
    expect(messages.at(-2)?.content).toContain("characters left out");
    expect(exact).toBe(true);
    expect((await messagesOf(world, runId, "model_call")).messages).toEqual(sent(world, 0));
  });

  test("of a repair are not exact where the answer quoted what is sensitive", async () => {
    const world = await open(PROMPT, [{ ...GOOD, category: "My card was charged twice on Monday" }, GOOD]);
    const runId = await world.submit({ ticket: { id: "tkt_1", body: "My card was charged twice on Monday" } });
    await world.ended(runId);
    const { messages, exact, note } = await messagesOf(world, runId, "repair");
    expect(JSON.stringify(messages)).not.toContain("charged twice");
    expect([exact, note]).toEqual([false, expect.stringContaining("redacted")]);
  });

  test("are those of the content that was sent, after it changed under its version and after its file is gone", async () => {
    const world = await open(WIDE, [GOOD]);
    const runId = await world.submit();
    await world.ended(runId);
    const then = [...sent(world, 0)];
    await rewrite(world, (spec) => ({ ...spec, messages: [{ role: "user", content: "Changed." }] }));
    await world.restart();
    expect(await messagesOf(world, runId, "model_call")).toMatchObject({ messages: then, exact: true });
    await rm(join(world.dir, FILE));
    await world.restart({ workflows: [] });
    expect(await messagesOf(world, runId, "model_call")).toMatchObject({ messages: then, exact: true });
  });

  test("say so where the content that was sent is nowhere any more, and show what was published of the version where its file is gone", async () => {
    const world = await open(WIDE, []);
    await rewrite(world, (spec) => ({ ...spec, description: "a second content, which nobody keeps" }));
    await world.restart({ script: [GOOD] as never });
    const runId = await world.submit();
    await world.ended(runId);
    await rewrite(world, (spec) => ({ ...spec, messages: [{ role: "user", content: "Third: {{ ticket.id }}" }] }));
    await world.restart();
    const { messages, exact, note } = await messagesOf(world, runId, "model_call");
    expect(messages.at(-1)).toEqual({ role: "user", content: "Third: tkt_1" });
    expect([exact, note]).toEqual([false, expect.stringContaining("had other content when this was sent")]);
    await rm(join(world.dir, FILE));
    await world.restart({ workflows: [] });
    const published = await messagesOf(world, runId, "model_call");
    expect(published.messages.at(-1)?.content).toContain("tkt_1 of cus_1");
    expect([published.exact, published.note]).toEqual([false, note]);
  });

  test("are refused where a template looks into what is redacted as a whole", async () => {
    const properties = CONTRACT["properties"] as JsonObject;
    const customer = { type: "object", "x-sensitive": true };
    const contract = { ...CONTRACT, properties: { ...properties, customer } };
    const world = await open(WIDE, [GOOD], contract);
    const runId = await world.submit();
    await world.ended(runId);
    await expect(messagesOf(world, runId, "model_call")).rejects.toMatchObject({ code: "not_rendered", status: 409 });
  });

  test("exist of model calls and repairs only", async () => {
    const world = await open(PROMPT, [GOOD]);
    const runId = await world.submit();
    await world.ended(runId);
    const steps = await world.trace(runId);
    const refusals = await Promise.all(
      steps.map(({ step }) => world.sluice.messages(runId, step).then(() => "messages", (error) => (error as { code: string }).code)), // prettier-ignore
    );
    expect(steps.map(({ type }, i) => `${type}: ${refusals[i]}`)).toEqual([
      "trigger: not_a_model_call",
      "model_call: messages",
      "validation: not_a_model_call",
      "decision: not_a_model_call",
    ]);
    await expect(world.sluice.messages(runId, 5)).rejects.toMatchObject({ code: "unknown_step", status: 404 });
    expect(await world.sluice.messages("run_none", 1)).toBe(null);
  });
});

async function rewrite(world: World, change: (spec: JsonObject) => JsonObject): Promise<void> {
  const file = join(world.dir, FILE);
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, "utf8")) as JsonObject)));
}
