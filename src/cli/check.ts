import type { Command } from "commander";
import { checkProject } from "../app/check.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { printJson } from "./print.ts";
import { errorsOf, folderOption, openProject, problemLines, tally } from "./project-folder.ts";
import type { FolderOptions } from "./project-folder.ts";

/** `sluice check`: every mistake in the project's files at once. */
export function define(command: Command, io: Io): void {
  withExamples(folderOption(command), [
    ["sluice check", "what is wrong, where, and what to do about it; exit code 1 when there are errors"],
    ["sluice check --dir my-project --json", "the same as JSON"],
  ])
    .option("--json", "print the problems as JSON")
    .action(async (options: FolderOptions & { json?: true }) => {
      const project = await openProject(options, io);
      const problems = await checkProject(project, io.env);
      const errors = errorsOf(problems).length;
      if (options.json) {
        const counts = {
          ok: errors === 0,
          can_serve: errorsOf(project.problems).length === 0,
          errors,
          warnings: problems.length - errors,
        };
        printJson(io, { ...counts, problems });
      } else {
        const { workflows, prompts, contracts, tools, suites } = project;
        io.out(problemLines(problems, project.dir, io));
        io.out(
          `${tally(problems)}: ${counted(workflows.size, "workflow")}, ${counted(contracts.types().length, "event type")}, ` +
            `${counted(prompts.all().length, "prompt version")}, ${counted(tools.size, "tool")}, ${counted(suites.size, "eval suite")} in order.\n`,
        );
      }
      if (errors > 0) throw new Exit(EXIT.failed);
    });
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
