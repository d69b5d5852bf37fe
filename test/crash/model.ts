import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { startInContextServer } from "../../src/model/in-context/server.ts";
import { REPAIR_OPENING } from "../../src/model/port.ts";
import { randomOf } from "../../src/testing/crash/random.ts";

/** One request for a model's answer, as the model's own server saw it. */
export interface Asked {
  /** The ticket's text: subject, an empty line, body. */
  ticket: string;
  repair: boolean;
  /** Epoch ms. */
  at: number;
}

export interface TroubledModel {
  /** Base URL in the OpenAI manner. */
  url: string;
  readonly asked: readonly Asked[];
  /** How often it did what, by fault. */
  readonly faults: Readonly<Record<string, number>>;
  /** From now on it is quick and well. */
  calm(): void;
  close(): Promise<void>;
}

type Fault = "error" | "limited" | "hang" | "cut" | "none";

const LATENCY_MS = 300;
/** Share of requests with each fault; the rest is answered. */
const FAULTS: readonly (readonly [Fault, number])[] = [
  ["error", 0.05],
  ["limited", 0.03],
  ["hang", 0.03],
  ["cut", 0.03],
];

/**
 * The in-context model behind a server of its own that counts, outside of the process that is killed. It takes up to 300 ms,
 * answers 500, 503, or 429 with `Retry-After`, hangs, or breaks off in the middle, by `seed`; a few tickets it never
 * answers before it is calmed.
 */
export async function startTroubledModel(seed: number): Promise<TroubledModel> {
  const model = await startInContextServer();
  const random = randomOf(seed);
  const asked: Asked[] = [];
  const faults: Record<string, number> = {};
  let calm = false;
  const server = createServer((request, response) => {
    void (async () => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const question = ticketOf(body);
      asked.push({ ...question, at: Date.now() });
      const fault = calm ? "none" : faultOf(random(), question);
      faults[fault] = (faults[fault] ?? 0) + 1;
      if (!calm) await pause(random() * LATENCY_MS);
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${model.url}/chat/completions`, { method: "POST", headers, body });
      const text = await answer.text();
      reply(response, fault, answer.status, answer.ok && isUnusable(question) ? inProse(text) : text);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    faults,
    calm: () => void (calm = true),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await model.close();
    },
  };
}

function faultOf(random: number, question: Omit<Asked, "at">): Fault {
  if (byteOf(question.ticket, 1) < 8) return "error";
  let sum = 0;
  return FAULTS.find(([, share]) => random < (sum += share))?.[0] ?? "none";
}

function reply(response: ServerResponse, fault: Fault, status: number, text: string): void {
  const headers = { "content-type": "application/json" };
  const error = JSON.stringify({ error: { message: "The model is out of order.", type: "server_error" } });
  switch (fault) {
    // The caller gives up; then its connection is gone.
    case "hang":
      return;
    case "error":
      response.writeHead(text.length % 2 === 0 ? 500 : 503, headers).end(error);
      return;
    case "limited":
      response.writeHead(429, { ...headers, "retry-after": "1" }).end(error);
      return;
    case "cut":
      response.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(text)) });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    case "none":
      response.writeHead(status, headers).end(text);
  }
}

/** The first answer to every fifth ticket or so has words around its JSON: it has to be repaired. */
function isUnusable({ ticket, repair }: Omit<Asked, "at">): boolean {
  return !repair && byteOf(ticket, 0) % 5 === 0;
}

function byteOf(ticket: string, at: number): number {
  return createHash("sha256").update(ticket).digest().readUInt8(at);
}

function inProse(text: string): string {
  const answer = JSON.parse(text) as { choices: { message: { content: string } }[] };
  for (const { message } of answer.choices) message.content = `Here it is: ${message.content}`;
  return JSON.stringify(answer);
}

function ticketOf(body: string): Omit<Asked, "at"> {
  const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] };
  const said = messages.filter(({ role }) => role === "user").map(({ content }) => content.trim());
  const repair = said.at(-1)?.startsWith(REPAIR_OPENING) === true;
  return { ticket: said.at(repair ? -2 : -1) ?? "", repair };
}
