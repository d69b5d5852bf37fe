import { expect, test } from "vitest";
import { splitLines } from "../base/lines.ts";
import { compileSchema } from "../base/schema.ts";
import { validateLines } from "./lines.ts";
import type { LineVerdict } from "./lines.ts";

const schema = compileSchema({ type: "object", required: ["a"], properties: { a: { type: "integer" } } });

async function verdicts(text: string): Promise<LineVerdict[]> {
  const found: LineVerdict[] = [];
  for await (const verdict of validateLines(schema, splitLines(text))) found.push(verdict);
  return found;
}

test("every line that is not blank has a verdict, under its own number", async () => {
  expect(await verdicts('{"a":1}\n\n{"a":"x"}\r\n{}\n{"a":\n[]')).toEqual([
    { line: 1, valid: true, errors: [] },
    { line: 3, valid: false, errors: [{ pointer: "/a", message: "must be integer, is string" }] },
    { line: 4, valid: false, errors: [{ pointer: "/a", message: "is required" }] },
    {
      line: 5,
      valid: false,
      errors: [{ pointer: "", message: "Not JSON: the text ends before the document does. (column 6)" }],
    },
    { line: 6, valid: false, errors: [{ pointer: "", message: "must be object, is array" }] },
  ]);
});

test("verdicts come as the lines do", async () => {
  async function* endless(): AsyncGenerator<string> {
    for (;;) yield '{"a":1}';
  }
  const first = await validateLines(schema, endless()).next();
  expect(first.value).toEqual({ line: 1, valid: true, errors: [] });
});

test("a line that says two things, or is read as another one than was written, is invalid as it is at every other door", async () => {
  expect(await verdicts('{"a":1,"a":2}\n{"a":9007199254740993}')).toMatchObject([
    { line: 1, valid: false, errors: [{ pointer: "/a" }] },
    { line: 2, valid: false, errors: [{ pointer: "/a" }] },
  ]);
});
