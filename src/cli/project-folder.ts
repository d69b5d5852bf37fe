import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { styleText } from "node:util";
import type { Command } from "commander";
import { loadProject, noProject, projectFolder } from "../app/project.ts";
import type { Project } from "../app/project.ts";
import type { FileProblem } from "../base/failure.ts";
import { ProjectError, UsageError } from "../base/failure.ts";
import { inert, inertLine } from "../base/inert.ts";
import type { Io } from "./io.ts";

export interface FolderOptions {
  dir?: string;
  data?: string;
}

/** `--dir`, for commands that read a project's files. */
export function folderOption(command: Command): Command {
  return command.option("--dir <folder>", "the project folder (SLUICE_DIR; here unless set)");
}

export function projectDir({ dir }: FolderOptions, io: Io): string {
  return resolve(io.cwd, dir ?? (io.env["SLUICE_DIR"] || "."));
}

/** Of a project that is begun at least: what serves writes into it. Throws `UsageError` or `ProjectError` where there is none. */
export function projectToServe(options: FolderOptions, io: Io): string {
  const dir = projectFolder(projectDir(options, io));
  const missing = noProject(dir);
  if (missing !== null) throw new ProjectError([missing]);
  return dir;
}

export async function openProject(options: FolderOptions, io: Io): Promise<Project> {
  return await loadProject(projectDir(options, io), { env: io.env, flags: { data: options.data } });
}

/** Problems as lines with place, severity, name and fix; paths as seen from where the person is. */
export function problemLines(problems: readonly FileProblem[], dir: string, io: Io): string {
  return problems.map((problem) => `${problemLine(problem, dir, io)}\n`).join("");
}

function problemLine({ file, line, column, severity, code, message, fix }: FileProblem, dir: string, io: Io): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    io.colour ? styleText(style, text, { validateStream: false }) : text;
  const place = [seenFrom(io.cwd, dir, file), line, line === undefined ? undefined : column]
    .filter((part) => part !== undefined)
    .join(":");
  const head = `${paint("bold", inertLine(place))}: ${paint(severity === "error" ? "red" : "yellow", severity)} ${inertLine(message)} ${paint("dim", `(${code})`)}`;
  return fix === undefined ? head : `${head}\n    ${inert(fix).replaceAll("\n", "\n    ")}`;
}

function seenFrom(cwd: string, dir: string, file: string): string {
  if (file === "environment" || file === "command line") return file;
  const path = relative(cwd, join(dir, file));
  return path.startsWith("..") ? join(dir, file) : path || ".";
}

/** "2 errors, 1 warning"; "nothing wrong" for none. */
export function tally(problems: readonly FileProblem[]): string {
  const count = (severity: FileProblem["severity"]): string | undefined => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return number === 0 ? undefined : `${number} ${severity}${number === 1 ? "" : "s"}`;
  };
  return [count("error"), count("warning")].filter((part) => part !== undefined).join(", ") || "nothing wrong";
}

export function errorsOf(problems: readonly FileProblem[]): FileProblem[] {
  return problems.filter(({ severity }) => severity === "error");
}

/** For commands that cannot go on with mistakes in the files. Throws `ProjectError`. */
export function refuseErrors(problems: readonly FileProblem[]): void {
  const errors = errorsOf(problems);
  if (errors.length > 0) throw new ProjectError(errors);
}

/** A file named on the command line, or all of standard input for `-`. Throws `UsageError`. */
export async function readInput(file: string, io: Io): Promise<string> {
  if (file === "-") return await io.readStdin();
  try {
    return await readFile(resolve(io.cwd, file), "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UsageError("no_file", `There is no file ${file}.`);
    throw new UsageError("no_file", `${file} cannot be read: ${message}`);
  }
}
