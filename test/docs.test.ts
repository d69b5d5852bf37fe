import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { afterAll, describe, expect, test } from "vitest";
import { checkProject } from "../src/app/check.ts";
import { loadProject } from "../src/app/project.ts";
import { SETTING_NAMES, variableOf } from "../src/app/settings.ts";
import { FAILURE_POLICY } from "../src/base/failure.ts";
import { COMMANDS } from "../src/cli/commands.ts";
import { processIo } from "../src/cli/io.ts";
import { CRASH_POINTS } from "../src/testing/crash/crash-at.ts";
import { NAMED_KILLS } from "./crash/scenario.ts";

const root = join(import.meta.dirname, "..");
const files = globSync(["*.md", "docs/**/*.md", "examples/**/*.md", "bench/**/*.md"], {
  cwd: root,
  exclude: (path) => path.includes("node_modules"),
});
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
const read = (file: string): string => texts.get(file) ?? "";

/** What stands in code: fenced blocks line by line, and spans. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```.*\n([\s\S]*?)^```/gm)].flatMap(([, body = ""]) => body.split("\n"));
  const spans = [...text.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
  return [...blocks, ...spans].map((line) => line.replaceAll(/\s+/g, " "));
}

describe("commands in the documents", () => {
  const named = files.flatMap((file) =>
    codeOf(read(file)).flatMap((line) =>
      [...line.matchAll(/(?:^|\| |&& |\$ |npx )sluice ([a-z][^|#]*)/g)].map(([, command = ""]) => [
        file,
        command.trim(),
      ]),
    ),
  ) as [string, string][];

  test("are many enough for this test to mean something", () => {
    expect(named.length).toBeGreaterThan(20);
  });

  test.each(named)("%s: sluice %s", async (_file, line) => {
    const [first = "", ...others] = line.replaceAll(/"[^"]*"/g, "TEXT").split(" ");
    const entry = COMMANDS.find(({ name }) => name === first);
    expect(entry, `There is no command ${first}.`).toBeDefined();
    const top = new Command(first);
    (await entry?.load())?.define(top, processIo());
    const sub = top.commands.find((each) => each.name() === others[0]);
    if (top.commands.length > 0 && /^[a-z]/.test(others[0] ?? ""))
      expect(sub, `${first} has no ${others[0]}.`).toBeDefined();
    const known = (sub ?? top).options.map(({ long }) => long);
    for (const option of others.filter((word) => word.startsWith("--"))) expect(known).toContain(option);
  });

  test("npm scripts that are named exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    for (const file of files)
      for (const [, script = ""] of codeOf(read(file))
        .join("\n")
        .matchAll(/npm run (?:-s )?([a-z:]+)/g))
        expect(Object.keys(scripts), file).toContain(script);
  });
});

describe("variables in the documents", () => {
  test("are read somewhere", () => {
    const sources = globSync(["src/**/*.ts", "bin/*.js", "test/run.ts", "test/fuzz/mutate.ts"], { cwd: root });
    const code = sources.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
    const readHere = new Set([...SETTING_NAMES.map(variableOf), ...(code.match(/\bSLUICE_[A-Z_]+\b/g) ?? [])]);
    for (const file of files)
      for (const [name] of read(file).matchAll(/\bSLUICE_[A-Z][A-Z_]*\b/g)) expect([...readHere], file).toContain(name);
  });

  test("are all settings there are, with their names", () => {
    const rows = [...read("docs/guides/operating.md").matchAll(/^\| `(SLUICE_\w+)` \| `(\w+)`/gm)];
    const listed = rows.map(([, variable, setting]) => `${variable} ${setting}`);
    expect(listed.toSorted()).toEqual(SETTING_NAMES.map((name) => `${variableOf(name)} ${name}`).toSorted());
  });
});

describe("links in the documents", () => {
  const links = files.flatMap((file) =>
    [...read(file).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => [file, target.replace(/#.*$/, "")])
      .filter(([, target = ""]) => target !== "" && !/^[a-z]+:/.test(target)),
  ) as [string, string][];

  test.each(links)("%s: %s", (file, target) => {
    expect(statSync(join(root, dirname(file), target), { throwIfNoEntry: false })).toBeDefined();
  });
});

test("the failure table says what the engine does", () => {
  const pause = (ms: number): string => (ms === 0 ? "" : ms < 1_000 ? `${ms} ms` : ms < 60_000 ? `${ms / 1_000} s` : `${ms / 60_000} min`); // prettier-ignore
  const rows = Object.entries(FAILURE_POLICY).map(
    ([name, { attempts, baseDelayMs, maxDelayMs, then }]) =>
    [`\`${name}\``, attempts, pause(baseDelayMs), pause(maxDelayMs), then.replace("_", " ")].map((cell) => `| ${cell} `).join("") + "|", // prettier-ignore
  );
  const written = [...read("docs/guides/workflows.md").matchAll(/^\| `\w+` \| \d+ \|.*$/gm)].map(([row]) => row);
  expect(written.map((row) => row.replaceAll(/ +/g, " "))).toEqual(rows.map((row) => row.replaceAll(/ +/g, " ")));
});

describe("the crash table", () => {
  const rows = [...read("docs/crash-table.md").matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(
    ([, name = "", rest = ""]) => ({ name, cells: rest.split(" | ") }),
  );
  const points = rows.filter(({ cells }) => cells.length === 3);
  const proofs = rows.filter(({ cells }) => cells.length === 1);

  test("has a row for every point a kill can be placed at, in their order", () => {
    expect(points.map(({ name }) => name)).toEqual(CRASH_POINTS);
  });

  test("names only tests that are there, and a kill is placed at every point", () => {
    const known = proofs.map(({ name }) => name);
    const named = points.flatMap(({ cells }) =>
      [...(cells.at(-1) ?? "").matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
    );
    expect(known).toEqual(expect.arrayContaining(named));
    for (const { cells } of points) expect(cells.at(-1)).toContain("`crash`");
    for (const { cells } of proofs)
      for (const [, file = ""] of (cells[0] ?? "").matchAll(/`(test\/[\w/.-]+)`/g))
        expect(existsSync(join(root, file)), file).toBe(true);
    expect(new Set(NAMED_KILLS.map((at) => at.split(":")[0]))).toEqual(new Set(CRASH_POINTS));
  });
});

describe("the files shown in the guides", () => {
  const dir = mkdtempSync(join(tmpdir(), "sluice-docs-"));
  afterAll(() => rmSync(dir, { recursive: true }));

  test("make a project without mistakes", async () => {
    const shown = files.flatMap((file) => [...read(file).matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```/gm)]);
    expect(shown.length).toBeGreaterThan(4);
    for (const [, file = "", text = ""] of shown) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), text);
    }
    const problems = await checkProject(await loadProject(dir, { env: {} }), {});
    expect(problems.filter(({ code }) => code !== "no_types")).toEqual([]);
  });
});
