import { UsageError } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Picture } from "../workflow/picture-graph.ts";
import { drawPicture } from "../workflow/picture.ts";
import type { Project } from "./project.ts";

/** The picture of one of the project's workflows. Throws `UsageError` (404) that suggests the near name. */
export function pictureOf({ workflows, prompts }: Pick<Project, "workflows" | "prompts">, name: string): Picture {
  const found = workflows.get(name);
  if (found === undefined) {
    const message = `There is no workflow ${JSON.stringify(name)}. ${didYouMean(name, workflows.keys())}`;
    throw new UsageError("unknown_workflow", message.trimEnd(), { status: 404 });
  }
  const picture = drawPicture(found.workflow, found.sources, prompts);
  // A workflow that was made without a file is known by name at least.
  return picture.file === "" ? { ...picture, file: found.file } : picture;
}
