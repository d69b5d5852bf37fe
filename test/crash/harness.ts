import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "../../src/testing/crash/child.ts";
import type { Child } from "../../src/testing/crash/child.ts";
import { Api } from "./api.ts";
import type { Receipt } from "./api.ts";
import { startCountingModel } from "./model.ts";
import type { CountingModel } from "./model.ts";
import { endlessTickets } from "./stream.ts";
import type { Ticket } from "./stream.ts";

const SERVER = fileURLToPath(new URL("server.ts", import.meta.url));
const DESK = fileURLToPath(new URL("../../examples/support-triage/desk/main.ts", import.meta.url));

/** One server process that can be killed, with everything around it that stays: ticket desk, model, data folder. */
export class Harness {
  readonly folder: string;
  readonly desk: Child;
  readonly model: CountingModel;
  /** Run by event, of everything a server has acknowledged. */
  readonly accepted: Map<string, string> = new Map();
  /** Everything that was sent, acknowledged or not. */
  readonly sent: Ticket[] = [];
  /** What must not be, seen on the way. */
  readonly wrong: string[] = [];
  readonly #tickets = endlessTickets();
  readonly #env: Record<string, string>;
  /** Has loaded its code already while the one before it works. */
  #standby: Child;
  kills = 0;

  private constructor(folder: string, desk: Child, deskUrl: string, model: CountingModel) {
    this.folder = folder;
    this.desk = desk;
    this.model = model;
    this.#env = {
      // Each start compiles the same files.
      NODE_COMPILE_CACHE: join(folder, "compiled"),
      SLUICE_DATA: this.dataDir,
      SLUICE_KEY: randomBytes(32).toString("base64"),
      SLUICE_PROVIDERS: JSON.stringify({ local: { baseUrl: model.url, apiKey: "none" } }),
      SUPPORT_DESK_URL: deskUrl,
    };
    this.#standby = startChild([SERVER], this.#env);
  }

  static async open(): Promise<Harness> {
    const folder = await mkdtemp(join(tmpdir(), "sluice-crash-"));
    const desk = startChild([DESK, "--file", join(folder, "effects.jsonl"), "--latency", "3ms"], {});
    const said = await desk.says(/listens on (\S+)/);
    if (said === null) throw new Error(`The ticket desk has ended:\n${desk.errors()}`);
    return new Harness(folder, desk, said[1] as string, await startCountingModel());
  }

  get dataDir(): string {
    return join(this.folder, "data");
  }

  /** Starts the server; `at` names where it kills itself. Null where that came before it was ready. */
  async start(at = ""): Promise<{ server: Child; api: Api } | null> {
    const server = this.#standby;
    const ready = server.says(/^ready (\S+)/);
    server.tell(at);
    const said = await ready;
    this.#standby = startChild([SERVER], this.#env);
    if (said !== null) return { server, api: await Api.signIn(said[1] as string, this.dataDir) };
    const how = await server.gone;
    if (how === "SIGKILL") return null;
    throw new Error(`The server ended with ${how} before it was ready:\n${server.errors()}`);
  }

  /** Sends the next `count` tickets. What the server said nothing of is sent again with the next ones. */
  async send(api: Api, count: number): Promise<void> {
    const fresh: Ticket[] = [];
    while (fresh.length < count) fresh.push((await this.#tickets.next()).value as Ticket);
    this.sent.push(...fresh);
    await this.sendAgain(
      api,
      this.sent.filter(({ event_id }) => !this.accepted.has(event_id)).concat(fresh.slice(0, 2)),
    );
  }

  /** Sends tickets and notes what was acknowledged: a run that was promised once must be the same ever after. */
  async sendAgain(api: Api, tickets: readonly Ticket[]): Promise<void> {
    for (let i = 0; i < tickets.length; i += 20) {
      const { body } = await api.post("/v1/events", tickets.slice(i, i + 20));
      for (const receipt of (body as { results: Receipt[] }).results) this.#note(receipt);
    }
  }

  #note({ status, event_id, run_id }: Receipt): void {
    const before = this.accepted.get(event_id);
    if (status !== 202 && status !== 200) this.wrong.push(`${event_id} was answered ${status}`);
    else if (before !== undefined && before !== run_id)
      this.wrong.push(`${event_id} has run ${run_id}, and had ${before}`);
    else this.accepted.set(event_id, run_id as string);
  }

  async close(): Promise<void> {
    await this.#standby.kill();
    await this.desk.stop();
    await this.model.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
