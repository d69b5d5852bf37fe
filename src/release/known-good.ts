import { compareStages } from "../base/stage.ts";
import type { Stage } from "../base/stage.ts";
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
 * What may be gone back to at `stage`: what the gate has let through with evidence, and at shadow or off what a proper release
 * had there before, or higher. Development releases count for nothing. `modelName`: `provider/model` of a name as written.
 */
export function knownGood(history: readonly Release[], stage: Stage, modelName: (model: string) => string): KnownGood {
  const known = new Set<string>();
  const keyOf = ({ prompt, version, hash, model }: Served): string =>
    JSON.stringify([prompt, version, hash, modelName(model)]);
  const add = (served: readonly Served[]): void => {
    for (const each of served) known.add(keyOf(each));
  };
  for (const release of history.filter(({ development }) => !development)) {
    add(release.proven ?? []);
    if (compareStages(stage, "shadow") <= 0 && compareStages(release.stage, stage) >= 0)
      add(Object.values(release.prompts).flatMap(servedBy));
  }
  return (served) => known.has(keyOf(served));
}
