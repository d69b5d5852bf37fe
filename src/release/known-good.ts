import { compareStages } from "../base/stage.ts";
import { narrowerOrSame } from "./narrower.ts";
import type { PromptGrant, Release, Served } from "./release.ts";

/** Whether this was let through before for a workflow, so that going back to it raises nothing. */
export type KnownGood = (served: Served) => boolean;

/** Everything a grant may ask: its model first, then what it falls back to. */
export function servedBy({ prompt, version, hash, model, fallbacks = [] }: Omit<PromptGrant, "candidate">): Served[] {
  return [model, ...fallbacks].map((each) => ({ prompt, version, hash, model: each }));
}

/** The same for the candidate of a slot. */
export function servedByCandidate({ prompt, candidate }: PromptGrant): Served[] {
  return candidate === undefined ? [] : servedBy({ ...candidate, prompt });
}

/**
 * What `next` may go back to: what the gate has let through with evidence, and what a release had in force that let the
 * workflow do at least as much; neither where it was withdrawn since. Going back gives nothing that was not there. Development
 * releases count only for one another. `modelName`: `provider/model` of a name as written.
 */
export function knownGood(
  history: readonly Release[],
  { present, next }: { present: Release; next: Release },
  modelName: (model: string) => string,
): KnownGood {
  const keyOf = ({ prompt, version, hash, model }: Served): string =>
    JSON.stringify([prompt, version, hash, modelName(model)]);
  const known = new Set<string>();
  for (const release of history.filter(({ development }) => !development || present.development)) {
    const inForce = asWide(release, next) ? Object.values(release.prompts).flatMap(servedBy) : [];
    for (const served of [...(release.proven ?? []), ...inForce]) known.add(keyOf(served));
  }
  const withdrawn = (served: Served): boolean =>
    (present.withdrawn ?? []).some(
      ({ hash, model }) =>
        hash === served.hash && (model === undefined || modelName(model) === modelName(served.model)),
    );
  return (served) => known.has(keyOf(served)) && !withdrawn(served);
}

function asWide(release: Release, next: Release): boolean {
  return (
    compareStages(release.stage, next.stage) >= 0 &&
    release.share >= next.share &&
    narrowerOrSame(next.scope, release.scope) &&
    narrowerOrSame(next.automation, release.automation)
  );
}
