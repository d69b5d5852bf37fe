import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { FileProblem } from "../base/failure.ts";
import { checkProject } from "./check.ts";
import { loadProject } from "./project.ts";

const CONTRACT = {
  type: "object",
  required: ["event", "event_id", "created_at", "ticket"],
  properties: {
    event: { const: "ticket.created" },
    event_id: { type: "string" },
    created_at: { type: "string", format: "date-time" },
    ticket: {
      type: "object",
      required: ["id", "body"],
      properties: { id: { type: "string" }, body: { type: "string" } },
    },
  },
};

const PROMPT = `name: classifier
version: 2026-05-29.1
owner: support
model: local/in-context
inputs: [ticket.body]
messages:
  - {role: user, content: "{{ ticket.body }}"}
output_schema:
  type: object
  required: [category, confidence]
  properties:
    category: {type: string, enum: [billing, other]}
    confidence: {type: number, minimum: 0, maximum: 1}
eval_suite: classifier_regression
`;

const WORKFLOW = `import { event, workflow } from "sluice";
import { lookUp, file } from "../tools/desk.ts";

export default workflow(
  "triage",
  {
    on: event("ticket.created"),
    decision: { type: "object" },
    success: "suite:classifier_regression",
    deadline: "24h",
    prompts: { classify: "classifier" },
    tools: { lookUp, file },
    thresholds: { review_below: 0.75 },
  },
  async (event, ctx) => {
    const account = await ctx.tool("look up", lookUp, { id: event.ticket.id });
    const result = await ctx.prompt("classify", { ticket: event.ticket });
    const filed = await ctx.tool("file", file, { id: account.id });
    return ctx.decide({ ...result, filed: filed.status });
  },
);
`;

const TOOLS = `import { tool } from "sluice";

const args = { type: "object", required: ["id"], properties: { id: { type: "string" } } } as const;
export const lookUp = tool("look_up", { effect: "read", args, result: args, run: ({ id }) => ({ id }) });
export const file = tool("file", { effect: "write", args, result: args, run: ({ id }) => ({ id }) });
`;

const SUITE = `name: classifier_regression
prompt: classifier
datasets:
  - {file: golden.jsonl, kind: golden}
targets:
  - {name: Accuracy, metric: accuracy, field: category, target: ">= 90%"}
`;

const GOOD: Readonly<Record<string, string>> = {
  "sluice.config.ts": `import { defineConfig } from "sluice";\n\nexport default defineConfig({\n  port: 0,\n  providers: {\n    house: { baseUrl: "http://127.0.0.1:1/v1", apiKey: "none" },\n  },\n});\n`,
  "events/ticket.created/1.schema.json": JSON.stringify(CONTRACT, null, 2),
  "prompts/classifier/2026-05-29.1.yaml": PROMPT,
  "workflows/triage.ts": WORKFLOW,
  "tools/desk.ts": TOOLS,
  "evals/classifier_regression/suite.yaml": SUITE,
  "evals/classifier_regression/golden.jsonl": `{"id":"1","input":{"ticket":{"body":"x"}},"expected":{"category":"other"}}\n`,
};

const root = mkdtempSync(join(tmpdir(), "sluice-malformed-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;

/** Checks the good project with some files put in its place; null leaves one out. */
async function problemsWith(
  changes: Readonly<Record<string, string | null>>,
  env: Record<string, string> = {},
): Promise<FileProblem[]> {
  const dir = join(root, String(made++));
  for (const [file, text] of Object.entries({ ...GOOD, ...changes })) {
    if (text === null) continue;
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
  const project = await loadProject(dir, { env: { HOME: root, ...env } });
  return (await checkProject(project, env)).filter(({ code }) => code !== "no_types");
}

const config = (body: string): Record<string, string> => ({ "sluice.config.ts": `export default {\n${body}\n};\n` });
const json = (text: string): Record<string, string | null> => ({
  "sluice.config.ts": null,
  "sluice.config.json": text,
});
const contract = (change: object): Record<string, string> => ({
  "events/ticket.created/1.schema.json": JSON.stringify({ ...CONTRACT, ...change }, null, 2),
});
const prompt = (from: string | RegExp, to: string): Record<string, string> => ({
  "prompts/classifier/2026-05-29.1.yaml": changed(PROMPT, from, to),
});
const flow = (from: string | RegExp, to: string): Record<string, string> => ({
  "workflows/triage.ts": changed(WORKFLOW, from, to),
});
const desk = (from: string | RegExp, to: string): Record<string, string> => ({
  "tools/desk.ts": changed(TOOLS, from, to),
});
const suite = (from: string | RegExp, to: string): Record<string, string> => ({
  "evals/classifier_regression/suite.yaml": changed(SUITE, from, to),
});

function changed(text: string, from: string | RegExp, to: string): string {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`nothing to replace for ${String(from)}`);
  return result;
}

type Mistake = readonly [what: string, changes: Readonly<Record<string, string | null>>, place: string, says: RegExp];

const MISTAKES: readonly Mistake[] = [
  ["a mistyped setting", config("  prot: 4780,"), "sluice.config.ts:2", /no setting "prot".*"port"/s],
  ["a setting of the wrong type", config(`  host: "127.0.0.1",\n  port: "many",`), "sluice.config.ts:3", /port must be a whole number/],
  ["a port that cannot be", config("  port: 70_000,"), "sluice.config.ts:2", /port must be at most 65535/],
  ["a duration that is none", config(`  lease: "soon",`), "sluice.config.ts:2", /lease must be a duration/],
  ["a key in the configuration", config(`  key: "0123",`), "sluice.config.ts:2", /does not belong.*SLUICE_KEY/s],
  ["a provider without an address", config(`  providers: {\n    house: { apiKey: "none" },\n  },`), "sluice.config.ts:3", /providers\.house\.baseUrl/],
  ["a mistyped provider setting", config(`  providers: {\n    house: {\n      baseUrl: "http://x/v1",\n      apikeyEnv: "K",\n    },\n  },`), "sluice.config.ts:5", /apikeyEnv.*apiKeyEnv/s],
  ["a syntax error in the configuration", config("  port: ,"), "sluice.config.ts:2", /Not readable as TypeScript/],
  ["a configuration that fails when run", { "sluice.config.ts": `const x = JSON.parse("{");\nexport default x;\n` }, "sluice.config.ts:1", /failed/],
  ["a configuration that exports nothing", { "sluice.config.ts": "export const config = {};\n" }, "sluice.config.ts:1", /group of settings.*defineConfig/s],
  ["two configurations", { "sluice.config.json": "{}" }, "sluice.config.json", /sluice\.config\.ts too.*Keep one/s],
  ["broken JSON in the configuration", json(`{\n  "port": 1,\n}\n`), "sluice.config.json:3", /Not JSON/],
  ["a mistyped setting in JSON", json(`{\n  "logLevel": "loud"\n}`), "sluice.config.json:2", /logLevel must be one of/],

  ["a contract that is not JSON", { "events/ticket.created/1.schema.json": `{\n  "type": "object",,\n}` }, "events/ticket.created/1.schema.json:2", /Not JSON/],
  ["an unknown type", contract({ properties: { ...CONTRACT.properties, ticket: { type: "dict" } } }), "events/ticket.created/1.schema.json:", /dict/],
  ["an unresolvable reference", contract({ properties: { ...CONTRACT.properties, ticket: { $ref: "#/$defs/Ticket" } } }), "events/ticket.created/1.schema.json:", /Ticket/],
  ["an unknown keyword", contract({ requird: ["ticket"] }), "events/ticket.created/1.schema.json:", /requird/],
  ["a contract in no folder", { "events/1.schema.json": "{}" }, "events/1.schema.json", /folder/],
  ["a contract whose file says no version", { "events/ticket.created/latest.json": "{}" }, "events/ticket.created/latest.json", /1\.schema\.json/],

  ["broken YAML", prompt("inputs: [ticket.body]", "inputs: [ticket.body"), "prompts/classifier/2026-05-29.1.yaml:", /YAML/],
  ["a prompt without a name", prompt("name: classifier\n", ""), "prompts/classifier/2026-05-29.1.yaml:1", /"name" is missing/],
  ["a prompt without an owner", prompt("owner: support\n", ""), "prompts/classifier/2026-05-29.1.yaml:1", /"owner" is missing/],
  ["a prompt without a model", prompt("model: local/in-context\n", ""), "prompts/classifier/2026-05-29.1.yaml:1", /"model" is missing/],
  ["a mistyped key", prompt("owner:", "ownr:"), "prompts/classifier/2026-05-29.1.yaml:3", /"ownr".*"owner"/s],
  ["a template that names an unlisted input", prompt("{{ ticket.body }}", "{{ ticket.subject }}"), "prompts/classifier/2026-05-29.1.yaml:7", /ticket\.subject/],
  ["a template that does not end", prompt("{{ ticket.body }}", "{{ ticket.body"), "prompts/classifier/2026-05-29.1.yaml:7", /./],
  ["an output schema with an unknown type", prompt("category: {type: string,", "category: {type: dict,"), "prompts/classifier/2026-05-29.1.yaml:12", /dict/],
  ["a version that is not the file's", prompt("version: 2026-05-29.1", "version: 2026-05-29.2"), "prompts/classifier/2026-05-29.1.yaml:2", /2026-05-29\.2/],
  ["the same version twice", { "prompts/classifier/2026-05-29.1.json": "{}" }, "prompts/classifier/2026-05-29.1.yaml", /too/],
  ["an unknown provider", prompt("local/in-context", "hose/small"), "prompts/classifier/2026-05-29.1.yaml:4", /no provider "hose".*"house"/s],
  ["a version to go back to that is not there", prompt("eval_suite:", "rollback_version: 2026-05-20.3\neval_suite:"), "prompts/classifier/2026-05-29.1.yaml", /rollback_version "2026-05-20\.3"/],
  ["an eval suite that is not there", prompt("eval_suite: classifier_regression", "eval_suite: clasifier_regression"), "prompts/classifier/2026-05-29.1.yaml:14", /clasifier_regression.*classifier_regression/s],

  ["a syntax error in a workflow", flow("const result =", "const = "), "workflows/triage.ts:17", /Not readable as TypeScript/],
  ["syntax that is not only types", flow("export default", "enum Queue { a }\nexport default"), "workflows/triage.ts:4", /enum.*union/s],
  ["a workflow that imports a file that is not there", flow("../tools/desk.ts", "../tools/desks.ts"), "workflows/triage.ts:2", /desks\.ts.*"\.\.\/tools\/desk\.ts"/s],
  ["an import without its ending", flow("../tools/desk.ts", "../tools/desk"), "workflows/triage.ts:2", /"\.\.\/tools\/desk\.ts"/],
  ["a name that a file does not export", flow("lookUp, file }", "lookUpp, file }"), "workflows/triage.ts", /./],
  ["a package that is not installed", flow(`import { event`, `import "left-pad-of-nobody";\nimport { event`), "workflows/triage.ts:1", /left-pad-of-nobody.*npm install/s],
  ["an exception at the top of a file", flow("export default", `null.oops();\nexport default`), "workflows/triage.ts:4", /failed/],
  ["no default export", flow("export default workflow", "export const triage = workflow"), "workflows/triage.ts:1", /exported as "triage".*export default triage/s],
  ["a default export that is no workflow", { "workflows/other.ts": "export default { name: 1 };\n" }, "workflows/other.ts:1", /no workflow/],
  ["a name that is none", flow(`"triage"`, `"Triage tickets"`), "workflows/triage.ts:4", /no workflow name/],
  ["two workflows of one name", { "workflows/zwei.ts": WORKFLOW }, "workflows/zwei.ts:5", /defined in workflows\/triage\.ts too/],
  ["an unknown event", flow(`event("ticket.created")`, `event("ticket.craeted")`), "workflows/triage.ts:7", /"ticket\.created"/],
  ["waitsFor that is no list", flow("on:", `waitsFor: event("ticket.created"),\n    on:`), "workflows/triage.ts:7", /must be a list of events.*waitsFor: \[event\("TYPE"\)\]/s],
  ["something in waitsFor that is no event", flow("on:", `waitsFor: ["ticket.created"],\n    on:`), "workflows/triage.ts:7", /waitsFor\.0 is "ticket\.created"; it must be an event/],
  ["an unknown event in waitsFor", flow("on:", `waitsFor: [event("ticket.craeted")],\n    on:`), "workflows/triage.ts:7", /waits for "ticket\.craeted".*"ticket\.created"/s],
  ["a declared event that nobody waits for", flow("on:", `waitsFor: [event("ticket.created")],\n    on:`), "workflows/triage.ts:7", /No step waits for "ticket\.created"/],
  ["an unknown version of an event", flow(`event("ticket.created")`, `event("ticket.created", { version: 2 })`), "workflows/triage.ts:7", /version 2.*version 1/s],
  ["an unknown prompt", flow(`classify: "classifier"`, `classify: "clasifier"`), "workflows/triage.ts:11", /"clasifier".*"classifier"/s],
  ["a tool that is none", flow("tools: { lookUp, file }", "tools: { lookUp, file: console }"), "workflows/triage.ts:12", /tools\.file.*no tool/s],
  ["an unknown slot", flow(`ctx.prompt("classify"`, `ctx.prompt("clasify"`), "workflows/triage.ts:17", /slot "clasify".*"classify"/s],
  ["a suite that is not there", flow("suite:classifier_regression", "suite:other"), "workflows/triage.ts:9", /"other"/],

  ["a tool of unknown effect", desk(`effect: "read"`, `effect: "look"`), "tools/desk.ts:4", /effect.*"look"/s],
  ["a tool without a function", desk(", run: ({ id }) => ({ id }) });\nexport const file", " });\nexport const file"), "tools/desk.ts:4", /no "run"/],
  ["a tool's schema with an unknown type", desk(`{ type: "object", required`, `{ type: "dict", required`), "tools/desk.ts:4", /dict/],
  ["two tools of one name", { "tools/more.ts": TOOLS }, "tools/more.ts:4", /look_up.*tools\/desk\.ts/s],

  ["a folder of cases without a suite", { "evals/other/golden.jsonl": "" }, "evals/other", /no suite\.yaml/],
  ["a suite for a prompt that is not there", suite("prompt: classifier", "prompt: clasifier"), "evals/classifier_regression/suite.yaml:2", /"clasifier".*"classifier"/s],
  ["a dataset that is not there", suite("golden.jsonl", "goldn.jsonl"), "evals/classifier_regression/suite.yaml:4", /goldn\.jsonl.*"golden\.jsonl"/s],
  ["a dataset that is a folder", suite("golden.jsonl", "."), "evals/classifier_regression/suite.yaml:4", /no file evals\/classifier_regression\/\. in the project/],
  ["a dataset outside the project", suite("golden.jsonl", `${"../".repeat(20)}etc/passwd`), "evals/classifier_regression/suite.yaml:4", /no file .*passwd in the project/],
  ["a dataset that is no path", suite("golden.jsonl", `"a\\0b"`), "evals/classifier_regression/suite.yaml:4", /no file/],
  ["a case that lacks an input", { "evals/classifier_regression/golden.jsonl": `{"id":"1","input":{"tickt":{}},"expected":{"category":"other"}}\n` }, "evals/classifier_regression/golden.jsonl:1", /has no ticket\.body, which classifier@2026-05-29\.1 takes/],
  ["a label that no output can be", { "evals/classifier_regression/golden.jsonl": `{"id":"1","input":{"ticket":{"body":"x"}},"expected":{"category":"othr"}}\n` }, "evals/classifier_regression/golden.jsonl:1", /"othr".*"other"/],
  ["a target of a field that is not there", suite("field: category", "field: categry"), "evals/classifier_regression/suite.yaml:6", /"categry" is no field of the output.*"category"/],
  ["a metric that is not there", suite("metric: accuracy", "metric: acuracy"), "evals/classifier_regression/suite.yaml:6", /"acuracy".*"accuracy"/s],
  ["scorers that are not there", suite("targets:", "scorers: scorers.ts\ntargets:"), "evals/classifier_regression/scorers.ts", /no file/],
  ["a case that is not JSON", { "evals/classifier_regression/golden.jsonl": `\n{"id": 1\n` }, "evals/classifier_regression/golden.jsonl:2", /JSON/],
  ["broken YAML in the alerts", { "alerts.yaml": "a: 1\nb: [" }, "alerts.yaml:2", /YAML/],
]; // prettier-ignore

describe("mistakes in project files", () => {
  test("the project that the others are made from has none", async () => {
    expect(await problemsWith({})).toEqual([]);
  });

  test.each(MISTAKES)("%s", async (_what, changes, place, says) => {
    const problems = await problemsWith(changes);
    const here = problems.filter(({ file, line }) => `${file}:${line ?? ""}`.startsWith(place));
    const texts = here.map(({ message, fix = "" }) => `${message}\n${fix}`);
    expect(texts, JSON.stringify(problems, null, 1)).toContainEqual(expect.stringMatching(says));
    for (const { message, fix = "" } of problems) {
      expect(`${message} ${fix}`).not.toMatch(/\bat \S+ \(?(file:|node:|\/)|node:internal|\[object/);
      expect(message).not.toContain(root);
    }
  });

  test("a definition's mistakes are told of at once, each at its line, with those of the code below it", async () => {
    const problems = await problemsWith({
      "workflows/triage.ts": WORKFLOW.replace(`event("ticket.created")`, `event("ticket.craeted")`)
        .replace(`"24h"`, `"1 week"`)
        .replace("suite:classifier_regression", "suite:nope")
        .replace(`classify: "classifier"`, `classify: "clasifier"`)
        .replace("review_below: 0.75 },", `review_below: "a lot" },\n    budget: { usd: -1, calls: 3 },\n    foo: 1,`)
        .replace("    const account", `    await fetch("https://example.com");\n    const account`),
    });
    const told = problems.map(({ line, code, message }) => `${line} ${code} ${message}`);
    expect(told).toEqual([
      expect.stringMatching(/^7 unknown_event /),
      expect.stringMatching(/^9 no_eval_suite .*"nope"/),
      expect.stringMatching(/^10 bad_definition deadline: "1 week" is not a duration/),
      expect.stringMatching(/^11 unknown_prompt /),
      expect.stringMatching(/^13 bad_definition thresholds\.review_below is "a lot"; it must be a number\.$/),
      expect.stringMatching(/^14 bad_definition budget\.usd is -1; /),
      expect.stringMatching(/^14 bad_definition There is no option "budget\.calls"\.$/),
      expect.stringMatching(/^15 bad_definition There is no option "foo"\.$/),
      expect.stringMatching(/^18 .*fetch/),
    ]);
  });

  test("an option that is wrong is not missing as well, and a near name is suggested", async () => {
    const problems = await problemsWith(flow("deadline:", "deadlin:"));
    expect(problems).toMatchObject([
      { line: 4, code: "no_deadline" },
      { line: 10, code: "bad_definition", fix: 'Did you mean "deadline"?' },
    ]);
    const wrong = await problemsWith(flow(`decision: { type: "object" }`, `decision: { type: "dict" }`));
    expect(wrong).toMatchObject([{ line: 8, code: "bad_definition", message: expect.stringContaining("dict") }]);
  });

  test("a model that cannot be called is an error in the version that is served, a warning in others", async () => {
    const old = "prompts/classifier/2026-05-20.3.yaml";
    const problems = await problemsWith({
      ...config(`  defaultProvider: "local",`),
      ...prompt("local/in-context", "gpt-4.1-mini\nrollback_version: 2026-05-20.3"),
      [old]: PROMPT.replace("2026-05-29.1", "2026-05-20.3").replace("local/in-context", "openai/gpt-4.1-mini"),
    });
    expect(problems).toMatchObject([
      { file: old, line: 4, severity: "warning", message: expect.stringContaining("OPENAI_API_KEY is not set") },
      { line: 4, severity: "error", message: expect.stringContaining(`no model "gpt-4.1-mini" here`) },
    ]);
  });

  test("a budget in dollars without a price, and a limit of nobody's, are told of", async () => {
    const house = `providers: { house: { baseUrl: "http://127.0.0.1:9/v1", apiKey: "none" } },`;
    const problems = await problemsWith({
      ...config(`  ${house} rateLimits: { "hous/*": { requestsPerMinute: 5 } },`),
      ...prompt("local/in-context", "house/large"),
      ...flow(`deadline: "24h",`, `deadline: "24h",\n    budget: { modelCalls: 2, usd: 0.5 },`),
    });
    expect(problems).toMatchObject([
      { file: "sluice.config.ts", code: "unknown_provider", message: expect.stringMatching(/^rateLimits: .*"hous"/) },
      { line: 11, code: "unpriced_budget", message: expect.stringContaining("house/large") },
    ]);
  });

  test.each([
    [`rateLimits: { "gpt-4": { requestsPerMinute: 5 } },`, /is no model: write "provider\/model"/],
    [`rateLimits: { "local/in-context": { requestsPerMinute: 0 } },`, /must be at least 1/],
    [`rateLimits: { "local/in-context": {} },`, /must set requestsPerMinute, tokensPerMinute or both/],
    [`rateLimits: { "local/in-context": { perMinute: 5 } },`, /There is no setting "rateLimits.*perMinute"/],
    [`rateLimits: 5,`, /rateLimits/],
  ])("a rate limit such as %s is a mistake with its place", async (setting, message) => {
    const [problem] = await problemsWith(config(`  ${setting}`));
    expect(problem).toMatchObject({ file: "sluice.config.ts", line: 2, severity: "error" });
    expect(problem?.message).toMatch(message);
  });

  test("every setting that a prompt may have is acted on, so that none is warned of", async () => {
    const settings = "fallback_models: [local/in-context]\nrisk: high\nlimits: {usd: 0.01}\neval_suite:";
    expect(await problemsWith(prompt("eval_suite:", settings))).toEqual([]);
  });

  test("a suite with a bad case is there all the same for whoever names it", async () => {
    const problems = await problemsWith({ "evals/classifier_regression/golden.jsonl": `{"id":"1"}\n` });
    expect(problems).toMatchObject([{ file: "evals/classifier_regression/golden.jsonl", line: 1, code: "bad_case" }]);
  });

  test("a file that cannot be read is not told of again by those that name it", async () => {
    const broken = await problemsWith({
      ...prompt("owner: support\n", ""),
      "events/ticket.created/1.schema.json": "{",
    });
    expect(broken.map(({ file, code }) => `${file} ${code}`)).toEqual([
      "events/ticket.created/1.schema.json not_json",
      "prompts/classifier/2026-05-29.1.yaml no_owner",
    ]);
  });

  test("all files are told of at once", async () => {
    const problems = await problemsWith({
      ...config("  prot: 4780,"),
      ...contract({ requird: [] }),
      ...prompt("owner: support\n", ""),
      ...desk(`effect: "read"`, `effect: "look"`),
      "workflows/other.ts": "export default 1;\n",
      "alerts.yaml": "b: [",
    });
    expect(problems.filter(({ severity }) => severity === "error").map(({ file }) => file)).toEqual([
      "alerts.yaml",
      "events/ticket.created/1.schema.json",
      "prompts/classifier/2026-05-29.1.yaml",
      "sluice.config.ts",
      "tools/desk.ts",
      "workflows/other.ts",
    ]);
  });

  test("a setting of the environment is named by its variable", async () => {
    const problems = await problemsWith({}, { SLUICE_PORT: "all" });
    expect(problems).toMatchObject([
      { file: "environment", code: "bad_setting", message: expect.stringContaining("SLUICE_PORT must be") },
    ]);
  });
});
