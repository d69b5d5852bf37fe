import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "../../base/json.ts";
import type { Stage } from "../../base/stage.ts";
import { ServerApi } from "./api.ts";
import type { Receipt } from "./api.ts";
import { startChild } from "./child.ts";
import type { Child } from "./child.ts";

export interface LivesOptions {
  /** The project's folder. */
  project: string;
  /** Sent in order. An event that comes again with the same id and body is sent again. */
  events: AsyncIterable<JsonObject> | Iterable<JsonObject>;
  /** `dev` unless set. */
  mode: "dev" | "serve";
  stage: Stage | undefined;
  env: Readonly<Record<string, string>>;
}

const BATCH = 20;
const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
const SERVER = fileURLToPath(new URL(`./server.${ending}`, import.meta.url));

/** One server process after the other on the same data folder, and everything the world outside remembers of them. */
export class Lives {
  readonly folder: string;
  /** Runs by event, of everything a server has acknowledged. */
  readonly accepted: Map<string, string> = new Map();
  /** Everything that was sent, acknowledged or not, by its id. */
  readonly sent: Map<string, JsonObject> = new Map();
  /** What must not be, seen on the way. */
  readonly wrong: string[] = [];
  kills = 0;
  readonly #options: LivesOptions;
  readonly #events: AsyncIterator<JsonObject> | Iterator<JsonObject>;
  readonly #env: Record<string, string>;
  /** Has loaded its code already while the one before it works. */
  #standby: Child;

  private constructor(folder: string, options: LivesOptions) {
    this.folder = folder;
    this.#options = options;
    const { events } = options;
    this.#events = Symbol.asyncIterator in events ? events[Symbol.asyncIterator]() : events[Symbol.iterator]();
    this.#env = {
      // Each start compiles the same files.
      NODE_COMPILE_CACHE: join(folder, "compiled"),
      SLUICE_KEY: randomBytes(32).toString("base64"),
      ...options.env,
      SLUICE_DATA: this.dataDir,
    };
    this.#standby = this.#load();
  }

  static async open(options: LivesOptions): Promise<Lives> {
    return new Lives(await mkdtemp(join(tmpdir(), "sluice-crash-")), options);
  }

  get dataDir(): string {
    return join(this.folder, "data");
  }

  #load(): Child {
    const { project, mode, stage } = this.#options;
    return startChild([SERVER, project, mode, ...(stage === undefined ? [] : [stage])], this.#env);
  }

  /** Starts the server; `at` names where it kills itself. Null where that came before it was ready. */
  async start(at = ""): Promise<{ server: Child; api: ServerApi } | null> {
    const server = this.#standby;
    const ready = server.says(/^ready (\S+)/);
    server.tell(at);
    const said = await ready;
    this.#standby = this.#load();
    if (said !== null) return { server, api: await ServerApi.signIn(said[1] as string, this.dataDir) };
    const how = await server.gone;
    if (at !== "" && how === "SIGKILL") return null;
    throw new Error(`The server ended with ${how} before it was ready:\n${server.errors()}`);
  }

  /** The same for a life without a kill of its own; `cold`: its code is loaded only now, as when nobody stands by. */
  async live({ cold = false }: { cold?: boolean } = {}): Promise<{ server: Child; api: ServerApi }> {
    if (cold) {
      await this.#standby.kill();
      this.#standby = this.#load();
    }
    return (await this.start()) as { server: Child; api: ServerApi };
  }

  /** Sends the next `count` events. What the server said nothing of is sent again with the next ones. */
  async send(api: ServerApi, count: number): Promise<void> {
    const fresh: JsonObject[] = [];
    while (fresh.length < count) {
      const next = await this.#events.next();
      if (next.done === true) break;
      fresh.push(next.value);
      this.sent.set(String(next.value["event_id"]), next.value);
    }
    const unknown = [...this.sent].filter(([eventId]) => !this.accepted.has(eventId)).map(([, event]) => event);
    await this.sendAgain(api, [...unknown, ...fresh.slice(0, 2)]);
  }

  /** Sends events and notes what was acknowledged: runs that were promised once must be the same ever after. */
  async sendAgain(api: ServerApi, events: readonly JsonObject[]): Promise<void> {
    for (let i = 0; i < events.length; i += BATCH) {
      const { body } = await api.post("/v1/events", events.slice(i, i + BATCH));
      for (const receipt of (body as unknown as { results: Receipt[] }).results) this.#note(receipt);
    }
  }

  #note({ status, event_id: eventId, runs = [] }: Receipt): void {
    const promised = runs.map(({ run_id: runId }) => runId).join(" ");
    const before = this.accepted.get(eventId);
    // A full queue takes it later.
    if (status === 429) return;
    if (status !== 202 && status !== 200) this.wrong.push(`${eventId} was answered ${status}`);
    else if (before !== undefined && before !== promised)
      this.wrong.push(`${eventId} has run ${promised}, and had ${before}`);
    else this.accepted.set(eventId, promised);
  }

  async close(): Promise<void> {
    await this.#standby.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
