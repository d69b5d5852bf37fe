import { expect, test } from "vitest";
import { STAGES, compareStages, isStage, lowerStage } from "./stage.ts";

test("stages are in order of what they allow", () => {
  expect(STAGES).toEqual(["off", "shadow", "suggestion", "partial", "narrow", "expanded"]);
  expect([...STAGES].reverse().sort(compareStages)).toEqual(STAGES);
});

test("what may be done is the lower of two stages", () => {
  expect([lowerStage("shadow", "narrow"), lowerStage("expanded", "partial"), lowerStage("off", "off")]).toEqual([
    "shadow",
    "partial",
    "off",
  ]);
});

test("only a stage is a stage", () => {
  expect(["off", "on", null, 3].map(isStage)).toEqual([true, false, false, false]);
});
