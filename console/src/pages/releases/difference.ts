import type { ReleaseDocument, SlotDocument } from "../../api/coming.ts";
import { percent } from "../../parts/format.ts";

/** One thing that a release has otherwise than the one before it. */
export interface Difference {
  what: string;
  before: string;
  after: string;
}

/** What became different from one release to the next, in the order of a release; empty where nothing did. */
export function differences(before: ReleaseDocument, after: ReleaseDocument): Difference[] {
  const [was, is] = [saidOf(before), saidOf(after)];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return names.flatMap((what) => {
    const [from, to] = [was.get(what) ?? "–", is.get(what) ?? "–"];
    return from === to ? [] : [{ what, before: from, after: to }];
  });
}

function saidOf(release: ReleaseDocument): Map<string, string> {
  const said: [string, string][] = [
    ["stage", release.stage],
    ["share", percent(release.share, 0)],
    ["assigned by", release.assign_by],
    ["scope", release.scope ?? "everything"],
    ["automation rule", release.automation ?? "none"],
    ["sample to review", percent(release.sample)],
    ["risk threshold", release.risk_threshold],
    ["events while off", release.when_off === "hold" ? "held" : "to review"],
    ...Object.entries(release.thresholds).map(([name, value]): [string, string] => [name, String(value)]),
    ...Object.entries(release.prompts).flatMap(([slot, grant]) => slotSaid(slot, grant)),
    ["tools", [...release.tools].sort().join(", ") || "none"],
    ["revoked", [...release.revoked].sort().join(", ") || "none"],
  ];
  return new Map(said);
}

function slotSaid(slot: string, { prompt, version, model, fallbacks, candidate }: SlotDocument): [string, string][] {
  return [
    [`${slot}: version`, `${prompt}@${version}`],
    [`${slot}: model`, model],
    [`${slot}: falls back to`, fallbacks.join(", ") || "nothing"],
    [`${slot}: candidate`, candidate === null ? "none" : candidateWords(candidate)],
  ];
}

/** `2026-06-01.1, shadow, 10 %`. */
export function candidateWords({ version, model, mode, share }: NonNullable<SlotDocument["candidate"]>): string {
  return `${version} on ${model}, ${mode}, ${percent(share, 0)}`;
}
