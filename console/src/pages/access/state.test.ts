import { describe, expect, test } from "vitest";
import type { Token } from "../../api/schema.gen.ts";
import { inOrder, stateOf } from "./state.ts";

const NOW = Date.parse("2026-05-29T12:00:00Z");

function token(more: Partial<Token>): Token {
  return {
    token_id: "tok_1",
    kind: "bearer",
    name: "desk",
    role: "operator",
    created_by: "ada",
    created_at: "2026-05-29T10:00:00Z",
    expires_at: null,
    revoked_at: null,
    ...more,
  };
}

describe("an entry of access", () => {
  test("is good until it is revoked or its time is over; a link waits to be used", () => {
    expect(stateOf(token({}), NOW)).toBe("good");
    expect(stateOf(token({ kind: "login", expires_at: "2026-05-29T12:00:01Z" }), NOW)).toBe("not used yet");
    expect(stateOf(token({ kind: "login", expires_at: "2026-05-29T12:00:00Z" }), NOW)).toBe("expired");
    expect(stateOf(token({ revoked_at: "2026-05-29T11:00:00Z", expires_at: "2026-05-29T11:30:00Z" }), NOW)).toBe(
      "revoked",
    );
  });

  test("stands before those that are over, the newest first", () => {
    const items = [
      token({ token_id: "old" }),
      token({ token_id: "gone", created_at: "2026-05-29T11:59:00Z", revoked_at: "2026-05-29T11:59:30Z" }),
      token({ token_id: "new", created_at: "2026-05-29T11:00:00Z" }),
    ];
    expect(inOrder(items, NOW).map(({ token_id: id }) => id)).toEqual(["new", "old", "gone"]);
  });
});
