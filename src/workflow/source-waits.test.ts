import { describe, expect, test } from "vitest";
import { contractSet } from "../contract/contract.ts";
import { compileContract } from "../contract/compile.ts";
import type { Contract } from "../contract/contract.ts";
import { loaded, parsed } from "../testing/drawn.ts";
import type { EventRef } from "./event-ref.ts";
import { waitMistakes } from "./source-waits.ts";

function contract(type: string, version: number, payment: object): Contract {
  const properties = { event: { const: type }, payment: { type: "object", properties: payment } };
  const text = JSON.stringify({ type: "object", properties });
  const { contract: made } = compileContract({ type, version, file: `events/${type}/${version}.schema.json`, text });
  return made as Contract;
}

const contracts = contractSet([
  contract("payment.received", 1, { order: { type: "string" } }),
  contract("refund.sent", 1, {}),
]);

/** `CODE:LINE FIX` of what is found; line 1 is the body's first. */
function found(
  body: string,
  given: { waitsFor?: readonly EventRef[]; top?: string; files?: Record<string, string> } = {},
): string[] {
  const { waitsFor = [], top = "", files = {} } = given;
  const before = `import { event, workflow } from "sluice";\n${top}\nexport default workflow("triage", { waitsFor: [] }, async (event_, ctx) => {\n`;
  const source = parsed("workflows/triage.ts", `${before}${body}\n});\n`);
  const others = Object.entries(files).map(([file, text]) => parsed(file, text));
  const offset = before.split("\n").length - 1;
  return waitMistakes({ ...loaded, waitsFor }, [source, ...others], contracts).map(
    ({ code, line = 0, fix = "", severity }) =>
      `${severity} ${code}:${line > offset ? line - offset : "above"}${fix === "" ? "" : ` ${fix}`}`,
  );
}

const PAID = { type: "payment.received" };

describe("a wait", () => {
  test("for a declared event of a known type, by what it has, has no mistakes", () => {
    const top = 'const paid = event("payment.received");';
    const body =
      'await ctx.waitFor("a", paid, { where: { "payment.order": event_.id, event_id: "x" }, timeout: "2d" });';
    expect(found(body, { top, waitsFor: [PAID] })).toEqual([]);
  });

  test("for an event that is not declared is warned of, with what to write", () => {
    const top = 'const paid = event("payment.received");';
    expect(found('\nawait ctx.waitFor("a", paid);', { top })).toEqual([
      "warning undeclared_wait:2 Declare it: waitsFor: [paid].",
    ]);
    expect(found('await ctx.waitFor("a", event("payment.received"));')).toEqual([
      'warning undeclared_wait:1 Declare it: waitsFor: [event("payment.received")].',
    ]);
  });

  test("is seen where the event comes from another file, or the wait is in a helper", () => {
    const files = {
      "events.ts":
        'import { event } from "sluice"; export const paid = event("payment.received"); export { paid as money };',
    };
    const top =
      'import { money } from "../events.ts";\nasync function later(ctx) { return await ctx.waitFor("a", money); }';
    expect(found("await later(ctx);", { top, files })).toEqual([
      "warning undeclared_wait:above Declare it: waitsFor: [money].",
    ]);
  });

  test("for an event without a contract, or a version that is not there, is a mistake", () => {
    expect(
      found('await ctx.waitFor("a", event("payment.recieved"));', { waitsFor: [{ type: "payment.recieved" }] }),
    ).toEqual(['error unknown_event:1 Did you mean "payment.received"?']);
    expect(found('await ctx.waitFor("a", event("payment.received", { version: 2 }));', { waitsFor: [PAID] })).toEqual([
      "error unknown_event:1 There is version 1.",
    ]);
  });

  test("by what no such event has is a mistake at that place", () => {
    const body =
      'await ctx.waitFor("a", event("payment.received"), {\n  where: { "payment.ordr": 1, [event_.path]: 2 },\n});';
    expect(found(body, { waitsFor: [PAID] })).toEqual(['error unknown_wait_path:2 Did you mean "order"?']);
  });

  test("for a text is told what to write", () => {
    expect(found('await ctx.waitFor("a", "payment.received");')).toEqual([
      'error not_an_event:1 Write: ctx.waitFor("NAME", event("payment.received"), { timeout: "2d" }).',
    ]);
    expect(found('await ctx.waitFor("a");')).toEqual([
      'error not_an_event:1 Write: ctx.waitFor("NAME", event("TYPE"), { timeout: "2d" }).',
    ]);
  });
});

describe("a declared event", () => {
  test("that no step waits for is warned of", () => {
    expect(found("", { waitsFor: [PAID] })).toEqual(["warning unused_wait:above Take it off the list."]);
  });

  test("is not, where what a step waits for cannot be seen", () => {
    expect(found('await ctx.waitFor("a", which(event_));', { waitsFor: [PAID] })).toEqual([]);
    expect(found("await elsewhere(ctx);", { waitsFor: [PAID] })).toEqual([]);
  });
});
