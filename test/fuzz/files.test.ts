import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { checkProject } from "../../src/app/check.ts";
import { loadProject } from "../../src/app/project.ts";
import type { FileProblem } from "../../src/base/failure.ts";
import type { Json } from "../../src/base/json.ts";
import { splitLines } from "../../src/base/lines.ts";
import { compileSchema } from "../../src/base/schema.ts";
import { validateLines } from "../../src/contract/lines.ts";
import { ticket } from "../../src/testing/sample-project.ts";
import { PROMPT as SCENARIO_PROMPT, CONTRACT } from "../scenario/world.ts";
import { STACK, amount, mutated, mutatedText } from "./mutate.ts";

const PROMPT: Json = {
  ...SCENARIO_PROMPT,
  model: "local/in-context",
  temperature: 0,
  messages: [{ role: "system", content: "Classify." }, { role: "user", content: "{% if ticket.body %}{{ ticket.body | upcase }}{% endif %}" }],
  confidence: "/confidence",
  repair: { attempts: 1 },
  limits: { timeout: "20s", max_output_tokens: 100 },
  eval_suite: "regression",
  examples: [{ input: { ticket: { body: "x" } }, output: { category: "other", urgency: "low", confidence: 1 } }],
}; // prettier-ignore

const CONFIG: Json = {
  port: 0,
  host: "127.0.0.1",
  lease: "10s",
  concurrency: 5,
  providers: { acme: { baseUrl: "http://127.0.0.1:1/v1", apiKeyEnv: "ACME_KEY", headers: { a: "b" } } },
  prices: { "acme/m": { inputPerMillion: 1, outputPerMillion: 2 } },
  logLevel: "info",
};

const SUITE: Json = {
  name: "regression",
  prompt: "classifier",
  datasets: [{ file: "golden.jsonl", kind: "golden" }],
  slices: ["customer.plan"],
  targets: [
    { name: "Category accuracy", metric: "accuracy", field: "category", target: ">= 95%" },
    { name: "Recall", metric: "recall", positive: { category: "billing" }, target: ">= 98%", critical: true },
  ],
};

const CASE: Json = { id: "1", input: { ticket: { body: "x" } }, expected: { category: "other" }, tags: ["a"] };
const ALERTS: Json = { alerts: [{ metric: "schema_failure_rate", threshold: "> 1%", window: "1h" }] };

const golden = "evals/regression/golden.jsonl";

/** The files of a project that are data, as documents. */
const FILES: Readonly<Record<string, Json>> = {
  "sluice.config.json": CONFIG,
  "events/ticket.created/1.schema.json": CONTRACT,
  "prompts/classifier/1.yaml": PROMPT,
  "evals/regression/suite.yaml": SUITE,
  [golden]: CASE,
  "alerts.yaml": ALERTS,
};

const asText = (file: string, document: Json): string =>
  file.endsWith(".yaml") ? stringify(document) : JSON.stringify(document);

/** YAML as it means more than JSON does. */
const YAML_GAMES = [
  "a: &a [x]\nb: *a\nc: *b\n",
  `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(",")}]`).join("\n")}\n`,
  "&a [*a]\n",
  "? [complex, key]\n: value\n",
  "<<: {name: x}\n",
  "!!js/function 'return 1'\n",
  "!!binary aGVsbG8=\n",
  "!!set {a, b}\n",
  "name: 2026-05-29\nversion: 1.0\nmodel: yes\n",
  "--- a\n--- b\n",
  "%YAML 9.9\n---\nname: x\n",
  `${"- ".repeat(5_000)}x\n`,
  `${"{a: ".repeat(3_000)}1${"}".repeat(3_000)}\n`,
  `${Array.from({ length: 3_000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")}\n`,
  "name: \"\\ud800\"\n",
  "name: !!float .nan\n",
  "__proto__: {name: x}\nconstructor: 1\n",
  "\t\tname: x\n",
  "name: |\n  a\n b\n",
]; // prettier-ignore

const file = fc.constantFrom(...Object.keys(FILES));
const change: fc.Arbitrary<readonly [string, Buffer]> = file.chain((path) => {
  const document = fc.constant(FILES[path] as Json);
  const text = asText(path, FILES[path] as Json);
  return fc
    .oneof(
      // JSON is YAML too.
      { weight: 6, arbitrary: mutated(document) },
      { weight: 4, arbitrary: mutatedText(fc.constant(text)) },
      {
        weight: path.endsWith(".yaml") ? 2 : 0,
        arbitrary: fc.constantFrom(...YAML_GAMES).map((game) => Buffer.from(game)),
      },
      { weight: path.endsWith(".yaml") ? 2 : 0, arbitrary: mutatedText(fc.constantFrom(...YAML_GAMES)) },
    )
    .map((bytes) => [path, bytes] as const);
});

const root = mkdtempSync(join(tmpdir(), "sluice-fuzz-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(dir: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content);
}

function writeAll(dir: string): void {
  for (const [path, document] of Object.entries(FILES)) write(dir, path, asText(path, document));
}

async function problemsOf(dir: string): Promise<FileProblem[]> {
  const env = { HOME: root, ACME_KEY: "k" };
  const problems = await checkProject(await loadProject(dir, { env }), env);
  // Code is left out: it would be loaded anew each time, and stays loaded.
  return problems.filter(({ code }) => code !== "no_workflows");
}

function expectTold(problems: readonly FileProblem[], what: string): void {
  for (const { file: path, line, code, message, fix = "" } of problems) {
    expect(`${message}\n${fix}`, what).not.toMatch(STACK);
    expect(`${message}\n${fix}`, what).not.toContain(root);
    expect(message.length, what).toBeGreaterThan(5);
    expect(message.length + fix.length, what).toBeLessThan(10_000);
    expect(code, what).toMatch(/^[a-z0-9_]+$/);
    expect(path, what).not.toBe("");
    if (line !== undefined) expect(line, what).toBeGreaterThan(0);
  }
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that are left after a collection. */
function held(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

describe("a project folder", () => {
  test("of any content is told of by file and line, and never thrown at", { timeout: 900_000 }, async () => {
    const dir = join(root, "any");
    writeAll(dir);
    expect((await problemsOf(dir)).filter(({ severity }) => severity === "error")).toEqual([]);
    const { numRuns, seed } = amount(700);
    const before = held();
    let wrong = 0;
    await fc.assert(
      fc.asyncProperty(change, async ([path, bytes]) => {
        write(dir, path, bytes);
        const what = `${path}: ${bytes.subarray(0, 400).toString("latin1")}`;
        const problems = await problemsOf(dir).finally(() => write(dir, path, asText(path, FILES[path] as Json)));
        if (problems.some(({ severity }) => severity === "error")) wrong++;
        expectTold(problems, what);
      }),
      { numRuns, seed },
    );
    const grown = held() - before;
    process.stdout.write(`${numRuns} project files from seed ${seed}: ${wrong} with mistakes, heap grew by ${(grown / 1e6).toFixed(1)} MB\n`); // prettier-ignore
    // Compiled schemas are kept, so many of them and no more.
    expect(grown).toBeLessThan(64e6);
    expect(wrong).toBeGreaterThan(numRuns / 4);
    expect((await problemsOf(dir)).filter(({ severity }) => severity === "error")).toEqual([]);
  });
});

describe("lines of JSON", () => {
  test("each have a verdict, whatever they hold", { timeout: 300_000 }, async () => {
    const schema = compileSchema(CONTRACT);
    const { numRuns, seed } = amount(400);
    await fc.assert(
      fc.asyncProperty(fc.array(mutated(fc.constant<Json>(ticket("evt_1", "x"))), { maxLength: 3 }), async (parts) => {
        const bytes = Buffer.concat(parts.flatMap((part) => [part, Buffer.from("\n")]));
        for await (const { valid, errors } of validateLines(schema, splitLines(chunks(bytes)))) {
          expect(valid).toBe(errors.length === 0);
          for (const { pointer, message } of errors) expect(`${pointer} ${message}`).not.toMatch(STACK);
        }
      }),
      { numRuns, seed },
    );
  });
});

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536);
}

const SLUICE = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));

interface Ended {
  code: number;
  output: string;
}

function sluice(...args: string[]): Promise<Ended> {
  const env = { PATH: process.env["PATH"], HOME: root, NO_COLOR: "1" };
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(process.execPath, [SLUICE, ...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
    resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, output: stdout + stderr });
  });
  return promise;
}

describe("the command line", () => {
  test("says of bad files what is wrong with them, and ends with 1 or 2", { timeout: 300_000 }, async () => {
    const { numRuns, seed } = amount(4);
    const samples = fc.sample(change, { numRuns, seed });
    const good = join(root, "schema.json");
    writeFileSync(good, JSON.stringify(CONTRACT));
    for (const [index, [path, bytes]] of samples.entries()) {
      const dir = join(root, `cli-${index}`);
      writeAll(dir);
      write(dir, path, bytes);
      const changed = join(dir, path);
      const calls = [
        ["check", "--dir", dir],
        ["validate", "--schema", good, "--data", changed],
        ["validate", "--schema", changed, "--data", join(dir, golden)],
        ["trigger", changed, "--dry-run", "--dir", dir],
      ];
      const ended = await Promise.all(calls.map(async (call) => ({ call, ...(await sluice(...call)) })));
      for (const { call, code, output } of ended) {
        expect([0, 1, 2], `${call.join(" ")}\n${output}`).toContain(code);
        expect(output, call.join(" ")).not.toMatch(STACK);
      }
    }
  });
});
