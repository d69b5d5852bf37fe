import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { event, workflow } from "../../src/index.ts";
import { Peer, post } from "./peer.ts";
import { KIM, PROMPT, World } from "./world.ts";

const on = event("ticket.created");
const BODY = 'My card is 4111 1111 1111 1111, said "Zoë Quux".\nCall me at +49 170 5550123, zoe.quux@example.org.';
const PIECES = ["4111 1111 1111 1111", "Zoë Quux", "+49 170 5550123", "zoe.quux@example.org", "My card is"];
const GOOD = { category: "billing", urgency: "high", confidence: 0.4 };

/** Which of the texts stand in any file of the data folder, in any of the ways JSON may write them. */
async function onDisk(world: World, texts: readonly string[]): Promise<string[]> {
  const { dataDir } = world.sluice.project.config;
  const files = (await readdir(dataDir, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
  expect(files.length).toBeGreaterThan(1);
  const found: string[] = [];
  for (const file of files) {
    const bytes = await readFile(join(file.parentPath, file.name));
    for (const text of texts)
      for (const form of [text, JSON.stringify(text).slice(1, -1), JSON.stringify(JSON.stringify(text)).slice(3, -3)])
        if (bytes.includes(form)) found.push(`${file.name}: ${form}`);
  }
  return found;
}

/** A server that speaks the model protocol, quotes what it was asked, and keeps every request. */
async function quotingModel(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      const { messages } = JSON.parse(text) as { messages: { content: string }[] };
      asked.push(messages.at(-1)?.content ?? "");
      const content = JSON.stringify({ ...GOOD, reason: `The customer says: ${BODY}` });
      const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
      const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({ id: "c1", object: "chat.completion", created: 0, model: "quoting", choices, usage }),
      );
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

async function quoted(): Promise<{ world: World; peer: Peer; asked: string[] }> {
  const [peer, model] = [await Peer.start(), await quotingModel()];
  const send = post(peer, "send", { kind: "external_message" });
  const output = PROMPT["output_schema"] as { properties: object };
  const schema = { ...output, properties: { ...output.properties, reason: { type: "string" } } };
  const workflows = workflow(
    "flow",
    { on, deadline: "24h", prompts: { classify: "classifier" }, tools: { send } },
    async (received, ctx) => {
      const result = (await ctx.prompt("classify", received)) as unknown as { reason: string };
      const { body } = (received as unknown as { ticket: { body: string } }).ticket;
      const seen = await ctx.run("quote", () => ({ first: body.split("\n")[0] ?? "" }));
      await ctx.review("look", { of: "classify" });
      await ctx.tool("send", send, { text: `${body} / ${result.reason}` });
      ctx.log(`About ${body}`, { body });
      return ctx.decide({ seen, reason: result.reason });
    },
  );
  const world = await World.open({
    workflows,
    files: { "prompts/classifier/1.json": JSON.stringify({ ...PROMPT, model: "quoting/one", output_schema: schema }) },
    config: { providers: { quoting: { baseUrl: model.url, apiKey: "none" } } },
  });
  return { world, peer, asked: model.asked };
}

describe("what the contract marks as sensitive", () => {
  test("is in no file, no trace, no log and no answer; model and tool get the original, also after a restart", async () => {
    const { world, peer, asked } = await quoted();
    const runId = await world.submit({ ticket: { id: "tkt_1", body: BODY } });
    const { reviewId } = await world.review(runId);
    expect(asked).toEqual([`Classify: ${BODY}`]);
    expect(await onDisk(world, PIECES)).toEqual([]);
    await world.restart();
    const item = await world.sluice.review(reviewId, KIM);
    expect(PIECES.filter((piece) => JSON.stringify(item).includes(piece))).toEqual([]);
    await world.sluice.decideReview(reviewId, { action: "approve" }, KIM);
    const run = await world.ended(runId);
    expect(peer.received.map(({ body }) => body)).toEqual([{ text: `${BODY} / The customer says: ${BODY}` }]);
    const shown = JSON.stringify([run, await world.trace(runId), await world.sluice.why(runId), world.log]);
    expect(PIECES.filter((piece) => shown.includes(piece))).toEqual([]);
    expect(shown).toContain("[redacted:");
    expect(await onDisk(world, PIECES)).toEqual([]);
    const raw = (await world.steps(runId, "classify")).find(({ type }) => type === "model_call")?.raw;
    expect(raw).toContain("[redacted:");
    await world.sluice.close();
    expect(await onDisk(world, PIECES)).toEqual([]);
  });

  test("is hidden in what fails as well: a tool's error, a workflow's exception, a quarantined event", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send", {
      run: (args: { text: string }) => {
        throw new Error(`cannot send "${args.text}"`);
      },
    });
    const workflows = workflow("flow", { on, tools: { send } }, async (received, ctx) => {
      const { body } = (received as unknown as { ticket: { body: string } }).ticket;
      await ctx.tool("send", send, { text: body }).catch(() => {});
      throw new Error(`nobody takes ${body}`);
    });
    const world = await World.open({ workflows });
    const runId = await world.submit({ ticket: { id: "tkt_1", body: BODY } });
    const run = await world.ended(runId);
    expect(run.failure?.message).toMatch(/^The workflow's code threw Error: nobody takes \[redacted:/);
    await world.sluice.submit([world.event({ ticket: { id: 7, body: BODY } })]);
    const shown = JSON.stringify([await world.trace(runId), await world.sluice.deadGroups({}), world.log]);
    expect(PIECES.filter((piece) => shown.includes(piece))).toEqual([]);
    expect(await onDisk(world, PIECES)).toEqual([]);
  });

  test("is shown to a reviewer where the review reveals it", async () => {
    const workflows = workflow("flow", { on, prompts: { classify: "classifier" } }, async (received, ctx) => {
      await ctx.prompt("classify", received);
      await ctx.review("look", { of: "classify", reveal: ["ticket.body"] });
      return ctx.decide({});
    });
    const world = await World.open({ workflows, script: [GOOD] });
    const { reviewId } = await world.review(await world.submit({ ticket: { id: "tkt_1", body: BODY } }));
    expect((await world.sluice.review(reviewId, KIM))?.event).toMatchObject({ ticket: { body: BODY } });
    expect(await onDisk(world, PIECES)).toEqual([]);
  });

  test("reaches a prompt that lists it with redact as a token", async () => {
    const inputs = [{ path: "ticket.body", redact: true }];
    const workflows = workflow("flow", { on, prompts: { classify: "classifier" } }, async (received, ctx) =>
      ctx.decide(await ctx.prompt("classify", received)),
    );
    const world = await World.open({
      workflows,
      script: [GOOD],
      files: { "prompts/classifier/1.json": JSON.stringify({ ...PROMPT, inputs }) },
    });
    await world.ended(await world.submit({ ticket: { id: "tkt_1", body: BODY } }));
    expect(world.model.requests[0]?.messages[0]?.content).toMatch(/^Classify: \[redacted:\w+:[\w-]{22}\]$/);
  });
});

describe("the trace", () => {
  test("has a tool call in the golden shape", async () => {
    const peer = await Peer.start();
    const search = post(peer, "search_customer_invoices", {
      effect: "read",
      args: { type: "object", properties: { customer_id: { type: "string" }, date_range_days: { type: "integer" } } },
      run: () => ({ invoice_count: 2, duplicate_charge_detected: true }),
    });
    const args = { customer_id: "cus_1188", date_range_days: 30 };
    const workflows = workflow("flow", { on, tools: { search } }, async (_e, ctx) => {
      await ctx.tool("invoices", search, args as never);
      return ctx.decide({});
    });
    const world = await World.open({ workflows });
    const runId = await world.submit();
    await world.ended(runId);
    const trace = await world.trace(runId);
    expect(trace.map(({ step, type }) => [step, type])).toEqual([[1, "trigger"], [2, "tool_call"], [3, "decision"]]); // prettier-ignore
    expect(trace[1]).toMatchObject({
      workflow_run_id: runId,
      event_id: "evt_1",
      step: 2,
      type: "tool_call",
      name: "invoices",
      tool: "search_customer_invoices",
      input: args,
      output: { invoice_count: 2, duplicate_charge_detected: true },
      status: "success",
      attempt: 1,
    });
    expect(trace[1]?.latency_ms).toBeGreaterThanOrEqual(0);
    expect(Date.parse(trace[1]?.started_at ?? "")).toBeGreaterThan(0);
    expect(await world.sluice.auditVerify()).toMatchObject({ ok: true, runs: 1, records: 3, problems: [] });
  });
});
