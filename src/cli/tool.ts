import type { Command } from "commander";
import { ProjectError } from "../base/failure.ts";
import { checkCalls } from "../tool/calls.ts";
import { parseToolDefinitions } from "../tool/openai.ts";
import { withServer } from "./client.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import { inputLines } from "./input-lines.ts";
import type { Io } from "./io.ts";
import { jsonText, printJson, printLines, table } from "./print.ts";
import { errorsOf, folderOption, openProject, problemLines, readInput } from "./project-folder.ts";
import type { FolderOptions } from "./project-folder.ts";
import { act, wordsOf } from "./release-act.ts";
import type { ActOptions } from "./release-act.ts";

/** `sluice tool list|check|grant|revoke`. */
export function define(command: Command, io: Io): void {
  command.addHelpText(
    "after",
    "\nExamples:\n  $ sluice tool list\n  $ sluice tool check --tools tools.json --calls calls.jsonl",
  );
  withExamples(folderOption(command.command("list")), [["sluice tool list", "the project's tools"]])
    .description("the project's tools: what they do to the world, and at what risk")
    .option("--json", "print them as JSON")
    .action(async (options: FolderOptions & { json?: true }) => listTools(options, io));
  withExamples(command.command("check"), [
    ["sluice tool check --tools TOOLS.json --calls CALLS.jsonl", "which recorded calls would be allowed"],
  ])
    .description('judges recorded calls: one {"line","verdict","reason"} for each')
    .requiredOption("--tools <file>", "definitions as JSON: OpenAI functions, or a list of {name, parameters}")
    .requiredOption("--calls <file>", 'one {"name","arguments"} a line; - for standard input')
    .option("--json", "the output is JSON lines with or without it")
    .addHelpText("after", "\nVerdicts: allow, review (a person decides), refuse. Exit code 1 when a call is refused.")
    .action(async (options: { tools: string; calls: string }) => checkToolCalls(options, io));
  defineGrants(command, io);
}

type GrantOptions = ActOptions & { workflow: string };

/** `sluice tool grant|revoke`: of one workflow. */
function defineGrants(command: Command, io: Io): void {
  const acting = (name: string, summary: string): Command =>
    withServer(command.command(`${name} <tool>`).description(summary))
      .requiredOption("--workflow <name>", "whose")
      .requiredOption("--reason <text>", "on record")
      .option("--expected-release <number>", "refuse where another release is in force by now");
  const path = (tool: string, what: string): string => `/v1/tools/${encodeURIComponent(tool)}/${what}`;
  withExamples(
    acting("grant", "let a workflow call a tool: through the gate")
      .option("--override", "past what the gate asks for; another person has to agree")
      .option("--solo", "nobody else is there to agree: at once, and on record"),
    [['sluice tool grant create_escalation --workflow support_triage --reason "tried in shadow"', "a raise"]],
  ).action((tool: string, options: GrantOptions) =>
    act(path(tool, "grant"), { workflow: options.workflow, ...wordsOf(options) }, options, io),
  );
  withExamples(acting("revoke", "take a tool away from a workflow, from paused runs too"), [
    ['sluice tool revoke create_escalation --workflow support_triage --reason "files doubles"', "in force at once"],
  ]).action((tool: string, options: GrantOptions) =>
    act(path(tool, "revoke"), { workflow: options.workflow, ...wordsOf(options) }, options, io),
  );
}

async function listTools(options: FolderOptions & { json?: true }, io: Io): Promise<void> {
  const project = await openProject(options, io);
  const all = [...project.tools.values()].toSorted((a, b) => (a.tool.name < b.tool.name ? -1 : 1));
  const usedBy = (name: string): string[] =>
    [...project.workflows.values()]
      .filter(({ workflow }) => Object.values(workflow.tools).some((tool) => tool.name === name))
      .map(({ workflow }) => workflow.name);
  if (options.json) {
    const rows = all.map(({ tool, file, line }) => ({
      name: tool.name,
      effect: tool.effect,
      kind: tool.kind,
      risk: tool.risk,
      description: tool.description,
      args: tool.args.source,
      result: tool.result?.source ?? null,
      timeout_ms: tool.timeoutMs,
      idempotent: tool.idempotent,
      hash: tool.hash,
      workflows: usedBy(tool.name),
      file,
      line,
    }));
    printJson(io, rows);
  } else if (all.length === 0) io.out("There is no tool. Write tools/NAME.ts: export const lookUp = tool(…).\n");
  else
    printLines(
      io,
      table(
        io,
        [
          { title: "NAME" },
          { title: "EFFECT" },
          { title: "KIND" },
          { title: "RISK" },
          { title: "USED BY" },
          { title: "FILE" },
        ],
        all.map(({ tool, file, line }) => [
          tool.name,
          tool.effect,
          tool.kind,
          tool.risk,
          usedBy(tool.name).join(", ") || "-",
          `${file}:${line}`,
        ]),
      ),
    );
  io.err(problemLines(errorsOf(project.problems), project.dir, io));
}

async function checkToolCalls(options: { tools: string; calls: string }, io: Io): Promise<void> {
  const definitions = parseToolDefinitions(await readInput(options.tools, io), options.tools);
  if (definitions.tools.size === 0 && definitions.problems.length > 0) throw new ProjectError(definitions.problems);
  io.err(problemLines(definitions.problems, io.cwd, io));
  const verdicts = checkCalls(definitions, await inputLines(options.calls, io));
  const counts = { allow: 0, review: 0, refuse: 0 };
  for await (const verdict of verdicts) {
    counts[verdict.verdict]++;
    io.out(`${jsonText(verdict, 0)}\n`);
  }
  if (counts.refuse > 0)
    throw new Exit(EXIT.failed, `${counts.refuse} refused, ${counts.review} for review, ${counts.allow} allowed.`);
}
