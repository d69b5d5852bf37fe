import { canonicalJson } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import { compareStages } from "../base/stage.ts";
import type { Difference, Direction } from "./change.ts";
import { servedBy } from "./known-good.ts";
import type { KnownGood } from "./known-good.ts";
import { narrowerOrSame } from "./narrower.ts";
import type { Candidate, PromptGrant, Release, RiskThreshold } from "./release.ts";

const RISKS: readonly RiskThreshold[] = ["low", "medium", "high"];

/**
 * Every difference between two releases of a workflow that changes what it does, each with its direction. What cannot be
 * shown to lower is a raise. `known`: what the prompts may go back to without raising anything; nothing unless given.
 */
export function differencesOf(present: Release, next: Release, known: KnownGood = () => false): Difference[] {
  return [
    ...one("stage", present.stage, next.stage, byOrder(compareStages(next.stage, present.stage))),
    ...one("when_off", present.whenOff, next.whenOff, "same"),
    ...one("share", present.share, next.share, byOrder(next.share - present.share)),
    ...one("assign_by", assignment(present), assignment(next), reassigns(next) ? "raise" : "same"),
    ...one("scope", present.scope, next.scope, byWidth(present.scope, next.scope)),
    ...one("automation", present.automation, next.automation, byWidth(present.automation, next.automation)),
    ...one("sample", present.sample, next.sample, byOrder(present.sample - next.sample)),
    ...one(
      "risk_threshold",
      present.riskThreshold,
      next.riskThreshold,
      byOrder(RISKS.indexOf(next.riskThreshold) - RISKS.indexOf(present.riskThreshold)),
    ),
    ...thresholds(present, next),
    ...tools(present, next),
    ...namesOf(present.prompts, next.prompts).flatMap((slot) =>
      slotDifferences(slot, present.prompts[slot], next.prompts[slot], known),
    ),
  ];
}

function one(what: string, from: Json, to: Json, direction: Direction): Difference[] {
  return canonicalJson(from) === canonicalJson(to) ? [] : [{ what, from, to, direction }];
}

function byOrder(more: number): Direction {
  return more > 0 ? "raise" : more < 0 ? "lower" : "same";
}

function byWidth(present: string | null, next: string | null): Direction {
  return narrowerOrSame(next, present) ? "lower" : "raise";
}

/** Another assignment lets keys in that were out, wherever some are out. */
function assignment({ assignBy }: Release): string {
  return assignBy;
}

function reassigns({ share, prompts }: Release): boolean {
  return (share > 0 && share < 1) || Object.values(prompts).some(({ candidate }) => candidate?.mode === "live");
}

function namesOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

function thresholds(present: Release, next: Release): Difference[] {
  return namesOf(present.thresholds, next.thresholds).flatMap((name) => {
    const [from, to] = [present.thresholds[name] ?? null, next.thresholds[name] ?? null];
    return one(`thresholds.${name}`, from, to, thresholdDirection(name, from, to));
  });
}

/** By its name: what is looked at `_below` it goes up to be careful, what is `_above` it goes down. Any other name tells nothing. */
export function thresholdDirection(name: string, from: number | null, to: number | null): Direction {
  if (from === to) return "same";
  if (from === null || to === null) return "raise";
  if (name.endsWith("_below") || name.startsWith("min_")) return byOrder(from - to);
  if (name.endsWith("_above") || name.startsWith("max_")) return byOrder(to - from);
  return "raise";
}

/** The tools a release lets the workflow call. */
export function grantedTools({ tools: granted, revoked }: Pick<Release, "tools" | "revoked">): string[] {
  return granted.filter((tool) => !revoked.includes(tool));
}

function tools(present: Release, next: Release): Difference[] {
  const [before, after] = [new Set(grantedTools(present)), new Set(grantedTools(next))];
  return [...new Set([...before, ...after])]
    .sort()
    .flatMap((tool) =>
      one(
        `tools.${tool}`,
        before.has(tool) ? "granted" : present.revoked.includes(tool) ? "revoked" : "not granted",
        after.has(tool) ? "granted" : "revoked",
        after.has(tool) ? "raise" : "lower",
      ),
    );
}

function slotDifferences(
  slot: string,
  present: PromptGrant | undefined,
  next: PromptGrant | undefined,
  known: KnownGood,
): Difference[] {
  const of = (what: string, from: Json, to: Json, direction: Direction): Difference[] =>
    one(`prompts.${slot}${what}`, from, to, direction).map((each) => ({ ...each, slot }));
  if (present === undefined || next === undefined) {
    const named = (grant: PromptGrant | undefined): string | null => (grant === undefined ? null : identity(grant));
    return of("", named(present), named(next), next === undefined ? "lower" : "raise");
  }
  const allKnown = servedBy(next).every(known);
  const moved: Direction = allKnown ? "lower" : "raise";
  const sameVersion = identity(present) === identity(next) && present.hash === next.hash;
  const [from, to] = [present.fallbacks ?? [], next.fallbacks ?? []];
  const fewer = sameVersion && isSubsequence(to, from);
  return [
    ...of(".version", versionOf(present, next), versionOf(next, present), moved),
    ...of(".model", present.model, next.model, moved),
    ...of(".fallbacks", [...from], [...to], fewer ? "lower" : moved),
    ...candidateDifference(slot, present, next),
  ];
}

function identity({ prompt, version }: PromptGrant): string {
  return `${prompt}@${version}`;
}

/** The version alone, unless that would hide what differs. */
function versionOf(grant: PromptGrant, other: PromptGrant): string {
  if (grant.prompt !== other.prompt) return identity(grant);
  return grant.version === other.version && grant.hash !== other.hash
    ? `${grant.version} (${grant.hash.slice(0, 12)})`
    : grant.version;
}

function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const each of all) if (each === some[at]) at++;
  return at === some.length;
}

/** Held against each other whole: what a person is not shown of them counts as well. */
function candidateDifference(slot: string, present: PromptGrant, next: PromptGrant): Difference[] {
  const whole = (candidate: Candidate | undefined): string => canonicalJson((candidate ?? null) as Json);
  if (whole(present.candidate) === whole(next.candidate)) return [];
  const [from, to] = [shown(present.candidate), shown(next.candidate)];
  return [{ what: `prompts.${slot}.candidate`, from, to, direction: candidateDirection(present, next), slot }];
}

function shown(candidate: Candidate | undefined): Json {
  if (candidate === undefined) return null;
  const { version, hash, model, share, mode, fallbacks = [] } = candidate;
  return { version, hash, model, share, mode, ...(fallbacks.length === 0 ? {} : { fallbacks: [...fallbacks] }) };
}

/** Only a live candidate decides anything. */
function candidateDirection({ candidate: from }: PromptGrant, { candidate: to }: PromptGrant): Direction {
  if (to?.mode !== "live") return from?.mode === "live" ? "lower" : "same";
  if (from?.mode !== "live") return "raise";
  const { share: before, ...was } = from;
  const { share: after, ...is } = to;
  if (canonicalJson(was as unknown as Json) !== canonicalJson(is as unknown as Json)) return "raise";
  return byOrder(after - before);
}
