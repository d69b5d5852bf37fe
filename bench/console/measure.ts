import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readCredential } from "../../src/http/credential.ts";
import { SHAPES } from "./workflows.ts";

const ASKED = 40;
const DAY = 86_400_000;

export interface Measured {
  question: string;
  p50: number;
  p95: number;
  worst: number;
}

/** Starts `sluice serve` on a seeded folder and asks it what the console asks, one question after another. */
export async function measure(dir: string, tell: (measured: Measured) => void): Promise<void> {
  const server = await Server.start(dir);
  try {
    for (const filter of filters()) tell(await times(server, `runs?${filter}`));
    for (const filter of filters()) tell(await times(server, `runs/facets?${filter}`));
    const stop = keepAsking(server, "runs/facets?q=ev");
    const busy = await times(server, "runs?");
    await stop();
    tell({ ...busy, question: "runs? while facets are counted without a pause" });
  } finally {
    await server.stop();
  }
}

/** No filter, each filter alone, usual pairs, and words: rare, common, in scripts without spaces. */
function filters(): string[] {
  const [triage, refund] = SHAPES;
  if (triage === undefined || refund === undefined) throw new Error("There are no workflows.");
  const version = `${triage.prompt}@${triage.versions[1]?.version ?? ""}`;
  const since = (days: number): string => new Date(Date.now() - days * DAY).toISOString();
  return [
    "",
    `workflow=${refund.workflow}`,
    "status=dead",
    "status=waiting",
    "disposition=reviewed",
    "stage=partial",
    "release=3",
    `prompt_version=${version}`,
    "model=openai/gpt-4.1",
    `tool=${refund.write}`,
    "failure_class=timeout",
    `since=${since(1)}`,
    `since=${since(8)}&until=${since(7)}`,
    `workflow=${triage.workflow}&status=dead`,
    `workflow=${triage.workflow}&disposition=rejected`,
    `workflow=${refund.workflow}&since=${since(7)}`,
    `prompt_version=${version}&status=stopped`,
    `model=local/in-context&disposition=reviewed`,
    `tool=${refund.write}&stage=narrow`,
    `failure_class=timeout&release=5`,
    `edge_to=end:dead`,
    `workflow=${triage.workflow}&edge_from=step:${triage.slot}&edge_to=decide`,
    "q=tkt_9041",
    "q=cus_1188",
    "q=evt_tkt_00",
    "q=charged+twice",
    "q=charged+twice&status=dead",
    "q=ledger+locked",
    "q=tkt_",
    "q=ev",
    "q=%E8%AB%8B%E6%B1%82",
  ];
}

async function times(server: Server, question: string): Promise<Measured> {
  const took: number[] = [];
  for (let n = 0; n < ASKED; n++) {
    const before = performance.now();
    await server.ask(question);
    took.push(performance.now() - before);
  }
  took.sort((a, b) => a - b);
  const at = (share: number): number => took[Math.ceil(took.length * share) - 1] as number;
  return { question: decodeURIComponent(question), p50: at(0.5), p95: at(0.95), worst: at(1) };
}

/** Asks the same again and again until the answer is called. */
function keepAsking(server: Server, question: string): () => Promise<void> {
  const over = new AbortController();
  const asking = (async () => {
    while (!over.signal.aborted) await server.ask(question);
  })();
  return async () => {
    over.abort();
    await asking;
  };
}

class Server {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #token: string;

  private constructor(child: ChildProcess, url: string, token: string) {
    [this.#child, this.#url, this.#token] = [child, url, token];
  }

  static async start(dir: string): Promise<Server> {
    const bin = join(import.meta.dirname, "../../bin/sluice.js");
    const argv = [bin, "serve", "--dir", dir, "--port", "0"];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "ignore"] });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const url = /http:\S+/.exec(line)?.[0];
    const credential = await readCredential(join(dir, ".sluice"));
    if (url === undefined || credential === null) throw new Error(`sluice serve said: ${line}`);
    return new Server(child, url, credential.token);
  }

  async ask(question: string): Promise<void> {
    const response = await fetch(`${this.#url}/v1/${question}`, {
      headers: { authorization: `Bearer ${this.#token}` },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${question}: ${response.status} ${text}`);
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await gone;
  }
}
