import { describe, expect, test } from "vitest";
import type { PromptVersion } from "../../../api/schema.gen.ts";
import { documentOf, inputLines, inputsOfLines, messagesOf, readJson, withMember } from "./document.ts";

describe("a prompt as it is edited", () => {
  test("is what the version says, without what is said about it, with that version as its way back", () => {
    const version = { name: "c", version: "1", hash: "x", file: "prompts/c/1.yaml", source: "file", owner: "support" };
    expect(documentOf(version as unknown as PromptVersion)).toEqual({
      name: "c",
      owner: "support",
      rollback_version: "1",
    });
  });

  test("has its inputs as lines that read back to the same", () => {
    const inputs = ["ticket.subject", { path: "ticket.body", redact: true }];
    expect(inputLines(inputs)).toBe("ticket.subject\nticket.body redact");
    expect(inputsOfLines("ticket.subject\n\n  ticket.body redact ")).toEqual(inputs);
  });

  test("may have no messages, or mistakes in their place", () => {
    expect(messagesOf({})).toEqual([]);
    expect(messagesOf({ messages: [null, { content: 3 }] })).toEqual([
      { role: "user", content: "" },
      { role: "user", content: "3" },
    ]);
  });

  test("loses a member that is not set any more", () => {
    expect(withMember({ owner: "a", risk: "high" }, "risk", undefined)).toEqual({ owner: "a" });
  });

  test("says at which line a text stops being JSON", () => {
    expect(readJson('{"a": 1}')).toEqual({ value: { a: 1 } });
    expect(readJson('{\n  "a": 1,\n  b\n}')).toMatchObject({ line: 3 });
  });
});
