import * as fc from "fast-check";
import { expect, test } from "vitest";
import { NotUtf8, utf8Text } from "./utf8.ts";

async function textOf(bytes: Uint8Array, size: number): Promise<string> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  let text = "";
  for await (const piece of utf8Text(pieces)) text += piece;
  return text;
}

test("text is the same whatever pieces its bytes come in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 5 }), async (text, size) => {
      expect(await textOf(Buffer.from(`\uFEFF${text}`), size)).toBe(text);
    }),
  );
});

test("bytes that are something else are refused with their line, also those that break off", async () => {
  for (const size of [1, 3, 100]) {
    await expect(textOf(Buffer.from("a\nb\nK\xfcche\nd", "latin1"), size)).rejects.toMatchObject({ line: 3 });
    await expect(textOf(Buffer.from("ab\nü").subarray(0, 4), size)).rejects.toBeInstanceOf(NotUtf8);
  }
});
