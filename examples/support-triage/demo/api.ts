/** What the demo reads of a run; the API's document has more. */
export interface Run {
  run_id: string;
  event_id: string;
  status: string;
  waiting_for: string | null;
  disposition: string | null;
  decision: { category: string; urgency: string } | null;
  cost_usd: number | null;
  failure: { class: string } | null;
  created_at: string;
  ended_at: string | null;
}

export interface TraceStep {
  type: string;
  tool?: string;
  status: string;
  attempt: number;
  idempotency_key?: string;
}

export interface Review {
  review_id: string;
  run_id: string;
  why: string;
}

/** What a workflow is allowed to do. */
export interface Release {
  number: number;
  stage: string;
  development: boolean;
  prompts: Record<string, { prompt: string; version: string; model: string }>;
}

/** What each live process serves of it. */
export interface Served {
  workers: { release: number }[];
}

/** One item of the answer to an array of events. */
export interface Receipt {
  status: number;
  event_id: string;
  run_id?: string;
  duplicate?: boolean;
  detail?: string;
}

/** Speaks HTTP to the server, as any program outside of it would. */
export class Api {
  readonly url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.#token = token;
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#send("GET", path)) as T;
  }

  /** Every item of a list, page by page. */
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

  /** `body`: a JSON array of events. */
  async postEvents(body: string): Promise<Receipt[]> {
    const answer = await this.#send("POST", "/v1/events", body);
    return (answer as { results: Receipt[] }).results;
  }

  /** An address that opens the console once, signed in. */
  async loginLink(name: string): Promise<string> {
    const answer = await this.#send("POST", "/v1/login-links", JSON.stringify({ name, role: "admin" }));
    return (answer as { url: string }).url;
  }

  async #send(method: string, path: string, body?: string): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }
}
