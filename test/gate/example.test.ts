import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import type { JsonObject } from "../../src/base/json.ts";
import { readConversation } from "../../src/model/in-context/conversation.ts";
import { Learner } from "../../src/model/in-context/learner.ts";
import { promptFromDocument } from "../../src/prompt/load.ts";
import { render } from "../../src/prompt/render.ts";
import { figure, readCases } from "./figures.ts";
import type { CaseRow, Pair, SuiteFile, Target } from "./figures.ts";
import { compareReport } from "./recompute.ts";
import type { ReportDocument } from "./recompute.ts";
import { Served } from "./served.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const example = join(root, "examples/support-triage");
const cases = "evals/support_ticket_classifier_regression";
const WORSE = "demo/worse/2026-11-24.1.yaml";
const readme = readFileSync(join(example, "README.md"), "utf8");
const suite = parse(readFileSync(join(example, cases, "suite.yaml"), "utf8")) as SuiteFile;

/** The commands of the README's section on a worse prompt, without "npx sluice". */
function commands(): string[][] {
  const [, block = ""] = /## Change a prompt for the worse[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme) ?? [];
  return block
    .trim()
    .split("\n")
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "").slice(2));
}

interface Evaluated {
  eval_id: string;
  baseline: string;
  report: ReportDocument;
}

test("the README's commands on a worse prompt do what it says: published, a FAIL, and refused with the table; what serves stays", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sluice-example-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  cpSync(example, dir, { recursive: true });
  // Every ninth case will do: this is about the commands. All of them are counted below.
  for (const file of readdirSync(join(dir, cases)).filter((name) => name.endsWith(".jsonl"))) {
    const lines = readFileSync(join(dir, cases, file), "utf8")
      .trimEnd()
      .split("\n");
    writeFileSync(join(dir, cases, file), `${lines.filter((_, i) => i % 9 === 0).join("\n")}\n`);
  }
  const served = await Served.start(dir, join(dir, "data"), "dev");
  const [push, evaluate, promote] = commands() as [string[], string[], string[]];

  expect(await served.run(...push)).toMatchObject({ code: 0 });
  const evaluated = await served.run(...evaluate);
  expect(evaluated, evaluated.stderr).toMatchObject({ code: 1 });
  expect(evaluated.stdout).toMatch(/Billing escalation recall \(critical\) +>= 98% +\d/);
  expect(evaluated.stdout).toContain("Verdict: FAIL");
  const refused = await served.run(...promote);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stdout + refused.stderr).toMatch(/Billing escalation recall \(critical\) +>= 98% +\d.*Fail/);
  expect(await served.get("/v1/releases/support_triage")).toMatchObject({
    number: 1,
    prompts: { classify: { version: "2026-11-23.1" } },
  });

  const { items } = await served.get<{ items: Evaluated[] }>("/v1/evals");
  const { eval_id: id, baseline } = items.find((each) => each.baseline !== null) as Evaluated;
  const { report } = await served.get<Evaluated>(`/v1/evals/${id}`);
  const rows = (each: string): Promise<CaseRow[]> => served.all<CaseRow>(`/v1/evals/${each}/cases`);
  const files = readCases(join(dir, cases), suite);
  const { found, compared } = compareReport({
    suite,
    cases: files,
    report,
    rows: await rows(id),
    baseline: await rows(baseline),
  });
  expect(found).toEqual([]);
  expect(compared).toBeGreaterThan(1_000);
}, 120_000);

test("over all cases the worse version loses a sixth of the escalations while accuracy moves by less than a point, as the README says", () => {
  const all = readCases(join(example, cases), suite);
  const [good, worse] = ["prompts/support_ticket_classifier/2026-11-23.1.yaml", WORSE].map((file) =>
    answersOf(file, all),
  ) as [Pair[], Pair[]];
  const value = (pairs: readonly Pair[], name: string): ReturnType<typeof figure> =>
    figure(pairs, suite.targets.find((each) => each.name === name) as Target);
  const recall = [good, worse].map((pairs) => value(pairs, "Billing escalation recall"));
  for (const { hits, cases: of } of recall) expect(readme.replaceAll(/\s+/g, " ")).toContain(`${hits} of ${of}`);
  expect((recall[0]?.value ?? 0) - (recall[1]?.value ?? 0)).toBeGreaterThan(0.15);
  for (const name of ["Category accuracy", "Urgency accuracy"])
    expect(Math.abs((value(good, name).value ?? 0) - (value(worse, name).value ?? 0)), name).toBeLessThan(0.01);
});

/** What a version's examples make of every case, without a server in between. */
function answersOf(file: string, all: ReturnType<typeof readCases>): Pair[] {
  const spec = promptFromDocument(parse(readFileSync(join(example, file), "utf8")) as JsonObject);
  let learner: Learner | undefined;
  return all.map((of) => {
    const conversation = readConversation(render(spec, of.input as JsonObject));
    learner ??= new Learner(spec.outputSchema.document as JsonObject, conversation.shots);
    const output = learner.answer(conversation) as JsonObject;
    const row = { case_id: of.id, dataset: of.dataset, outcome: "answered", output } as unknown as CaseRow;
    return { of, row };
  });
}
