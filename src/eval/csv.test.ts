import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../base/json.ts";
import { readCases } from "./case-files.ts";
import type { EvalCase } from "./case.ts";
import { readMapping } from "./csv-mapping.ts";
import type { CsvMapping } from "./csv-mapping.ts";

interface Outcome {
  cases: EvalCase[];
  /** `line: message fix`. */
  mistakes: string[];
}

async function read(text: string | Uint8Array, mapping: CsvMapping | null, size = 1_000): Promise<Outcome> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)); // prettier-ignore
  const outcome: Outcome = { cases: [], mistakes: [] };
  for await (const each of readCases(
    (async function* () {
      yield* pieces;
    })(),
    "csv",
    mapping,
  )) {
    // prettier-ignore
    if ("case" in each) outcome.cases.push(each.case);
    else outcome.mistakes.push(`${each.line}: ${each.problem.message} ${each.problem.fix}`);
  }
  return outcome;
}

function mapped(columns: Json, constants: Json = {}, delimiter = ","): CsvMapping {
  const { mapping, problems } = readMapping(columns, constants, delimiter);
  expect(problems).toEqual([]);
  return mapping as CsvMapping;
}

const INTENTS = mapped({ id: "id", text: "input.query", intent: "expected.intent" });
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

describe("CSV as cases", () => {
  test("with quotes, line breaks in cells, umlauts, a byte order mark and Windows lines", async () => {
    const text =
      '\uFEFFid,text,intent,note\r\n1,"Sie sagte ""hallo"",\r\ndann nichts",greeting,x\r\n\r\n2,Rückerstattung für Müller,refund,\r\n';
    expect(await read(text, INTENTS, 3)).toEqual({
      cases: [
        { id: "1", input: { query: 'Sie sagte "hallo",\r\ndann nichts' }, expected: { intent: "greeting" }, tags: [] },
        { id: "2", input: { query: "Rückerstattung für Müller" }, expected: { intent: "refund" }, tags: [] },
      ],
      mistakes: [],
    });
  });

  test("cells become what the mapping says", async () => {
    const mapping = mapped({ t: "input.a.b", n: "expected.n:number", y: "expected.y:boolean", j: "input.j:json", tags: "tags" }, { "input.a.channel": "email", "expected.k": 1 }); // prettier-ignore
    const { cases, mistakes } = await read('t,n,y,j,tags\nx, 1.50 ,Yes,"{""k"":[1]}",a;b | c\n', mapping);
    expect(mistakes).toEqual([]);
    expect(cases).toMatchObject([
      { input: { a: { b: "x", channel: "email" }, j: { k: [1] } }, expected: { n: 1.5, y: true, k: 1 }, tags: ["a", "b", "c"] },
    ]); // prettier-ignore
  });

  test("columns that are called what they are need no mapping", async () => {
    const { cases } = await read("id,input.query,expected.intent,remark\n7,hi,greeting,x\n", null);
    expect(cases).toEqual([{ id: "7", input: { query: "hi" }, expected: { intent: "greeting" }, tags: [] }]);
  });

  test("rows without an id get one that stays when rows move; equal rows stay apart", async () => {
    const mapping = mapped({ text: "input.query", intent: "expected.intent" });
    const ids = async (text: string): Promise<string[]> => (await read(text, mapping)).cases.map(({ id }) => id);
    const [a, b, again] = await ids("text,intent\nhi,greeting\nbye,farewell\nhi,greeting\n");
    expect(again).toBe(`${a}_2`);
    expect(await ids("text,intent\nbye,farewell\nhi,greeting\n")).toEqual([b, a]);
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    ["a row with a cell too few", "id,text,intent\n1,hi,x\n2,hi\n", /^3: The row has 2 cells; the header has 3/],
    ["a cell too many", "id,text,intent\n1,hi, there,x\n", /^2: The row has 4 cells/],
    ["an empty label", "id,text,intent\n1,hi,\n", /^2: The cell of "intent" is empty.*expected\.intent/],
    ["an empty id", "id,text,intent\n ,hi,x\n", /^2: The cell of "id" is empty/],
    ["a quote in the middle", 'id,text,intent\n1,"a" b,x\n', /^2: Not readable as CSV.*doubled/],
    ["a quote within a cell that has none", 'id,text,intent\n1,a"b,x\n', /^2: Not readable as CSV/],
    ["a quote that is never closed", 'id,text,intent\n1,"a,x\n2,b,y\n', /Not readable as CSV/],
    ["Latin-1", Buffer.from("id,text,intent\n1,ok,x\n2,K\xfcche,x\n", "latin1"), /^3: The line is not UTF-8.*iconv/],
    ["a column that is not there", "id,txt,intent\n1,hi,x\n", /^1: There is no column "text". Did you mean "txt"/],
    ["a column twice", "id,text,text,intent\n1,a,b,x\n", /^1: 2 columns are called "text"/],
    ["another delimiter", "id;text;intent\n1;hi;x\n", /^1: The header is one column.*--delimiter ";"/],
    ["nothing at all", "", /^1: The file is empty/],
  ])("%s is told with its line", async (_what, text, mistake) => {
    const { mistakes } = await read(text, INTENTS);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(mistake);
  });

  test("a header that says nothing, without a mapping, is answered with one to start from", async () => {
    expect((await read("my text,label\nhi,x\n", null)).mistakes).toEqual([
      expect.stringMatching(/"my text", "label".*--map 'my text=input\.text' --map label=expected\.label/),
    ]);
  });

  test("another delimiter is told also where quotes make no sense without it", async () => {
    const { mistakes } = await read('id;text;label\n1;"Hallo; ""du""";x\n', null);
    expect(mistakes).toEqual([expect.stringMatching(/^1: The header is one column.*--delimiter ";"/)]);
  });

  test("a mistake in one row does not hide those of others", async () => {
    const { cases, mistakes } = await read("id,text,intent\n1,hi\n2,ok,x\n3,ok,\n", INTENTS);
    expect([cases.length, mistakes.length]).toEqual([1, 2]);
  });

  test("what was written is what is read, whatever is in the cells and pieces", async () => {
    const text = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((each) => each.trim() !== "" && each.isWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1 }), fc.integer({ min: 1, max: 9 }), async (rows, size) => {
        const lines = rows.map(([query, intent], index) => `${index},${cell(query)},${cell(intent)}`);
        const { cases, mistakes } = await read(["id,text,intent", ...lines].join("\r\n"), INTENTS, size);
        expect(mistakes).toEqual([]);
        expect(cases.map((each) => [each.input["query"], (each.expected as { intent: string }).intent])).toEqual(rows);
      }),
    ); // prettier-ignore
  });

  test("any bytes are cases or mistakes with a line", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (tail) => {
        const { mistakes } = await read(Buffer.concat([Buffer.from("id,text,intent\n"), tail]), INTENTS, 7);
        for (const mistake of mistakes) expect(mistake).toMatch(/^\d+: \S/);
      }),
    );
  });
});

describe("a mapping", () => {
  test.each<[string, Json, Json, string, RegExp]>([
    ["of nothing", {}, {}, ",", /^\/map names the columns/],
    ["to no part of a case", { a: "inputs.x" }, {}, ",", /leads to "inputs".*Did you mean "input"/],
    ["into an id", { a: "id.x" }, {}, ",", /"id" alone/],
    ["to the whole input as text", { a: "input" }, {}, ",", /input:json/],
    ["to no type", { a: "input.x:nubmer" }, {}, ",", /no such type.*number/],
    ["of two columns to one place", { a: "input.x", b: "input.x" }, {}, ",", /same place as/],
    ["of one into another", { a: "input.x", b: "input.x.y" }, {}, ",", /same place as/],
    ["to what every object has", { a: "input.__proto__.x" }, {}, ",", /no path/],
    ["with the same id for all", { a: "input.x" }, { id: "1" }, ",", /cannot be the same/],
    ["with cells between nothing", { a: "input.x" }, {}, "", /one character/],
  ])("%s is refused", (_what, map, set, delimiter, message) => {
    const { mapping, problems } = readMapping(map, set, delimiter);
    expect(mapping).toBeNull();
    expect(problems.map((each) => `${each.pointer} ${each.message}`).join("\n")).toMatch(message);
  });
});
