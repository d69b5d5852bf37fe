import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compilePattern } from "./pattern.ts";

const SOURCES = [
  "^a+$", "^\\S+$", "^\\s*$", "[\\s]", "[\\Sx]", "^.$", "\\d{2,3}", "^[^@\\s]+@[^@\\s]+$", "\\u0041", "^\\/x", "(?<year>\\d{4})",
  "^(?:a|b)*c$", "[.]", "[\\]]\\.", "\\w-\\W", "^[\\w.+-]{1,5}$", "\\bx\\b", "a|^b", "^$", "é", "^[a-zà-ü]+$", "^\\p{Letter}+$", "[\\p{Lu}\\P{Number}]", "\\p{Script=Greek}",
]; // prettier-ignore

test.each(SOURCES)("%s matches what ECMA-262 matches", (source) => {
  const pattern = compilePattern(source);
  const native = new RegExp(source, "u");
  const unit = fc.oneof(
    fc.constantFrom(...Array.from("ab @.\\/x-0123A\n\r\t\u00a0\u2028\ufeffé")),
    fc.string({ unit: "binary", maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 6 }), (text) => {
      expect(pattern.test(text)).toBe(native.test(text));
    }),
  );
});

test.each([
  ["(?=a)b", "Lookahead and lookbehind"],
  ["(?<!a)b", "Lookahead and lookbehind"],
  ["(a)\\1", "Back-references"],
  ["(?<x>a)\\k<x>", "Back-references"],
  ["(", "missing closing )"],
  ["a{2000}", "invalid repeat count"],
])("%s is refused, with the reason", (source, reason) => {
  expect(() => compilePattern(source)).toThrow(reason);
});

test("no pattern hangs", () => {
  for (const source of ["^(a+)+$", "^(a|a)*$", "^(.*)*x$"])
    expect(compilePattern(source).test(`${"a".repeat(200_000)}!`)).toBe(false);
});
