import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** `npm test`: everything that has to hold before a change is kept, in order, with one summary at the end. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const USAGE =
  "npm test             everything\nnpm test -- --quick  without the tests that kill processes over and over";

type Check = { readonly name: string; readonly command: readonly string[] };
type Outcome = { readonly name: string; readonly passed: boolean; readonly seconds: number };
type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

const CHECKS: readonly Check[] = [
  { name: "format", command: ["oxfmt", "--check", "."] },
  { name: "lint", command: ["oxlint", "--type-aware"] },
  { name: "types", command: ["tsc"] },
  { name: "console types", command: ["tsc", "-p", "console"] },
  // The tests that drive a browser, and the size that the console may have, are about what is built here.
  { name: "console build", command: ["vite", "build", "console", "--logLevel", "warn"] },
  // What is published has to carry its types explicitly, so that they can be read without the compiler.
  { name: "public types", command: ["tsc", "-p", "tsconfig.build.json", "--noEmit"] },
  { name: "unused code", command: ["knip", "--no-config-hints"] },
];

async function main(args: string[]): Promise<number> {
  const { quick } = options(args);
  const cores = availableParallelism();
  process.stdout.write(`Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cores} cores\n`);
  const outcomes: Outcome[] = [];
  for (const check of CHECKS) outcomes.push(await perform(check, {}));
  const { outcome, counts } = await performTests(quick);
  outcomes.push(outcome);
  summarise(outcomes, counts);
  return outcomes.every(({ passed }) => passed) ? 0 : 1;
}

function options(args: string[]): { quick: boolean } {
  try {
    const { values } = parseArgs({ args, options: { quick: { type: "boolean", default: false } } });
    return { quick: values.quick };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    process.exit(2);
  }
}

async function performTests(quick: boolean): Promise<{ outcome: Outcome; counts: Counts }> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-test-"));
  try {
    const file = join(folder, "result.json");
    const command = ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const outcome = await perform({ name: "tests", command }, { SLUICE_TEST_QUICK: quick ? "1" : "0" });
    const counts = countTests(readFileSync(file, "utf8"));
    return { outcome: { ...outcome, passed: outcome.passed && counts.passed > 0 && counts.failed === 0 }, counts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type VitestResult = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { status: string }[];
  }[];
};

/** A file that could not even be loaded has no failed test, and is a failure all the same. */
function countTests(json: string): Counts {
  const result = JSON.parse(json) as VitestResult;
  const broken = result.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((each) => each.status === "failed"),
  );
  const failed = result.numFailedTests + broken.length;
  return { passed: result.numPassedTests, failed, skipped: result.numPendingTests };
}

function perform(check: Check, extra: NodeJS.ProcessEnv): Promise<Outcome> {
  process.stdout.write(`\n── ${check.name} ${"─".repeat(Math.max(0, 72 - check.name.length))}\n`);
  const started = performance.now();
  const [tool = "", ...args] = check.command;
  const path = [dirname(process.execPath), join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const child = spawn(tool, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...extra, PATH: path } });
  return new Promise((resolve) => {
    const end = (passed: boolean): void =>
      resolve({ name: check.name, passed, seconds: (performance.now() - started) / 1000 });
    child.on("exit", (code) => end(code === 0));
    child.on("error", (error) => {
      process.stderr.write(`${tool} could not be started (${error.message}); run npm ci first\n`);
      end(false);
    });
  });
}

function summarise(outcomes: readonly Outcome[], counts: Counts): void {
  const lines = outcomes.map(
    ({ name, passed, seconds }) =>
      `${passed ? "ok    " : "FAILED"}  ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s`,
  );
  // The only tests that are ever skipped drive a browser (test/console/browser.ts).
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} not run: no Chromium here (CHROMIUM_PATH names one)` : "";
  process.stdout.write(`\n── summary ${"─".repeat(65)}\n${lines.join("\n")}\n\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
}

process.exitCode = await main(process.argv.slice(2));
