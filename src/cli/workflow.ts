import type { Command } from "commander";
import { formatDuration } from "../base/duration.ts";
import { workflowDocument } from "../http/routes/project.ts";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { printJson, printLines, table } from "./print.ts";
import { errorsOf, folderOption, openProject, problemLines } from "./project-folder.ts";
import type { FolderOptions } from "./project-folder.ts";

/** `sluice workflow list`. */
export function define(command: Command, io: Io): void {
  command.addHelpText("after", "\nExamples:\n  $ sluice workflow list --json");
  withExamples(folderOption(command.command("list")), [
    ["sluice workflow list --json", "with thresholds, budget and the schema of the decision"],
  ])
    .description("the workflows, what starts them, and what they may use")
    .option("--json", "print them as JSON")
    .action(async (options: FolderOptions & { json?: true }) => {
      const project = await openProject(options, io);
      const all = [...project.workflows.values()];
      if (options.json) printJson(io, all.map(workflowDocument));
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
      io.err(problemLines(errorsOf(project.problems), project.dir, io));
    });
}
