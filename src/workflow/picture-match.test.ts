import { describe, expect, test } from "vitest";
import { nodeMatcher } from "./picture-match.ts";

const nodeFor = nodeMatcher(
  [
    "trigger",
    "decide",
    "step:escalate",
    "step:wait ${…}",
    "step:wait ${…} days",
    "step:${…}",
    "step:@review:wait ${…}",
    "step:@review:@decision",
  ].map((id) => ({ id })),
);

describe("the node of a recorded name", () => {
  test.each([
    ["escalate", "step:escalate"],
    ["@decision", "decide"],
    ["@review:@decision", "step:@review:@decision"],
    ["wait 3", "step:wait ${…}"],
    ["wait 3 days", "step:wait ${…} days"],
    ["@review:wait 3", "step:@review:wait ${…}"],
    ["anything else", "step:${…}"],
    ["wait  days", "step:wait ${…} days"],
    ["wait days", "step:wait ${…}"],
  ])("%s is %s", (name, id) => {
    expect(nodeFor(name)).toBe(id);
  });

  test("is none for what the picture does not show", () => {
    expect(nodeFor("@review:escalate")).toBe(null);
    expect(nodeMatcher([{ id: "step:a" }])("b")).toBe(null);
  });

  test("takes what surrounds the part that varies as it is, not as a pattern", () => {
    const match = nodeMatcher([{ id: "step:a.b(${…})+${…}c" }]);
    expect(match("a.b(1)+2c")).toBe("step:a.b(${…})+${…}c");
    expect(match("axb(1)+2c")).toBe(null);
    expect(match("a.b()c")).toBe(null);
  });
});
