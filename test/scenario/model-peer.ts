import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { PROMPT } from "./world.ts";

/** What a model's server answers one request. */
export interface ModelAnswer {
  /** What the model writes; any JSON but text as its text. */
  content?: Json;
  /** Of the HTTP reply; 200 unless set. */
  status?: number;
  headers?: Record<string, string>;
  /** Fields of the one choice besides its message, such as `finish_reason`. */
  choice?: JsonObject;
  message?: JsonObject;
  /** Tokens in and out; as many as the texts are long unless set. */
  usage?: { prompt_tokens: number; completion_tokens: number };
}

export interface ModelAsked {
  model: string;
  messages: { role: string; content: string }[];
  body: JsonObject;
  /** Epoch ms. */
  at: number;
}

type Answering = ModelAnswer | ((asked: ModelAsked, nth: number) => ModelAnswer | Promise<ModelAnswer>);

/** A server of models in the OpenAI manner over loopback HTTP: answers as it is told, by the model that is asked. */
export class ModelPeer {
  readonly asked: ModelAsked[] = [];
  url = "";
  readonly #answers = new Map<string, Answering>();

  static async start(): Promise<ModelPeer> {
    const peer = new ModelPeer();
    const server = createServer(
      (request, response) => void peer.#reply(request, response).catch(() => response.destroy()),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    peer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return peer;
  }

  /** What this model answers from now on. */
  says(model: string, answer: Answering): void {
    this.#answers.set(model, answer);
  }

  /** How often each model was asked, in the order they were asked first. */
  get counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { model } of this.asked) counts[model] = (counts[model] ?? 0) + 1;
    return counts;
  }

  /** The setting of a project that calls these models as `peer/NAME`. */
  get config(): JsonObject {
    return { providers: { peer: { baseUrl: this.url, apiKey: "none" } } };
  }

  async #reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as JsonObject;
    const model = String(body["model"]);
    const asked: ModelAsked = { model, messages: body["messages"] as never, body, at: Date.now() };
    this.asked.push(asked);
    const answering = this.#answers.get(model) ?? { status: 404 };
    const nth = this.asked.filter((each) => each.model === model).length;
    const answer = typeof answering === "function" ? await answering(asked, nth) : answering;
    response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
    response.end(JSON.stringify(documentOf(asked, answer)));
  }
}

function documentOf({ model, body }: ModelAsked, answer: ModelAnswer): Json {
  if ((answer.status ?? 200) >= 400) return { error: { message: `Status ${answer.status}.`, type: "test" } };
  const { content = "" } = answer;
  const text = typeof content === "string" ? content : JSON.stringify(content);
  const usage = answer.usage ?? { prompt_tokens: JSON.stringify(body).length, completion_tokens: text.length };
  const message = { role: "assistant", content: text, ...answer.message };
  return {
    id: "cmpl_1",
    object: "chat.completion",
    created: 1,
    model,
    choices: [{ index: 0, finish_reason: "stop", ...answer.choice, message }],
    usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
  };
}

/** The usual prompt, for other models and with other settings: a file of a world. */
export function promptFile(over: JsonObject): Record<string, string> {
  return { "prompts/classifier/1.json": JSON.stringify({ ...PROMPT, ...over }) };
}
