import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { UsageError } from "../base/failure.ts";
import { readCases } from "../eval/case-files.ts";
import type { PlacedCase } from "../eval/case.ts";
import { readMapping } from "../eval/csv-mapping.ts";
import { createKeyring } from "../journal/keyring.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import { frozenClock } from "../testing/frozen-clock.ts";
import { Datasets } from "./datasets.ts";
import { loadProject } from "./project.ts";
import type { ProjectSuite } from "./load-suites.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-datasets-"));
const dataDir = join(folder, "data");
const keyring = createKeyring(Buffer.alloc(32, 7));
let store: SqliteStore;
let datasets: Datasets;
let name = "";
let made = 0;

beforeAll(async () => {
  mkdirSync(dataDir);
  store = await openSqliteStore({ dataDir, chainKey: keyring.chainKey, clock: frozenClock() });
  datasets = new Datasets(store, keyring);
});
beforeEach(() => {
  name = `cases-${++made}`;
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const line = (id: string, text = id): string => JSON.stringify({ id, input: { text }, expected: { intent: "other" } });

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function publish(lines: readonly string[]): Promise<{ version: number; fresh: boolean; hash: string }> {
  const draft = { name, kind: "golden", source: "import", by: "kim" } as const;
  const { version, fresh } = await datasets.publish(draft, readCases(bytes(lines.join("\n")), "jsonl", null));
  return { version: version.version, fresh, hash: version.hash };
}

async function cases(version: number): Promise<PlacedCase[]> {
  const found: PlacedCase[] = [];
  for await (const each of datasets.casesOf(await datasets.version(name, version))) found.push(each);
  return found;
}

async function refusal(action: Promise<unknown>): Promise<UsageError> {
  const error: unknown = await action.then(() => null, (thrown: unknown) => thrown); // prettier-ignore
  expect(error).toBeInstanceOf(UsageError);
  return error as UsageError;
}

describe("a dataset", () => {
  test("is read back as it was published, over several batches, each case with its place and hash", async () => {
    const ids = Array.from({ length: 450 }, (_, index) => `case ${index}`);
    await publish(ids.map((id) => line(id)));
    const read = await cases(1);
    expect(read.map(({ id }) => id)).toEqual(ids);
    expect(read[0]).toMatchObject({ dataset: name, kind: "golden", input: { text: "case 0" }, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string }); // prettier-ignore
    expect(await datasets.caseOf(await datasets.version(name), "case 449")).toEqual(read[449]);
    expect(await datasets.caseOf(await datasets.version(name), "case 450")).toBeNull();
  });

  test("is no new version where only the order changed, and is one where a case did", async () => {
    const first = await publish([line("a"), line("b")]);
    expect(await publish([line("b"), line("a")])).toEqual({ ...first, fresh: false });
    expect(await publish([line("a"), line("b", "other")])).toMatchObject({ version: 2, fresh: true });
    expect((await cases(1)).map(({ input }) => input["text"])).toEqual(["a", "b"]);
  });

  test("with mistakes is not published; each is told with its line", async () => {
    const error = await refusal(publish([line("a"), "{", line("a"), '{"id":"c"}']));
    expect([error.code, error.status]).toEqual(["bad_cases", 422]);
    expect(error.message).toBe("3 lines have mistakes; nothing was published.");
    expect(error.errors?.map(({ pointer }) => pointer)).toEqual(["/2", "/3", "/4"]);
    expect((await refusal(datasets.versions(name))).code).toBe("unknown_dataset");
  });

  test("that is empty, or whose name could stand in no address, is refused", async () => {
    expect((await refusal(publish([]))).code).toBe("no_cases");
    name = "a/b";
    expect((await refusal(publish([line("a")]))).code).toBe("bad_dataset_name");
  });

  test("is known by its near name", async () => {
    await publish([line("a")]);
    expect((await refusal(datasets.versions(name.replace("cases", "cases-")))).message).toMatch(/Did you mean/);
    expect((await refusal(datasets.version(name, 9))).message).toContain("the newest is 1");
  });

  test("lies sealed in the store's files, its ids too", async () => {
    await publish([line("secret-id", "a most unusual wombat")]);
    await store.snapshot(join(folder, "copy.db"));
    const files = [...readdirSync(dataDir).map((file) => join(dataDir, file)), join(folder, "copy.db")];
    const texts = files.map((file) => readFileSync(file).toString("latin1"));
    expect(texts.some((text) => text.includes("dataset_cases"))).toBe(true);
    for (const text of texts) expect(text).not.toMatch(/unusual wombat|secret-id/);
  });
});

describe("the files of a suite", () => {
  const dir = join(folder, "project");
  const file = join(dir, "evals/regression/golden.jsonl");

  async function suite(golden: string): Promise<ProjectSuite> {
    writeFileSync(file, golden);
    const { suites, problems } = await loadProject(dir);
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    return suites.get("regression") as ProjectSuite;
  }

  beforeAll(() => {
    for (const each of ["evals/regression", "prompts/classifier"]) mkdirSync(join(dir, each), { recursive: true });
    writeFileSync(
      join(dir, "prompts/classifier/1.yaml"),
      "name: classifier\nversion: '1'\nowner: a\nmodel: local/in-context\ninputs: [text]\noutput_schema: {type: object, required: [intent], properties: {intent: {type: string}}}\n",
    );
    writeFileSync(
      join(dir, "evals/regression/suite.yaml"),
      'name: regression\nprompt: classifier\ndatasets: [{file: golden.jsonl, kind: golden}, {dataset: shared, kind: edge}]\nscorers: scorers.ts\ntargets: [{name: A, metric: shouts, target: ">= 1%"}]\n',
    );
    writeFileSync(
      join(dir, "evals/regression/scorers.ts"),
      'import { loud } from "./loud.ts";\nexport const shouts = (each: { input: { text: string } }, output: { intent: string }): boolean => output.intent === loud(each.input.text);\nexport const fails = (): number => { throw new Error("no"); };\n',
    );
    writeFileSync(
      join(dir, "evals/regression/loud.ts"),
      "export const loud = (text: string): string => text.toUpperCase();\n",
    );
  });

  test("are published where they hold something new; what was imported is taken as it is", async () => {
    const loaded = await suite(`${line("a")}\n`);
    expect((await refusal(datasets.publishSuite(dir, loaded, "kim"))).code).toBe("unknown_dataset");
    name = "shared";
    await publish([line("s")]);
    expect((await refusal(datasets.publishSuite(dir, loaded, "kim"))).message).toMatch(
      /for edge; it was imported as golden/,
    );
    const draft = { name, kind: "edge", source: "import", by: "kim" } as const;
    await datasets.publish(draft, readCases(bytes(line("s")), "jsonl", null));
    const versions = await datasets.publishSuite(dir, loaded, "kim");
    expect(versions.map((each) => [each.name, each.version])).toEqual([["regression.golden", 1], ["shared", 2]]); // prettier-ignore
    expect(versions[0]?.hash).toBe(loaded.contents.get("regression.golden")?.hash);
    expect(await datasets.publishSuite(dir, loaded, "lee")).toEqual(versions);
    const changed = await suite(`${line("a")}\n${line("b")}\n`);
    expect((await datasets.publishSuite(dir, changed, "lee")).map(({ version }) => version)).toEqual([2, 2]);
  });

  test("have scorers whose hash is that of their code and of all it imports", async () => {
    const { scoring } = await suite(`${line("a")}\n`);
    const placed = { id: "a", input: { text: "hi" }, expected: null, tags: [] };
    expect(await scoring?.score(placed, { intent: "HI" })).toEqual({ scores: { shouts: 1, fails: null }, mistakes: { fails: "It threw: no" } }); // prettier-ignore
    writeFileSync(
      join(dir, "evals/regression/loud.ts"),
      "export const loud = (text: string): string => text.trim().toUpperCase();\n",
    );
    expect((await suite(`${line("a")}\n`)).scoring?.hash).not.toBe(scoring?.hash);
  });
});

test("a mapping of columns is the import of a newcomer's file", async () => {
  const { mapping } = readMapping({ text: "input.text", intent: "expected.intent" });
  const draft = { name, kind: "golden", source: "import", by: "kim" } as const;
  const csv = '\uFEFFtext,intent\r\n"Wo ist mein Geld, bitte?",refund\r\nüber,oos\r\n';
  await datasets.publish(draft, readCases(bytes(csv), "csv", mapping));
  expect((await cases(1)).map(({ input, expected }) => [input["text"], expected])).toEqual([
    ["Wo ist mein Geld, bitte?", { intent: "refund" }],
    ["über", { intent: "oos" }],
  ]);
});
