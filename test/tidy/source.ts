import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

/** One source file, reduced to what the rules look at. Paths are from the repository's root, with forward slashes. */
export type Source = {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly functions: readonly Block[];
  /** Lines of `export * from …`, types included. */
  readonly starExports: readonly number[];
  readonly exportedNames: number;
  /** Lines where the type `any` is written. */
  readonly anys: readonly number[];
  readonly comments: readonly Comment[];
};

/** `target` is a path from the root for a relative import, else the bare name as written. */
type Import = { readonly target: string; readonly relative: boolean; readonly line: number };
type Block = { readonly name: string; readonly line: number; readonly lines: number };
type Comment = { readonly text: string; readonly line: number };

const SKIPPED = new Set(["node_modules", "dist", "coverage", "fixtures", "results", ".sluice", ".git"]);

/** Every TypeScript and JavaScript file of the repository at `root` that is one of `places` or below it. */
export function readSources(root: string, places: readonly string[]): Source[] {
  return places
    .flatMap((place) => (place.endsWith(".ts") ? [place] : walk(root, place)))
    .map((path) => parse(path, readFileSync(join(root, path), "utf8")));
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(root, path);
    return /\.(ts|tsx|js|mjs)$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

/** Throws when `text` is not valid TypeScript, so that no file can slip past the rules unread. */
export function parse(path: string, text: string): Source {
  const result = parseSync(path, text);
  const [broken] = result.errors;
  if (broken !== undefined) throw new Error(`${path}: ${broken.message}`);
  const lineOf = lineFinder(text);
  const seen = {
    imports: new Map<number, string>(),
    functions: [] as Block[],
    anys: [] as number[],
    starExports: [] as number[],
  };
  look(result.program, lineOf, seen);
  const names = result.module.staticExports.flatMap((statement) =>
    statement.entries.map((each) => each.exportName.name),
  );
  return {
    path,
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    imports: [...seen.imports].map(([start, target]) => resolve(path, target, lineOf(start))),
    functions: seen.functions,
    starExports: seen.starExports,
    exportedNames: names.filter((name) => name !== null).length,
    anys: seen.anys,
    comments: result.comments.map((comment) => ({ text: comment.value, line: lineOf(comment.start) })),
  };
}

type Seen = {
  readonly imports: Map<number, string>;
  readonly functions: Block[];
  readonly anys: number[];
  readonly starExports: number[];
};
type Span = { readonly start: number; readonly end: number };

/** All ways to depend on a file: import, re-export, `import type`, `import("…")` as value and as type, and a thread's URL. */
function look(program: Parameters<Visitor["visit"]>[0], lineOf: (offset: number) => number, seen: Seen): void {
  const found = (at: Span, target: unknown): void => {
    if (typeof target === "string") seen.imports.set(at.start, target);
  };
  const block = (at: Span, name: string): void => {
    const line = lineOf(at.start);
    seen.functions.push({ name, line, lines: lineOf(at.end - 1) - line + 1 });
  };
  new Visitor({
    ImportDeclaration: (node) => found(node, node.source.value),
    ExportNamedDeclaration: (node) => found(node, node.source?.value),
    ExportAllDeclaration: (node) => {
      found(node, node.source.value);
      seen.starExports.push(lineOf(node.start));
    },
    ImportExpression: (node) => found(node, literal(node.source)),
    TSImportType: (node) => found(node, node.source.value),
    NewExpression: (node) => found(node, threadUrl(node)),
    TSAnyKeyword: (node) => void seen.anys.push(lineOf(node.start)),
    FunctionDeclaration: (node) => block(node, node.id?.name ?? "default"),
    FunctionExpression: (node) => block(node, node.id?.name ?? "a function"),
    ArrowFunctionExpression: (node) => block(node, "an arrow function"),
  }).visit(program);
}

function literal(node: { type: string; value?: unknown }): unknown {
  return node.type === "Literal" ? node.value : undefined;
}

/** `new URL("./thread.ts", import.meta.url)` is how a file names the worker it starts. */
function threadUrl(node: { callee: object; arguments: readonly { type: string; value?: unknown }[] }): unknown {
  const [first, second] = node.arguments;
  const isUrl = "name" in node.callee && node.callee.name === "URL";
  const target = first === undefined || second === undefined || !isUrl ? undefined : literal(first);
  return typeof target === "string" && /^\.\.?\/.*\.[jt]s$/.test(target) ? target : undefined;
}

function resolve(from: string, target: string, line: number): Import {
  const relative = target.startsWith(".");
  return { target: relative ? posix.join(posix.dirname(from), target) : target, relative, line };
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    const next = starts.findIndex((start) => start > offset);
    return next === -1 ? starts.length : next;
  };
}
