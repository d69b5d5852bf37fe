import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { nearest } from "../base/suggest.ts";
import { readSource } from "../workflow/source.ts";
import type { Source, SourceImport } from "../workflow/source.ts";

/** The project's own code, read and parsed once, whoever asks. */
export class Modules {
  readonly problems: FileProblem[] = [];
  readonly #dir: string;
  readonly #read = new Map<string, Promise<ReadModule>>();
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** A file and everything of the project's that it imports, itself first; `whole` is false where something of it cannot be read. */
  async graph(entry: string): Promise<Graph> {
    const members = new Map<string, ReadModule>();
    const queue = [entry];
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      if (members.has(file)) continue;
      const read = await this.#module(file);
      members.set(file, read);
      queue.push(...read.locals);
    }
    const all = [...members.values()];
    const texts = new Map([...members].map(([file, { text }]) => [file, text]));
    for (const file of new Set(all.flatMap(({ data }) => data)))
      texts.set(file, await readFile(join(this.#dir, file), "utf8"));
    return {
      sources: all.map(({ source }) => source).filter((source) => source !== undefined),
      texts,
      whole: all.every(({ whole }) => whole),
    };
  }

  #module(file: string): Promise<ReadModule> {
    let read = this.#read.get(file);
    if (read === undefined) this.#read.set(file, (read = this.#readModule(file)));
    return read;
  }

  async #readModule(file: string): Promise<ReadModule> {
    const text = await readFile(join(this.#dir, file), "utf8");
    const read = readSource(file, text);
    if ("problem" in read) {
      this.problems.push(read.problem);
      return { text, locals: [], data: [], whole: false };
    }
    const locals: string[] = [];
    const data: string[] = [];
    let whole = true;
    for (const each of read.source.imports.filter(({ specifier }) => /^\.\.?\//.test(specifier))) {
      const target = join(dirname(file), each.specifier);
      const missing = await missingFile(this.#dir, file, target, each);
      if (missing !== undefined) this.problems.push(missing);
      whole &&= missing === undefined;
      if (missing === undefined && /\.[cm]?[jt]s$/.test(target)) locals.push(target);
      else if (missing === undefined) data.push(target);
    }
    return { text, source: read.source, locals, data, whole };
  }
}

export interface Graph {
  sources: Source[];
  /** By file. */
  texts: ReadonlyMap<string, string>;
  whole: boolean;
}

interface ReadModule {
  text: string;
  source?: Source;
  /** Code files of the project that it imports. */
  locals: string[];
  /** Other files of the project that it imports: JSON, for one. */
  data: string[];
  whole: boolean;
}

async function missingFile(
  dir: string,
  file: string,
  target: string,
  { specifier, line }: SourceImport,
): Promise<FileProblem | undefined> {
  const path = join(dir, target);
  if (existsSync(path) && statSync(path).isFile()) return undefined;
  const siblings = await readdir(dirname(path)).catch((): string[] => []);
  const wanted = path.slice(dirname(path).length + 1);
  const stem = wanted.replace(/\.[cm]?js$/, "");
  const near =
    siblings.find((name) => name === `${stem}.ts` || name === `${wanted}.ts`) ??
    nearest(
      wanted,
      siblings.filter((name) => /\.[cm]?[jt]s$/.test(name)),
    );
  const suggestion = near === undefined ? undefined : `${specifier.slice(0, specifier.lastIndexOf("/") + 1)}${near}`;
  return {
    file,
    line,
    code: "cannot_import",
    message: `There is no file "${specifier}" to import.`,
    fix:
      suggestion === undefined
        ? `Create ${target}, or mend the path; it is written with its ending, as in ./plans.ts.`
        : `Did you mean "${suggestion}"?`,
    severity: "error",
  };
}

const LOCKFILES = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

/**
 * The packages that are installed count as code: the text of the first lockfile in the folder, or in the nearest folder
 * above it up to the root of its repository, as in a workspace; "" without one.
 */
export async function lockfileText(dir: string): Promise<string> {
  const name = LOCKFILES.find((file) => existsSync(join(dir, file)));
  if (name !== undefined) return await readFile(join(dir, name), "utf8");
  const inRepository = ((): boolean => {
    for (let at = dir; at !== dirname(at); at = dirname(at)) if (existsSync(join(at, ".git"))) return true;
    return false;
  })();
  return inRepository && !existsSync(join(dir, ".git")) ? await lockfileText(dirname(dir)) : "";
}

/** SHA-256, hex, over a file's text, that of all files of the project that it imports, and the lockfile. */
export function fingerprint(graph: Graph, lockfile: string): string {
  const hash = createHash("sha256");
  for (const [file, text] of [...graph.texts].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${file}\n${text.length}\n${text}\n`);
  return hash.update(lockfile).digest("hex");
}

/** Code files directly in a folder of the project, by name; tests and declarations are not meant. */
export async function codeFiles(dir: string, folder: string): Promise<string[]> {
  const names = await readdir(join(dir, folder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
  return names
    .filter((name) => /\.[cm]?[jt]s$/.test(name) && !/^[._]|\.(test|spec|d)\.[cm]?[jt]s$/.test(name))
    .sort()
    .map((name) => relative(dir, join(dir, folder, name)));
}
