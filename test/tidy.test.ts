import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { LAYERS } from "../src/layers.ts";
import * as rules from "./tidy/rules.ts";
import { parse, readSources } from "./tidy/source.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = ["src", "bin", "test", "examples", "bench", "console"].filter((folder) =>
  existsSync(join(root, folder)),
);

describe("the code is tidy", () => {
  const sources = readSources(root, folders);

  test("there is code to look at in every part of the repository", () => {
    for (const folder of folders) expect(sources.filter(({ path }) => path.startsWith(`${folder}/`))).not.toEqual([]);
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(50);
  });

  test.each(Object.entries(rules))("%s", (_name, rule) => {
    expect(rule(sources, LAYERS).map(({ where, what }) => `${where} ${what}`)).toEqual([]);
  });
});

type Files = Record<string, string>;
const layers = ["base", "store", "testing"];

/** What `rule` says of a repository made of `files`, as the places it names. */
function places(rule: rules.Rule, files: Files): string[] {
  const sources = Object.entries(files).map(([path, text]) => parse(path, text));
  return rule(sources, layers).map(({ where }) => where);
}

describe("each rule of tidiness can fail", () => {
  test.each([
    ["a plain import", `import { x } from "../store/x.ts";`],
    ["a type import", `import type { X } from "../store/x.ts";`],
    ["a type among values", `import { type X } from "../store/x.ts";`],
    ["a bare import", `import "../store/x.ts";`],
    ["a re-export", `export { x } from "../store/x.ts";`],
    ["a re-export of a type", `export type { X } from "../store/x.ts";`],
    ["a dynamic import", `export const x = await import("../store/x.ts");`],
    ["a type written as an import", `export type X = import("../store/x.ts").X;`],
    ["the URL of a thread", `export const url = new URL("../store/x.ts", import.meta.url);`],
    ["the package itself", `import { workflow } from "sluice";`],
    ["a file outside of src", `import { x } from "../../test/x.ts";`],
    ["a file directly in src", `import { x } from "../index.ts";`],
  ])("the order of layers sees %s", (_what, text) => {
    expect(places(rules.importsPointUp, { "src/base/a.ts": `\n${text}` })).toEqual(["src/base/a.ts:2"]);
  });

  test("the order of layers allows the own folder, those above, and test aids in tests", () => {
    const text = `import "./b.ts"; import "../base/c.ts"; import "node:fs"; import "hono";`;
    expect(places(rules.importsPointUp, { "src/store/a.ts": text })).toEqual([]);
    const itself = `new URL("../../bin/sluice.js", import.meta.url);`;
    expect(places(rules.importsPointUp, { "src/store/a.ts": itself })).toEqual([]);
    const aid = `import "../testing/clock.ts";`;
    expect(places(rules.importsPointUp, { "src/base/a.test.ts": aid })).toEqual([]);
    expect(places(rules.importsPointUp, { "src/base/a.ts": aid })).toEqual(["src/base/a.ts:1"]);
  });

  test("a folder without a place, and a place without a folder", () => {
    const files = { "src/base/a.ts": "", "src/store/b.ts": "", "src/extra/c.ts": "", "src/index.ts": "" };
    expect(places(rules.foldersAreLayers, files)).toEqual(["src/extra", "src/layers.ts"]);
  });

  test("an import of nothing, and of a test", () => {
    const text = `import "./b.ts";\nimport "./gone.ts";\nimport "./c.test.ts";\nimport "./b";`;
    const files = { "src/base/a.ts": text, "src/base/b.ts": "", "src/base/c.test.ts": "" };
    expect(places(rules.importsResolve, files)).toEqual(["src/base/a.ts:2", "src/base/a.ts:3", "src/base/a.ts:4"]);
  });

  test("a console that takes from the server's code, and the other way round", () => {
    const files = {
      "console/src/a.tsx": `import type { Run } from "../../src/journal/run.ts";`,
      "console/types.ts": `import { createHttp } from "../src/http/app.ts";`,
      "src/http/b.ts": `import "../../console/src/a.tsx";`,
    };
    expect(places(rules.consoleSpeaksHttp, files)).toEqual(["console/src/a.tsx:1", "src/http/b.ts:1"]);
  });

  test("a cycle through a type", () => {
    const ring = {
      "src/base/a.ts": `import type { B } from "./b.ts";`,
      "src/base/b.ts": `import { c } from "./c.ts";`,
      "src/base/c.ts": `export type A = import("./a.ts").A;`,
      "src/base/d.ts": `import "./a.ts";`,
    };
    expect(places(rules.noCycles, ring)).toHaveLength(1);
    expect(places(rules.noCycles, { "src/base/a.ts": `import "./a.ts";` })).toEqual(["src/base/a.ts:1"]);
    expect(places(rules.noCycles, { ...ring, "src/base/c.ts": "" })).toEqual([]);
  });

  test.each(["src/base/utils.ts", "src/helper/a.ts", "src/base/runManager.ts", "src/http/v2/a.ts", "src/common-x.ts"])(
    "the empty name %s",
    (path) => expect(places(rules.namesSaySomething, { [path]: "" })).toEqual([`${path}:1`]),
  );

  test("a long file and a long function", () => {
    expect(places(rules.filesAreShort, { "src/base/a.ts": "\n".repeat(401) })).toEqual(["src/base/a.ts:1"]);
    expect(places(rules.filesAreShort, { "src/base/a.ts": "\n".repeat(400) })).toEqual([]);
    const body = (lines: number): string => `{${"\n".repeat(lines - 1)}}`;
    for (const head of ["function f() ", "export const f = () => ", "export const o = { m() "]) {
      const tail = head.endsWith("m() ") ? "}" : "";
      expect(places(rules.functionsAreShort, { "src/base/a.ts": head + body(61) + tail })).toEqual(["src/base/a.ts:1"]);
      expect(places(rules.functionsAreShort, { "src/base/a.ts": head + body(60) + tail })).toEqual([]);
    }
  });

  test("any, a silenced compiler or linter, and work left over", () => {
    expect(places(rules.noAny, { "src/base/a.ts": "export const a = (b: any[]): void => {};" })).toHaveLength(1);
    for (const text of ["// @ts-ignore", "/* @ts-expect-error */", "// oxlint-disable-next-line no-eval"])
      expect(places(rules.nothingSilenced, { "src/base/a.ts": `\n${text}` })).toEqual(["src/base/a.ts:2"]);
    const expected = "// @ts-expect-error b is required";
    expect(places(rules.nothingSilenced, { "src/base/a.test.ts": expected })).toEqual([]);
    expect(places(rules.nothingSilenced, { "src/base/a.ts": expected })).toHaveLength(1);
    expect(places(rules.nothingSilenced, { "src/base/a.test.ts": "// @ts-expect-error" })).toHaveLength(1);
    const reasoned = "// oxlint-disable-next-line no-eval -- the REPL needs it";
    expect(places(rules.nothingSilenced, { "src/base/a.ts": reasoned })).toEqual([]);
    expect(places(rules.nothingLeftToDo, { "src/base/a.ts": "// TODO later" })).toHaveLength(1);
    expect(places(rules.nothingLeftToDo, { "src/base/a.ts": `export const todo = "TODO";` })).toEqual([]);
  });

  test("a star export, and an index with fifty names", () => {
    const stars = `export * from "./a.ts";\nexport type * from "./b.ts";\nexport * as c from "./c.ts";`;
    expect(places(rules.noStarExports, { "src/base/x.ts": stars })).toHaveLength(3);
    const names = (count: number): string =>
      Array.from({ length: count }, (_, i) => `export const n${i} = 1;`).join("\n");
    expect(places(rules.publicNamesAreFew, { "src/index.ts": names(50) })).toEqual(["src/index.ts:1"]);
    expect(places(rules.publicNamesAreFew, { "src/index.ts": names(49) })).toEqual([]);
  });

  test("a file that cannot be read is an error, not a file without problems", () => {
    expect(() => parse("src/base/a.ts", "const = 1")).toThrow("src/base/a.ts");
  });
});
