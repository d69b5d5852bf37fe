import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../base/json.ts";
import { openModels } from "../registry.ts";
import { REPAIR_OPENING } from "../port.ts";
import type { Message, ModelReply, ModelRequest } from "../port.ts";
import { inContextApp, startInContextServer } from "./server.ts";

const SCHEMA: JsonObject = {
  type: "object",
  required: ["topic", "urgent", "confidence", "reason"],
  properties: {
    topic: { type: "string", enum: ["refund", "login", "outage", "other"] },
    urgent: { type: "boolean" },
    confidence: { type: "number", minimum: 0, maximum: 1 },
    reason: { type: "string", maxLength: 120 },
  },
};

/** Made up for this test: topic, urgent, text. */
const CASES: [string, boolean, string][] = [
  ["refund", false, "Please refund my last invoice, the amount is wrong"],
  ["refund", true, "Refund the double charge on my card today, my account is overdrawn"],
  ["refund", false, "When will the refund for the wrong invoice amount arrive?"],
  ["refund", true, "You charged my card twice, refund me today or I go to my bank"],
  ["refund", false, "Bitte erstatten Sie den falschen Rechnungsbetrag"],
  ["refund", false, "Erstattung der Rechnung noch nicht auf dem Konto angekommen"],
  ["login", false, "I cannot log in, the password reset mail does not arrive"],
  ["login", false, "Password reset link expired, cannot log in to my profile"],
  ["login", true, "Nobody in our company can log in since this morning, password is refused for all"],
  ["login", false, "Ich kann mich nicht anmelden, das Passwort wird abgelehnt"],
  ["login", false, "Anmelden mit neuem Passwort geht nicht, Link abgelaufen"],
  ["outage", true, "The whole site is down, all our users see error 500"],
  ["outage", true, "Your site is down again, error 500 for every user"],
  ["outage", true, "Die Seite ist nicht erreichbar, alle Nutzer sehen Fehler 500"],
  ["outage", true, "Dashboard down, error page for all users since noon"],
  ["other", false, "Thank you for the lovely conference talk"],
  ["other", false, "Do you sponsor a football club in our town?"],
  ["other", false, "Thank you, lovely support, have a good weekend"],
];

function shots(cases = CASES): Message[] {
  return cases.flatMap(([topic, urgent, text]): Message[] => [
    { role: "user", content: `Message: ${text}` },
    { role: "assistant", content: JSON.stringify({ topic, urgent, confidence: 0.9, reason: "by hand" }) },
  ]);
}

const models = openModels({ env: {}, startLocal: startInContextServer });
beforeAll(async () => void (await ask("warm up")));
afterAll(async () => await models.close());

async function call(messages: Message[], changes: Partial<ModelRequest> = {}): Promise<ModelReply> {
  return await models.call({
    provider: "local",
    model: "in-context",
    messages: [{ role: "system", content: "Sort the message." }, ...messages],
    outputSchema: SCHEMA,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    ...changes,
  });
}

interface Answer {
  topic: string;
  urgent: boolean;
  confidence: number;
  reason: string;
}

async function ask(text: string, examples = shots()): Promise<Answer> {
  const { text: answer } = await call([...examples, { role: "user", content: `Message: ${text}` }]);
  return JSON.parse(answer) as Answer;
}

describe("local/in-context", () => {
  test("answers like the nearest examples, in any of their languages, spelling mistakes included", async () => {
    expect(await ask("pasword reset dosn't work, can't log in")).toMatchObject({ topic: "login", urgent: false });
    expect(await ask("die seite zeigt allen nutzern fehler 500")).toMatchObject({ topic: "outage", urgent: true });
    expect(await ask("my card was charged twice, refund today!")).toMatchObject({ topic: "refund", urgent: true });
  });

  test("examples decide: with other labels the same question has another answer", async () => {
    const swapped = CASES.map(([topic, ...rest]): [string, boolean, string] => [
      topic === "login" ? "other" : topic,
      ...rest,
    ]);
    expect((await ask("the password reset mail does not arrive", shots(swapped))).topic).toBe("other");
  });

  test("left out one by one, most of the examples are answered right by the others, and the confident ones more often", async () => {
    const results: { right: boolean; confidence: number }[] = [];
    for (const [i, [topic, , text]] of CASES.entries()) {
      const answer = await ask(text, shots(CASES.filter((_, j) => j !== i)));
      results.push({ right: answer.topic === topic, confidence: answer.confidence });
    }
    const accuracy = (some: { right: boolean }[]): number => some.filter(({ right }) => right).length / some.length;
    results.sort((a, b) => b.confidence - a.confidence);
    expect(accuracy(results)).toBeGreaterThanOrEqual(0.7);
    expect(accuracy(results.slice(0, 9))).toBeGreaterThanOrEqual(accuracy(results.slice(9)));
  });

  test("confidence is low where the examples say nothing, and higher the nearer they are", async () => {
    const same = await ask("Your site is down again, error 500 for every user");
    const near = await ask("site down with error for our users");
    const foreign = await ask("Zebras graze quietly beneath purple mountains");
    expect(same.confidence).toBeGreaterThan(near.confidence);
    expect(near.confidence).toBeGreaterThan(foreign.confidence);
    expect(foreign.confidence).toBeLessThan(0.3);
    expect((await ask("")).confidence).toBeLessThan(0.3);
  });

  test("the reason names the evidence", async () => {
    const { reason } = await ask("the password reset mail is missing");
    expect(reason).toMatch(/^Nearest to example \d+ \(similarity 0\.\d\d\): .*"(password|reset|mail)"/);
  });

  test("reads examples written into the system message", async () => {
    const system = CASES.map(
      ([topic, urgent, text]) => `Input: ${text}\nOutput: ${JSON.stringify({ topic, urgent })}`,
    ).join("\n\n");
    const reply = await call([
      { role: "system", content: `Examples:\n${system}` },
      { role: "user", content: "error 500, site down" },
    ]);
    expect(JSON.parse(reply.text)).toMatchObject({ topic: "outage", urgent: true });
  });

  test("in a repair, a value that was refused gives way to the next best, and the rest stays", async () => {
    const question: Message = { role: "user", content: "Message: the password reset mail does not arrive" };
    const first = await call([...shots(), question]);
    const repair: Message = { role: "user", content: `${REPAIR_OPENING}\n- /topic: must not be login here` };
    const second = await call([...shots(), question, { role: "assistant", content: first.text }, repair]);
    expect(JSON.parse(first.text)).toMatchObject({ topic: "login" });
    const repaired = JSON.parse(second.text) as Answer;
    expect(repaired.topic).not.toBe("login");
    expect(SCHEMA).toMatchObject({
      properties: { topic: { enum: expect.arrayContaining([repaired.topic]) as unknown } },
    });
  });

  test("the same request has the same answer, byte for byte, also from another server", async () => {
    const messages = [...shots(), { role: "user", content: "charged twice" } as const];
    const [first, second] = [await call(messages), await call(messages)];
    expect(second.raw).toBe(first.raw);
    const other = openModels({ env: {}, startLocal: startInContextServer });
    const { raw } = await other.call({
      provider: "local",
      model: "in-context",
      messages: [{ role: "system", content: "Sort the message." }, ...messages],
      outputSchema: SCHEMA,
      timeoutMs: 5_000,
      signal: new AbortController().signal,
    });
    await other.close();
    expect(raw).toBe(first.raw);
  });

  test("an answer beyond max_tokens is cut and says so; tokens are counted", async () => {
    const reply = await call([...shots(), { role: "user", content: "charged twice" }], { maxOutputTokens: 5 });
    expect(reply).toMatchObject({ finishReason: "length", usage: { outputTokens: 5 } });
    expect(reply.text).toHaveLength(20);
    expect(reply.usage?.inputTokens).toBeGreaterThan(200);
  });

  test("a body of 60,000 characters is answered within milliseconds", async () => {
    const long = Array.from({ length: 9_000 }, (_, i) => `line${i % 997}`).join(" ");
    await ask(long);
    const times: number[] = [];
    for (let i = 0; i < 5; i++)
      times.push((await call([...shots(), { role: "user", content: `${i} ${long} refund my card` }])).latencyMs);
    // Three to six on an idle machine; the bound leaves room for a busy one and still catches quadratic work.
    expect(Math.min(...times)).toBeLessThan(60);
  });
});

describe("fields beyond labels", () => {
  const extraction: JsonObject = {
    type: "object",
    required: ["invoice", "amount", "tags", "customer"],
    properties: {
      invoice: { type: ["string", "null"] },
      amount: { type: "number" },
      tags: { type: "array", items: { enum: ["tax", "late", "double"] } },
      customer: { $ref: "#/$defs/customer" },
    },
    $defs: {
      customer: {
        type: "object",
        required: ["plan"],
        properties: { plan: { enum: ["pro", "free"] }, note: { type: "string" } },
      },
    },
  };
  const examples: Message[] = (
    [
      ["Invoice INV-2041 over 120.50 EUR was paid twice, we are on pro", "INV-2041", 120.5, ["double"], "pro"],
      ["Tax missing on invoice INV-77 over 80 EUR, free plan", "INV-77", 80, ["tax"], "free"],
      ["invoice INV-3110 over 9 EUR came late and was paid twice, pro plan", "INV-3110", 9, ["late", "double"], "pro"],
      ["The invoice INV-5 over 1200 EUR has no tax number, we are on free", "INV-5", 1200, ["tax"], "free"],
    ] as const
  ).flatMap(([text, invoice, amount, tags, plan]): Message[] => [
    { role: "user", content: text },
    { role: "assistant", content: JSON.stringify({ invoice, amount, tags, customer: { plan } }) },
  ]);

  test("values that the examples copy from their text are copied from this one", async () => {
    const reply = await call(
      [...examples, { role: "user", content: "Our invoice INV-90210 over 45.20 EUR was paid twice (pro)." }],
      { outputSchema: extraction },
    );
    expect(JSON.parse(reply.text)).toEqual({
      invoice: "INV-90210",
      amount: 45.2,
      tags: ["double"],
      customer: { plan: "pro" },
    });
  });

  test("what is not there is null where the schema allows it", async () => {
    const reply = await call([...examples, { role: "user", content: "hello, tax question on free" }], {
      outputSchema: extraction,
    });
    expect(JSON.parse(reply.text)).toMatchObject({ invoice: null, tags: ["tax"] });
  });

  test("without a schema, the examples' own answers say which fields there are", async () => {
    const { outputSchema: _, ...rest } = { outputSchema: 0 };
    const models2 = openModels({ env: {}, startLocal: startInContextServer });
    const reply = await models2.call({
      provider: "local",
      model: "in-context",
      messages: [...shots(), { role: "user", content: "site down, error 500" }],
      timeoutMs: 5_000,
      signal: new AbortController().signal,
      ...rest,
    });
    await models2.close();
    expect(JSON.parse(reply.text)).toMatchObject({ topic: "outage", urgent: true });
  });

  test("without examples the answer still fits the schema, and is not sure of itself", async () => {
    const reply = await call([{ role: "user", content: "anything" }]);
    expect(JSON.parse(reply.text)).toMatchObject({ topic: "refund", reason: "There are no examples to compare with." });
    expect((JSON.parse(reply.text) as Answer).confidence).toBeLessThan(0.1);
  });
});

describe("the protocol", () => {
  const post = async (body: string) =>
    await inContextApp().request("/v1/chat/completions", {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });

  test.each([
    ["{", 400, "invalid_json"],
    ['{"model":"in-context"}', 400, "invalid_messages"],
    ['{"model":"in-context","messages":[{"role":"user","content":7}]}', 400, "invalid_messages"],
    ['{"model":"gpt-9","messages":[{"role":"user","content":"x"}]}', 404, "model_not_found"],
    ['{"model":"in-context","stream":true,"messages":[{"role":"user","content":"x"}]}', 400, "unsupported_value"],
  ])("%s is refused in the protocol's own form", async (body, status, code) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, message: expect.any(String) as unknown } });
  });

  test("the model is listed, and nothing else is served", async () => {
    expect(await (await inContextApp().request("/v1/models")).json()).toMatchObject({ data: [{ id: "in-context" }] });
    expect((await inContextApp().request("/v1/files")).status).toBe(404);
  });
});
