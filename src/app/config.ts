import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import type { JsonObject } from "../base/json.ts";
import { locator, readJson } from "../base/position.ts";
import { didYouMean } from "../base/suggest.ts";
import { declarationOf, lineOf, propertyOf, readSource } from "../workflow/source.ts";
import type { Source } from "../workflow/source.ts";
import { importModule } from "./import.ts";
import { isFile } from "./is-file.ts";
import { SETTINGS, SETTING_NAMES, fromText, variableOf } from "./settings.ts";
import type { Settings, UserConfig } from "./settings.ts";

/** The configuration in force: flags go before the environment, that before the file, that before the defaults. */
export interface Config extends Omit<Settings, "data" | "keyFile" | "lease" | "drainGrace" | "keepEvents"> {
  /** Absolute. */
  readonly dataDir: string;
  /** Absolute. */
  readonly keyFile: string;
  /** A key file somebody named has to be there; the default one is made on first run. */
  readonly keyFileNamed: boolean;
  readonly leaseMs: number;
  readonly drainGraceMs: number;
  readonly keepEventsMs: number;
}

export type Env = Readonly<Record<string, string | undefined>>;

export interface ConfigInput {
  /** `process.env` unless given. */
  env?: Env;
  /** Settings from the command line, by setting name; undefined ones are not set. */
  flags?: Readonly<Record<string, string | undefined>>;
}

export interface LoadedConfig {
  /** Settings with a mistake have their default. */
  config: Config;
  problems: FileProblem[];
}

export const CONFIG_FILES = ["sluice.config.ts", "sluice.config.js", "sluice.config.json"] as const;

/** Types the settings of `sluice.config.ts`: `export default defineConfig({ port: 4780 })`. */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}

/** Reads the configuration of a project folder. Mistakes come back with their place; nothing throws for them. */
export async function loadConfig(
  dir: string,
  { env = process.env, flags = {} }: ConfigInput = {},
): Promise<LoadedConfig> {
  const problems: FileProblem[] = [];
  const file = await readConfigFile(dir, problems);
  const origins = new Map<string, Origin>();
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(file.values)) {
    values[name] = value;
    origins.set(name, { label: name, place: file.place });
  }
  for (const name of SETTING_NAMES) {
    const variable = variableOf(name);
    const flag = flags[name];
    const text = flag ?? (env[variable] === "" ? undefined : env[variable]);
    if (text === undefined) continue;
    values[name] = fromText(name, text);
    const label = flag === undefined ? variable : `--${name.replaceAll(/[A-Z]/g, "-$&").toLowerCase()}`;
    origins.set(name, { label, place: () => ({ file: flag === undefined ? "environment" : "command line" }) });
  }
  const settings = readSettings(values, origins, file, problems);
  return { config: configOf(dir, settings, env), problems };
}

interface Origin {
  label: string;
  place(path: readonly PropertyKey[]): Pick<FileProblem, "file" | "line">;
}

interface ConfigFile {
  values: JsonObject;
  place: Origin["place"];
}

function readSettings(
  values: Record<string, unknown>,
  origins: ReadonlyMap<string, Origin>,
  file: ConfigFile,
  problems: FileProblem[],
): Settings {
  const read = SETTINGS.safeParse(values);
  if (read.success) return read.data;
  for (const issue of read.error.issues) {
    const origin = origins.get(String(issue.path[0])) ?? { label: String(issue.path[0] ?? ""), place: file.place };
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) problems.push(unknownSetting([...issue.path, key], origin));
    } else {
      const label = [origin.label, ...issue.path.slice(1)].join(".");
      problems.push({
        ...origin.place(issue.path),
        code: "bad_setting",
        message: `${label} ${wording(saidBy(issue))}.`.replace(/\.\.$/, "."),
        severity: "error",
      });
    }
  }
  const wrong = new Set(
    read.error.issues.flatMap((issue) =>
      issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [String(issue.path[0])],
    ),
  );
  return SETTINGS.parse(Object.fromEntries(Object.entries(values).filter(([name]) => !wrong.has(name))));
}

const PROVIDER_KEYS = [
  "kind",
  "baseUrl",
  "apiKeyEnv",
  "apiKey",
  "structuredOutput",
  "headers",
  "maxTokensField",
  "pricedAs",
];
const KEYS_OF: Readonly<Record<string, readonly string[]>> = {
  prices: ["inputPerMillion", "outputPerMillion", "cachedInputPerMillion", "date"],
  rateLimits: ["requestsPerMinute", "tokensPerMinute"],
};

function unknownSetting(path: readonly PropertyKey[], origin: Origin): FileProblem {
  const [top, key] = [String(path[0]), String(path.at(-1))];
  const below = Object.hasOwn(KEYS_OF, top) ? (KEYS_OF[top] as readonly string[]) : PROVIDER_KEYS;
  const known = path.length === 1 ? SETTING_NAMES : below;
  const problem = { ...origin.place(path), code: "unknown_setting", severity: "error" } as const;
  if (key === "key" && path.length === 1)
    return {
      ...problem,
      message: "A key does not belong in a file of the project.",
      fix: "Set SLUICE_KEY in the environment, or keyFile (SLUICE_KEY_FILE) to a file that holds it.",
    };
  return { ...problem, message: `There is no setting "${path.join(".")}".`, fix: didYouMean(key, known) };
}

/** Of a key that is none, its own mistake says more than that there is one. */
function saidBy(issue: { code: string; message: string; issues?: readonly { message: string }[] }): string {
  return (issue.code === "invalid_key" ? issue.issues?.[0]?.message : undefined) ?? issue.message;
}

/** What zod says in its own words reads as the end of a sentence that begins with the setting's name. */
function wording(message: string): string {
  const expected = /^Invalid (?:input|option): expected (.*?)(?:, received (.*))?$/.exec(message);
  if (expected === null) return message;
  const what = (expected[1] as string).replaceAll("|", ", ").replace(/^one of /, "one of ");
  return `must be ${what}${expected[2] === undefined ? "" : `, not ${expected[2]}`}`;
}

async function readConfigFile(dir: string, problems: FileProblem[]): Promise<ConfigFile> {
  const found = CONFIG_FILES.filter((name) => isFile(join(dir, name)));
  const [file, second] = found;
  const nothing = (name: string): ConfigFile => ({ values: {}, place: () => ({ file: name }) });
  if (file === undefined) return nothing("sluice.config.ts");
  if (second !== undefined)
    problems.push({
      file: second,
      code: "config_twice",
      message: `There is ${file} too; only one of them can count.`,
      fix: "Keep one of the two.",
      severity: "error",
    });
  const text = await readFile(join(dir, file), "utf8");
  return (
    (file.endsWith(".json") ? jsonConfig(file, text, problems) : await moduleConfig(dir, file, text, problems)) ??
    nothing(file)
  );
}

function jsonConfig(file: string, text: string, problems: FileProblem[]): ConfigFile | undefined {
  const read = readJson(text);
  if ("mistake" in read) {
    problems.push({ file, ...read.mistake, code: "syntax", severity: "error" });
    return undefined;
  }
  if (!isObject(read.value)) {
    problems.push(notAnObject(file, 'Write { "port": 4780 }.'));
    return undefined;
  }
  const locate = locator(text);
  const { $schema: _, ...values } = read.value;
  return { values, place: (path) => ({ file, line: locate(path.map((key) => `/${String(key)}`).join("")).line }) };
}

async function moduleConfig(
  dir: string,
  file: string,
  text: string,
  problems: FileProblem[],
): Promise<ConfigFile | undefined> {
  const read = readSource(file, text);
  if ("problem" in read) {
    problems.push(read.problem);
    return undefined;
  }
  const loaded = await importModule(dir, read.source);
  if ("problem" in loaded) {
    problems.push(loaded.problem);
    return undefined;
  }
  const value = loaded.exports["default"];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.push(notAnObject(file, "Write: export default defineConfig({ port: 4780 })."));
    return undefined;
  }
  return { values: value as JsonObject, place: (path) => ({ file, ...lineInModule(read.source, path) }) };
}

function notAnObject(file: string, fix: string): FileProblem {
  return {
    file,
    line: 1,
    code: "no_config",
    message: "The configuration is a group of settings; this file gives none.",
    fix,
    severity: "error",
  };
}

/** Where a setting is written, as far as it is written out in the default export. */
function lineInModule(source: Source, path: readonly PropertyKey[]): { line?: number } {
  const exported = source.program.body.find((node) => node.type === "ExportDefaultDeclaration");
  if (exported === undefined) return {};
  let at = exported.declaration as Parameters<typeof propertyOf>[0];
  if (at?.type === "Identifier") at = declarationOf(source, at.name);
  if (at?.type === "CallExpression") at = at.arguments[0];
  let line = lineOf(exported);
  for (const key of path) {
    const property = propertyOf(at, String(key));
    if (property === undefined) break;
    line = lineOf(property.key);
    at = property.value;
  }
  return { line };
}

function configOf(dir: string, settings: Settings, env: Env): Config {
  const { data, keyFile, lease, drainGrace, keepEvents, ...others } = settings;
  const dataDir = resolve(dir, data);
  return {
    ...others,
    dataDir,
    keyFile: keyFile === undefined ? defaultKeyFile(dataDir, env) : resolve(dir, keyFile),
    keyFileNamed: keyFile !== undefined,
    leaseMs: lease,
    drainGraceMs: drainGrace,
    keepEventsMs: keepEvents,
  };
}

/** Outside the data folder: whoever copies that folder has no key with it. */
function defaultKeyFile(dataDir: string, env: Env): string {
  const base = env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
  const hash = createHash("sha256").update(realPath(dataDir)).digest("hex").slice(0, 24);
  return join(base, "sluice", "keys", `${hash}.key`);
}

/** The same folder has one name, also through links and before it exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path));
  }
}
