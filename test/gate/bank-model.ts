import { LLMock } from "@copilotkit/aimock";
import type { ChatCompletionRequest } from "@copilotkit/aimock";
import { siblingOf } from "./queries.ts";
import type { Query } from "./queries.ts";

/** What this model answers one query with: it knows the truth, and errs where it is told to. */
export interface Said {
  intent: string;
  urgent: boolean;
  confidence: number;
}

/**
 * A model of known accuracy behind an OpenAI-compatible address of somebody else's making. Of the first version of the prompt it
 * gets every urgent query right and mistakes every twelfth of the others. Of the second it mistakes only every fortieth of these,
 * but a fifth of the urgent ones for something tame, so that in all it is right about as often.
 */
export class BankModel {
  readonly #mock = new LLMock({ port: 0 });
  readonly #queries: readonly Query[];
  /** Version and query → how often it was asked. */
  readonly asked = new Map<string, number>();

  constructor(queries: readonly Query[]) {
    this.#queries = queries;
    const places = new Map(queries.map((query, place) => [query.text, place]));
    this.#mock.addFixture({
      match: { predicate: () => true },
      response: (request) => ({ content: this.#answer(request, places) }),
    });
  }

  async start(): Promise<string> {
    await this.#mock.start();
    return `${this.#mock.url}/v1`;
  }

  async stop(): Promise<void> {
    await this.#mock.stop();
  }

  #answer({ messages }: ChatCompletionRequest, places: ReadonlyMap<string, number>): string {
    const version = String(messages[0]?.content).includes("second rules") ? 2 : 1;
    const texts = messages.map(({ content }) => (typeof content === "string" ? content : ""));
    const text = texts.find((each) => places.has(each)) as string;
    const place = places.get(text) as number;
    const key = `${version} ${text}`;
    const times = (this.asked.get(key) ?? 0) + 1;
    this.asked.set(key, times);
    const said = JSON.stringify(this.said(version, place));
    // The first answer to some is no JSON, to others one with a field too many; they do better when they are told.
    if (times === 1 && place % 211 === 17) return `Certainly! ${said.slice(0, -1)}`;
    if (times === 1 && place % 307 === 33) return said.replace("{", '{"note":"as you wish",');
    // And one never learns.
    return place === NEVER_LEARNS ? "I would rather not say." : said;
  }

  /** What it means, whatever it writes first. */
  said(version: 1 | 2, place: number): Said {
    const { intent, urgent } = this.#queries[place] as Query;
    const wrong = urgent ? version === 2 && place % 5 === 3 : place % (version === 1 ? 12 : 40) === 7;
    const confidence = Number((0.5 + ((place * 37) % 50) / 100).toFixed(2));
    return wrong ? { intent: siblingOf(intent), urgent: false, confidence } : { intent, urgent, confidence };
  }
}

/** Place of the query whose answer stays invalid after its repair. */
const NEVER_LEARNS = 500;
