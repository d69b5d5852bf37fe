import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";

/** What `npm run build:console` makes; `npm test` makes it anew before the tests. */
const BUILT = fileURLToPath(new URL("../../dist/console/", import.meta.url));
const MOST = 200 * 1024;

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
}

function readBuilt(file: string): Buffer {
  return readFileSync(`${BUILT}${file}`);
}

function manifest(): Record<string, Chunk> {
  return JSON.parse(readBuilt(".vite/manifest.json").toString()) as Record<string, Chunk>;
}

/** The scripts that have to be there before anything is shown. */
function entryFiles(): string[] {
  const chunks = manifest();
  const seen = new Set<string>();
  const add = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const each of chunks[name]?.imports ?? []) add(each);
  };
  for (const [name, { isEntry }] of Object.entries(chunks)) if (isEntry === true) add(name);
  return [...seen].map((name) => chunks[name]?.file ?? "");
}

describe("the built console", () => {
  test("needs less than 200 KB of script, gzipped, before the first page is shown", () => {
    const files = entryFiles();
    expect(files.length).toBeGreaterThan(0);
    const bytes = files.reduce((sum, file) => sum + gzipSync(readBuilt(file), { level: 9 }).length, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(MOST);
  });

  test("loads the editor and the drawing of workflows only when they are needed", () => {
    const entry = entryFiles()
      .map((file) => readBuilt(file).toString())
      .join("");
    expect(["cm-editor", "react-flow__"].filter((mark) => entry.includes(mark))).toEqual([]);
    const rest = Object.values(manifest())
      .filter(({ file }) => file.endsWith(".js"))
      .map(({ file }) => readBuilt(file).toString())
      .join("");
    expect(["cm-editor", "react-flow__"].filter((mark) => rest.includes(mark))).toEqual(["cm-editor", "react-flow__"]);
  });

  test("has no script, style or handler in the page itself", () => {
    const page = readBuilt("index.html").toString();
    expect(page).not.toMatch(/<style|\son\w+=|style=|javascript:/i);
    for (const [, attributes, inside] of page.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
      expect(attributes).toMatch(/src="\/assets\//);
      expect(inside).toBe("");
    }
  });

  test("names no other origin to load from", () => {
    const page = readBuilt("index.html").toString();
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});
