import { UsageError } from "../base/failure.ts";
import { canonicalJson } from "../base/json.ts";
import { lowerStage } from "../base/stage.ts";
import { grantedTools, thresholdDirection } from "./differences.ts";
import { bothConditions } from "./narrower.ts";
import type { PromptGrant, Release, RiskThreshold, Withdrawn } from "./release.ts";

/**
 * The release that goes back to the prompts of `target`, or to those of one slot. Whatever else differs takes the lower of
 * both: going back never lets the workflow do more. Live candidates end with it, and what served is withdrawn.
 */
export function rolledBack(
  present: Release,
  target: Release,
  { slot, inFlight = "review" }: { slot?: string | undefined; inFlight?: Withdrawn["inFlight"] | undefined } = {},
): Release {
  const from = slot === undefined ? target.prompts : { [slot]: target.prompts[slot] as PromptGrant };
  const prompts: Release["prompts"] = {};
  for (const [name, grant] of Object.entries(present.prompts)) prompts[name] = servedAgain(grant, from[name]);
  const taken = Object.entries(present.prompts).flatMap(([name, grant]) =>
    takenAway(grant, prompts[name] as PromptGrant).map((each) => ({ ...each, inFlight, release: present.number + 1 })),
  );
  const withdrawn = [...(present.withdrawn ?? []), ...taken];
  const next = slot === undefined ? lowerOfBoth(present, target) : present;
  return { ...next, prompts, ...(withdrawn.length === 0 ? {} : { withdrawn }) };
}

type Taken = Pick<Withdrawn, "prompt" | "version" | "hash" | "model">;

/** The version, its model alone where the version stays, and the version of an experiment that has ended. */
function takenAway(present: PromptGrant, next: PromptGrant): Taken[] {
  const { prompt, version, hash, model, candidate } = present;
  const models = [next.model, ...(next.fallbacks ?? [])];
  const tried =
    candidate?.mode === "live" && next.candidate?.mode !== "live" && candidate.hash !== next.hash
      ? [{ prompt, version: candidate.version, hash: candidate.hash }]
      : [];
  if (hash !== next.hash) return [{ prompt, version, hash }, ...tried];
  return models.includes(model) ? tried : [{ prompt, version, hash, model }, ...tried];
}

/** What was withdrawn and is not served again since. */
export function stillWithdrawn({ withdrawn = [], prompts }: Release): Withdrawn[] {
  const grants = Object.values(prompts);
  return withdrawn.filter(
    ({ hash, model }) =>
      !grants.some(({ candidate, ...grant }) =>
        [grant, ...(candidate?.mode === "live" ? [candidate] : [])].some(
          (served) =>
            served.hash === hash &&
            (model === undefined || [served.model, ...(served.fallbacks ?? [])].includes(model)),
        ),
      ),
  );
}

/** The slot as it was, without an experiment that decides; one beside the runs goes on. */
function servedAgain(present: PromptGrant, target: PromptGrant | undefined): PromptGrant {
  if (target === undefined) return present;
  const { candidate: _, ...again } = target;
  const { candidate } = present;
  return candidate?.mode === "shadow" && candidate.hash !== again.hash ? { ...again, candidate } : again;
}

function lowerOfBoth(a: Release, b: Release): Release {
  const tools = grantedTools(a).filter((tool) => grantedTools(b).includes(tool));
  const revoked = [...new Set([...a.revoked, ...a.tools.filter((tool) => !tools.includes(tool))])].sort();
  return {
    ...a,
    stage: lowerStage(a.stage, b.stage),
    share: Math.min(a.share, b.share),
    scope: bothConditions(a.scope, b.scope),
    automation: bothConditions(a.automation, b.automation),
    sample: Math.max(a.sample, b.sample),
    riskThreshold: lowerRisk(a.riskThreshold, b.riskThreshold),
    thresholds: carefulThresholds(a.thresholds, b.thresholds),
    revoked,
  };
}

function lowerRisk(a: RiskThreshold, b: RiskThreshold): RiskThreshold {
  const order: readonly RiskThreshold[] = ["low", "medium", "high"];
  return order.indexOf(a) <= order.indexOf(b) ? a : b;
}

/** Of each threshold the value that is known to be the careful one; else the present one. */
function carefulThresholds(present: Release["thresholds"], target: Release["thresholds"]): Release["thresholds"] {
  return Object.fromEntries(
    Object.entries(present).map(([name, value]) => {
      const former = target[name];
      const lowers = former !== undefined && thresholdDirection(name, value, former) === "lower";
      return [name, lowers ? former : value];
    }),
  );
}

/**
 * The release to go back to where none is named: the last one that served other prompts than the present one, and may be gone
 * back to. What was rolled back may not, so that going back twice goes further back and never forth again.
 * Throws `UsageError` nothing_to_roll_back (409).
 */
export function formerRelease<R extends Release>(
  history: readonly R[],
  may: (release: R) => boolean,
  slot?: string,
): R {
  const present = history.at(-1);
  const others = history.filter((each) => present !== undefined && servedKey(each, slot) !== servedKey(present, slot));
  const target = others.findLast(may);
  if (target !== undefined) return target;
  const why =
    others.length === 0
      ? "No release before it has served other prompts."
      : "What the releases before it served was withdrawn, or did not let it do as much without evidence.";
  const ways =
    "Name a version with --slot and --version, or lower what it may do: demote, traffic, off. Nothing was changed.";
  throw new UsageError("nothing_to_roll_back", `There is no earlier release to go back to. ${why} ${ways}`, {
    status: 409,
  });
}

/** What a release serves, apart from its experiments. */
function servedKey({ prompts }: Release, slot: string | undefined): string {
  const served = Object.entries(prompts)
    .filter(([name]) => slot === undefined || name === slot)
    .map(([name, { prompt, version, hash, model, fallbacks = [] }]) => [
      name,
      prompt,
      version,
      hash,
      model,
      ...fallbacks,
    ])
    .toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  return canonicalJson(served);
}

/** The slot's first fallback in place of its model. Throws `UsageError` nothing_to_roll_back (409) where it has none. */
export function fallbackFirst(grant: PromptGrant, slot: string): PromptGrant {
  const [model, ...fallbacks] = grant.fallbacks ?? [];
  if (model === undefined)
    throw new UsageError("nothing_to_roll_back", `The slot "${slot}" has no fallback model. Nothing was changed.`, {
      status: 409,
    });
  const { prompt, version, hash, candidate } = grant;
  return {
    prompt,
    version,
    hash,
    model,
    ...(fallbacks.length === 0 ? {} : { fallbacks }),
    ...(candidate === undefined ? {} : { candidate }),
  };
}
