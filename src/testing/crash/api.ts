import type { Json, JsonObject } from "../../base/json.ts";
import { readCredential } from "../../http/credential.ts";

export interface Receipt {
  status: number;
  event_id: string;
  runs?: { run_id: string; workflow: string }[];
}

/** A run as `GET /v1/runs` shows it, as far as it is looked at. */
export interface RunDocument {
  run_id: string;
  event_id: string;
  workflow: string;
  status: string;
  waiting_for: string | null;
  disposition: string | null;
  failure: { class: string; code: string; message: string } | null;
}

/** A step as `GET /v1/runs/{id}/trace` shows it, as far as it is looked at. */
export interface TraceStep {
  type: string;
  name: string;
  key?: string;
  tool?: string;
  phase?: string;
  status: string;
  started_at: string;
  latency_ms: number;
  idempotency_key?: string;
}

export interface ApiAnswer {
  status: number;
  body: Json;
}

const ANSWER_WITHIN_MS = 30_000;

/** The server over HTTP, as any program outside of it speaks to it. Rejects when the server is gone, and at any 5xx. */
export class ServerApi {
  readonly url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.url = url;
    this.#token = token;
  }

  /** With the credential that a server keeps in its data folder for programs of the same user. */
  static async signIn(url: string, dataDir: string): Promise<ServerApi> {
    const credential = await readCredential(dataDir);
    if (credential === null) throw new Error(`The server at ${url} left no credential in ${dataDir}.`);
    return new ServerApi(url, credential.token);
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#send("GET", path)).body as T;
  }

  async post(path: string, body: Json): Promise<ApiAnswer> {
    return await this.#send("POST", path, JSON.stringify(body));
  }

  /** All items of a list, page by page. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const more = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; next_cursor: string | null } = await this.get(
        `${path}${path.includes("?") ? "&" : "?"}limit=500${more}`,
      );
      items.push(...page.items);
      cursor = page.next_cursor;
    }
    return items;
  }

  async #send(method: string, path: string, body?: string): Promise<ApiAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await response.text();
    if (response.status >= 500) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return { status: response.status, body: JSON.parse(text) as JsonObject };
  }
}

/** What a server that was killed looks like from outside. */
export function isLostConnection(error: unknown): boolean {
  const causes = [error, (error as Error).cause].map((one) => String((one as Error | undefined)?.message ?? one));
  return causes.some((message) => /fetch failed|terminated|ECONN|socket|other side closed/i.test(message));
}
