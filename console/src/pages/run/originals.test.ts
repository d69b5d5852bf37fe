import { describe, expect, test } from "vitest";
import { originalsByToken, restored, seenMarks } from "./originals.ts";

const BODY = `[redacted:sensitive:${"a".repeat(22)}]`;
const MAIL = `[redacted:email:${"b".repeat(22)}]`;
const HIDDEN = { ticket: { id: "t", body: BODY, "a/b": [1, MAIL] }, reason: `says ${MAIL} there` };
const SHOWN = {
  ticket: { id: "t", body: "I was charged", "a/b": [1, "kim@example.com"] },
  reason: "says kim@example.com there",
};

describe("what was revealed", () => {
  test("is marked where it was redacted, and nowhere else", () => {
    expect([...seenMarks(HIDDEN, SHOWN).keys()]).toEqual(["/ticket/body", "/ticket/a~1b/1", "/reason"]);
    expect(seenMarks(HIDDEN, HIDDEN).size).toBe(0);
  });

  test("stands in other texts of the run for the same token", () => {
    const known = originalsByToken(HIDDEN, SHOWN);
    expect(restored(`Body: ${BODY}, by ${MAIL}`, known)).toBe("Body: I was charged, by kim@example.com");
    const other = `[redacted:sensitive:${"c".repeat(22)}]`;
    expect(restored(`${other} ${MAIL}`, known)).toBe(`${other} kim@example.com`);
  });
});
