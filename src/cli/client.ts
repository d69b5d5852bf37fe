import { resolve } from "node:path";
import type { Command } from "commander";
import { isObject } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import { readCredential } from "../http/credential.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";

/** Where the server is, and who asks; each also from the environment, else from the project folder. */
export interface ServerOptions {
  url?: string;
  token?: string;
  dir?: string;
  data?: string;
  json?: boolean;
}

/** Adds the options of every command that speaks to a running server. */
export function withServer(command: Command): Command {
  return command
    .option("--json", "print JSON")
    .option("--url <url>", "the server (SLUICE_URL); else the one running on the project's data folder")
    .option("--token <token>", "its token (SLUICE_TOKEN); else the data folder's credential")
    .option("--dir <folder>", "the project folder (SLUICE_DIR); else this one")
    .option("--data <folder>", "its data folder (SLUICE_DATA); else .sluice in it");
}

/** The server's refusal, as a message for a person. 5xx ends with 1, the rest with 2. */
export function refusal(status: number, problem: JsonObject): Exit {
  return new Exit(status >= 500 ? EXIT.failed : EXIT.wrongUse, problemText(status, problem));
}

function problemText(status: number, problem: JsonObject): string {
  const detail = typeof problem["detail"] === "string" ? problem["detail"] : `The server answered ${status}.`;
  const errors = Array.isArray(problem["errors"]) ? (problem["errors"] as unknown as Problem[]) : [];
  return [
    detail,
    ...errors.map(({ pointer, message }) => `  ${pointer === "" ? "(whole)" : pointer}: ${message}`),
  ].join("\n");
}

interface Answer {
  status: number;
  body: Json;
}

type Query = Readonly<Record<string, string | undefined>>;

/** A running server, spoken to over HTTP. Every method throws `Exit` with a clear message where it cannot. */
export class Client {
  readonly #url: string;
  readonly #token: string;
  readonly #send: typeof fetch;

  /** `send`: in place of the network. */
  constructor(url: string, token: string, send: typeof fetch = fetch) {
    this.#url = url.replace(/\/+$/, "");
    this.#token = token;
    this.#send = send;
  }

  /** `T`: what the reference says the answer is. */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    return (await this.send("GET", `${path}${queryText(query)}`)).body as T;
  }

  async post<T>(path: string, body: unknown = {}): Promise<T> {
    return (await this.send("POST", path, body)).body as T;
  }

  /** For answers whose status matters, or that are not 2xx by plan (`taken`); throws for the others. */
  async send(method: string, path: string, body?: unknown, taken: readonly number[] = []): Promise<Answer> {
    const response = await this.#fetch(method, path, body);
    const text = await response.text();
    const document = parsed(text);
    if (response.ok || taken.includes(response.status)) return { status: response.status, body: document ?? null };
    throw refusal(response.status, isObject(document) ? document : {});
  }

  /** Sends a file as it is, in flat memory. A refusal comes back as its document. */
  async upload(path: string, type: string, bytes: AsyncIterable<Uint8Array>): Promise<Answer> {
    const response = await this.#asked(path, {
      method: "POST",
      redirect: "error",
      headers: { authorization: `Bearer ${this.#token}`, "content-type": type },
      body: ReadableStream.from(bytes),
      duplex: "half",
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text) ?? null };
  }

  async #fetch(method: string, path: string, body: unknown): Promise<Response> {
    return await this.#asked(path, {
      method,
      redirect: "error",
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async #asked(path: string, request: RequestInit): Promise<Response> {
    try {
      return await this.#send(`${this.#url}${path}`, request);
    } catch (error) {
      const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message;
      throw new Exit(EXIT.wrongUse, `No Sluice server answers at ${this.#url} (${cause}). "sluice serve" starts one.`);
    }
  }

  async answers(): Promise<boolean> {
    try {
      return (await this.#fetch("GET", "/healthz", undefined)).ok;
    } catch (error) {
      if (error instanceof Exit) return false;
      throw error;
    }
  }

  /** The bytes of an answer that is no document; throws for the others. */
  async bytes(method: string, path: string): Promise<{ body: ReadableStream<Uint8Array>; length: number }> {
    const response = await this.#fetch(method, path, undefined);
    if (response.ok && response.body !== null)
      return { body: response.body, length: Number(response.headers.get("content-length")) };
    const document = parsed(await response.text());
    throw refusal(response.status, isObject(document) ? document : {});
  }

  /** Every item of a paged list, page by page. */
  async *items<T>(path: string, query: Query, pageSize = 200): AsyncGenerator<T> {
    let cursor: string | undefined;
    do {
      const page: { items: T[]; next_cursor: string | null } = await this.get(path, {
        ...query,
        limit: String(pageSize),
        cursor,
      });
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }
}

function queryText(query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The server that was named, else the one running on the project's data folder. */
export async function connect(options: ServerOptions, io: Io): Promise<Client> {
  const url = options.url ?? io.env["SLUICE_URL"];
  const token = options.token ?? io.env["SLUICE_TOKEN"];
  if (url !== undefined && !URL.canParse(url))
    throw new Exit(EXIT.wrongUse, `${JSON.stringify(url)} is no address like http://127.0.0.1:4780.`);
  if (url !== undefined && token !== undefined) return new Client(url, token);
  const found = await localCredential(options, io);
  if (url === undefined && found !== null) return new Client(found.url, token ?? found.token);
  // A local secret goes to the server that left it, and to no other.
  if (url !== undefined && found !== null && new URL(found.url).origin === new URL(url).origin)
    return new Client(url, found.token);
  if (url !== undefined) throw new Exit(EXIT.wrongUse, `${url} needs a token: give --token or SLUICE_TOKEN.`);
  throw new Exit(
    EXIT.wrongUse,
    `No Sluice server is running on ${dataFolder(options, io)}. Start one with "sluice serve", or name one with --url and --token.`,
  );
}

/** The same; null where none is named and none is running there, for commands that can do without. */
export async function connectIfThere(options: ServerOptions, io: Io): Promise<Client | null> {
  const named = options.url ?? io.env["SLUICE_URL"];
  if (named === undefined && (await localCredential(options, io)) === null) return null;
  const client = await connect(options, io);
  // A process that was killed leaves its credential.
  if (named === undefined && !(await client.answers())) return null;
  return client;
}

async function localCredential(options: ServerOptions, io: Io): Promise<{ url: string; token: string } | null> {
  const found = await readCredential(dataFolder(options, io));
  if (found !== null || options.data !== undefined || io.env["SLUICE_DATA"] !== undefined) return found;
  // The configuration may name another data folder; loading it costs, so it is asked last.
  const configured = await configuredDataFolder(projectFolder(options, io), io);
  return configured === null ? null : readCredential(configured);
}

async function configuredDataFolder(dir: string, io: Io): Promise<string | null> {
  try {
    const [{ loadConfig }, { resolveOwnName }] = await Promise.all([
      import("../app/config.ts"),
      import("../app/resolve.ts"),
    ]);
    resolveOwnName();
    return (await loadConfig(dir, { env: io.env })).config.dataDir;
  } catch {
    return null;
  }
}

/** Absolute. */
export function projectFolder(options: ServerOptions, io: Io): string {
  return resolve(io.cwd, options.dir ?? io.env["SLUICE_DIR"] ?? ".");
}

/** Absolute; what the configuration names where neither option nor environment does. */
export async function usedDataFolder(options: ServerOptions, io: Io): Promise<string> {
  const named = options.data ?? io.env["SLUICE_DATA"];
  const configured = named === undefined ? await configuredDataFolder(projectFolder(options, io), io) : null;
  return configured ?? dataFolder(options, io);
}

function dataFolder(options: ServerOptions, io: Io): string {
  return resolve(projectFolder(options, io), options.data ?? io.env["SLUICE_DATA"] ?? ".sluice");
}
