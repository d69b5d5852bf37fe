import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import type { ContractSet } from "../contract/contract.ts";
import type { PromptSet } from "../prompt/set.ts";
import { isTool } from "../tool/define.ts";
import type { AnyTool } from "../tool/define.ts";
import { isWorkflow, isWorkflowError } from "../workflow/define.ts";
import type { Workflow } from "../workflow/define.ts";
import type { EventRef } from "../workflow/event-ref.ts";
import type { DefinitionMistake } from "../workflow/definition-mistakes.ts";
import { definitionIn, optionLine, toolPlace } from "../workflow/source-definition.ts";
import { lineOf } from "../workflow/source.ts";
import type { Source } from "../workflow/source.ts";
import { importModule } from "./import.ts";
import { Modules, codeFiles, fingerprint, lockfileText } from "./modules.ts";

export interface ProjectWorkflow {
  workflow: Workflow;
  /** Relative to the project. */
  file: string;
  /** SHA-256 over the file, its local imports and the lockfile, hex. */
  code: string;
  /** Parsed: the file itself first, then its local imports. */
  sources: readonly Source[];
}

/** A workflow that is not run: its definition has mistakes, or an event, a prompt or a tool of it is not there. */
export interface UnfitWorkflow extends ProjectWorkflow {
  /** The options that have mistakes themselves. */
  wrong: readonly string[];
}

export interface ProjectTool {
  tool: AnyTool;
  /** Relative to the project. */
  file: string;
  /** Where it is defined in that file, 1-based; 1 where that cannot be seen. */
  line: number;
}

export interface LoadedCode {
  workflows: Map<string, ProjectWorkflow>;
  /** Written out, but not fit to run; their code can be looked at all the same. */
  unfit: UnfitWorkflow[];
  tools: Map<string, ProjectTool>;
  problems: FileProblem[];
}

/** Loads `workflows/` and `tools/` of a project, and holds the workflows against the contracts and prompts there are. */
export async function loadCode(dir: string, contracts: ContractSet, prompts: PromptSet): Promise<LoadedCode> {
  const modules = new Modules(dir);
  const problems: FileProblem[] = [];
  const tools = await loadTools(dir, modules, problems);
  const workflows = new Map<string, ProjectWorkflow>();
  const unfit: UnfitWorkflow[] = [];
  const lockfile = await lockfileText(dir);
  for (const file of await codeFiles(dir, "workflows")) {
    const loaded = await loadWorkflow(dir, file, modules, lockfile, problems);
    if (loaded === undefined) continue;
    const other = workflows.get(loaded.workflow.name);
    if (other !== undefined) {
      problems.push(duplicate(loaded, other));
      continue;
    }
    const unknown = [...eventProblems(loaded, contracts), ...promptProblems(loaded, prompts)];
    const wrong = toolProblems(loaded);
    // What is there but has mistakes of its own is named once, where the mistakes are.
    problems.push(
      ...wrong,
      ...unknown.filter(({ folder }) => !existsSync(join(dir, folder))).map(({ problem }) => problem),
    );
    for (const tool of Object.values(loaded.workflow.tools).filter(isTool))
      addTool(tools, { tool, ...toolPlace(loaded.sources, tool.name, file) }, problems);
    if ("wrong" in loaded) unfit.push(loaded);
    else if (unknown.length + wrong.length > 0) unfit.push({ ...loaded, wrong: [] });
    else workflows.set(loaded.workflow.name, loaded);
  }
  return { workflows, unfit, tools, problems: [...problems, ...modules.problems] };
}

function duplicate({ workflow: { name }, file, sources }: ProjectWorkflow, other: ProjectWorkflow): FileProblem {
  const message = `The workflow "${name}" is defined in ${other.file} too.`;
  return error(file, nameLine(sources[0]), "duplicate_workflow", message, "Give one of them another name.");
}

async function loadTools(dir: string, modules: Modules, problems: FileProblem[]): Promise<Map<string, ProjectTool>> {
  const tools = new Map<string, ProjectTool>();
  problems.push(...declaredTools(dir));
  for (const file of await codeFiles(dir, "tools")) {
    const exports = await exportsOf(dir, file, modules, problems);
    const { sources } = await modules.graph(file);
    for (const tool of Object.values(exports ?? {}).filter(isTool))
      addTool(tools, { tool, ...toolPlace(sources, tool.name, file) }, problems);
  }
  return tools;
}

function declaredTools(dir: string): FileProblem[] {
  const folder = join(dir, "tools");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(ya?ml|json)$/.test(name)) : [];
  return names.map((name) => ({
    file: `tools/${name}`,
    code: "declared_tool",
    message: "Tools declared in files of this kind are not loaded, so no workflow can call what it declares.",
    fix: `Write the tool in TypeScript with tool(); "sluice tool check --tools tools/${name}" checks recorded calls against it.`,
    severity: "warning",
  }));
}

function addTool(tools: Map<string, ProjectTool>, found: ProjectTool, problems: FileProblem[]): void {
  const other = tools.get(found.tool.name);
  if (other === undefined) tools.set(found.tool.name, found);
  else if (other.tool !== found.tool)
    problems.push(
      error(
        found.file,
        found.line,
        "duplicate_tool",
        `Another tool named "${found.tool.name}" is defined in ${other.file}.`,
        "Give one of them another name: grants and records go by it.",
      ),
    );
}

/** What a file exports, after everything of it could be read; undefined where its mistakes are on record instead. */
async function exportsOf(
  dir: string,
  file: string,
  modules: Modules,
  problems: FileProblem[],
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { sources, whole } = await modules.graph(file);
  const [source] = sources;
  if (!whole || source === undefined) return undefined;
  const loaded = await importModule(dir, source);
  if ("exports" in loaded) return loaded.exports;
  problems.push(loaded.problem);
  return undefined;
}

async function loadWorkflow(
  dir: string,
  file: string,
  modules: Modules,
  lockfile: string,
  problems: FileProblem[],
): Promise<ProjectWorkflow | UnfitWorkflow | undefined> {
  const graph = await modules.graph(file);
  const [source] = graph.sources;
  if (!graph.whole || source === undefined) return undefined;
  const loaded = await importModule(dir, source);
  const found = { file, code: fingerprint(graph, lockfile), sources: graph.sources };
  if ("problem" in loaded) {
    const { problem, error: thrown } = loaded;
    if (!isWorkflowError(thrown) || problem.file !== file) problems.push(problem);
    else problems.push(...thrown.mistakes.map((mistake) => definitionProblem(mistake, source, problem)));
    if (!isWorkflowError(thrown)) return undefined;
    return { ...found, workflow: thrown.workflow, wrong: thrown.mistakes.map(({ path }) => path[0] ?? "") };
  }
  const workflow = loaded.exports["default"];
  if (isWorkflow(workflow)) return { ...found, workflow };
  problems.push(noWorkflow(file, loaded.exports, source));
  return undefined;
}

function definitionProblem({ path, message, fix }: DefinitionMistake, source: Source, at: FileProblem): FileProblem {
  const definition = definitionIn(source);
  const line = definition === undefined ? at.line : optionLine(source, definition, path);
  const { file, code, severity } = at;
  return { file, ...(line === undefined ? {} : { line }), code, message, ...(fix === "" ? {} : { fix }), severity };
}

function noWorkflow(file: string, exports: Readonly<Record<string, unknown>>, source: Source | undefined): FileProblem {
  const named = Object.entries(exports).find(([, value]) => isWorkflow(value))?.[0];
  const statement = source?.program.body.find((node) => node.type === "ExportDefaultDeclaration");
  const line = statement === undefined ? 1 : lineOf(statement);
  if (named !== undefined)
    return error(
      file,
      line,
      "no_workflow",
      `The workflow is exported as "${named}", not by default.`,
      `Write: export default ${named};`,
    );
  const message =
    "default" in exports
      ? "The default export of this file is no workflow."
      : "This file exports no workflow by default.";
  return error(
    file,
    line,
    "no_workflow",
    message,
    'Write: export default workflow("name", { on: … }, async (event, ctx) => { … }). Code that workflows share belongs in a folder below, or outside of workflows/.',
  );
}

function nameLine(source: Source | undefined): number {
  const definition = source === undefined ? undefined : definitionIn(source);
  return definition === undefined ? 1 : lineOf(definition.name ?? definition.call);
}

/** Something a workflow needs that could not be loaded, and the folder it would be in. */
interface Unknown {
  folder: string;
  problem: FileProblem;
}

function eventProblems(found: ProjectWorkflow, contracts: ContractSet): Unknown[] {
  const { on, waitsFor } = found.workflow;
  return [
    ...eventRefProblems(found, on, "on", "starts on", contracts),
    ...waitsFor.flatMap((each) => eventRefProblems(found, each, "waitsFor", "waits for", contracts)),
  ];
}

function eventRefProblems(
  { workflow, file, sources }: ProjectWorkflow,
  { type, version }: EventRef,
  option: string,
  does: string,
  contracts: ContractSet,
): Unknown[] {
  if (type === "") return [];
  const line = placeOf(sources, [option]);
  const known = contracts.versions(type).map((contract) => contract.version);
  if (known.length === 0) {
    const fix = didYouMean(type, contracts.types()) || `Write events/${type}/1.schema.json.`;
    const message = `${workflow.name} ${does} "${type}", which has no contract.`;
    return [{ folder: `events/${type}`, problem: error(file, line, "unknown_event", message, fix) }];
  }
  if (version === undefined || known.includes(version)) return [];
  const message = `${workflow.name} ${does} version ${version} of "${type}", which has no contract.`;
  const fix = `There is ${known.map((each) => `version ${each}`).join(", ")}.`;
  const folder = `events/${type}/${version}.schema.json`;
  return [{ folder, problem: error(file, line, "unknown_event_version", message, fix) }];
}

function promptProblems({ workflow, file, sources }: ProjectWorkflow, prompts: PromptSet): Unknown[] {
  return Object.entries(workflow.prompts)
    .filter(([, prompt]) => typeof prompt === "string" && prompts.latest(prompt) === undefined)
    .map(([slot, prompt]) => {
      const message = `The slot "${slot}" names the prompt "${prompt}", which is not there.`;
      const fix = didYouMean(prompt, prompts.names()) || `Write prompts/${prompt}/VERSION.yaml.`;
      return {
        folder: `prompts/${prompt}`,
        problem: error(file, placeOf(sources, ["prompts", slot]), "unknown_prompt", message, fix),
      };
    });
}

function toolProblems({ workflow, file, sources }: ProjectWorkflow): FileProblem[] {
  return Object.entries(workflow.tools)
    .filter(([, value]) => !isTool(value))
    .map(([key]) =>
      error(
        file,
        placeOf(sources, ["tools", key]),
        "not_a_tool",
        `tools.${key} of ${workflow.name} is no tool.`,
        'Define it with tool("name", { effect: "read", args: { … }, run: async (args) => … }), and import it.',
      ),
    );
}

/** Line of an option in the workflow's own file. */
function placeOf(sources: readonly Source[], path: readonly string[]): number {
  const [source] = sources;
  return source === undefined ? 1 : optionLine(source, definitionIn(source), path);
}

function error(file: string, line: number, code: string, message: string, fix: string): FileProblem {
  return { file, line, code, message, fix, severity: "error" };
}
