import { expect, test } from "vitest";
import { estimateTokens } from "./estimate.ts";

test("a call is taken to need rather too many tokens than too few, in any script", () => {
  const content = (text: string): number => estimateTokens([{ role: "user", content: text }], undefined, 0).inputTokens;
  // As GPT-4.1's tokenizer counts them: 10 words are 11 tokens, and 10 Chinese signs about 8.
  expect(content("The customer was charged twice for one month of service.")).toBeGreaterThanOrEqual(11);
  expect(content("客户本月被重复收费了")).toBeGreaterThanOrEqual(10);
});

test("the schema is counted, and the answer as long as it may be, or as is usual", () => {
  const messages = [{ role: "user" as const, content: "x" }];
  const schema = { type: "object", properties: { category: { type: "string" } } };
  const [without, whole] = [estimateTokens(messages, undefined, 50), estimateTokens(messages, schema, undefined)];
  expect(whole.inputTokens - without.inputTokens).toBeGreaterThan(15);
  expect([without.outputTokens, whole.outputTokens]).toEqual([50, 1_024]);
  expect(estimateTokens(messages, schema, undefined)).toEqual(whole);
});
