import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { FileProblem } from "../base/failure.ts";
import { compileContract } from "./compile.ts";
import type { CompiledContract } from "./compile.ts";
import { contractSet } from "./contract.ts";
import type { ContractSet, Upcast } from "./contract.ts";

export interface LoadedContracts {
  /** The versions without an error. */
  contracts: ContractSet;
  problems: FileProblem[];
}

const SCHEMA = /^([1-9]\d{0,8})\.schema\.json$/;
const UPCAST = /^([1-9]\d{0,8})\.upcast\.(?:ts|mts|js|mjs)$/;
const IGNORED = /^\.|\.md$|\.test\.[mc]?[tj]s$/;
const TYPE = /^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/;

/**
 * Reads every contract below `DIR/events/`: `TYPE/N.schema.json` and `TYPE/N.upcast.ts`. All mistakes of all files come
 * back together, with paths relative to `dir`; a missing folder is an empty set.
 */
export async function loadContracts(dir: string): Promise<LoadedContracts> {
  const problems: FileProblem[] = [];
  const contracts: CompiledContract[] = [];
  for (const { name, isFolder } of await entries(join(dir, "events"))) {
    const file = `events/${name}`;
    if (!isFolder)
      problems.push(
        mistake(
          file,
          "wrong_place",
          "A contract lives in a folder of its event type's name.",
          "Move it to events/TYPE/1.schema.json.",
        ),
      );
    else if (!TYPE.test(name))
      problems.push(
        mistake(
          file,
          "bad_event_type",
          `"${name}" is no event type.`,
          'Use letters, digits, "_", "-" and ".", as in support_ticket.created.',
        ),
      );
    else contracts.push(...(await loadType(dir, name, problems)));
  }
  return { contracts: contractSet(contracts), problems };
}

async function loadType(dir: string, type: string, problems: FileProblem[]): Promise<CompiledContract[]> {
  const contracts = new Map<number, CompiledContract>();
  const upcasts = new Map<number, string>();
  const present = new Set<number>();
  for (const { name, isFolder } of await entries(join(dir, "events", type))) {
    const file = `events/${type}/${name}`;
    const schema = isFolder ? null : SCHEMA.exec(name);
    const upcast = isFolder ? null : UPCAST.exec(name);
    if (schema !== null) {
      const version = Number(schema[1]);
      present.add(version);
      const compiled = compileContract({ type, version, file, text: await readFile(join(dir, file), "utf8") });
      problems.push(...compiled.problems);
      if (compiled.contract !== undefined) contracts.set(version, compiled.contract);
    } else if (upcast !== null) upcasts.set(Number(upcast[1]), file);
    else
      problems.push(
        mistake(
          file,
          "bad_file_name",
          "This is neither a contract version nor an upcast.",
          "Name a contract 1.schema.json (2, 3 …), an upcast from version 1 to 2 1.upcast.ts.",
        ),
      );
  }
  if (present.size === 0)
    problems.push(
      mistake(
        `events/${type}`,
        "no_version",
        `${type} has no contract version.`,
        `Write events/${type}/1.schema.json.`,
      ),
    );
  for (const [version, file] of [...upcasts].sort(([a], [b]) => a - b))
    await attachUpcast(dir, file, version, present, contracts, problems);
  problems.push(...defaultProblems(type, [...contracts.values()]));
  return [...contracts.values()];
}

async function attachUpcast(
  dir: string,
  file: string,
  version: number,
  present: ReadonlySet<number>,
  contracts: Map<number, CompiledContract>,
  problems: FileProblem[],
): Promise<void> {
  const missing = [version, version + 1].filter((each) => !present.has(each));
  if (missing.length > 0) {
    const names = missing.map((each) => `${each}.schema.json`).join(" and ");
    problems.push(
      mistake(
        file,
        "upcast_without_version",
        `This upcast leads from version ${version} to ${version + 1}, but there is no ${names}.`,
        `Write ${names}, or rename the upcast.`,
      ),
    );
    return;
  }
  const upcast = await importUpcast(dir, file, problems);
  const contract = contracts.get(version);
  if (upcast !== undefined && contract !== undefined) contracts.set(version, { ...contract, upcast });
}

async function importUpcast(dir: string, file: string, problems: FileProblem[]): Promise<Upcast | undefined> {
  const url = pathToFileURL(join(dir, file)).href;
  try {
    const module = (await import(url)) as { default?: unknown };
    if (typeof module.default === "function") return module.default as Upcast;
    problems.push(
      mistake(file, "no_upcast", "This file exports no upcast.", "Write: export default (event) => ({ ...event, … })"),
    );
  } catch (error) {
    const line = lineIn(error, url);
    const text = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    problems.push({
      ...mistake(file, "cannot_load", `This file cannot be loaded: ${text}`),
      ...(line === undefined ? {} : { line }),
    });
  }
  return undefined;
}

function lineIn(error: unknown, url: string): number | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const place of [url, decodeURI(new URL(url).pathname)]) {
    const at = stack.indexOf(`${place}:`);
    const line = at < 0 ? Number.NaN : Number.parseInt(stack.slice(at + place.length + 1), 10);
    if (Number.isInteger(line)) return line;
  }
  return undefined;
}

function defaultProblems(type: string, contracts: readonly CompiledContract[]): FileProblem[] {
  const [first, ...others] = contracts.filter(({ isDefault }) => isDefault);
  if (first === undefined && contracts.length > 1)
    return [
      {
        ...mistake(`events/${type}`, "no_default", `${type} has ${contracts.length} versions and none is marked "x-default": true, so that events without schema_version are refused.`, 'Write "x-default": true in one of them.'),
        severity: "warning",
      },
    ]; // prettier-ignore
  return others.map(({ file, defaultLine }) => ({
    ...mistake(
      file,
      "two_defaults",
      `${first?.file} is marked "x-default": true already.`,
      "Leave the mark in one version only.",
    ),
    ...(defaultLine === null ? {} : { line: defaultLine }),
  }));
}

function mistake(file: string, code: string, message: string, fix?: string): FileProblem {
  return { file, code, message, severity: "error", ...(fix === undefined ? {} : { fix }) };
}

async function entries(path: string): Promise<{ name: string; isFolder: boolean }[]> {
  try {
    const found = await readdir(path, { withFileTypes: true });
    return found
      .filter(({ name }) => !IGNORED.test(name))
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
