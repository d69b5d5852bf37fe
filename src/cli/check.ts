import type { Command } from "commander";
import { checkProject } from "../app/check.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { printJson } from "./print.ts";
import { errorsOf, folderOption, openProject, problemLines, tally } from "./project-folder.ts";
import type { LiveOptions } from "./check-live.ts";

/** `sluice check`: every mistake in the project's files at once. */
export function define(command: Command, io: Io): void {
  withExamples(folderOption(command), [
    ["sluice check", "what is wrong, where, and what to do about it; exit code 1 when there are errors"],
    ["sluice check --dir my-project --json", "the same as JSON"],
    ["sluice check --live", "before a deploy: what it would do to every run that has not ended"],
  ])
    .option("--json", "print the problems as JSON; with --live every run")
    .option("--live", "hold the code against the runs in the data folder, also while it is served; nothing is executed")
    .option("--workflow <name>", "with --live: only runs of this workflow")
    .option("--limit <count>", "with --live: at most so many runs, the newest first")
    .option("--dead", "with --live: dead runs too, as if they were redriven")
    .option("--data <folder>", "with --live: the data folder (SLUICE_DATA); else .sluice in the project")
    .action(async (options: LiveOptions & { json?: true; live?: true }) => {
      if (options.live) return await (await import("./check-live.ts")).checkLiveRuns(options, io);
      refuseAlone(options);
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

function refuseAlone(options: LiveOptions): void {
  const alone = (["workflow", "limit", "dead", "data"] as const).find((name) => options[name] !== undefined);
  if (alone !== undefined) throw new Exit(EXIT.wrongUse, `--${alone} says which runs are meant: it goes with --live.`);
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
