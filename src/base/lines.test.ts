import * as fc from "fast-check";
import { expect, test } from "vitest";
import { splitLines } from "./lines.ts";

async function linesOf(source: string | AsyncIterable<string | Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of splitLines(source)) lines.push(line);
  return lines;
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

test("lines end at line feeds, with or without a carriage return, and nowhere else", async () => {
  expect(await linesOf('\uFEFF{"a":1}\r\n\n"x\u2028y"\n')).toEqual(['{"a":1}', "", '"x\u2028y"']);
  expect(await linesOf("a\nb")).toEqual(["a", "b"]);
  expect(await linesOf("")).toEqual([]);
});

test("the size of the pieces a file comes in does not matter", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: "grapheme" })), fc.integer({ min: 1, max: 7 }), async (parts, size) => {
      const text = parts.join("\n");
      expect(await linesOf(inPieces(new TextEncoder().encode(text), size))).toEqual(await linesOf(text));
    }),
  );
});
