import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { exactInterval, oneSidedLower, pairedChance, stillNeeded } from "./arithmetic.ts";
import { BankModel } from "./bank-model.ts";
import type { Said } from "./bank-model.ts";
import { SUITE, writeBank } from "./bank.ts";
import { figure, readCases } from "./figures.ts";
import type { CaseRow } from "./figures.ts";
import { queries } from "./queries.ts";
import type { Query } from "./queries.ts";
import { compareReport } from "./recompute.ts";
import type { ReportDocument } from "./recompute.ts";
import { Served } from "./served.ts";

/** Of each urgent kind; three times as many tell 98 % from less with no miss. */
const MANY = 56;

interface EvalDocument {
  eval_id: string;
  status: string;
  verdict: string;
  baseline: string | null;
  report: ReportDocument;
}

interface Release {
  number: number;
  stage: string;
  prompts: { sort: { version: string } };
}

test("the arithmetic beside the report has the figures that are printed in textbooks", () => {
  // Clopper and Pearson's own examples, and the counts that the guides of Sluice name.
  expect(exactInterval(10, 10).low).toBeCloseTo(0.6915, 4);
  expect(exactInterval(3, 10)).toEqual({ low: expect.closeTo(0.0667, 4), high: expect.closeTo(0.6525, 4) });
  expect(oneSidedLower(59, 59)).toBeGreaterThan(0.95);
  expect([stillNeeded(100, 100, 0.98), stillNeeded(99, 100, 0.98), stillNeeded(98, 100, 0.98)]).toEqual([49, 136, 213]);
  expect(pairedChance(10, 1)).toBeCloseTo(0.0117, 4);
  expect(pairedChance(5, 5)).toBe(1);
});

test("a model that collapses on a few urgent classes is refused, though it is right about as often; every printed figure is what arithmetic has", async () => {
  const all = queries(MANY);
  const { model, served, second, dir } = await bank(all);

  const first = await evaluated(served, "1");
  expect(first).toMatchObject({ code: 0, document: { status: "done", verdict: "PASS" } });
  agrees(dir, first);
  modelSays(first.rows, all, (place) => model.said(1, place));

  const nothing = await served.run("release", "promote", "bank_sorting", "--prompt", "sort=2", "--reason", "shorter");
  expect(nothing.code, nothing.stdout).not.toBe(0);
  expect((await served.run("prompt", "push", second, "--reason", "shorter")).code).toBe(0);
  const unproven = await served.run("release", "promote", "bank_sorting", "--prompt", "sort=2", "--reason", "shorter");
  expect(unproven, unproven.stderr).toMatchObject({ code: 1 });
  expect(unproven.stdout + unproven.stderr).toContain("no evidence");

  const worse = await evaluated(served, "2", "--baseline", "bank_intents@1");
  expect(worse).toMatchObject({ code: 1, document: { verdict: "FAIL" } });
  agrees(dir, worse, first.rows);
  modelSays(worse.rows, all, (place) => model.said(2, place));
  const accuracy = ({ report }: EvalDocument): number =>
    report.targets.find(({ name }) => name === "Whole answer")?.value ?? 0;
  expect(Math.abs(accuracy(worse.document) - accuracy(first.document))).toBeLessThan(0.02);
  expect(worse.document.report.comparison?.targets.find(({ name }) => name === "Urgent recall")?.shown).toBe("worse");

  await raisedTo(served, "suggestion");
  const refused = await served.run("release", "promote", "bank_sorting", "--prompt", "sort=2", "--reason", "shorter");
  expect(refused, refused.stderr).toMatchObject({ code: 1 });
  const said = refused.stdout + refused.stderr;
  expect(said).toMatch(/Urgent recall \(critical\) +>= 98% +80\.\d+ % +Fail +135 of 168/);
  expect(await served.get<Release>("/v1/releases/bank_sorting")).toMatchObject({
    stage: "suggestion",
    prompts: { sort: { version: "1" } },
  });
}, 120_000);

async function bank(all: readonly Query[]): Promise<{ model: BankModel; served: Served; second: string; dir: string }> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-gate-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const model = new BankModel(all);
  const url = await model.start();
  onTestFinished(() => model.stop());
  const { second } = writeBank(dir, url, all);
  return { model, served: await Served.start(dir, join(dir, "data")), second, dir };
}

interface Evaluated {
  code: number;
  document: EvalDocument;
  rows: CaseRow[];
}

async function evaluated(served: Served, version: string, ...more: string[]): Promise<Evaluated> {
  const { code, stdout, stderr } = await served.run(
    "eval",
    "run",
    SUITE.name,
    "--prompt",
    `bank_intents@${version}`,
    "--json",
    ...more,
  );
  expect(stdout, stderr).not.toBe("");
  const { eval_id: id } = JSON.parse(stdout) as EvalDocument;
  const document = await served.get<EvalDocument>(`/v1/evals/${id}`);
  return { code, document, rows: await served.all<CaseRow>(`/v1/evals/${id}/cases`) };
}

function agrees(dir: string, { document, rows }: Evaluated, baseline?: readonly CaseRow[]): void {
  const cases = readCases(join(dir, "evals", SUITE.name), SUITE);
  const { found, compared } = compareReport({
    suite: SUITE,
    cases,
    report: document.report,
    rows,
    ...(baseline === undefined ? {} : { baseline }),
  });
  expect(found).toEqual([]);
  expect(compared).toBeGreaterThan(500);
}

/** The results are what the model meant, query by query, but for the one that never learns. */
function modelSays(rows: readonly CaseRow[], all: readonly Query[], meant: (place: number) => Said): void {
  const byId = new Map(rows.map((row) => [row.case_id, row]));
  const invalid = rows.filter(({ outcome }) => outcome !== "answered");
  expect(invalid.map(({ case_id }) => case_id)).toEqual([all[500]?.id]);
  for (const [place, { id }] of all.entries()) if (place !== 500) expect(byId.get(id)?.output).toEqual(meant(place));
  const recall = figure(
    rows.map((row) => pairOf(row, all)),
    SUITE.targets.find(({ name }) => name === "Urgent recall") as (typeof SUITE.targets)[number],
  );
  const urgent = all.flatMap(({ urgent: is }, place) => (is ? [place] : []));
  expect(recall.hits).toBe(urgent.filter((place) => meant(place).urgent).length);
}

function pairOf(row: CaseRow, all: readonly Query[]): Parameters<typeof figure>[0][number] {
  const { id, intent, urgent, channel } = all.find((query) => query.id === row.case_id) as Query;
  const of = { id, dataset: row.dataset, kind: "golden", input: { channel }, expected: { intent, urgent }, tags: [] };
  return { of, row };
}

async function raisedTo(served: Served, stage: string): Promise<void> {
  const raised = await served.run("release", "promote", "bank_sorting", "--stage", stage, "--reason", "it passes");
  expect(raised, raised.stdout + raised.stderr).toMatchObject({ code: 0 });
}
