import { UsageError } from "../base/failure.ts";
import type { Problem } from "../base/json.ts";
import { isStage, STAGES } from "../base/stage.ts";
import { didYouMean } from "../base/suggest.ts";
import type { ReleaseChange, SlotChange } from "./change.ts";
import type { Candidate, PromptGrant, Release } from "./release.ts";

/** A published prompt version, as far as a release names it. */
export interface VersionMaterial {
  version: string;
  hash: string;
  /** As written in the spec. */
  model: string;
  fallbacks: readonly string[];
}

/** What the workflow's code and the prompt registry offer at present. */
export interface Offered {
  /** Prompt by slot. */
  slots: Readonly<Record<string, string>>;
  tools: readonly string[];
  thresholds: readonly string[];
  /** Throws `UsageError` that suggests the near name. */
  version(prompt: string, version: string): VersionMaterial;
  /** Why a model cannot be used; null where it can. */
  modelProblem(model: string): string | null;
  /** Why a condition cannot be used; null where it can. */
  conditionProblem(of: "scope" | "automation", text: string): string | null;
  newSalt(): string;
}

/**
 * The release that a change makes of the present one; number, maker, reason and evidence stay to be filled in.
 * Throws `UsageError` invalid_change (422) with every mistake, or the one for an unknown name.
 */
export function applyChange(present: Release, change: ReleaseChange, offered: Offered): Release {
  const mistakes = changeMistakes(change, present, offered);
  if (mistakes.length > 0)
    throw new UsageError("invalid_change", "This change cannot be made.", { status: 422, errors: mistakes });
  const { stage, share, scope, automation, sample, riskThreshold, whenOff, assignBy } = change;
  return {
    ...present,
    ...(stage === undefined ? {} : { stage }),
    ...(share === undefined ? {} : { share }),
    ...(scope === undefined ? {} : { scope }),
    ...(automation === undefined ? {} : { automation }),
    ...(sample === undefined ? {} : { sample }),
    ...(riskThreshold === undefined ? {} : { riskThreshold }),
    ...(whenOff === undefined ? {} : { whenOff }),
    ...(assignBy === undefined ? {} : { assignBy }),
    ...(change.thresholds === undefined ? {} : { thresholds: { ...present.thresholds, ...change.thresholds } }),
    ...(change.tools === undefined ? {} : changedTools(present, change.tools)),
    ...(change.prompts === undefined ? {} : { prompts: changedPrompts(present, change.prompts, offered) }),
  };
}

function changedTools(
  { tools, revoked }: Release,
  { grant = [], revoke = [] }: NonNullable<ReleaseChange["tools"]>,
): Pick<Release, "tools" | "revoked"> {
  const named = new Set([...tools, ...grant]);
  const taken = new Set([...revoked.filter((tool) => !grant.includes(tool)), ...revoke]);
  return { tools: [...named].sort(), revoked: [...taken].sort() };
}

function changedPrompts(
  { prompts }: Release,
  changes: NonNullable<ReleaseChange["prompts"]>,
  offered: Offered,
): Release["prompts"] {
  const next = { ...prompts };
  for (const [slot, change] of Object.entries(changes)) next[slot] = changedSlot(slot, prompts[slot], change, offered);
  return next;
}

function changedSlot(
  slot: string,
  present: PromptGrant | undefined,
  change: SlotChange,
  offered: Offered,
): PromptGrant {
  const prompt = offered.slots[slot] as string;
  if (present === undefined && change.version === undefined)
    throw new UsageError("unknown_slot", `The release has no slot "${slot}" yet: name the version it is to serve.`, {
      status: 422,
    });
  const base: PromptGrant =
    change.version === undefined ? (present as PromptGrant) : granted(prompt, offered.version(prompt, change.version));
  const { model = base.model, fallbacks = base.fallbacks ?? [] } = change;
  const candidate = changedCandidate(prompt, present?.candidate, change.candidate, offered);
  // A candidate that has come to serve is none any more.
  const over = candidate !== undefined && candidate.version === base.version && candidate.hash === base.hash;
  return {
    prompt: base.prompt,
    version: base.version,
    hash: base.hash,
    model,
    ...(fallbacks.length === 0 ? {} : { fallbacks: [...fallbacks] }),
    ...(candidate === undefined || over ? {} : { candidate }),
  };
}

function granted(prompt: string, { version, hash, model, fallbacks }: VersionMaterial): PromptGrant {
  return { prompt, version, hash, model, ...(fallbacks.length === 0 ? {} : { fallbacks }) };
}

function changedCandidate(
  prompt: string,
  present: Candidate | undefined,
  change: SlotChange["candidate"],
  offered: Offered,
): Candidate | undefined {
  if (change === undefined) return present;
  if (change === null) return undefined;
  const { version, hash, model, fallbacks } = offered.version(prompt, change.version);
  const sameExperiment = present?.version === version && present.hash === hash;
  return {
    version,
    hash,
    model,
    ...(fallbacks.length === 0 ? {} : { fallbacks }),
    share: change.share,
    mode: change.mode,
    salt: sameExperiment ? present.salt : offered.newSalt(),
  };
}

/** Every mistake of a change, by pointer into it. */
function changeMistakes(change: ReleaseChange, { tools }: Release, offered: Offered): Problem[] {
  const found: Problem[] = [];
  const say = (pointer: string, message: string): void => void found.push({ pointer, message: message.trimEnd() });
  const share = (pointer: string, value: number | undefined): void => {
    if (value !== undefined && !(value >= 0 && value <= 1)) say(pointer, "is a share from 0 to 1, as in 0.25.");
  };
  if (change.stage !== undefined && !isStage(change.stage))
    say("/stage", `is no stage. ${didYouMean(String(change.stage), STAGES)}`);
  share("/share", change.share);
  share("/sample", change.sample);
  for (const name of ["scope", "automation"] as const) {
    const text = change[name];
    const problem = typeof text === "string" ? offered.conditionProblem(name, text) : null;
    if (problem !== null) say(`/${name}`, problem);
  }
  if (change.assignBy !== undefined && !/^(\/([^~/]|~[01])*)+$/.test(change.assignBy))
    say("/assign_by", 'is a JSON pointer into the event, such as "/customer/id".');
  for (const [name, value] of Object.entries(change.thresholds ?? {})) {
    if (!offered.thresholds.includes(name))
      say(`/thresholds/${name}`, `The workflow has no threshold "${name}". ${didYouMean(name, offered.thresholds)}`);
    if (!Number.isFinite(value)) say(`/thresholds/${name}`, "is a number.");
  }
  // What the code does not have any more can still be taken away.
  const named = { grant: offered.tools, revoke: [...new Set([...offered.tools, ...tools])] };
  for (const key of ["grant", "revoke"] as const)
    for (const tool of change.tools?.[key] ?? [])
      if (!named[key].includes(tool))
        say(`/tools/${key}`, `The workflow has no tool "${tool}". ${didYouMean(tool, named[key])}`);
  for (const [slot, each] of Object.entries(change.prompts ?? {})) {
    if (!Object.hasOwn(offered.slots, slot))
      say(
        `/prompts/${slot}`,
        `The workflow has no prompt slot "${slot}". ${didYouMean(slot, Object.keys(offered.slots))}`,
      );
    share(`/prompts/${slot}/candidate/share`, each.candidate?.share);
    for (const model of [each.model ?? [], each.fallbacks ?? []].flat()) {
      const problem = offered.modelProblem(model);
      if (problem !== null) say(`/prompts/${slot}/model`, problem);
    }
  }
  return found;
}
