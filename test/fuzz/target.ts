import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, request as httpRequest, Agent } from "node:http";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "../../src/base/json.ts";
import { writeSampleProject } from "../../src/testing/sample-project.ts";
import { completion, said } from "../scenario/misbehaving.ts";

export interface Sent {
  method: string;
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: Buffer;
  /** Without a length, in chunks. */
  chunked?: boolean;
}

export interface Answer {
  status: number;
  type: string;
  text: string;
}

const LONGEST_MS = 10_000;
/** Of a body, as the server has it unless it is set. */
const LIMIT = 1024 * 1024;

/** A real server process over a small project, with a model of its own behind HTTP. */
export class Target {
  readonly url: string;
  readonly token: string;
  /** All that the process wrote to standard error. */
  errors = "";
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #cleanUp: () => Promise<void>;

  private constructor(
    child: ChildProcess,
    { url, token }: { url: string; token: string },
    cleanUp: () => Promise<void>,
  ) {
    this.#child = child;
    this.url = url;
    this.token = token;
    this.#cleanUp = cleanUp;
  }

  static async start(): Promise<Target> {
    const model = createServer((request, response) => {
      request.resume().on("end", () => {
        const answer = JSON.stringify({ category: "billing", urgency: "low", confidence: 0.9 });
        response.writeHead(200, { "content-type": "application/json" }).end(completion(said(answer)));
      });
    });
    await new Promise<void>((resolve) => model.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`;
    const dir = await projectWith(baseUrl);
    const child = fork(fileURLToPath(new URL("server.ts", import.meta.url)), [dir], {
      execArgv: ["--expose-gc"],
      silent: true,
      env: { PATH: process.env["PATH"] },
    });
    let errors = "";
    child.stderr?.on("data", (chunk: Buffer) => (errors += String(chunk)));
    const [ready] = (await Promise.race([once(child, "message"), once(child, "exit").then(() => [null])])) as [never];
    if (ready === null) throw new Error(`The server did not start: ${errors}`);
    const target = new Target(child, ready, async () => {
      child.disconnect();
      model.closeAllConnections();
      model.close();
      if (child.exitCode === null) await once(child, "exit");
      await rm(dir, { recursive: true, force: true });
    });
    target.errors = errors;
    child.stderr?.on("data", (chunk: Buffer) => (target.errors += String(chunk)));
    return target;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#cleanUp();
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Bytes that are left after a collection. */
  async heldBytes(): Promise<number> {
    this.#child.send("memory");
    const [{ heldBytes }] = (await once(this.#child, "message")) as [{ heldBytes: number }];
    return heldBytes;
  }

  /** Any request that an HTTP client can make. Rejects where no answer comes. */
  send({ method, path, headers = {}, body, chunked = false }: Sent): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { hostname, port } = new URL(this.url);
    const request = httpRequest({
      agent: this.#agent, hostname, port, method, path,
      headers: { authorization: `Bearer ${this.token}`, ...headers, ...(body === undefined || chunked ? {} : { "content-length": body.byteLength }) },
    }); // prettier-ignore
    const timer = setTimeout(() => reject(new Error(`${method} ${path.slice(0, 200)} has no answer`)), LONGEST_MS);
    request.on("error", (error: NodeJS.ErrnoException) => {
      // A kept connection may be closed by the other side at any moment: who reuses one sends again.
      const closed = request.reusedSocket && error.code === "ECONNRESET";
      if (closed)
        resolve(this.send({ method, path, headers: { ...headers, connection: "close" }, ...(body && { body }), chunked })); // prettier-ignore
      else // A body beyond the limit may be cut off; what was answered before that counts.
      if ((body?.byteLength ?? 0) > LIMIT) setImmediate(() => resolve({ status: 0, type: "", text: "" }));
      else setImmediate(() => reject(error));
    });
    request.on("response", (response) => void read(response).then(resolve, reject));
    if (body !== undefined) request.write(body);
    request.end();
    return promise.finally(() => clearTimeout(timer));
  }

  /** A call as the API means it. */
  async call(method: string, path: string, body?: unknown): Promise<{ status: number; body: JsonObject }> {
    const json = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)), headers: JSON_TYPE };
    const { status, text } = await this.send({ method, path, ...json });
    return { status, body: (text === "" ? {} : JSON.parse(text)) as JsonObject };
  }

  /** Bytes on a connection of their own; all that came back until the server ended it. Rejects where it does not. */
  async raw(...parts: readonly (string | Buffer)[]): Promise<string> {
    const { hostname, port } = new URL(this.url);
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("connect", resolve));
    for (const part of parts) socket.write(typeof part === "string" ? Buffer.from(part, "latin1") : part);
    let held = false;
    const timer = setTimeout(() => ((held = true), socket.destroy()), 2 * LONGEST_MS);
    await closed;
    clearTimeout(timer);
    if (held) throw new Error(`The connection is held open after ${JSON.stringify(text.slice(0, 500))}`);
    return text;
  }
}

const JSON_TYPE: OutgoingHttpHeaders = { "content-type": "application/json" };

async function read(response: IncomingMessage): Promise<Answer> {
  const answer = { status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", text: "" };
  // It ends when its reader does.
  if (answer.type.startsWith("text/event-stream")) return (void response.destroy(), answer);
  for await (const chunk of response) answer.text += String(chunk);
  return answer;
}

async function projectWith(baseUrl: string): Promise<string> {
  const prompt = {
    name: "classifier",
    version: "2026-05-29.1",
    owner: "support",
    model: "acme/m",
    description: "Classify.",
    inputs: ["ticket.subject", "ticket.body"],
    output_schema: {
      type: "object",
      required: ["category", "urgency", "confidence"],
      properties: {
        category: { enum: ["billing", "account", "other"] },
        urgency: { enum: ["low", "high"] },
        confidence: { type: "number" },
      },
    },
  };
  const dir = await writeSampleProject({
    files: {
      "prompts/classifier/2026-05-29.1.json": JSON.stringify(prompt),
      "prompts/classifier/2026-05-20.3.json": JSON.stringify({ ...prompt, version: "2026-05-20.3" }),
      "sluice.config.json": JSON.stringify({ keyFile: "key", providers: { acme: { baseUrl, apiKey: "none" } } }),
    },
  });
  return dir;
}
