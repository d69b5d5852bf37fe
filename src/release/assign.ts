import { createHash } from "node:crypto";
import { atPointer, canonicalJson } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { lowerStage } from "../base/stage.ts";
import type { Stage } from "../base/stage.ts";
import type { Assigned, PromptGrant, Release } from "./release.ts";

/** Where a key stands in an experiment: in [0, 1), from the first 53 bits of SHA-256(salt, newline, canonical JSON of the value). */
export function placeOf(salt: string, value: Json): number {
  const bits =
    createHash("sha256")
      .update(`${salt}\n${canonicalJson(value)}`)
      .digest()
      .readBigUInt64BE() >> 11n;
  return Number(bits) / 2 ** 53;
}

/**
 * Whether a key is within a share. Depends on nothing but the three, so it is the same on every retry, and a larger share only
 * adds keys. An event without the value is within no share but the whole.
 */
export function isWithin(share: number, salt: string, value: Json | undefined): boolean {
  if (share >= 1) return true;
  return value !== undefined && placeOf(salt, value) < share;
}

/** What keys outside the traffic share may do at most: a person decides; where one does anyway, nothing happens. */
export function lowerForShare(stage: Stage): Stage {
  if (stage === "off") return "off";
  return stage === "suggestion" || stage === "shadow" ? "shadow" : "suggestion";
}

type Sharing = Pick<Release, "stage" | "share" | "salt" | "assignBy">;

export function isInShare({ share, salt, assignBy }: Omit<Sharing, "stage">, event: JsonObject): boolean {
  return isWithin(share, salt, atPointer(event, assignBy));
}

/** The stage at which a release lets the run of this event act. */
export function stageFor(release: Sharing, event: JsonObject): Stage {
  return isInShare(release, event) ? release.stage : lowerStage(release.stage, lowerForShare(release.stage));
}

/** The versions that serve this event: a live candidate in the slot's place where it is assigned, a shadow one beside it. */
export function promptsFor(
  { prompts, assignBy }: Pick<Release, "prompts" | "assignBy">,
  event: JsonObject,
): { prompts: Record<string, PromptGrant>; assigned: Record<string, Assigned> } {
  const value = atPointer(event, assignBy);
  const served: Record<string, PromptGrant> = {};
  const assigned: Record<string, Assigned> = {};
  for (const [slot, { candidate, ...grant }] of Object.entries(prompts)) {
    served[slot] = grant;
    if (candidate === undefined || !isWithin(candidate.share, candidate.salt, value)) continue;
    const { mode, version, hash, model, fallbacks } = candidate;
    assigned[slot] = { mode, version, instead: grant.version };
    served[slot] =
      mode === "shadow"
        ? { ...grant, candidate }
        : { prompt: grant.prompt, version, hash, model, ...(fallbacks === undefined ? {} : { fallbacks }) };
  }
  return { prompts: served, assigned };
}

/**
 * Whether a decision that nobody would have to look at goes to a person all the same. By event, not by key: the sample is of
 * decisions.
 */
export function isSampled(sample: number, salt: string, event: JsonObject): boolean {
  return sample > 0 && isWithin(sample, `${salt}\nsample`, event["event_id"]);
}
