import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { pino } from "pino";
import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { readCredential } from "../http/credential.ts";
import type { Listening } from "../http/listen.ts";
import { ROUTES } from "../http/roles.ts";
import { startServer } from "../http/server.ts";
import { startSample, ticket } from "./sample-project.ts";
import type { Sample, SampleChange } from "./sample-project.ts";

export interface Answer {
  status: number;
  body: JsonObject;
}

/** The reference with every document closed: an answer may hold nothing that is not described. */
function closed(reference: Json): Json {
  if (Array.isArray(reference)) return reference.map(closed);
  if (!isObject(reference)) return reference;
  const inner = Object.fromEntries(Object.entries(reference).map(([key, value]) => [key, closed(value)]));
  const described = isObject(inner["properties"]) && inner["type"] !== undefined;
  return described && inner["additionalProperties"] === undefined ? { ...inner, additionalProperties: false } : inner;
}

/** A sample project behind a real server, and calls whose answers have to be as the server's own reference says. */
export class ApiWorld {
  readonly sample: Sample;
  readonly #server: Listening;
  readonly admin: string;
  readonly #ajv = new Ajv2020({ strict: false });
  #made = 0;

  private constructor(sample: Sample, server: Listening, admin: string) {
    this.sample = sample;
    this.#server = server;
    this.admin = admin;
    addFormats.default(this.#ajv);
  }

  get url(): string {
    return this.#server.url;
  }

  static async start(change: SampleChange = {}): Promise<ApiWorld> {
    const sample = await startSample(change);
    const log = pino({ enabled: false });
    const server = await startServer({ sluice: sample.sluice, port: 0, host: "127.0.0.1", dataDir: sample.dir, log });
    const world = new ApiWorld(sample, server, (await readCredential(sample.dir))?.token ?? "");
    world.#ajv.addSchema(closed((await world.raw("GET", "/openapi.json")).body) as JsonObject, "api");
    return world;
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.sample.close();
  }

  async raw(method: string, path: string, body?: Json, token: string = this.admin): Promise<Answer> {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const response = await fetch(this.#server.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as JsonObject };
  }

  /** One call. Throws where the answer is not as the reference says. */
  async call(key: string, body?: Json, token?: string): Promise<Answer> {
    const [method, path] = key.split(" ") as [string, string];
    const answer = await this.raw(method, path, body, token);
    if (answer.status !== 204) this.#hold(key, method, answer);
    return answer;
  }

  #hold(key: string, method: string, answer: Answer): void {
    const route = Object.keys(ROUTES).find((each) =>
      new RegExp(`^${each.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(key.replace(/\?.*/, "")),
    );
    const pointer = `paths/${route?.split(" ")[1]?.replaceAll("/", "~1")}/${method.toLowerCase()}/responses`;
    const told =
      answer.status < 400 ? `${answer.status}/content/application~1json` : "default/content/application~1problem+json";
    const schema = `api#/${encodeURI(pointer).replaceAll(/[{}]/g, encodeURIComponent)}/${told}/schema`;
    if (this.#ajv.validate({ $ref: schema }, answer.body)) return;
    throw new Error(`${key} ${answer.status} is not as the reference says: ${JSON.stringify(this.#ajv.errors)}`);
  }

  /** Sends a ticket (its subject says what the model answers) and waits for its decision. */
  async decided(subject: string): Promise<{ runId: string; eventId: string; body: JsonObject }> {
    const eventId = `evt_${++this.#made}`;
    const { body } = await this.call("POST /v1/events?wait=10s", ticket(eventId, subject));
    return { runId: body["run_id"] as string, eventId, body };
  }

  /** The same for a ticket that a person is asked about. */
  async waiting(subject: string): Promise<{ runId: string; eventId: string; reviewId: string; path: string }> {
    const { runId, eventId, body } = await this.decided(subject);
    if (body["status"] !== "waiting" || body["waiting_for"] !== "review")
      throw new Error(`the run does not wait for a review: ${JSON.stringify(body)}`);
    const { items } = (await this.call(`GET /v1/reviews?run_id=${runId}`)).body as { items: JsonObject[] };
    const reviewId = items[0]?.["review_id"] as string;
    return { runId, eventId, reviewId, path: `/v1/reviews/${reviewId}` };
  }

  async ended(runId: string): Promise<JsonObject> {
    await this.sample.sluice.whenDecided(runId, 10_000);
    return (await this.call(`GET /v1/runs/${runId}`)).body;
  }

  async effectsOf(eventId: string): Promise<number> {
    return (await this.sample.effects()).filter((effect) => effect["ticket_id"] === `tkt_${eventId}`).length;
  }

  async tokenOf(name: string, role: string): Promise<string> {
    return (await this.call("POST /v1/tokens", { name, role })).body["secret"] as string;
  }
}
