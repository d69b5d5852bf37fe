import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import type { EvalWithReport } from "../../src/cli/eval-documents.ts";
import { processIo } from "../../src/cli/io.ts";
import type { Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import type { Report } from "../../src/eval/report.ts";
import { ModelPeer } from "./model-peer.ts";
import { KEY_ENV } from "./world.ts";

const SUITE = "tickets";
const CATEGORIES = ["billing", "bug", "sales", "other"];
const SLUICE = join(import.meta.dirname, "../../bin/sluice.js");

interface Case {
  id: string;
  input: { ticket: { body: string } };
  expected: { category: string; urgency: string };
}

/** The same numbers each time, without a pattern that a mistake of ours could share. */
function draw(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function casesOf(count: number): Case[] {
  const next = draw(11);
  return Array.from({ length: count }, (_, index) => {
    const category = CATEGORIES[Math.floor(next() * CATEGORIES.length)] as string;
    const urgency = next() < 0.4 ? "high" : "low";
    return { id: `t-${index}`, input: { ticket: { body: `Ticket t-${index}.` } }, expected: { category, urgency } };
  });
}

/** What a model of known accuracy writes: by version, so often another category; the second also misses urgent billing. */
function writes({ id, expected }: Case, version: string): string {
  const next = draw([...`${id}${version}`].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7) >>> 0);
  if (next() < 0.015) return "I would say this is about billing.";
  const urgent = expected.category === "billing" && expected.urgency === "high";
  const wrong = next() < (version === "2" && urgent ? 0.6 : 0.05);
  const category = wrong ? (CATEGORIES[(CATEGORIES.indexOf(expected.category) + 1) % 4] as string) : expected.category;
  const urgency = next() < 0.03 ? "low" : expected.urgency;
  return JSON.stringify({ category, urgency, confidence: Math.round(next() * 100) / 100 });
}

class Desk {
  readonly dir: string;
  readonly peer: ModelPeer;
  readonly cases: readonly Case[];

  private constructor(dir: string, peer: ModelPeer, cases: readonly Case[]) {
    this.dir = dir;
    this.peer = peer;
    this.cases = cases;
  }

  /** A project whose model is the peer; `delayMs`: how long each answer takes. */
  static async open(count: number, delayMs = 0): Promise<Desk> {
    const dir = await mkdtemp(join(tmpdir(), "sluice-evals-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const peer = await ModelPeer.start();
    const cases = casesOf(count);
    const byId = new Map(cases.map((each) => [each.id, each]));
    peer.says("known", async ({ messages }) => {
      const [, version = "", id = ""] =
        /^v(\d) .*?(t-\d+)/s.exec(messages.map(({ content }) => content).join(" ")) ?? [];
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      return { content: writes(byId.get(id) as Case, version), usage: { prompt_tokens: 100, completion_tokens: 20 } };
    });
    const desk = new Desk(dir, peer, cases);
    await desk.#write();
    return desk;
  }

  async #write(): Promise<void> {
    const providers = { peer: { baseUrl: this.peer.url, apiKey: "none" } };
    const prices = { "peer/known": { inputPerMillion: 10, outputPerMillion: 50 } };
    const target = (name: string, metric: string, bound: string, more: JsonObject = {}): JsonObject => ({
      name,
      metric,
      target: bound,
      ...more,
    });
    const suite = {
      name: SUITE,
      prompt: "classifier",
      datasets: [{ file: "golden.jsonl", kind: "golden" }],
      targets: [
        target("Category accuracy", "accuracy", ">= 90%", { field: "category" }),
        target("Urgency accuracy", "accuracy", ">= 90%", { field: "urgency" }),
        target("Valid JSON rate", "valid_json_rate", ">= 95%"),
        target("Billing escalation recall", "recall", ">= 80%", { positive: { category: "billing", urgency: "high" } }),
      ],
    };
    await this.write("sluice.config.json", JSON.stringify({ providers, prices }));
    for (const version of ["1", "2"])
      await this.write(`prompts/classifier/${version}.json`, JSON.stringify(prompt(version)));
    await this.write(`evals/${SUITE}/suite.json`, JSON.stringify(suite));
    await this.write(`evals/${SUITE}/golden.jsonl`, this.cases.map((each) => `${JSON.stringify(each)}\n`).join(""));
  }

  async write(file: string, text: string): Promise<void> {
    await mkdir(join(this.dir, file, ".."), { recursive: true });
    await writeFile(join(this.dir, file), text);
  }

  start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [SLUICE, "eval", ...args, "--dir", this.dir], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...KEY_ENV },
    });
  }

  async run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const child = this.start(...args);
    const [out, err] = ["", ""].map((text) => ({ text })) as [{ text: string }, { text: string }];
    child.stdout?.on("data", (data: Buffer) => (out.text += data.toString()));
    child.stderr?.on("data", (data: Buffer) => (err.text += data.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out: out.text, err: err.text };
  }

  /** The command in this process. */
  async within(...args: string[]): Promise<{ code: number; err: string }> {
    let err = "";
    const io: Io = {
      ...processIo(),
      env: { ...process.env, ...KEY_ENV },
      out: () => {},
      err: (text) => void (err += text),
    };
    const code = await main(["eval", ...args, "--dir", this.dir], io);
    return { code, err };
  }

  async evaluated(...args: string[]): Promise<{ code: number | null; report: Report; ended: EvalWithReport }> {
    const { code, out, err } = await this.run("run", SUITE, "--json", ...args);
    const ended = JSON.parse(out === "" ? `{"report":null,"err":${JSON.stringify(err)}}` : out) as EvalWithReport;
    expect(ended.report, err).not.toBeNull();
    return { code, ended, report: ended.report as Report };
  }

  /** By an outside program, from what the peer says it writes. */
  async figures(version: string): Promise<Record<string, number>> {
    const answers = Object.fromEntries(this.cases.map((each) => [each.id, writes(each, version)]));
    const file = join(this.dir, "answers.json");
    await writeFile(file, JSON.stringify(answers));
    const script = join(import.meta.dirname, "eval-figures.js");
    const { stdout } = spawnSync(process.execPath, [script, join(this.dir, `evals/${SUITE}/golden.jsonl`), file]);
    return JSON.parse(stdout.toString()) as Record<string, number>;
  }
}

/** Without a repair, so that what the peer writes first is what counts. */
function prompt(version: string): JsonObject {
  return {
    name: "classifier",
    version,
    owner: "tests",
    model: "peer/known",
    inputs: ["ticket.body"],
    messages: [{ role: "user", content: `v${version} {{ ticket.body }}` }],
    repair: { attempts: 0 },
    eval_suite: SUITE,
    output_schema: {
      type: "object",
      required: ["category", "urgency", "confidence"],
      properties: {
        category: { enum: CATEGORIES },
        urgency: { enum: ["low", "high"] },
        confidence: { type: "number", minimum: 0, maximum: 1 },
      },
    },
  };
}

function shown(report: Report): Record<string, string> {
  return Object.fromEntries(report.targets.map(({ name, value }) => [name, (value ?? Number.NaN).toFixed(4)]));
}

function fourDigits(figures: Record<string, number>): Record<string, string> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, value.toFixed(4)]));
}

/** Without ids, times and what was measured by the clock. */
function essence(report: Report): string {
  const { eval_id: _id, started_at: _from, ended_at: _to, usage, ...rest } = report;
  return JSON.stringify({ ...rest, tokens: [usage.input_tokens, usage.output_tokens, usage.cost_usd, usage.unpriced] });
}

describe("an eval run of a model behind an address", { timeout: 120_000 }, () => {
  test("prints the figures that an outside program computes, for a good version and a worse one", async () => {
    const desk = await Desk.open(800);
    const good = await desk.evaluated("--prompt", "classifier@1");
    expect(shown(good.report)).toEqual(fourDigits(await desk.figures("1")));
    expect([good.code, good.report.verdict]).toEqual([0, "PASS"]);
    expect(good.ended.cost_usd).toBeCloseTo(800 * (100 * 10 + 20 * 50) * 1e-6, 9);
    expect(desk.peer.asked).toHaveLength(800);

    const worse = await desk.evaluated("--prompt", "classifier@2", "--baseline", "classifier@1");
    expect(shown(worse.report)).toEqual(fourDigits(await desk.figures("2")));
    expect([worse.code, worse.report.verdict]).toEqual([1, "FAIL"]);
    // The baseline comes out of the cache.
    expect(desk.peer.asked).toHaveLength(1_600);
    const moved = Object.fromEntries((worse.report.comparison?.targets ?? []).map((each) => [each.name, each.shown]));
    expect(moved["Billing escalation recall"]).toBe("worse");
    expect(moved["Urgency accuracy"]).toBe("nothing");
  });

  test("killed in the middle it goes on under its id, asks nothing twice but what was in flight, and reports the same", async () => {
    const whole = await Desk.open(300);
    const expected = essence((await whole.evaluated("--prompt", "classifier@1", "--concurrency", "8")).report);

    const desk = await Desk.open(300, 15);
    const child = desk.start("run", SUITE, "--prompt", "classifier@1", "--concurrency", "8", "--json");
    while (desk.peer.asked.length < 120) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGKILL");
    await once(child, "close");
    const before = desk.peer.asked.length;
    const listed = JSON.parse((await desk.run("list", "--json")).out) as { items: EvalWithReport[] };
    const [left] = listed.items;
    expect(left).toMatchObject({ status: "running" });
    // What was answered and not on disk yet counts as in flight: a write takes what came in 20 ms.
    expect(before - (left?.done ?? 0)).toBeLessThanOrEqual(8 * 6);

    const { ended, report } = await desk.evaluated("--prompt", "classifier@1", "--concurrency", "8");
    expect(ended.eval_id).toBe(left?.eval_id);
    expect(desk.peer.asked.length).toBe(300 + before - (left?.done ?? 0));
    expect(essence(report)).toBe(expected);
  });

  test("Ctrl-C stops the asking and keeps what was answered; the same command goes on, --fresh begins anew", async () => {
    const desk = await Desk.open(200, 15);
    const child = desk.start("run", SUITE, "--concurrency", "4");
    let err = "";
    child.stderr?.on("data", (data: Buffer) => (err += data.toString()));
    while (desk.peer.asked.length < 60) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number];
    expect([code, err]).toEqual([130, expect.stringContaining("the same command goes on from there")]);
    const before = desk.peer.asked.length;
    expect(before).toBeLessThan(120);

    const { err: said } = await desk.run("run", SUITE, "--concurrency", "4");
    expect(said).toMatch(/Going on with evl_\w+: \d+ of 200 are done/);
    expect(desk.peer.asked.length).toBeLessThanOrEqual(200 + 4 * 6);
    const asked = desk.peer.asked.length;
    await desk.run("run", SUITE, "--fresh");
    expect(desk.peer.asked.length).toBe(asked + 200);
  });

  test("says what is wrong with the command, and what is near", async () => {
    const desk = await Desk.open(3);
    const wrong = async (...args: string[]): Promise<string> => {
      const { code, err } = await desk.within(...args);
      expect(code).toBe(2);
      return err;
    };
    expect(await wrong("run", "tikets")).toContain('Did you mean "tickets"?');
    expect(await wrong("run", SUITE, "--prompt", "classifier")).toContain("NAME@VERSION");
    expect(await wrong("run", SUITE, "--prompt", "classifier@3")).toContain('no version "3"');
    expect(await wrong("run", SUITE, "--prompt", "other@1")).toContain("of the prompt classifier");
    expect(await wrong("run", SUITE, "--baseline", "classifier@2")).toContain("name another version");
    expect(await wrong("run", SUITE, "--model", "pear/known")).toContain('no provider "pear"');
    expect(await wrong("run", SUITE, "--repeat", "0")).toContain("--repeat takes a whole number");
    expect(await wrong("run", SUITE, "--budget", "much")).toContain("--budget takes US dollars");
    expect(await wrong("run", SUITE, "--model", "peer/unpriced", "--budget", "1")).toContain(
      "price of peer/unpriced is unknown",
    );
    expect(await wrong("show", "evl_1")).toContain("no eval run");
    expect(desk.peer.asked).toHaveLength(0);
  });

  test("a budget ends it as undecided, and a larger one goes on", async () => {
    const desk = await Desk.open(100);
    const { code, out } = await desk.run("run", SUITE, "--budget", "0.1");
    expect(code).toBe(3);
    expect(out).toContain("budget of $0.1");
    const asked = desk.peer.asked.length;
    expect(asked * 0.002).toBeLessThanOrEqual(0.1);
    const { ended } = await desk.evaluated("--budget", "10");
    expect(ended.total).toBe(100);
    expect(desk.peer.asked).toHaveLength(100);
  });

  test("reports are written for build servers and pull requests", async () => {
    const desk = await Desk.open(20);
    const [junit, markdown] = [join(desk.dir, "r.xml"), join(desk.dir, "r.md")];
    await desk.run("run", SUITE, "--junit", junit, "--markdown", markdown);
    expect(await readFile(junit, "utf8")).toContain("<testsuite");
    expect(await readFile(markdown, "utf8")).toContain("| Category accuracy |");
  });
});
