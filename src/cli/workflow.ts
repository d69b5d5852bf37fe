import type { Command } from "commander";
import { pictureOf } from "../app/workflow-picture.ts";
import { formatDuration } from "../base/duration.ts";
import type { Document } from "../http/documents.ts";
import { workflowDocument } from "../http/routes/project.ts";
import { withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { printJson, printLines, table } from "./print.ts";
import { errorsOf, folderOption, openProject, problemLines } from "./project-folder.ts";
import type { FolderOptions } from "./project-folder.ts";
import { defineHolds, holdLines, holdsByWorkflow } from "./workflow-hold.ts";
import { pictureLines } from "./workflow-picture.ts";

/** `sluice workflow list`, `show`, `pause`, `resume` and `holds`. */
export function define(command: Command, io: Io): void {
  command.addHelpText(
    "after",
    '\nExamples:\n  $ sluice workflow list --json\n  $ sluice workflow show support_triage\n  $ sluice workflow pause support_triage --reason "the desk is down"',
  );
  defineList(command, io);
  defineShow(command, io);
  defineHolds(command, io);
}

function defineList(command: Command, io: Io): void {
  withExamples(withServer(command.command("list")), [
    ["sluice workflow list --json", "with thresholds, budget and the schema of the decision"],
  ])
    .description("the workflows, what starts them, what they may use, and which are on hold")
    .action(async (options: ServerOptions) => {
      const project = await openProject(options, io);
      const all = [...project.workflows.values()];
      const holds = await holdsByWorkflow(options, io);
      const held = (name: string): Document => (holds === null ? {} : { hold: holds.get(name) ?? null });
      if (options.json === true)
        printJson(
          io,
          all.map((each) => ({ ...workflowDocument(each), ...held(each.workflow.name) })),
        );
      else if (all.length === 0) io.out("There is no workflow. Write workflows/NAME.ts: export default workflow(…).\n");
      else
        printLines(
          io,
          table(
            io,
            [
              { title: "NAME" },
              { title: "STARTS ON" },
              { title: "PROMPTS" },
              { title: "TOOLS" },
              { title: "DEADLINE" },
              { title: "FILE" },
            ],
            all.map(({ workflow, file }) => [
              workflow.name,
              workflow.on.version === undefined ? workflow.on.type : `${workflow.on.type}@${workflow.on.version}`,
              Object.values(workflow.prompts).join(", ") || "-",
              Object.values(workflow.tools)
                .map(({ name }) => name)
                .join(", ") || "-",
              workflow.deadlineMs === null ? "-" : formatDuration(workflow.deadlineMs),
              file,
            ]),
          ),
        );
      if (options.json !== true) printLines(io, holdLines(holds?.values() ?? [], io));
      io.err(problemLines(errorsOf(project.problems), project.dir, io));
    });
}

function defineShow(command: Command, io: Io): void {
  withExamples(folderOption(command.command("show").argument("<name>", "the workflow")), [
    ["sluice workflow show support_triage", "steps, conditions, and where failures go, before any run"],
    ["sluice workflow show support_triage --json", "the same as nodes and edges"],
  ])
    .description("one workflow as a picture, drawn from its source")
    .option("--json", "print nodes and edges as JSON")
    .action(async (name: string, options: FolderOptions & { json?: true }) => {
      const project = await openProject(options, io);
      // What is not fit to run can be looked at all the same.
      const all = [...project.unfit, ...project.workflows.values()].map((each) => [each.workflow.name, each] as const);
      const picture = pictureOf({ workflows: new Map(all), prompts: project.prompts }, name);
      if (options.json) printJson(io, picture);
      else printLines(io, pictureLines(picture, io));
      io.err(problemLines([...picture.problems, ...errorsOf(project.problems)], project.dir, io));
    });
}
