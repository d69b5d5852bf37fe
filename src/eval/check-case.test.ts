import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../base/json.ts";
import { caseDocument, caseHash, checkCase } from "./check-case.ts";
import { DatasetHash } from "./dataset-hash.ts";
import { readJsonl, uniqueCases } from "./read-cases.ts";
import type { ReadCase } from "./read-cases.ts";

const GOOD = { id: "1", input: { text: "hi" }, expected: { intent: "greeting" } };

async function all(cases: AsyncIterable<ReadCase>): Promise<ReadCase[]> {
  const found: ReadCase[] = [];
  for await (const each of cases) found.push(each);
  return found;
}

describe("a case", () => {
  test.each<[string, Json, RegExp]>([
    ["no object", [1], /^ A case is an object/],
    ["half a case", { id: "1" }, /^ The case has no input and no expected\./],
    ["a number for an id", { ...GOOD, id: 7 }, /^\/id The id.*quotes: "7"/],
    ["an id of two lines", { ...GOOD, id: "a\nb" }, /one line/],
    ["a text for input", { ...GOOD, input: "hi" }, /^\/input/],
    ["a key nobody reads", { ...GOOD, expcted: 1 }, /^\/expcted .*"expected"/],
    ["a predicate that is none", { ...GOOD, expected: { n: { $mn: 3 } } }, /^\/expected\/n\/\$mn .*no operator/],
    ["tags that are no words", { ...GOOD, tags: "a" }, /^\/tags/],
    ["a tool that answers nothing", { ...GOOD, tools: { load: {} } }, /^\/tools\/load .*result or an error/],
    ["a tool's error without a class", { ...GOOD, tools: { load: [{ error: "x" }] } }, /^\/tools\/load\/0\/error/],
    ["a tool's answer of other shape", { ...GOOD, tools: { load: { result: 1, reslt: 2 } } }, /"reslt".*"result"/],
  ])("with %s is told of it by pointer", (_what, document, message) => {
    const { problems } = checkCase(document);
    expect(problems).toHaveLength(1);
    expect(problems.map((each) => `${each.pointer} ${each.message} ${each.fix}`).join()).toMatch(message);
  });

  test("says the same however it is written, and is read back as it was", () => {
    const written = { expected: null, tags: [], source: null, input: { b: 1, a: [false] }, id: "x" };
    const { case: read } = checkCase(written);
    expect(read).not.toBeNull();
    if (read === null) return;
    expect(caseDocument(read)).toEqual({ id: "x", input: { a: [false], b: 1 }, expected: null });
    expect(caseHash(read)).toBe(caseHash({ id: "x", input: { a: [false], b: 1 }, expected: null, tags: [] }));
    expect(caseHash(read)).not.toBe(caseHash({ ...read, id: "y" }));
  });

  test("is a case or mistakes, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (input, expected) => {
        const { case: read, problems } = checkCase({ id: "1", input, expected } as Json);
        expect(problems.length === 0).toBe(read !== null);
      }),
    );
  });
});

describe("lines of cases", () => {
  const line = (id: string): string => JSON.stringify({ ...GOOD, id });

  test("are told apart by their ids, in one file and in several", async () => {
    const seen = new Map<string, string>();
    const first = await all(
      uniqueCases(readJsonl([line("1"), "", line("1")]), seen, (at) => `on line ${at} of a.jsonl`),
    );
    expect(first[1]).toMatchObject({ line: 3, problem: { code: "duplicate_case", message: 'The case "1" is on line 1 of a.jsonl too.' } }); // prettier-ignore
    expect(await all(uniqueCases(readJsonl([line("1")]), seen))).toMatchObject([
      { problem: { code: "duplicate_case" } },
    ]);
  });

  test.each<[string, string, RegExp]>([
    ["not JSON", "{id: 1}", /syntax Not JSON.*column 2/],
    ["a key twice", '{"id":"1","input":{},"input":{"a":1},"expected":1}', /syntax \/input/],
    ["an id that no double holds", '{"id":"1","input":{"n":12345678901234567890},"expected":1}', /syntax \/input\/n/],
    ["half a character", '{"id":"1","input":{"a":"\\ud800"},"expected":1}', /syntax \/input\/a/],
    ["more than a line may hold", `{"id":"${"x".repeat(1_048_576)}"}`, /too_long/],
  ])("with %s are told of it", async (_what, text, mistake) => {
    const [read] = await all(readJsonl([text]));
    expect(read !== undefined && "problem" in read && `${read.problem.code} ${read.problem.message}`).toMatch(mistake);
  });
});

test("moving cases changes nothing about a dataset; its kind and any of its cases do", () => {
  const hash = (kind: "golden" | "edge", hashes: readonly string[]): string => {
    const dataset = new DatasetHash(kind);
    for (const each of hashes) dataset.add(each);
    expect(dataset.cases).toBe(hashes.length);
    return dataset.digest();
  };
  const [a, b] = ["0a".repeat(32), "ff".repeat(32)] as const;
  expect(hash("golden", [a, b])).toBe(hash("golden", [b, a]));
  expect(
    new Set([hash("golden", [a, b]), hash("edge", [a, b]), hash("golden", [a]), hash("golden", [a, a])]).size,
  ).toBe(4);
});
