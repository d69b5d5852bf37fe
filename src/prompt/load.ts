import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { ProjectError } from "../base/failure.ts";
import type { FileProblem } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import type { JsonObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import { compilePrompt } from "./compile.ts";
import type { Compiled } from "./compile.ts";
import { parseMessages } from "./markdown.ts";
import type { PromptPlace } from "./messages.ts";
import { promptSet } from "./set.ts";
import type { PromptSet } from "./set.ts";
import { parseSource } from "./source.ts";
import type { PromptSpec } from "./spec.ts";

export interface LoadedPrompts {
  /** The versions without an error. */
  prompts: PromptSet;
  problems: FileProblem[];
}

const SPEC = /\.(yaml|yml|json)$/;

/**
 * Reads every prompt version below `DIR/prompts/`: `NAME/VERSION.yaml` (or .yml, .json), with the messages in the file or in
 * `NAME/VERSION.md`. All mistakes of all files come back together, with paths relative to `dir`; a missing folder is an empty set.
 */
export async function loadPrompts(dir: string): Promise<LoadedPrompts> {
  const root = join(dir, "prompts");
  const problems: FileProblem[] = [];
  const specs: PromptSpec[] = [];
  for (const entry of await entries(root)) {
    const file = relative(dir, join(root, entry.name));
    if (entry.isDirectory()) specs.push(...(await loadVersions(dir, entry.name, problems)));
    else if (SPEC.test(entry.name))
      problems.push(
        mistake(
          file,
          "wrong_place",
          "A prompt version lives in a folder of its prompt's name.",
          `Move it to prompts/NAME/VERSION${entry.name.slice(entry.name.lastIndexOf("."))}.`,
        ),
      );
  }
  const prompts = promptSet(specs);
  problems.push(...prompts.names().flatMap((name) => wayBackProblems(prompts, name)));
  return { prompts, problems };
}

/** One version, of a file that need not be in a project's folder; its messages may be in `VERSION.md` beside it. */
export async function loadPromptFile(dir: string, file: string): Promise<Pick<Compiled, "spec" | "problems">> {
  const source = parseSource(file, await readFile(join(dir, file), "utf8"));
  const problems: FileProblem[] = [];
  const written = await readWritten(dir, file.replace(SPEC, ".md"), problems);
  const { name, version } = isObject(source.value) ? source.value : {};
  const named = typeof name === "string" && typeof version === "string" ? { name, version } : undefined;
  const place = written === undefined || named === undefined ? undefined : { ...named, written };
  const compiled = compilePrompt(source, place);
  return { ...compiled, problems: [...problems, ...compiled.problems] };
}

/** A published version, from its document. Throws `ProjectError` where it is not one. */
export function promptFromDocument(document: JsonObject): PromptSpec {
  const source = parseSource(`${nameOf(document)}.json`, JSON.stringify(document, null, 2));
  const { spec, problems } = compilePrompt(source);
  if (spec === undefined) throw new ProjectError(problems);
  const { file: _, ...published } = spec;
  return published;
}

function nameOf({ name, version }: JsonObject): string {
  return typeof name === "string" && typeof version === "string" ? `${name}@${version}` : "published prompt";
}

async function entries(path: string): Promise<{ name: string; isDirectory(): boolean }[]> {
  try {
    const found = await readdir(path, { withFileTypes: true });
    return found.filter(({ name }) => !name.startsWith(".")).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function loadVersions(dir: string, name: string, problems: FileProblem[]): Promise<PromptSpec[]> {
  const folder = join("prompts", name);
  const files = (await entries(join(dir, folder))).filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const specs: PromptSpec[] = [];
  const seen = new Map<string, string>();
  for (const file of files.filter((each) => SPEC.test(each))) {
    const version = file.replace(SPEC, "");
    const other = seen.get(version);
    if (other !== undefined)
      problems.push(
        mistake(
          join(folder, file),
          "version_twice",
          `Version ${version} is written in ${other} too.`,
          "Keep one of the two.",
        ),
      );
    seen.set(version, file);
    const spec = await loadVersion(dir, join(folder, file), { name, version }, problems);
    if (spec !== undefined && other === undefined) specs.push(spec);
  }
  for (const file of files.filter((each) => each.endsWith(".md") && !seen.has(each.slice(0, -3))))
    problems.push(
      mistake(
        join(folder, file),
        "no_spec",
        "These messages belong to no prompt version.",
        didYouMean(file.slice(0, -3), seen.keys()),
      ),
    );
  return specs;
}

async function loadVersion(
  dir: string,
  file: string,
  place: PromptPlace,
  problems: FileProblem[],
): Promise<PromptSpec | undefined> {
  const source = parseSource(file, await readFile(join(dir, file), "utf8"));
  const written = await readWritten(dir, file.replace(SPEC, ".md"), problems);
  const compiled = compilePrompt(source, written === undefined ? place : { ...place, written });
  problems.push(...compiled.problems);
  return compiled.spec;
}

async function readWritten(dir: string, file: string, problems: FileProblem[]): Promise<PromptPlace["written"]> {
  let text: string;
  try {
    text = await readFile(join(dir, file), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const { messages, stray } = parseMessages(text);
  const fix = 'Begin each message with a line "## system", "## user" or "## assistant".';
  if (stray !== undefined)
    problems.push({ ...mistake(file, "stray_text", "This text is above the first message.", fix), line: stray });
  else if (messages.length === 0) problems.push(mistake(file, "no_messages", "There is no message in this file.", fix));
  return { file, messages };
}

function wayBackProblems(prompts: PromptSet, name: string): FileProblem[] {
  const versions = prompts.versions(name);
  return versions.flatMap((spec, i): FileProblem[] => {
    const known = versions.filter((other) => other !== spec).map((other) => other.version);
    const back = spec.rollbackVersion;
    const file = spec.file as string;
    const found: FileProblem[] = [];
    if (back !== undefined && !known.includes(back) && back !== spec.version)
      found.push(
        warning(
          file,
          "unknown_rollback_version",
          `The rollback_version "${back}" is not among the versions of ${name}.`,
          didYouMean(back, known),
        ),
      );
    if (back === undefined && i > 0)
      found.push(
        warning(
          file,
          "no_rollback_version",
          "There is no rollback_version.",
          `Name the version to go back to, for example "rollback_version: ${versions[i - 1]?.version}".`,
        ),
      );
    if (spec.evalSuite === undefined)
      found.push(
        warning(
          file,
          "no_eval_suite",
          "There is no eval_suite, so nothing measures this prompt.",
          `Name one: "eval_suite: ${name}_regression".`,
        ),
      );
    return found;
  });
}

function mistake(file: string, code: string, message: string, fix?: string): FileProblem {
  return { file, line: 1, code, message, severity: "error", ...(fix === undefined || fix === "" ? {} : { fix }) };
}

function warning(file: string, code: string, message: string, fix: string): FileProblem {
  return { file, line: 1, code, message, severity: "warning", ...(fix === "" ? {} : { fix }) };
}
