import { expect, test } from "vitest";
import { z } from "zod";
import { checkArguments, checkIds } from "./arguments.ts";
import { isTool, tool } from "./define.ts";
import type { Tool } from "./define.ts";

const escalate = tool("create_escalation", {
  effect: "write",
  description: "Opens an escalation.",
  args: {
    type: "object",
    required: ["ticket_id"],
    properties: {
      ticket_id: { type: "string" },
      reason: { type: "string", "x-sensitive": true },
      amount: { type: "number" },
    },
  },
  risk: "low",
  riskOf: ({ amount }) => ((amount ?? 0) > 100 ? "high" : "low"),
  ids: { "/ticket_id": async (id) => id === "tkt_1" || "is not a ticket", "/lines/*/sku": () => false },
  run: async ({ ticket_id }, { idempotencyKey }) => ({ escalation: `${ticket_id} ${idempotencyKey}` }),
});

test("what is not said has a careful default", () => {
  const plain = tool("load", { effect: "read", args: { type: "object" }, run: () => 1 });
  expect(plain).toMatchObject({
    kind: "other",
    risk: "high",
    timeoutMs: 30_000,
    idempotent: false,
    result: null,
    canReconcile: false,
    canSimulate: false,
  });
  expect([isTool(plain), isTool({ name: "load" }), isTool(null)]).toEqual([true, false, false]);
});

test("arguments are closed, and marked fields are known", () => {
  expect(checkArguments(escalate, { ticket_id: "a", reason: "b" })).toEqual([]);
  expect(checkArguments(escalate, { reason: 1, admin: true })).toEqual([
    { pointer: "/ticket_id", message: "is required" },
    { pointer: "/reason", message: "must be string, is number" },
    { pointer: "/admin", message: 'is not declared; declared here: "ticket_id", "reason", "amount"' },
  ]);
  expect(escalate.args.sensitive({ reason: "b" })).toEqual([{ pointer: "/reason", kind: "sensitive" }]);
});

test("ids are looked up where they are, and nowhere else", async () => {
  const { signal } = new AbortController();
  expect(await checkIds(escalate, { ticket_id: "tkt_1" }, signal)).toEqual([]);
  expect(await checkIds(escalate, { ticket_id: "x", lines: [{ sku: "a" }, {}, { sku: "b" }] }, signal)).toEqual([
    { pointer: "/ticket_id", message: "is not a ticket" },
    { pointer: "/lines/0/sku", message: "is not a known id" },
    { pointer: "/lines/2/sku", message: "is not a known id" },
  ]);
});

test("a look-up that fails is not an unknown id", async () => {
  const failing = { ids: { "": () => Promise.reject(new Error("down")) } };
  await expect(checkIds(failing, "x", new AbortController().signal)).rejects.toThrow("down");
});

test("riskOf can only raise the risk, and what it cannot say is high", () => {
  const risky = (riskOf: () => never): string => tool("t", { effect: "write", risk: "medium", args: { type: "object" }, riskOf, run: () => null }).riskOf({});
  expect([escalate.riskOf({ ticket_id: "a", amount: 5 }), escalate.riskOf({ ticket_id: "a", amount: 500 })]).toEqual(["low", "high"]);
  expect(risky(() => "low" as never)).toBe("medium");
  expect(risky(() => "none" as never)).toBe("high");
  expect(risky(() => { throw new Error("no"); })).toBe("high");
}); // prettier-ignore

test("every mistake of a definition is told at once", () => {
  const wrong = {
    effect: "readwrite", kind: "gift", risk: "none", timeout: "soon", ids: { id: () => true },
    args: { type: "dict", properties: { a: { type: "float" } } },
    result: { foo: 1 },
  }; // prettier-ignore
  expect(() => tool("1 tool", wrong as never)).toThrow(
    expect.objectContaining({
      name: "RangeError",
      message: expect.stringMatching(
        /no tool name[^]*effect of[^]*read or write[^]*kind of[^]*risk of[^]*"run"[^]*"\/id"[^]*args schema[^]*\/type[^]*\/properties\/a\/type[^]*result schema[^]*timeout/,
      ),
    }),
  );
  expect(() => tool("t", { effect: "read", run: () => 1 } as never)).toThrow("it is missing");
});

test("the hash changes with what can be compared", () => {
  const make = (description: string): string =>
    tool("t", { effect: "read", description, args: { type: "object" }, run: () => 1 }).hash;
  expect(make("a")).toBe(make("a"));
  expect(make("a")).not.toBe(make("b"));
});

test("types flow from the schema and the handler", async () => {
  const load = tool("load_account", {
    effect: "read",
    args: z.object({ customer_id: z.string() }),
    run: async ({ customer_id }) => ({ plan: customer_id.length > 3 ? "pro" : "free" }),
  });
  const typed: Tool<{ customer_id: string }, { plan: string }, "read"> = load;
  const literal: Tool<{ ticket_id: string; reason?: string; amount?: number }, { escalation: string }, "write"> =
    escalate;
  // @ts-expect-error a write is no read
  const wrong: Tool<never, { escalation: string }, "read"> = escalate;
  expect([typed.effect, literal.effect, wrong.name]).toEqual(["read", "write", "create_escalation"]);
  expect(checkArguments(load, { customer_id: 1 })).toHaveLength(1);
});
