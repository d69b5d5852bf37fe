import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../base/json.ts";
import { checkReply, checkRules, confidenceOf, readLeniently } from "./check.ts";
import { promptFromDocument } from "./load.ts";
import { repairMessages } from "./repair.ts";
import type { PromptSpec } from "./spec.ts";
import { parseStrictJson } from "./strict-json.ts";

const OPEN: JsonObject = { type: "object", additionalProperties: true };
const CATEGORY: JsonObject = {
  type: "object",
  required: ["category", "confidence"],
  properties: { category: { enum: ["billing", "bug"] }, confidence: { type: "number", minimum: 0, maximum: 1 } },
};

function prompt(output_schema: JsonObject = CATEGORY, more: JsonObject = {}): PromptSpec {
  return promptFromDocument({ name: "p", version: "1", owner: "o", model: "m", inputs: ["a"], output_schema, ...more });
}

const said = (text: string) => checkReply(prompt(), { text, finishReason: "stop" });

function reads(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("a reply", () => {
  test("that is JSON and fits the schema is valid", () => {
    expect(said(' {"category": "bug", "confidence": 0.5}\n')).toEqual({
      verdict: "valid",
      output: { category: "bug", confidence: 0.5 },
    });
    expect(checkReply(prompt(), { text: '{"category":"bug","confidence":1}', finishReason: "other" }).verdict).toBe(
      "valid",
    );
  });

  test.each([
    ["a code fence", '```json\n{"category":"bug","confidence":1}\n```', "not_json"],
    ["words before it", 'Here you go: {"category":"bug","confidence":1}', "not_json"],
    ["words after it", '{"category":"bug","confidence":1} Hope this helps!', "not_json"],
    ["a second value", '{"category":"bug","confidence":1}{}', "not_json"],
    ["single quotes", "{'category':'bug','confidence':1}", "not_json"],
    ["a trailing comma", '{"category":"bug","confidence":1,}', "not_json"],
    ["a comment", '{"category":"bug","confidence":1/* sure */}', "not_json"],
    ["a cut end", '{"category":"bug","confid', "not_json"],
    ["NaN", '{"category":"bug","confidence":NaN}', "not_json"],
    ["nothing", "  ", "not_json"],
    ["a byte order mark", '\uFEFF{"category":"bug","confidence":1}', "not_json"],
    ["a key twice", '{"category":"bug","category":"billing","confidence":1}', "duplicate_keys"],
    [
      "the same key spelled with an escape",
      '{"category":"bug","\\u0063ategory":"billing","confidence":1}',
      "duplicate_keys",
    ],
    ["an infinite number", '{"category":"bug","confidence":1e999}', "number_range"],
    ["half a character", '{"category":"\\ud83d","confidence":1}', "broken_text"],
    ["a prototype", '{"category":"bug","confidence":1,"__proto__":{}}', "forbidden_key"],
    ["a thousand levels", `${"[".repeat(1_000)}${"]".repeat(1_000)}`, "too_deep"],
    ["a value outside the enum", '{"category":"sales","confidence":1}', "schema"],
    ["a field too many", '{"category":"bug","confidence":1,"urgency":"high"}', "schema"],
    ["a field too few", '{"category":"bug"}', "schema"],
    ["a number as text", '{"category":"bug","confidence":"1"}', "schema"],
    ["no object at all", "null", "schema"],
  ])("with %s is invalid: %s", (_, text, code) => {
    const verdict = said(text);
    expect(verdict).toMatchObject({ verdict: "invalid", code });
    expect(verdict.verdict === "invalid" && verdict.problems.length).toBeGreaterThan(0);
  });

  test("an integer that a number cannot hold is invalid, not rounded", () => {
    const spec = prompt({ type: "object", properties: { id: { type: "integer" } } });
    expect(checkReply(spec, { text: '{"id":12345678901234567890}', finishReason: "stop" })).toMatchObject({
      code: "number_range",
      problems: [{ pointer: "/id" }],
    });
    expect(checkReply(spec, { text: '{"id":9007199254740991}', finishReason: "stop" }).verdict).toBe("valid");
  });

  test("what it may have meant is no verdict: it is guessed for a person's draft only, and not at any length", () => {
    const text = '```json\n{category: "bug", confidence: 1}\n```';
    expect(said(text)).toMatchObject({ verdict: "invalid", code: "not_json" });
    expect(readLeniently(text)).toEqual({ category: "bug", confidence: 1 });
    expect(readLeniently("I cannot say.")).toBeUndefined();
    // Guessing at this took twelve seconds.
    const started = performance.now();
    expect(said('"a '.repeat(60_000))).toMatchObject({ verdict: "invalid" });
    expect(readLeniently('"a '.repeat(60_000))).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test.each(["refusal", "content_filter", "length"] as const)(
    "stopped by %s is an outcome of its own, even around good JSON",
    (finishReason) => {
      const verdict = checkReply(prompt(), { text: '{"category":"bug","confidence":1}', finishReason });
      expect(verdict).toMatchObject({ verdict: "refused", code: finishReason });
    },
  );

  test("any JSON a serialiser writes is read back the same", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value, null, 1);
        // What the parser refuses on purpose has tests of its own.
        fc.pre(!/__proto__|\\ud[89a-f]|\d{16,}/i.test(text));
        expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) as Json });
      }),
    );
  });

  test("no text makes the parser throw, and none is accepted that JSON.parse refuses", () => {
    const pieces = fc.array(
      fc.constantFrom("{", "}", "[", "]", '"a"', '"b"', ":", ",", "1", "-", "e9", "true", " ", '"', "\\", "x"),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join("");
        const strict = parseStrictJson(text);
        expect(strict.ok || strict.code !== "not_json").toBe(reads(text));
      }),
    );
  });

  test("a key is twice in the same object only, however deep", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 }),
        fc.nat(5),
        (object, depth) => {
          const [key] = Object.keys(object) as [string];
          const inner = `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(key)}:0}`;
          const parsed = parseStrictJson(`${'[{"x":'.repeat(depth)}${inner}${"}]".repeat(depth)}`);
          expect(parsed.ok).toBe(false);
        },
      ),
    );
  });
});

describe("rules", () => {
  test("anything but true breaks a rule, and text says why", async () => {
    const problems = await checkRules(
      [
        { name: "holds", check: () => true },
        { name: "known plan", check: () => Promise.resolve("plan gold does not exist") },
        { name: "positive", pointer: "/amount", check: () => false },
        { name: "forgot to answer", check: () => undefined as unknown as boolean },
      ],
      {},
    );
    expect(problems.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
      ' The rule "known plan" does not hold: plan gold does not exist',
      '/amount The rule "positive" does not hold.',
      ' The rule "forgot to answer" does not hold.',
    ]);
  });

  test("a look-up that fails is not a broken rule", async () => {
    await expect(
      checkRules([{ name: "look up", check: () => Promise.reject(new Error("no connection")) }], {}),
    ).rejects.toThrow("no connection");
  });
});

describe("confidence", () => {
  test("is read where the spec says, and is null where there is none", () => {
    expect(confidenceOf(prompt(), { category: "bug", confidence: 0.4 })).toBe(0.4);
    expect(confidenceOf(prompt(OPEN), { confidence: 0.4 })).toBeNull();
    const nested: JsonObject = {
      type: "object",
      properties: { meta: { $ref: "#/$defs/meta" } },
      $defs: { meta: { type: "object", properties: { sure: { type: "number" } } } },
    };
    const spec = prompt(nested, { confidence: "/meta/sure" });
    expect(confidenceOf(spec, { meta: { sure: 0.9 } })).toBe(0.9);
    expect(confidenceOf(spec, { meta: {} })).toBeNull();
  });
});

describe("the repair call", () => {
  const asked = [{ role: "user", content: "Sort it." }] as const;

  test("shows the model its answer and what is wrong with it", () => {
    const [first, answer, request] = repairMessages(asked, '{"category":"sales"}', [
      { pointer: "/category", message: "must be one of billing, bug" },
    ]);
    expect(first).toEqual(asked[0]);
    expect(answer).toEqual({ role: "assistant", content: '{"category":"sales"}' });
    expect(request).toMatchObject({
      role: "user",
      content: expect.stringContaining("- /category: must be one of billing, bug") as unknown,
    });
  });

  test("stays short for an answer or a list of problems without end", () => {
    const problems = Array.from({ length: 500 }, (_, i) => ({ pointer: `/items/${i}`, message: "is wrong" }));
    const [, answer, request] = repairMessages(asked, "x".repeat(1_000_000), problems);
    expect(answer?.content.length).toBeLessThan(9_000);
    expect(answer?.content).toContain("[… 992000 characters left out …]");
    expect(request?.content).toContain("- and 480 more");
  });

  test("an empty answer is still an answer", () => {
    expect(repairMessages(asked, "", [])[1]).toEqual({ role: "assistant", content: "(no text)" });
  });
});
