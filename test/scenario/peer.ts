import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { failureFromResponse, tool } from "../../src/index.ts";
import type { Tool } from "../../src/index.ts";

export interface Received {
  path: string;
  key: string;
  body: Json;
}

export interface Reply {
  status: number;
  body?: Json;
  headers?: Record<string, string>;
}

/** Another system over loopback HTTP: keeps every request, answers as it is told, else 200 with what it was sent. */
export class Peer {
  readonly received: Received[] = [];
  url = "";
  #replies: ((received: Received) => Reply | Promise<Reply>)[] = [];

  static async start(): Promise<Peer> {
    const peer = new Peer();
    const server = createServer((request, response) => void peer.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    peer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return peer;
  }

  /** What the next requests are answered, in order. */
  next(...replies: (Reply | ((received: Received) => Reply | Promise<Reply>))[]): void {
    this.#replies.push(...replies.map((reply) => (typeof reply === "function" ? reply : () => reply)));
  }

  count(path: string): number {
    return this.received.filter((one) => one.path === path).length;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const key = String(request.headers["idempotency-key"] ?? "");
    const received = { path: request.url ?? "", key, body: JSON.parse(text) as Json };
    this.received.push(received);
    const reply = (await this.#replies.shift()?.(received)) ?? { status: 200 };
    response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
    response.end(JSON.stringify(reply.body ?? { ok: true }));
  }
}

const NOTE = { type: "object", required: ["text"], properties: { text: { type: "string" } } } as const;

type Note = Tool<{ text: string }, Json, "write">;

/** A tool that posts its arguments to the peer. */
export function post(peer: Peer, name: string, over: object = {}): Note {
  return tool(name, {
    effect: "write",
    risk: "low",
    idempotent: true,
    args: NOTE,
    run: (args: { text: string }, call: { signal: AbortSignal; idempotencyKey: string }) =>
      send(peer, name, args, call),
    ...over,
  });
}

/** The same as a read. */
export function ask(peer: Peer, name: string, over: object = {}): Tool<{ text: string }, Json, "read"> {
  return post(peer, name, { effect: "read", idempotent: false, ...over }) as unknown as Tool<
    { text: string },
    Json,
    "read"
  >;
}

async function send(
  peer: Peer,
  name: string,
  args: object,
  { signal, idempotencyKey }: { signal: AbortSignal; idempotencyKey: string },
): Promise<Json> {
  const headers = { "content-type": "application/json", "idempotency-key": idempotencyKey };
  const response = await fetch(`${peer.url}/${name}`, { method: "POST", headers, body: JSON.stringify(args), signal });
  if (!response.ok) throw failureFromResponse(response);
  return (await response.json()) as Json;
}
