import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { FileProblem } from "../base/failure.ts";
import type { Source } from "../workflow/source.ts";
import { resolveOwnName } from "./resolve.ts";

export type Imported =
  | { exports: Readonly<Record<string, unknown>> }
  /** `error`: what was thrown. */
  | { problem: FileProblem; error: unknown };

/** Runs a file of the project. What goes wrong comes back with the place in the user's files, without a stack trace. */
export async function importModule(dir: string, source: Source): Promise<Imported> {
  resolveOwnName();
  const url = pathToFileURL(join(dir, source.file)).href;
  try {
    return { exports: (await import(/* @vite-ignore */ url)) as Record<string, unknown> };
  } catch (error) {
    return { problem: importProblem(dir, source, error), error };
  }
}

function importProblem(dir: string, source: Source, error: unknown): FileProblem {
  const base = { file: source.file, code: "cannot_load", severity: "error" } as const;
  if (!(error instanceof Error))
    return { ...base, line: 1, message: `Running this file threw something that is not an error: ${String(error)}.` };
  return missingModule(source, error) ?? missingExport(source, error) ?? thrown(dir, source, error);
}

function missingModule(source: Source, error: Error): FileProblem | undefined {
  const found = /Cannot find (?:module|package) ['"]([^'"]+)['"]/.exec(error.message)?.[1];
  if (found === undefined) return undefined;
  const wanted = source.imports.find(
    ({ specifier }) => found === specifier || found.endsWith(specifier.replace(/^(\.\.?\/)+/, "/")),
  );
  const specifier = wanted?.specifier ?? found;
  const bare = !/^[./]|^file:/.test(specifier);
  return {
    file: source.file,
    line: wanted?.line ?? 1,
    code: "cannot_import",
    message: `There is no ${bare ? "package" : "file"} "${specifier}" to import.`,
    fix: bare
      ? `Install it in the project: npm install ${packageOf(specifier)}.`
      : "Write the path with its ending, as in ./plans.ts.",
    severity: "error",
  };
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function missingExport(source: Source, error: Error): FileProblem | undefined {
  const found = /requested module ['"]([^'"]+)['"] does not provide an export named ['"]([^'"]+)['"]/.exec(
    error.message,
  );
  if (found === null) return undefined;
  const [, specifier = "", name = ""] = found;
  const wanted = source.imports.find(
    (each) => each.specifier === specifier && each.names.some(({ imported }) => imported === name),
  );
  return {
    file: source.file,
    line: wanted?.line ?? 1,
    code: "cannot_import",
    message: `"${specifier}" exports no "${name}".`,
    fix: "Import a name that it exports; a type is imported with `import type`.",
    severity: "error",
  };
}

/** An exception while the file ran: at the innermost place that is the user's own. */
function thrown(dir: string, source: Source, error: Error): FileProblem {
  const places = [...(error.stack ?? "").matchAll(/(file:\/\/[^\s()]+?|\/[^\s():]+):(\d+):(\d+)/g)].map(
    ([, at = "", line, column]) => ({
      path: at.startsWith("file:") ? fileURLToPath(at.replace(/\?.*$/, "")) : at,
      line: Number(line),
      column: Number(column),
    }),
  );
  const own = places.find(({ path }) => path.startsWith(`${dir}/`) && !path.includes("/node_modules/"));
  const [first = "", ...others] = error.message.split("\n");
  const text = [first, ...others.map((line) => line.trim())].join(" ");
  // A definition that makes no sense says so itself, by name.
  const named = error instanceof RangeError;
  const problem = {
    code: named ? "bad_definition" : "cannot_load",
    message: named ? text : `Running this file failed: ${text}${/[.!?]$/.test(text) ? "" : "."}`,
    fix: named
      ? "Mend the definition at this place."
      : "A file is run once when the project is loaded; mend what fails at this place.",
    severity: "error",
  } as const;
  if (own === undefined) return { file: source.file, line: 1, ...problem };
  return { file: own.path.slice(dir.length + 1), line: own.line, column: own.column, ...problem };
}
