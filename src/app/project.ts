import { existsSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { UsageError } from "../base/failure.ts";
import { loadContracts } from "../contract/load.ts";
import type { ContractSet } from "../contract/contract.ts";
import { loadPrompts } from "../prompt/load.ts";
import type { PromptSet } from "../prompt/set.ts";
import { CONFIG_FILES, loadConfig } from "./config.ts";
import type { Config, ConfigInput } from "./config.ts";
import { loadCode } from "./load-code.ts";
import type { ProjectTool, ProjectWorkflow, UnfitWorkflow } from "./load-code.ts";
import { loadSuites } from "./load-suites.ts";
import type { ProjectSuite } from "./load-suites.ts";
import { resolveOwnName } from "./resolve.ts";

/** A project folder, loaded. Whatever has an error is left out and named among the problems. */
export interface Project {
  /** Absolute. */
  dir: string;
  config: Config;
  contracts: ContractSet;
  prompts: PromptSet;
  /** By name: those of `tools/`, and those that workflows define themselves. */
  tools: ReadonlyMap<string, ProjectTool>;
  workflows: ReadonlyMap<string, ProjectWorkflow>;
  /** Workflows that cannot run; only looked at for more mistakes. */
  unfit: readonly UnfitWorkflow[];
  suites: ReadonlyMap<string, ProjectSuite>;
  /** Names of all suites in `evals/`, those with mistakes included. */
  suiteNames: readonly string[];
  /** All mistakes of all files. */
  problems: readonly FileProblem[];
}

/**
 * Loads everything in a project folder. Mistakes in the user's files never throw: they come back all at once.
 * Modules stay loaded for the life of the process; a change is seen by a new one. Throws `UsageError` where there is no folder.
 */
export async function loadProject(dir: string, input: ConfigInput = {}): Promise<Project> {
  const root = projectFolder(dir);
  resolveOwnName();
  const { config, problems: configProblems } = await loadConfig(root, input);
  const { contracts, problems: contractProblems } = await loadContracts(root);
  const { prompts, problems: promptProblems } = await loadPrompts(root);
  const code = await loadCode(root, contracts, prompts);
  const whole = !code.problems.some(({ severity }) => severity === "error");
  const {
    suites,
    names: suiteNames,
    problems: suiteProblems,
  } = await loadSuites(root, { prompts, contracts, workflows: whole ? code.workflows : null });
  return {
    dir: root,
    config,
    contracts,
    prompts,
    tools: code.tools,
    workflows: code.workflows,
    unfit: code.unfit,
    suites,
    suiteNames,
    problems: inOrder([...configProblems, ...contractProblems, ...promptProblems, ...code.problems, ...suiteProblems]),
  };
}

/** The folder itself, whatever links lead to it. Throws `UsageError` where there is none. */
export function projectFolder(dir: string): string {
  const path = resolve(dir);
  if (existsSync(path) && !statSync(path).isDirectory())
    throw new UsageError("no_project", `${path} is a file. Name the project's folder instead.`);
  if (!existsSync(path))
    throw new UsageError("no_project", `There is no folder ${path}. "sluice init ${dir}" makes a project there.`);
  return realpathSync(path);
}

/** Why this folder is no project; null where one is begun. */
export function noProject(dir: string): FileProblem | null {
  if ([...CONFIG_FILES, "workflows", "events", "prompts"].some((name) => existsSync(join(dir, name)))) return null;
  return {
    file: ".",
    severity: "error",
    code: "no_project",
    message: `${dir} is no Sluice project: it has no sluice.config.ts, no workflows, events or prompts.`,
    fix: 'Go to the project folder (or use --dir), or make one: "sluice init my-project".',
  };
}

/** A mistake quotes what it is about, which may be a file of any length. */
const MAX_SAID = 2_000;

function shortened({ message, fix, ...rest }: FileProblem): FileProblem {
  const short = (text: string): string => (text.length > MAX_SAID ? `${text.slice(0, MAX_SAID)}…` : text);
  return { ...rest, message: short(message), ...(fix === undefined ? {} : { fix: short(fix) }) };
}

/** By file, then line; the same mistake once. */
export function inOrder(problems: readonly FileProblem[]): FileProblem[] {
  const seen = new Set<string>();
  return problems
    .map(shortened)
    .filter((problem) => {
      const key = `${problem.file} ${problem.line ?? 0} ${problem.code} ${problem.message}`;
      return !seen.has(key) && seen.add(key);
    })
    .toSorted((a, b) => (a.file === b.file ? (a.line ?? 0) - (b.line ?? 0) : a.file < b.file ? -1 : 1));
}
