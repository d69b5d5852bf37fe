import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { loadContracts } from "./load.ts";
import type { LoadedContracts } from "./load.ts";
import { parseEvent } from "./parse.ts";
import { contractTypes } from "./types.ts";
import { upcastEvent } from "./upcast.ts";

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

async function load(files: Record<string, unknown>): Promise<LoadedContracts> {
  const dir = await mkdtemp(join(tmpdir(), "contracts-"));
  dirs.push(dir);
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, "events", file)), { recursive: true });
    await writeFile(
      join(dir, "events", file),
      typeof content === "string" ? content : JSON.stringify(content, null, 2),
    );
  }
  return await loadContracts(dir);
}

const problems = async (files: Record<string, unknown>): Promise<string[]> =>
  (await load(files)).problems.map(({ file, line, code }) =>
    [file, line, code].filter((part) => part !== undefined).join(" "),
  );

const empty = { properties: {} };
const schema = { type: "object", properties: { event: { const: "a.b" }, n: { type: "number" } } };

describe("a project's contracts", () => {
  test("are read, with their defaults and upcasts", async () => {
    const { contracts, problems: found } = await load({
      "a.b/1.schema.json": schema,
      "a.b/1.upcast.ts": "export default (event: Record<string, unknown>) => ({ ...event, n: 1 });",
      "a.b/1.upcast.test.ts": "throw new Error('not loaded');",
      "a.b/2.schema.json": { ...schema, required: ["n"], "x-default": true },
      "a.b/10.schema.json": schema,
      "c/1.schema.json": { type: "object", additionalProperties: true },
      "README.md": "# Events",
      ".hidden": "",
    });
    expect([found, contracts.types(), contracts.versions("a.b").map(({ version }) => version)]).toEqual([
      [],
      ["a.b", "c"],
      [1, 2, 10],
    ]);
    expect([
      contracts.implied("a.b")?.version,
      contracts.implied("c")?.version,
      contracts.implied("x"),
      contracts.hash.length,
    ]).toEqual([2, 1, undefined, 64]);
    const body = { event: "a.b", event_id: "1", created_at: "2026-05-29T14:22:10Z", schema_version: 1 };
    const event = parseEvent(contracts, body);
    expect(event.ok && upcastEvent(contracts, event.event, event.contract, 2)).toMatchObject({
      ok: true,
      event: { n: 1, schema_version: 2 },
    });
  });

  test("may be none", async () => {
    const { contracts, problems: found } = await loadContracts("/nowhere");
    expect([contracts.types(), found]).toEqual([[], []]);
  });
});

describe("mistakes are told with file and line, all at once", () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ["text that is no JSON", { "a.b/1.schema.json": '{\n  "type": "object",\n}' }, ["events/a.b/1.schema.json 3 not_json"]],
    ["an empty file", { "a.b/1.schema.json": "" }, ["events/a.b/1.schema.json 1 not_json"]],
    ["unknown types and keywords", { "a.b/1.schema.json": { type: "object", properties: { x: { type: "dict" }, y: { foo: 1 } } } }, ["events/a.b/1.schema.json 5 bad_schema", "events/a.b/1.schema.json 8 bad_schema"]],
    ["a reference that leads nowhere", { "a.b/1.schema.json": { $ref: "#/$defs/x", ...empty } }, ["events/a.b/1.schema.json 2 bad_schema"]],
    ["another folder's event", { "a.b/1.schema.json": { properties: { event: { const: "a.c" } } } }, ["events/a.b/1.schema.json 4 envelope_mismatch"]],
    ["an event that is not among those allowed", { "a.b/1.schema.json": { properties: { event: { enum: ["a.c"] } } } }, ["events/a.b/1.schema.json 4 envelope_mismatch"]],
    ["another file's version", { "a.b/2.schema.json": { properties: { schema_version: { const: 1 } } } }, ["events/a.b/2.schema.json 4 envelope_mismatch"]],
    ["an event id that is secret", { "a.b/1.schema.json": { properties: { event_id: { "x-sensitive": true } } } }, ["events/a.b/1.schema.json 4 envelope_marked"]],
    ["an event that is secret as a whole", { "a.b/1.schema.json": { "x-sensitive": true, ...empty } }, ["events/a.b/1.schema.json 2 envelope_marked"]],
    ["a contract that refuses every event", { "a.b/1.schema.json": { properties: { event: {} }, additionalProperties: false } }, ["events/a.b/1.schema.json 5 envelope_refused"]],
    ["a contract that declares nothing", { "a.b/1.schema.json": { type: "object" } }, ["events/a.b/1.schema.json 1 declares_nothing"]],
    ["two defaults", { "a.b/1.schema.json": { "x-default": true, ...empty }, "a.b/2.schema.json": { type: "object", "x-default": true, ...empty } }, ["events/a.b/2.schema.json 3 two_defaults"]],
    ["no default among several", { "a.b/1.schema.json": empty, "a.b/2.schema.json": empty }, ["events/a.b no_default"]],
    ["a default that is no flag", { "a.b/1.schema.json": { "x-default": "yes", ...empty } }, ["events/a.b/1.schema.json 2 bad_schema"]],
    ["bad file names", { "a.b/1.schema.json": empty, "a.b/01.schema.json": empty, "a.b/v2.json": {}, "a.b/0.schema.json": empty }, ["events/a.b/0.schema.json bad_file_name", "events/a.b/01.schema.json bad_file_name", "events/a.b/v2.json bad_file_name"]],
    ["a file beside the folders", { "a.b.json": {} }, ["events/a.b.json wrong_place"]],
    ["a folder that names no type", { "1 a/1.schema.json": empty }, ["events/1 a bad_event_type"]],
    ["a type without versions", { "a.b/note.md": "" }, ["events/a.b no_version"]],
    ["an upcast to nowhere", { "a.b/1.schema.json": empty, "a.b/1.upcast.ts": "export default 1" }, ["events/a.b/1.upcast.ts upcast_without_version"]],
    ["an upcast that is none", { "a.b/1.schema.json": { "x-default": true, ...empty }, "a.b/2.schema.json": empty, "a.b/1.upcast.ts": "export const up = 1;" }, ["events/a.b/1.upcast.ts no_upcast"]],
  ])("%s", async (_, files, expected) => {
    expect((await problems(files)).sort()).toEqual(expected.sort());
  }); // prettier-ignore

  test("an upcast that cannot be loaded names its line, where it is known", async () => {
    const { problems: found } = await load({
      "a.b/1.schema.json": { "x-default": true, ...empty },
      "a.b/2.schema.json": empty,
      "a.b/1.upcast.ts": "\nthrow new Error('broken');\n",
    });
    expect(found).toMatchObject([{ code: "cannot_load", line: 2, message: expect.stringContaining("broken") }]);
  });

  test("a mistake in one file leaves the others usable, and each has a fix or says what is allowed", async () => {
    const { contracts, problems: found } = await load({
      "a.b/1.schema.json": { type: "dict", ...empty },
      "c.d/1.schema.json": empty,
    });
    expect([contracts.types(), found.length, found[0]?.message]).toEqual([
      ["c.d"],
      1,
      '"dict" is not a type; write "object".',
    ]);
  });
});

test("types are written for each event's current version", async () => {
  const { contracts } = await load({
    "a.b/1.schema.json": { ...schema, required: ["event"] },
    "c/1.schema.json": { type: "object", additionalProperties: true },
  });
  expect(contractTypes(contracts)).toBe(
    `declare global {\n  interface SluiceEvents {\n    "a.b": {\n      event: "a.b";\n      n?: number;\n    };\n    "c": { [key: string]: unknown };\n  }\n}\n`,
  );
});
