import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startInContextServer } from "../../src/model/in-context/server.ts";
import { REPAIR_OPENING } from "../../src/model/port.ts";

/** One request for a model's answer, as the model's own server saw it. */
export interface Asked {
  /** The ticket's text: subject, an empty line, body. */
  ticket: string;
  repair: boolean;
  /** Epoch ms. */
  at: number;
}

export interface CountingModel {
  /** Base URL in the OpenAI manner. */
  url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** The in-context model behind a server of its own that counts, outside of the process that is killed. */
export async function startCountingModel(): Promise<CountingModel> {
  const model = await startInContextServer();
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const question = ticketOf(body);
      asked.push({ ...question, at: Date.now() });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${model.url}/chat/completions`, { method: "POST", headers, body });
      response.writeHead(answer.status, headers);
      const text = await answer.text();
      response.end(answer.ok && isUnusable(question) ? inProse(text) : text);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await model.close();
    },
  };
}

/** The first answer to every fifth ticket or so has words around its JSON: it has to be repaired. */
function isUnusable({ ticket, repair }: Omit<Asked, "at">): boolean {
  return !repair && createHash("sha256").update(ticket).digest().readUInt8() % 5 === 0;
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
