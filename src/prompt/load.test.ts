import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ProjectError, UsageError, formatProblem } from "../base/failure.ts";
import type { FileProblem } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { parseSource } from "./source.ts";
import { loadPromptFile, loadPrompts, promptFromDocument } from "./load.ts";
import type { LoadedPrompts } from "./load.ts";
import { render } from "./render.ts";
import { compareVersions } from "./set.ts";
import { promptTypes } from "./types.ts";

const GOLDEN =
  '{"name":"support_ticket_classifier","version":"2026-05-29.1","owner":"ai-support-platform","model":"gpt-4.1-mini","temperature":0,"inputs":["ticket.subject","ticket.body","ticket.channel","customer.plan","customer.arr"],"output_schema":{"type":"object","required":["category","urgency","confidence","reason"],"properties":{"category":{"type":"string","enum":["billing","bug","sales","account","how_to","other"]},"urgency":{"type":"string","enum":["low","medium","high"]},"confidence":{"type":"number","minimum":0,"maximum":1},"reason":{"type":"string","maxLength":300}}},"rollback_version":"2026-05-20.3","eval_suite":"support_ticket_classifier_regression"}';
const EVENT: JsonObject = {
  ticket: { subject: "Charged twice", body: "I see two charges.", channel: "email" },
  customer: { plan: "pro", arr: 2400 },
};

let dir: string;
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), "sluice-prompts-"))));
afterEach(async () => await rm(dir, { recursive: true }));

async function load(files: Record<string, string>): Promise<LoadedPrompts> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, "prompts", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return await loadPrompts(dir);
}

const BASE = `name: triage
version: '1'
owner: support
model: gpt-4.1-mini
inputs: [ticket.subject, ticket.body]
eval_suite: triage_suite
output_schema: {type: object, required: [category], properties: {category: {enum: [a, b]}}}`.split("\n");

/** A good spec of seven lines, without some keys and with other lines at its end. */
const yaml = (lines: string[] = [], without: string[] = []): string =>
  [...BASE.filter((line) => !without.includes(line.slice(0, line.indexOf(":")))), ...lines].join("\n");

const errors = ({ problems }: LoadedPrompts): FileProblem[] => problems.filter(({ severity }) => severity === "error");

describe("the golden prompt spec", () => {
  test("loads as it stands, and sends its inputs by name with its schema", async () => {
    const loaded = await load({ "support_ticket_classifier/2026-05-29.1.json": GOLDEN });
    expect(errors(loaded)).toEqual([]);
    const spec = loaded.prompts.get("support_ticket_classifier");
    expect(spec).toMatchObject({
      owner: "ai-support-platform",
      model: "gpt-4.1-mini",
      temperature: 0,
      confidence: "/confidence",
      rollbackVersion: "2026-05-20.3",
      evalSuite: "support_ticket_classifier_regression",
      repair: { attempts: 1 },
      risk: "low",
    });
    const [system, user] = render(spec, EVENT);
    expect(system?.content).toMatch(
      /^Task: support ticket classifier\.\n\nAnswer with one JSON object .*"enum":\["billing","bug"/s,
    );
    expect(user).toEqual({
      role: "user",
      content:
        "ticket.subject: Charged twice\nticket.body: I see two charges.\nticket.channel: email\ncustomer.plan: pro\ncustomer.arr: 2400",
    });
  });

  test("its way back is missing, which is a warning: the version itself can serve", async () => {
    const { problems } = await load({ "support_ticket_classifier/2026-05-29.1.json": GOLDEN });
    expect(problems).toMatchObject([{ code: "unknown_rollback_version", severity: "warning" }]);
  });
});

describe("the hash", () => {
  test("covers content, not layout: YAML, JSON and a sibling .md of the same content are the same version", async () => {
    const messages = "messages:\n  - {role: system, content: Sort.}\n  - {role: user, content: '{{ ticket.subject }}'}";
    const inYaml = (await load({ "triage/1.yaml": yaml([messages, "# a comment"]) })).prompts.get("triage");
    const json = JSON.stringify(inYaml.document);
    await rm(join(dir, "prompts"), { recursive: true });
    const inJson = (await load({ "triage/1.json": json })).prompts.get("triage");
    await rm(join(dir, "prompts"), { recursive: true });
    const beside = await load({
      "triage/1.yaml": yaml(),
      "triage/1.md": "## system\n\nSort.\n\n## user\n{{ ticket.subject }}\n",
    });
    expect(inJson.hash).toBe(inYaml.hash);
    expect(beside.prompts.get("triage").hash).toBe(inYaml.hash);
    expect(inYaml.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    ["temperature: 0.1"],
    ["risk: high"],
    ["description: Sorts."],
    ["examples: [{input: {ticket: {subject: a, body: b}}, output: {category: a}}]"],
  ])("changes with %s", async (change) => {
    const before = (await load({ "triage/1.yaml": yaml() })).prompts.get("triage").hash;
    expect((await load({ "triage/1.yaml": yaml([change]) })).prompts.get("triage").hash).not.toBe(before);
  });

  test("a published document gives the same version back, and a broken one is refused", async () => {
    const spec = (
      await load({ "triage/1.yaml": yaml(["limits: {timeout: 5s, max_output_tokens: 50, usd: 0.01}"]) })
    ).prompts.get("triage");
    const published = promptFromDocument(spec.document);
    expect(published.hash).toBe(spec.hash);
    expect(published.limits).toEqual({ timeoutMs: 5_000, maxOutputTokens: 50, usd: 0.01 });
    expect(published.file).toBeUndefined();
    expect(() => promptFromDocument({ ...spec.document, model: 7 })).toThrow(ProjectError);
  });
});

describe("a file that nests deeply", () => {
  const levels = (count: number): string => Array.from({ length: count }, (_, i) => `${" ".repeat(i)}a:`).join("\n");
  test.each([
    ["in blocks", levels(3_000)],
    ["in braces", `${"{a: ".repeat(3_000)}1${"}".repeat(3_000)}`],
    ["less than the parser minds", levels(200)],
    ["because it holds itself", "a: &a [*a]"],
  ])("%s is a mistake of the file, with its line", (_what, text) => {
    const { value, problems } = parseSource("prompts/deep/1.yaml", text);
    expect(value).toBeUndefined();
    expect(problems).toMatchObject([{ file: "prompts/deep/1.yaml", line: 1, code: "syntax" }]);
    expect(problems[0]?.message).toMatch(/nested deeper than 128 levels/);
  });
});

test("of a file with a mistake at every character the first are told", () => {
  const { value, problems } = parseSource("p/1.yaml", "] ".repeat(50_000));
  expect(value).toBeUndefined();
  expect(problems).toHaveLength(20);
});

test.each([
  ["temperature: .inf", 3, "/temperature is beyond the range of a double."],
  ["temperature: 1e400", 3, "/temperature is beyond the range of a double."],
  ['owner: "\\ud800"', 3, "/owner holds half a surrogate pair."],
  ["inputs: !!set {a, b}", 3, "/inputs is not a JSON value."],
  ["inputs: !!binary aGVsbG8=", 3, "/inputs is not a JSON value."],
])("what YAML can say and JSON cannot is a mistake at its line: %s", (text, line, message) => {
  const { value, problems } = parseSource("p/1.yaml", `name: p\nversion: "1"\n${text}\n`);
  expect(value).toBeUndefined();
  expect(problems).toMatchObject([{ line, message }]);
});

describe("mistakes", () => {
  test("all of all files come back at once, each with its file, its line and what to do", async () => {
    const loaded = await load({
      "triage/1.yaml": yaml(["temprature: 0", "confidence: /confidance"], ["owner"]),
      "triage/2.yaml": "name: [",
      "routing/a.json": '{"name": "routing",\n  "version": "b"\n  "owner": 1}',
      "stray.yaml": yaml(),
    });
    const shown = loaded.problems.map(formatProblem).join("\n");
    expect(shown).toContain('prompts/triage/1.yaml:7: Unknown key "temprature".\n    Did you mean "temperature"?');
    expect(shown).toContain('prompts/triage/1.yaml:1: "owner" is missing.');
    expect(shown).toContain("prompts/triage/1.yaml:8: The output_schema has no field at /confidance.");
    expect(shown).toMatch(/prompts\/triage\/2\.yaml:\d+:\d+: Not readable as YAML/);
    expect(shown).toMatch(/prompts\/routing\/a\.json:3:3: Not JSON/);
    expect(shown).toContain("prompts/stray.yaml:1: A prompt version lives in a folder of its prompt's name.");
    expect(loaded.prompts.names()).toEqual([]);
  });

  test.each([
    ["another folder's name", yaml(["name: other"], ["name"]), "name_mismatch", 'folder is "triage"'],
    ["another file's version", yaml(["version: '2'"], ["version"]), "version_mismatch", 'file is "1"'],
    ["a version that YAML reads as a number", yaml(["version: 1"], ["version"]), "wrong_type", 'Put it in quotes: "1"'],
    ["no model", yaml([], ["model"]), "no_model", "provider/model"],
    ["a model of two words", yaml(["model: gpt 4"], ["model"]), "wrong_value", "is not a model's name"],
    ["no inputs", yaml([], ["inputs"]), "no_inputs", "List dotted paths"],
    ["an input that is no path", yaml(["inputs: ['ticket body']"], ["inputs"]), "wrong_value", "is not a dotted path"],
    ["an input named twice", yaml(["inputs: [a, a]"], ["inputs"]), "duplicate_input", "listed twice"],
    [
      "a typo in an input's setting",
      yaml(["inputs: [{path: a, redcat: true}]"], ["inputs"]),
      "unknown_key",
      'Did you mean "redact"?',
    ],
    ["a temperature that is text", yaml(["temperature: warm"]), "wrong_value", "from 0 to 2"],
    ["two repairs", yaml(["repair: {attempts: 2}"]), "wrong_value", "a whole number from 0 to 1"],
    ["a limit without a unit", yaml(["limits: {timeout: soon}"]), "wrong_value", '"20s"'],
    ["an unknown limit", yaml(["limits: {tokens: 9}"]), "unknown_key", '"timeout"'],
    ["a risk of its own", yaml(["risk: medium"]), "wrong_value", "low or high"],
    ["itself as the way back", yaml(["rollback_version: '1'"]), "rollback_to_itself", "earlier version"],
    [
      "an example without an input",
      yaml(["examples: [{input: {ticket: {subject: x}}, output: {category: a}}]"]),
      "missing_input",
      '"ticket.body"',
    ],
    [
      "an example off the schema",
      yaml(["examples: [{input: {ticket: {subject: x, body: y}}, output: {category: z}}]"]),
      "bad_example",
      "/category",
    ],
    [
      "an example with a field too many",
      yaml(["examples: [{input: {ticket: {subject: x, body: y}}, output: {category: a, more: 1}}]"]),
      "bad_example",
      "more",
    ],
    ["a confidence that is no number", yaml(["confidence: /category"]), "not_a_number", "/category"],
    ["a confidence without a slash", yaml(["confidence: category"]), "wrong_value", '"/confidence"'],
    ["no messages in the list", yaml(["messages: []"]), "no_messages", "empty"],
    [
      "an unknown role",
      yaml(["messages: [{role: sytem, content: x}, {role: user, content: y}]"]),
      "wrong_value",
      'Did you mean "system"?',
    ],
    ["no question at the end", yaml(["messages: [{role: system, content: x}]"]), "no_user_message", "last message"],
    [
      "a template that does not close",
      yaml(["messages: [{role: user, content: '{{ ticket.subject'}]"]),
      "bad_template",
      "not closed",
    ],
    [
      "an unknown filter",
      yaml(["messages: [{role: user, content: '{{ ticket.subject | shout }}'}]"]),
      "bad_template",
      "shout",
    ],
    [
      "a template that reads files",
      yaml(["messages: [{role: user, content: '{% include \"x\" %}'}]"]),
      "bad_template",
      "include",
    ],
    [
      "a template by chance",
      yaml(["messages: [{role: user, content: '{{ ticket.body | sample }}'}]"]),
      "bad_template",
      "sample",
    ],
    [
      "a variable nobody listed",
      yaml(["messages: [{role: user, content: '{{ ticket.bodi }}'}]"]),
      "unlisted_input",
      'Did you mean "ticket.body"?',
    ],
    [
      "the whole where parts are listed",
      yaml(["messages: [{role: user, content: '{{ ticket }}'}]"]),
      "unlisted_input",
      "ticket.subject, ticket.body",
    ],
    ["a schema of no known type", yaml(["output_schema: {type: dict}"], ["output_schema"]), "bad_schema", "dict"],
    [
      "an output that is no object",
      yaml(["output_schema: {type: string}"], ["output_schema"]),
      "not_an_object",
      "Wrap it",
    ],
    ["no schema", yaml([], ["output_schema"]), "no_output_schema", "checked"],
  ])("%s is refused with what to do", async (_, text, code, hint) => {
    const found = errors(await load({ "triage/1.yaml": text }));
    const problem = found.find((each) => each.code === code);
    expect(found.map(formatProblem).join("\n")).toContain(hint);
    expect(problem).toMatchObject({ file: "prompts/triage/1.yaml", line: expect.any(Number) as unknown });
  });

  test("a mistake in a message is shown at its own line, in the spec or in the .md", async () => {
    const block =
      "messages:\n  - role: system\n    content: Sort.\n  - role: user\n    content: |\n      First line\n      {{ ticket.sender }}";
    const [inSpec] = errors(await load({ "triage/1.yaml": yaml([block]) }));
    expect(inSpec).toMatchObject({ file: "prompts/triage/1.yaml", code: "unlisted_input", line: 14 });
    const [inMd] = errors(
      await load({
        "triage/1.yaml": yaml(),
        "triage/1.md": "## system\nSort.\n\n## user\n\n{{ ticket.subject }}\n{{ ticket.sender }}\n",
      }),
    );
    expect(inMd).toMatchObject({ file: "prompts/triage/1.md", code: "unlisted_input", line: 7 });
  });

  test("messages in two places, above the first heading, or beside no spec are refused", async () => {
    const found = errors(
      await load({
        "triage/1.yaml": yaml(["messages: [{role: user, content: x}]"]),
        "triage/1.md": "Hello\n## user\nx",
        "triage/2.md": "## user\nx",
        "triage/1.json": "{}",
      }),
    );
    expect(found.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["messages_twice", "stray_text", "no_spec", "version_twice"]),
    );
  });

  test("a missing suite or way back is a warning, and the version still loads", async () => {
    const { prompts, problems } = await load({
      "triage/1.yaml": yaml([], ["eval_suite"]),
      "triage/2.yaml": yaml(["version: '2'"], ["version"]),
    });
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([
      ["no_eval_suite", "warning"],
      ["no_rollback_version", "warning"],
    ]);
    expect(prompts.versions("triage")).toHaveLength(2);
  });
});

describe("a set of prompts", () => {
  test("orders versions as people read them, and takes the latest unless asked", async () => {
    const versions = ["2026-05-29.10", "2026-05-29.2", "2026-05-20.3"];
    const files = versions.map((version): [string, string] => [
      `triage/${version}.yaml`,
      yaml([`version: ${version}`], ["version"]),
    ]);
    const { prompts } = await load(Object.fromEntries(files));
    expect(prompts.versions("triage").map((spec) => spec.version)).toEqual([
      "2026-05-20.3",
      "2026-05-29.2",
      "2026-05-29.10",
    ]);
    expect(prompts.get("triage").version).toBe("2026-05-29.10");
    expect(prompts.get("triage", "2026-05-29.2").version).toBe("2026-05-29.2");
    expect(() => prompts.get("triage", "2026-05-29.3")).toThrow(
      /has no version "2026-05-29.3"\. Did you mean "2026-05-2/,
    );
    expect(() => prompts.get("traige")).toThrow(UsageError);
    expect(compareVersions("1.0.0-rc1", "1.0.0")).toBeGreaterThan(0);
  });

  test("is empty without a prompts folder", async () => {
    expect((await loadPrompts(dir)).problems).toEqual([]);
  });

  test("gives TypeScript types of its outputs", async () => {
    const { prompts } = await load({ "triage/1.yaml": yaml() });
    expect(promptTypes(prompts)).toContain(
      'interface SluicePrompts {\n    "triage": {\n      category: "a" | "b";\n    };\n  }',
    );
  });
});

describe("a file that is in no project", () => {
  test("is a version by what it says, with the messages beside it; mistakes name it as it was named", async () => {
    await writeFile(join(dir, "any-name.yaml"), yaml());
    await writeFile(join(dir, "any-name.md"), "## user\nSort: {{ ticket.body }}\n");
    await writeFile(join(dir, "bad.yaml"), yaml(["temperature: warm"]));
    const { spec, problems } = await loadPromptFile(dir, "any-name.yaml");
    expect(problems).toEqual([]);
    expect(spec).toMatchObject({ name: "triage", version: "1" });
    expect(spec && render(spec, EVENT).at(-1)?.content).toContain("Sort: I see two charges.");
    const bad = await loadPromptFile(dir, "bad.yaml");
    expect(bad.spec).toBeUndefined();
    expect(bad.problems).toMatchObject([{ file: "bad.yaml", line: 8 }]);
  });
});
