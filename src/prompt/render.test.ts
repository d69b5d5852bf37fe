import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { promptFromDocument } from "./load.ts";
import { inputValues, missingInputs, render } from "./render.ts";
import type { PromptSpec } from "./spec.ts";

function prompt(changes: JsonObject = {}): PromptSpec {
  return promptFromDocument({
    name: "triage",
    version: "1",
    owner: "support",
    model: "m",
    inputs: ["ticket.subject", "ticket.body"],
    messages: [
      { role: "system", content: "Sort the ticket." },
      { role: "user", content: "Subject: {{ ticket.subject }}\n{{ ticket.body }}" },
    ],
    output_schema: { type: "object", required: ["category"], properties: { category: { type: "string" } } },
    ...changes,
  });
}

const ticket = (subject: Json, body: Json = "x"): JsonObject => ({ ticket: { subject, body } });

function failure(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "{{ ticket.body }}",
    "{% for i in (1..9) %}x{% endfor %}",
    "{{ 'a' | upcase }}",
    "{% raw %}",
    "{%- comment -%}",
    "}}{{",
    "\u0000",
    "{{",
  ),
  fc
    .array(fc.constantFrom("{{", "}}", "{%", "%}", " ", "ticket.subject", "|", "\n", "-"), { maxLength: 12 })
    .map((parts) => parts.join("")),
);

describe("rendering", () => {
  test("whatever the inputs hold, it reaches the user message as it is, and no other", () => {
    const spec = prompt();
    fc.assert(
      fc.property(hostile, hostile, (subject, body) => {
        expect(render(spec, ticket(subject, body))).toEqual([
          { role: "system", content: "Sort the ticket." },
          { role: "user", content: `Subject: ${subject}\n${body}` },
        ]);
      }),
    );
  });

  test("so it does in the messages made for a spec that has none, and in examples", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { messages: _, ...bare } = prompt().document;
        const spec = promptFromDocument({
          ...bare,
          description: "Sorts {{ nothing }}.",
          examples: [{ input: ticket(text), output: { category: text } }],
        });
        const sent = render(spec, ticket(text));
        expect(sent[0]?.content).toMatch(/^Sorts \{\{ nothing \}\}\./);
        expect(sent[1]).toEqual({ role: "user", content: `ticket.subject: ${text}\nticket.body: x` });
        expect(sent[2]).toEqual({ role: "assistant", content: JSON.stringify({ category: text }) });
        expect(sent[3]).toEqual(sent[1]);
      }),
      { numRuns: 50 },
    );
  });

  test("a missing input is an error that names it; null is present and shows as nothing", () => {
    const spec = prompt();
    const error = failure(() => render(spec, { ticket: { subject: "x" } }));
    expect(error.info).toMatchObject({ class: "bug", code: "missing_input", errors: [{ pointer: "/ticket/body" }] });
    expect(error.message).toContain('"ticket.body"');
    expect(missingInputs(spec, {})).toEqual(["ticket.subject", "ticket.body"]);
    expect(render(spec, ticket(null, "b"))[1]?.content).toBe("Subject: \nb");
    expect(inputValues(spec, ticket(null, "b"))).toEqual({ "ticket.subject": null, "ticket.body": "b" });
  });

  test("inherited properties are no inputs", () => {
    expect(missingInputs({ inputs: [{ path: "constructor", redact: false }] }, {})).toEqual(["constructor"]);
  });

  test("only the listed inputs can be reached, also by a loop over their parent", () => {
    const spec = prompt({
      inputs: ["ticket.items", "ticket.plan"],
      messages: [
        {
          role: "user",
          content:
            "{% for item in ticket.items %}{{ item.name }}{% unless forloop.last %}, {% endunless %}{% endfor %} ({{ ticket.plan }})",
        },
      ],
    });
    const inputs = { ticket: { items: [{ name: "a" }, { name: "b" }], plan: "pro", secret: "s" } };
    expect(render(spec, inputs)[0]?.content).toBe("a, b (pro)");
  });

  test("a whole input listed beside a part of it is whole, and what was passed in is not changed", () => {
    const spec = prompt({
      inputs: ["ticket.subject", "ticket"],
      messages: [{ role: "user", content: "{{ ticket.subject }} {{ ticket.body }}" }],
    });
    const inputs = Object.freeze({ ticket: Object.freeze({ subject: "a", body: "b" }) });
    expect(render(spec, inputs as JsonObject)[0]?.content).toBe("a b");
  });

  test("objects and lists show as JSON", () => {
    const spec = prompt({
      inputs: ["ticket"],
      messages: [{ role: "user", content: "{{ ticket }} {{ ticket.tags }} {{ ticket.n }} {{ ticket.ok }}" }],
    });
    expect(render(spec, { ticket: { tags: ["a", "b"], n: 1.5, ok: false } })[0]?.content).toBe(
      '{"tags":["a","b"],"n":1.5,"ok":false} ["a","b"] 1.5 false',
    );
  });

  test("examples stand between the system message and the question, worded like it", () => {
    const spec = prompt({ examples: [{ input: ticket("a", "b"), output: { category: "x" } }] });
    expect(render(spec, ticket("c", "d")).map(({ role, content }) => `${role}: ${content}`)).toEqual([
      "system: Sort the ticket.",
      "user: Subject: a\nb",
      'assistant: {"category":"x"}',
      "user: Subject: c\nd",
    ]);
  });

  test("a field that is missing inside an input is an error, not an empty text", () => {
    const spec = prompt({ inputs: ["ticket"], messages: [{ role: "user", content: "{{ ticket.subject }}" }] });
    expect(failure(() => render(spec, { ticket: { body: "x" } })).info).toMatchObject({
      class: "bug",
      code: "template",
      message: expect.stringContaining("subject") as unknown,
    });
  });

  test("the clock has no place in a prompt: it would be another one at each replay", () => {
    const spec = prompt({ inputs: ["at"], messages: [{ role: "user", content: "{{ at | date: '%Y-%m-%d %H:%M' }}" }] });
    expect(render(spec, { at: "2026-05-29T23:30:00Z" })[0]?.content).toBe("2026-05-29 23:30");
    expect(failure(() => render(spec, { at: "now" })).message).toContain("pass the time as an input");
  });

  test("a megabyte of text renders", () => {
    const body = "ä{{x}}".repeat(170_000);
    expect(render(prompt(), ticket("s", body))[1]?.content).toHaveLength(body.length + "Subject: s\n".length);
  });
});
