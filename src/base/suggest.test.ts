import { expect, test } from "vitest";
import { didYouMean, nearest } from "./suggest.ts";

test("a mistyped name suggests the near one", () => {
  expect(nearest("clasify", ["classify", "extract"])).toBe("classify");
  expect(nearest("calssify", ["classify"])).toBe("classify");
  expect(nearest("RUN", ["run"])).toBe("run");
  expect(nearest("billing", ["shipping", "extract"])).toBeUndefined();
});

test("with nothing near, what there is is listed", () => {
  expect(didYouMean("x1", ["classify"])).toBe('Known: "classify".');
  expect(didYouMean("x1", [])).toBe("");
  expect(
    didYouMean(
      "zzz",
      Array.from({ length: 20 }, (_, i) => `name_${i}`),
    ),
  ).toContain("and 8 more");
});
