import { expect, test } from "vitest";
import { didYouMean, nearest } from "./suggest.ts";

test("a swapped, missing, extra or wrong letter still finds the name", () => {
  const names = ["confidence", "rollback_version", "model"];
  expect(nearest("cofnidence", names)).toBe("confidence");
  expect(nearest("rollback_verson", names)).toBe("rollback_version");
  expect(nearest("Modell", names)).toBe("model");
});

test("nothing is suggested where nothing is near", () => {
  expect(nearest("temperature", ["model", "owner"])).toBeUndefined();
  expect(nearest("x", ["model"])).toBeUndefined();
});

test("without a near name the known ones are listed, a dozen at most", () => {
  expect(didYouMean("modle", ["model"])).toBe('Did you mean "model"?');
  expect(didYouMean("zzz", ["openai", "local"])).toBe('Known: "openai", "local".');
  expect(didYouMean("zzz", [])).toBe("");
  const many = Array.from({ length: 15 }, (_, i) => `provider${i}`);
  expect(didYouMean("zzz", many)).toMatch(/"provider11" and 3 more\.$/);
});
