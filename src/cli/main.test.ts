import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { typed } from "../testing/terminal.ts";
import { COMMANDS } from "./commands.ts";
import { processIo } from "./io.ts";

describe("the command line", () => {
  test("without a command says what there is, and how to begin", async () => {
    const { code, out, err } = await typed([]);
    expect([code, err]).toEqual([0, ""]);
    for (const { name, summary } of COMMANDS) {
      expect(out).toContain(`  ${name} `);
      expect(out).toContain(summary.slice(0, 20));
    }
    expect(out).toContain("$ sluice serve");
  });

  test.each([
    [["rusn"], 'Did you mean "runs"?'],
    [["runs", "lst"], "Did you mean list?"],
    [["runs", "list", "--worklfow", "x"], "Did you mean --workflow?"],
    [["runs", "cancel", "run_1"], "--reason"],
    [["why"], "missing required argument 'run'"],
  ])("%j is wrong use: exit 2, and what was meant", async (argv, hint) => {
    const { code, out, err } = await typed(argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(hint);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test.each([
    [["--dir", "/nowhere", "check"]],
    [["--dir=/nowhere", "check"]],
    [["--data", "x", "--dir", "/nowhere", "runs", "list"]],
    [["--dir", "/nowhere", "why", "--", "run_1"]],
  ])("%j: what most commands take may stand before the command", async (argv) => {
    expect(await typed(argv)).toMatchObject({ code: 2, out: "", err: expect.stringContaining("/nowhere") });
  });

  test("--version prints the package's", async () => {
    expect(await typed(["--version"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });

  test("an error of ours is told as one, its place only when asked for", async () => {
    const broken = { get SLUICE_URL(): string { throw new Error("a defect"); } }; // prettier-ignore
    const quiet = await typed(["runs", "list"], { env: broken });
    expect(quiet.code).toBe(1);
    expect(quiet.err).toContain("a defect");
    expect(quiet.err).not.toMatch(/\n\s+at /);
    const loud = Object.defineProperty({ SLUICE_DEBUG: "1" }, "SLUICE_URL", { get: () => { throw new Error("a defect"); } }); // prettier-ignore
    expect((await typed(["runs", "list"], { env: loud })).err).toMatch(/\n\s+at /);
  });

  test.each(COMMANDS.map(({ name }) => [name]))("every form of %s has a description and examples", async (name) => {
    const entry = COMMANDS.find((each) => each.name === name);
    const command = new Command(name);
    (await entry?.load())?.define(command, processIo());
    const forms = command.commands.length === 0 ? [[name]] : command.commands.map((each) => [name, each.name()]);
    for (const form of forms) {
      const { code, out } = await typed([...form, "--help"]);
      expect(code).toBe(0);
      expect(out, form.join(" ")).toMatch(/\nExamples?:\n\s+\$ /);
    }
  });

  test("loads no package but its own parser to say what there is", async () => {
    const bin = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
    const record = `
      import { registerHooks } from "node:module";
      const seen = new Set();
      registerHooks({ load: (url, context, next) => (seen.add(url), next(url, context)) });
      process.on("exit", () => console.error([...seen].join("\\n")));`;
    const hook = `data:text/javascript,${encodeURIComponent(record)}`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--import", hook, bin, "--help"]);
    expect(stdout).toContain("Usage: sluice");
    const packages = new Set([...stderr.matchAll(/node_modules\/((?:@[^/]+\/)?[^/\n]+)/g)].map((match) => match[1]));
    expect([...packages]).toEqual(["commander"]);
    expect(stderr).toContain("src/cli/main.ts");
    expect(stderr).not.toMatch(/src\/(app|http|store|worker)\//);
  });
});
