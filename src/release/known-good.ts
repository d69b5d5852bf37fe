import { compareStages } from "../base/stage.ts";
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
 * What may be gone back to: what the gate has let through with evidence, and what was in force before at the present stage or
 * a higher one, unless it was withdrawn since: going back gives nothing that was not there. Development releases count only
 * for one another. `modelName`: `provider/model` of a name as written.
 */
export function knownGood(
  history: readonly Release[],
  present: Release,
  modelName: (model: string) => string,
): KnownGood {
  const known = new Set<string>();
  const withdrawn = (served: Served): boolean =>
    (present.withdrawn ?? []).some(
      ({ hash, model }) =>
        hash === served.hash && (model === undefined || modelName(model) === modelName(served.model)),
    );
  const keyOf = ({ prompt, version, hash, model }: Served): string =>
    JSON.stringify([prompt, version, hash, modelName(model)]);
  const add = (served: readonly Served[]): void => {
    for (const each of served) known.add(keyOf(each));
  };
  for (const release of history.filter(({ development }) => !development || present.development)) {
    add(release.proven ?? []);
    if (compareStages(release.stage, present.stage) >= 0)
      add(
        Object.values(release.prompts)
          .flatMap(servedBy)
          .filter((served) => !withdrawn(served)),
      );
  }
  return (served) => known.has(keyOf(served));
}
