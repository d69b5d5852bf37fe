import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { contractTypes } from "../contract/types.ts";
import { promptTypes } from "../prompt/types.ts";
import type { Project } from "./project.ts";

export const TYPES_FILE = "sluice.d.ts";

/** What `sluice.d.ts` has to say: the types of the project's events and of its prompts' outputs. */
function typesText({ contracts, prompts }: Pick<Project, "contracts" | "prompts">): string {
  return [
    "// Written by `sluice types` from events/ and prompts/: the types of events and of prompt outputs.",
    contractTypes(contracts).trim(),
    promptTypes(prompts).trim(),
    "export {};",
    "",
  ].join("\n\n").replace(/\n+$/, "\n"); // prettier-ignore
}

/** Writes `sluice.d.ts`; false where it said so already. */
export async function writeTypes(project: Project): Promise<boolean> {
  const text = typesText(project);
  if ((await written(project.dir)) === text) return false;
  await writeFile(join(project.dir, TYPES_FILE), text);
  return true;
}

/** What is wrong with the types on disk; empty when they say what the contracts and prompts say. */
export async function typesProblems(project: Project): Promise<FileProblem[]> {
  const text = await written(project.dir);
  if (text === typesText(project)) return [];
  const problem = { file: TYPES_FILE, fix: 'Run "sluice types".', severity: "warning" } as const;
  if (text !== undefined)
    return [
      {
        ...problem,
        code: "stale_types",
        message: "The types are older than the contracts and prompts they were written from.",
      },
    ];
  const typed = project.contracts.types().length + project.prompts.names().length > 0;
  return typed
    ? [
        {
          ...problem,
          code: "no_types",
          message: "There are no types: editors take every event and prompt output for plain JSON.",
        },
      ]
    : [];
}

async function written(dir: string): Promise<string | undefined> {
  const file = join(dir, TYPES_FILE);
  return existsSync(file) ? await readFile(file, "utf8") : undefined;
}
