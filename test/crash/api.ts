import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface Receipt {
  status: number;
  event_id: string;
  run_id?: string;
  duplicate?: boolean;
}

export interface Run {
  run_id: string;
  event_id: string;
  status: string;
  waiting_for: string | null;
  disposition: string | null;
  failure: { class: string; code: string; message: string } | null;
}

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

/** The server over HTTP, as any program outside of it speaks to it. Rejects when the server is gone. */
export class Api {
  readonly url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.url = url;
    this.#token = token;
  }

  static async signIn(url: string, dataDir: string): Promise<Api> {
    const { token } = JSON.parse(await readFile(join(dataDir, "credential.json"), "utf8")) as { token: string };
    return new Api(url, token);
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#send("GET", path)).body as T;
  }

  async post(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
    return await this.#send("POST", path, JSON.stringify(body));
  }

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

  async #send(method: string, path: string, body?: string): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (response.status >= 500) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return { status: response.status, body: JSON.parse(text) };
  }
}
