import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readCases } from "./figures.ts";
import type { CaseRow, SuiteFile } from "./figures.ts";
import { compareReport } from "./recompute.ts";
import type { ReportDocument } from "./recompute.ts";

const USAGE = `Computes the report of an eval again, from its exported cases and the suite's own files, with nothing of Sluice in it.

  npm run -s figures -- URL EVAL_ID SUITE_FOLDER     the token in SLUICE_TOKEN, or credential.json in SLUICE_DATA
  npm run -s figures -- http://127.0.0.1:4780 evl_01k… examples/support-triage/evals/support_ticket_classifier_regression`;

function token(): string {
  const { SLUICE_TOKEN: given, SLUICE_DATA: data = ".sluice" } = process.env;
  if (given !== undefined) return given;
  return (JSON.parse(readFileSync(join(data, "credential.json"), "utf8")) as { token: string }).token;
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token()}` } });
  if (!response.ok) throw new Error(`${url} was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

async function rowsOf(url: string, id: string): Promise<CaseRow[]> {
  const rows: CaseRow[] = [];
  for (let more: string | null = ""; more !== null;) {
    const cursor = more === "" ? "" : `&cursor=${encodeURIComponent(more)}`;
    const page: { items: CaseRow[]; next_cursor: string | null } = await get(
      `${url}/v1/evals/${id}/cases?limit=200${cursor}`,
    );
    rows.push(...page.items);
    more = page.next_cursor;
  }
  return rows;
}

async function main([url, id, dir]: string[]): Promise<number> {
  if (url === undefined || id === undefined || dir === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const file = ["suite.yaml", "suite.yml", "suite.json"]
    .map((name) => join(dir, name))
    .find((each) => existsSync(each));
  if (file === undefined) throw new Error(`There is no suite in ${dir}.`);
  const suite = parse(readFileSync(file, "utf8")) as SuiteFile;
  const { report, baseline } = await get<{ report: ReportDocument; baseline: string | null }>(`${url}/v1/evals/${id}`);
  const { found, compared } = compareReport({
    suite,
    cases: readCases(dir, suite),
    report,
    rows: await rowsOf(url, id),
    ...(baseline === null ? {} : { baseline: await rowsOf(url, baseline) }),
  });
  process.stdout.write(`${[...found, `${compared} figures compared, ${found.length} differ.`].join("\n")}\n`);
  return found.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
