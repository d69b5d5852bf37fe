import type { Sluice } from "../app/sluice.ts";
import { UsageError } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import type { RunFilter } from "../journal/run-filter.ts";
import type { Clock } from "../base/clock.ts";
import { toRunFilter } from "./filter.ts";
import type { GivenFilter } from "./filter.ts";

type Known = Pick<Sluice, "project" | "listRuns">;

/**
 * A mistyped name would be answered with an empty list, as if nothing had happened. Names that the project does not hold
 * any more still find the runs they have.
 * Throws `UsageError` unknown_workflow, unknown_prompt, unknown_prompt_version or unknown_tool with the near name.
 */
export async function refuseUnknownNames(sluice: Known, filter: RunFilter): Promise<void> {
  const { workflows, prompts, tools } = sluice.project;
  await refuseUnknown(sluice, "workflow", filter.workflow, workflows.keys(), (workflow) => ({ workflow }));
  await refuseUnknown(sluice, "prompt", filter.prompt, prompts.names(), (prompt) => ({ prompt }));
  const versions = prompts.all().map(({ name, version }) => `${name}@${version}`);
  await refuseUnknown(sluice, "prompt version", filter.promptVersion, versions, (promptVersion) => ({ promptVersion }));
  await refuseUnknown(sluice, "tool", filter.tool, tools.keys(), (tool) => ({ tool }));
}

/** A filter as it was asked for, once its names are known to be meant. Throws like `refuseUnknownNames`. */
export async function knownFilter(sluice: Known, given: GivenFilter, clock: Clock): Promise<RunFilter> {
  const filter = toRunFilter(given, clock);
  await refuseUnknownNames(sluice, filter);
  return filter;
}

async function refuseUnknown(
  sluice: Known,
  what: string,
  name: string | undefined,
  known: Iterable<string>,
  filterBy: (name: string) => RunFilter,
): Promise<void> {
  const names = [...known];
  if (name === undefined || names.includes(name)) return;
  const { items } = await sluice.listRuns(filterBy(name), { limit: 1 });
  if (items.length > 0) return;
  const message = `There is no ${what} ${JSON.stringify(name)}. ${didYouMean(name, names)}`;
  throw new UsageError(`unknown_${what.replace(" ", "_")}`, message.trimEnd());
}
