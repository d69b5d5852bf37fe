import type { Command } from "commander";
import { TYPES_FILE, typesProblems, writeTypes } from "../app/types.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { jsonText } from "./print.ts";
import { errorsOf, folderOption, openProject, problemLines } from "./project-folder.ts";
import type { FolderOptions } from "./project-folder.ts";

/** `sluice types`: events and prompt outputs as TypeScript types. */
export function define(command: Command, io: Io): void {
  withExamples(folderOption(command), [
    ["sluice types", "writes sluice.d.ts from events/ and prompts/"],
    ["sluice types --check", "writes nothing; exit code 1 when the file is stale"],
  ])
    .option("--check", "write nothing; exit with 1 when the file is missing or stale")
    .option("--json", "print the result as JSON")
    .action(async (options: FolderOptions & { check?: true; json?: true }) => {
      const project = await openProject(options, io);
      const inTheWay = errorsOf(project.problems).filter(({ file }) => /^(events|prompts)\//.test(file));
      // Types of half the files would make the other half look like mistakes in the code.
      if (inTheWay.length > 0) {
        io.err(problemLines(inTheWay, project.dir, io));
        throw new Exit(EXIT.failed, `${TYPES_FILE} is left as it is until these are mended.`);
      }
      const stale = await typesProblems(project);
      const current = stale.length === 0;
      const changed = options.check || current ? false : await writeTypes(project);
      if (options.json) io.out(`${jsonText({ file: TYPES_FILE, current: current || changed, changed }, 0)}\n`);
      else if (current) io.out(`${TYPES_FILE} is up to date.\n`);
      else if (changed) io.out(`${TYPES_FILE} is written.\n`);
      else io.err(problemLines(stale, project.dir, io));
      if (!current && !changed) throw new Exit(EXIT.failed);
    });
}
