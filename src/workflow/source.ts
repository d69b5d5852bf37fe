import module from "node:module";
import { parse } from "acorn";
import type { AnyNode, Program } from "acorn";
import type { FileProblem } from "../base/failure.ts";

/** One name that an import brings in. `imported` is `default`, `*` for a namespace, or the exported name. */
export interface ImportedName {
  imported: string;
  local: string;
}

/** One `import … from`, `export … from` or `import("…")` with a literal address. */
export interface SourceImport {
  specifier: string;
  /** 1-based. */
  line: number;
  names: readonly ImportedName[];
}

/** A TypeScript or JavaScript file as Node would run it: the types gone, every position kept. */
export interface Source {
  /** Relative to the project. */
  readonly file: string;
  /** As it is run: types are blanks, so that positions in it are positions in the file. */
  readonly text: string;
  readonly program: Program;
  readonly imports: readonly SourceImport[];
  /** Undefined for the program itself. */
  parent(node: AnyNode): AnyNode | undefined;
}

export type ReadSource = { source: Source } | { problem: FileProblem };

/** Parses a file without running it; a syntax error comes back with its place. */
export function readSource(file: string, text: string): ReadSource {
  try {
    const plain = /\.[cm]?ts$/.test(file) ? stripTypes(text) : text;
    const program = parse(plain, { ecmaVersion: "latest", sourceType: "module", locations: true, allowHashBang: true });
    const parents = new Map<AnyNode, AnyNode>();
    walk(program, (node) => {
      for (const child of childrenOf(node)) parents.set(child, node);
    });
    return { source: { file, text: plain, program, imports: importsOf(program), parent: (node) => parents.get(node) } };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: syntaxProblem(file, error) };
  }
}

/** Node says once per process that this is experimental; users can do nothing about it. */
function stripTypes(text: string): string {
  const emit = process.emitWarning;
  process.emitWarning = () => undefined;
  try {
    return module.stripTypeScriptTypes(text, { mode: "strip" });
  } finally {
    process.emitWarning = emit;
  }
}

function syntaxProblem(file: string, error: SyntaxError & { code?: string }): FileProblem {
  const { line, column } = placeOfError(error);
  const problem = { file, line, ...(column === undefined ? {} : { column }), severity: "error" } as const;
  if (error.code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
    return {
      ...problem,
      code: "unsupported_typescript",
      message: `Node runs this file by removing its types, which cannot be done here: ${sentence(error.message)}`,
      fix: "Write it in syntax that is only types: a union or a const object for an enum, plain fields for parameter properties.",
    };
  return {
    ...problem,
    code: "syntax",
    message: `Not readable as ${file.endsWith("ts") ? "TypeScript" : "JavaScript"}: ${sentence(error.message)}`,
    fix: "Mend the syntax at this place; the file cannot be run or looked at before.",
  };
}

function placeOfError(error: SyntaxError): { line: number; column?: number } {
  const { loc } = error as { loc?: { line: number; column: number } };
  if (loc !== undefined) return { line: loc.line, column: loc.column + 1 };
  // Node puts the place above the stack: ":LINE", some of the text around it, and carets below the mistake.
  const above = (error.stack ?? "").split("\n");
  const line = Number(/^.*:(\d+)$/.exec(above[0] ?? "")?.[1] ?? 1);
  const carets = above.find((text) => /^\s*\^+\s*$/.test(text));
  return carets === undefined ? { line } : { line, column: carets.indexOf("^") + 1 };
}

function sentence(text: string): string {
  const cut = text.replace(/ \(\d+:\d+\)$/, "").split("\n")[0] ?? "";
  return /[.!?]$/.test(cut) ? cut : `${cut}.`;
}

function importsOf(program: Program): SourceImport[] {
  const imports: SourceImport[] = [];
  walk(program, (node) => {
    const found = importOf(node);
    if (found !== undefined) imports.push({ ...found, line: lineOf(node) });
  });
  return imports;
}

function importOf(node: AnyNode): Omit<SourceImport, "line"> | undefined {
  if (node.type === "ImportDeclaration")
    return {
      specifier: String(node.source.value),
      names: node.specifiers.map((each) => {
        if (each.type === "ImportDefaultSpecifier") return { imported: "default", local: each.local.name };
        if (each.type === "ImportNamespaceSpecifier") return { imported: "*", local: each.local.name };
        const imported = each.imported.type === "Identifier" ? each.imported.name : String(each.imported.value);
        return { imported, local: each.local.name };
      }),
    };
  const source =
    node.type === "ImportExpression"
      ? node.source
      : node.type === "ExportAllDeclaration" || node.type === "ExportNamedDeclaration"
        ? node.source
        : undefined;
  const specifier = source?.type === "Literal" && typeof source.value === "string" ? source.value : undefined;
  return specifier === undefined ? undefined : { specifier, names: [] };
}

/** Calls `visit` for a node and everything below it, parents first; `false` leaves out what is below. */
export function walk(node: AnyNode, visit: (node: AnyNode) => unknown): void {
  if (visit(node) === false) return;
  for (const child of childrenOf(node)) walk(child, visit);
}

export function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** 1-based. */
export function lineOf(node: AnyNode): number {
  return node.loc?.start.line ?? 1;
}

/** 1-based, both. */
export function placeOf(node: AnyNode): { line: number; column: number } {
  return { line: lineOf(node), column: (node.loc?.start.column ?? 0) + 1 };
}

/** The text of a string literal, or of a template without expressions; undefined for anything else. */
export function textOf(node: AnyNode | null | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

/** What a name at the top of the file stands for: its initial value, function or class. */
export function declarationOf(source: Source, name: string): AnyNode | undefined {
  for (const statement of source.program.body) {
    const node = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (node?.type === "FunctionDeclaration" && node.id?.name === name) return node;
    if (node?.type === "VariableDeclaration")
      for (const { id, init } of node.declarations)
        if (id.type === "Identifier" && id.name === name) return init ?? undefined;
  }
  return undefined;
}

/** The value of a property of an object literal; undefined where it is not written out there. */
export function propertyOf(object: AnyNode | undefined, name: string): { key: AnyNode; value: AnyNode } | undefined {
  if (object?.type !== "ObjectExpression") return undefined;
  for (const property of object.properties) {
    if (property.type !== "Property" || property.computed) continue;
    const key = property.key.type === "Identifier" ? property.key.name : textOf(property.key);
    if (key === name) return { key: property.key, value: property.value };
  }
  return undefined;
}
