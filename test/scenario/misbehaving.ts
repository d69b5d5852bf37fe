import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LLMock } from "@copilotkit/aimock";
import type { ChatCompletionRequest, FixtureResponse } from "@copilotkit/aimock";
import { onTestFinished } from "vitest";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { event, workflow } from "../../src/index.ts";
import type { Workflow, WorkflowContext } from "../../src/index.ts";
import { TERMINAL } from "../../src/journal/run.ts";
import type { TraceStep } from "../../src/journal/trace.ts";
import { PROMPT, World } from "./world.ts";

export const GOOD = { category: "billing", urgency: "high", confidence: 0.9 };

/** What a run came to, and what it took: as a table of faults says it. */
export interface Outcome {
  /** The class its failure is in; "decided" where there is none. */
  ends: string;
  code: string;
  /** Counted by the other side. */
  calls: number;
  /** Calls on record that were repairs. */
  repairs: number;
  /** Whether it is a dead letter or waits for a person. */
  then: "dead" | "review" | "done";
  /** Of each call on record: is what came back of it there? */
  raw: (string | undefined)[];
}

/** The faults of a table: each is asked for by its name, which stands in the ticket and so in every request about it. */
export interface Faulty {
  url: string;
  calls(fault: string): number;
}

function faultOf(text: string): string {
  return /«(.+?)»/.exec(text)?.[1] ?? "";
}

/** An OpenAI-compatible server that nobody here wrote, which answers each fault as the table says. */
export async function independentMock(faults: Readonly<Record<string, Faults>>): Promise<Faulty> {
  const mock = await LLMock.create({ port: 0, logLevel: "silent" });
  onTestFinished(() => mock.stop());
  const called = new Map<string, number>();
  const answer = (request: ChatCompletionRequest): FixtureResponse => {
    const fault = faultOf(JSON.stringify(request.messages));
    const call = (called.get(fault) ?? 0) + 1;
    called.set(fault, call);
    const given = faults[fault] as Faults;
    return typeof given === "function" ? given(call) : given;
  };
  for (const chaos of ["malformed", "disconnect"] as const)
    mock.addFixture({
      match: { userMessage: `«chaos ${chaos}»` },
      response: { content: "never sent" },
      chaos: { [`${chaos}Rate`]: 1 },
    });
  mock.addFixture({ match: {}, response: answer });
  const journaled = (fault: string): number =>
    mock.getRequests().filter(({ body }) => faultOf(JSON.stringify(body)) === fault).length;
  return { url: `${mock.url}/v1`, calls: journaled };
}

export type Faults = FixtureResponse | ((call: number) => FixtureResponse);
export type RawFault = (response: ServerResponse, call: number) => void;

/** For what the mock cannot do: bytes of our choice, on the wire as they are. */
export async function rawServer(faults: Readonly<Record<string, RawFault>>): Promise<Faulty> {
  const called = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const fault = faultOf(Buffer.concat(chunks).toString());
      const call = (called.get(fault) ?? 0) + 1;
      called.set(fault, call);
      response.on("error", () => undefined);
      faults[fault]?.(response, call);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls: (fault) => called.get(fault) ?? 0,
  };
}

/** A chat completion as servers write it. */
export function completion(message: Json, more: JsonObject = {}, choice: JsonObject = {}): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message, finish_reason: "stop", ...choice }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    ...more,
  });
}

export function said(content: Json): Json {
  return { role: "assistant", content };
}

type Ctx = WorkflowContext<Record<string, string>>;

/** Retries at once; how often is as the classes say. A ticket that says so goes to a prompt of little patience. */
function classifies(): Workflow {
  const soon = { baseDelayMs: 1, maxDelayMs: 1 };
  const options = {
    on: event("ticket.created"),
    deadline: "24h",
    prompts: { classify: "classifier", hasten: "hasty" },
    failures: { transient: soon, timeout: soon, rate_limited: soon },
  };
  const run = async (received: { ticket: { body: string } }, ctx: Ctx): Promise<unknown> =>
    ctx.decide({
      answer: await ctx.prompt(received.ticket.body.includes("hang") ? "hasten" : "classify", received),
    });
  return workflow("flow", options, (received, ctx) => run(received as never, ctx as unknown as Ctx));
}

/** A world whose model is behind `url`; `schema` in place of the usual schema of an answer. */
export async function worldWith(url: string, schema?: JsonObject): Promise<World> {
  const prompt = { ...PROMPT, model: "acme/m", ...(schema === undefined ? {} : { output_schema: schema }) };
  return await World.open({
    workflows: classifies(),
    config: { providers: { acme: { baseUrl: url, apiKey: "none" } } },
    files: {
      "prompts/classifier/1.json": JSON.stringify(prompt),
      "prompts/hasty/1.json": JSON.stringify({ ...prompt, name: "hasty", limits: { timeout: "1s" } }),
    },
  });
}

/** Sends a ticket for each fault, eight at once, and says what each came to. */
export async function outcomes(
  world: World,
  peer: Faulty,
  faults: readonly string[],
): Promise<Record<string, Outcome>> {
  const one = async (fault: string): Promise<readonly [string, Outcome]> => {
    const runId = await world.submit({
      ticket: { id: fault, body: `Somebody wants to see what becomes of «${fault}».` },
    });
    return [fault, await outcome(world, runId, peer.calls.bind(peer, fault))];
  };
  const found: (readonly [string, Outcome])[] = [];
  for (let from = 0; from < faults.length; from += 8)
    found.push(...(await Promise.all(faults.slice(from, from + 8).map(one))));
  return Object.fromEntries(found);
}

async function outcome(world: World, runId: string, calls: () => number): Promise<Outcome> {
  const run = await world.sluice.whenDecided(runId, 40_000);
  const settled = run !== null && (run.wait === "review" || TERMINAL.includes(run.status));
  if (!settled) throw new Error(`The run does not end: ${JSON.stringify(run)}`);
  const steps = (await world.trace(runId)).filter(({ type }) => type === "model_call" || type === "repair");
  const failure = run.wait === "review" ? await failureOf(world, runId) : run.failure;
  return {
    ends: failure?.class ?? "decided",
    code: failure?.code ?? "",
    calls: calls(),
    repairs: steps.filter(({ type }) => type === "repair").length,
    then: run.status === "dead" ? "dead" : run.wait === "review" ? "review" : "done",
    raw: steps.map(({ raw }: TraceStep) => raw),
  };
}

async function failureOf(world: World, runId: string): Promise<{ class: string; code: string }> {
  const { detail } = (await world.trace(runId)).findLast(({ type }) => type === "review") as TraceStep;
  return (detail as { failure: { class: string; code: string } }).failure;
}
