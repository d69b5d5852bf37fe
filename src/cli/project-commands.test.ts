import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FileProblem } from "../base/failure.ts";
import { typed } from "../testing/terminal.ts";
import type { Ended } from "../testing/terminal.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
let project: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-cli-"));
  project = join(folder, "project");
  await typed(["init", "project"], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const here = (...argv: string[]): Promise<Ended> => typed(argv, { cwd: project, env: { HOME: folder } });

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** Checks a folder with the command as it is installed, in a process of its own. */
async function checkedByNode(
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<{ code: number; problems: FileProblem[] }> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  const bin = join(root, "bin/sluice.js");
  const run = promisify(execFile)(process.execPath, [bin, "check", "--json", "--dir", join(folder, name)]);
  const { code = 0, stdout } = (await run.catch((error: { code: number; stdout: string }) => error)) as {
    code?: number;
    stdout: string;
  };
  return { code, problems: (JSON.parse(stdout) as { problems: FileProblem[] }).problems };
}

describe("sluice init", () => {
  test("says what it wrote and what comes next", async () => {
    const { out } = await typed(["init", "shown"], { cwd: folder });
    expect(out).toContain("shown/workflows/triage.ts");
    const [, sluice = ""] = /\$ (.*) dev --dir shown\n/.exec(out) ?? [];
    expect(sluice).toMatch(/^node .*bin\/sluice\.js$/);
    expect(readFileSync(resolve(folder, sluice.replace("node ", "")), "utf8")).toContain("#!");
    expect(out).toContain(`$ ${sluice} trigger shown/event.json --wait 20s --dir shown\n`);
    expect(out).toContain(`$ ${sluice} why evt_1 --dir shown\n`);
    expect(readFileSync(join(folder, "shown/README.md"), "utf8")).toContain(`\n${sluice} dev --dir shown\n`);
  });

  test("makes a project that check finds nothing wrong with", async () => {
    expect(await here("check")).toEqual({
      code: 0,
      err: "",
      out: "nothing wrong: 1 workflow, 1 event type, 1 prompt version, 2 tools, 1 eval suite in order.\n",
    });
    expect(await here("types", "--check")).toMatchObject({ code: 0 });
  });

  test("makes a project that the compiler finds nothing wrong with", async () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const workflow = join(project, "workflows/triage.ts");
    await promisify(execFile)(process.execPath, [tsc, "-p", project]);
    const good = readFileSync(workflow, "utf8");
    writeFileSync(workflow, good.replace("event.customer.id", "event.customer.idd"));
    try {
      await expect(promisify(execFile)(process.execPath, [tsc, "-p", project])).rejects.toMatchObject({
        stdout: expect.stringContaining("Property 'idd' does not exist"),
      });
    } finally {
      writeFileSync(workflow, good);
    }
  });

  test("leaves a folder alone that is not empty, unless told", async () => {
    const before = readdirSync(project);
    const refused = await typed(["init", "project"], { cwd: folder });
    expect(refused).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--force") });
    expect(readdirSync(project)).toEqual(before);
    expect((await typed(["init", "project", "--force"], { cwd: folder })).code).toBe(0);
  });

  test("suggests the template that was meant", async () => {
    expect(await typed(["init", "x", "--template", "traige"], { cwd: folder })).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean "triage"?'),
    });
  });
});

describe("sluice check and types", () => {
  test("errors end with 1 and are JSON on request; warnings alone end with 0", async () => {
    const schema = join(project, "events/message.received/1.schema.json");
    const good = readFileSync(schema, "utf8");
    writeFileSync(schema, good.replace(`"title"`, `"titel"`));
    try {
      const { code, out } = await here("check", "--json");
      const answer = JSON.parse(out) as {
        ok: boolean;
        can_serve: boolean;
        errors: number;
        problems: { file: string; line: number }[];
      };
      expect([code, answer.ok, answer.can_serve, answer.errors]).toEqual([1, false, false, 1]);
      expect(answer.problems[0]).toMatchObject({ file: "events/message.received/1.schema.json", line: 3 });
      const lines = await here("check");
      expect(lines.out).toMatch(/^events\/message\.received\/1\.schema\.json:3.*: error /m);
      expect((await here("contract", "check")).code).toBe(1);
      expect(await here("types")).toMatchObject({ code: 1, err: expect.stringContaining("left as it is") });
    } finally {
      writeFileSync(schema, good);
    }
  });

  test("stale types are a warning, which types mends", async () => {
    const schema = join(project, "events/message.received/1.schema.json");
    const good = readFileSync(schema, "utf8");
    writeFileSync(schema, good.replace(`"channel": {`, `"channel2": {`));
    try {
      expect(await here("check")).toMatchObject({ code: 0, out: expect.stringContaining("stale_types") });
      expect((await here("types", "--check")).code).toBe(1);
      expect((await here("types")).out).toContain("written");
      expect((await here("types", "--check")).code).toBe(0);
      expect(readFileSync(join(project, "sluice.d.ts"), "utf8")).toContain("channel2");
    } finally {
      writeFileSync(schema, good);
      await here("types");
    }
  });

  test("imports that Node cannot follow are named where they are written", async () => {
    const { code, problems } = await checkedByNode("broken-imports", {
      "workflows/a.ts": `import { z } from "no-such-package";\nexport default z;\n`,
      "workflows/b.ts": `import { x } from "./lib/x.ts";\nexport default x;\n`,
      "workflows/lib/x.ts": "export const y = 1;\n",
      "tools/c.ts": `import type { Tool } from "sluice";\nconst t: Tool = (null as unknown as { a: { b: Tool } }).a.b;\nexport default t;\n`,
    });
    expect(code).toBe(1);
    expect(problems.map(({ file: at, line, code: what }) => `${at}:${line} ${what}`)).toEqual([
      "tools/c.ts:2 cannot_load",
      "workflows/a.ts:1 cannot_import",
      "workflows/b.ts:1 cannot_import",
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/node:internal|\bat file:/);
  });

  test("a folder that is no project, and one that is not there", async () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    expect(await typed(["check"], { cwd: empty })).toMatchObject({
      code: 1,
      out: expect.stringContaining("sluice init"),
    });
    expect(await typed(["check", "--dir", "/nowhere"])).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringContaining("/nowhere"),
    });
  });
});

describe("what a project holds", () => {
  test.each([
    [["contract", "list"], /message\.received +1 +yes/, { type: "message.received", version: 1, default: true }],
    [
      ["workflow", "list"],
      /triage +message\.received +message_classifier/,
      { name: "triage", on: { type: "message.received" } },
    ],
    [
      ["prompt", "list"],
      /message_classifier +\S+ +latest +local\/in-context/,
      { name: "message_classifier", latest: true },
    ],
    [["tool", "list"], /open_task +write +other +low +triage/, { name: "look_up_customer", effect: "read" }],
  ])("%j as a table and as JSON", async (argv, line, first) => {
    const table = await here(...argv);
    expect(table).toMatchObject({ code: 0, err: "" });
    expect(table.out).toMatch(line);
    const { out } = await here(...argv, "--json");
    expect((JSON.parse(out) as object[])[0]).toMatchObject(first);
  });

  test("a prompt is shown as it is published, and rendered for an event", async () => {
    expect((await here("prompt", "show", "message_classifier")).out).toContain("model: local/in-context");
    const { out } = await here("prompt", "render", "message_classifier", "--inputs", "event.json");
    expect(out).toContain("── system");
    expect(out).toContain("By email: I was charged twice");
    expect(await here("prompt", "show", "mesage_classifier")).toMatchObject({
      code: 2,
      err: expect.stringContaining('"message_classifier"'),
    });
    const without = file("inputs.json", `{"message": {"text": "x"}}`);
    expect(await here("prompt", "render", "message_classifier", "--inputs", without)).toMatchObject({
      code: 2,
      err: expect.stringContaining("message.channel"),
    });
  });
});

describe("sluice validate", () => {
  const schema = (): string =>
    file("S.json", `{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}}`);
  const validate = (data: string, stdin = ""): Promise<Ended> =>
    typed(["validate", "--schema", schema(), "--data", data], { stdin });

  test("one verdict a line; 1 when a document is invalid", async () => {
    const { code, out, err } = await validate(file("D.jsonl", `{"a":1}\n{"a":"x"}\n\n{`));
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { line: 1, valid: true, errors: [] },
      { line: 2, valid: false, errors: [{ pointer: "/a" }] },
      { line: 4, valid: false, errors: [{ pointer: "" }] },
    ]);
    expect([code, err]).toEqual([1, "2 of 3 documents are invalid.\n"]);
  });

  test("0 when all are valid, also from standard input", async () => {
    expect(await validate("-", `{"a":1}\n`)).toMatchObject({ code: 0, err: "" });
  });

  test("2 for a schema that is none, and for files that are not there", async () => {
    const bad = file("bad.json", `{\n  "type": "dict"\n}`);
    expect(await typed(["validate", "--schema", bad, "--data", "-"])).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/bad\.json:2:\d+: .*dict/),
    });
    expect(await validate("/nowhere.jsonl")).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringContaining("/nowhere.jsonl"),
    });
    expect(await validate(folder)).toMatchObject({ code: 2, out: "" });
  });
});

describe("sluice tool check", () => {
  const tools = (): string =>
    file(
      "TOOLS.json",
      JSON.stringify([
        {
          type: "function",
          function: { name: "look", parameters: { type: "object", properties: { id: { type: "string" } } } },
          "x-sluice": { effect: "read" },
        },
      ]),
    );

  test("a verdict a line; 1 when a call is refused", async () => {
    const calls = file(
      "CALLS.jsonl",
      `{"name":"look","arguments":{"id":"1"}}\n{"name":"look","arguments":{"x":"1"}}\n{"name":"lok","arguments":{}}\n`,
    );
    const { code, out } = await typed(["tool", "check", "--tools", tools(), "--calls", calls]);
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { line: 1, verdict: "allow" },
      { line: 2, verdict: "refuse", reason: "invalid_arguments" },
      { line: 3, verdict: "refuse", reason: "unknown_tool" },
    ]);
    expect(code).toBe(1);
  });

  test("2 for definitions that are none", async () => {
    const bad = file("bad-tools.json", "{");
    expect(await typed(["tool", "check", "--tools", bad, "--calls", "-"])).toMatchObject({ code: 2, out: "" });
  });
});
