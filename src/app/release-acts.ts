import { UsageError } from "../base/failure.ts";
import { STAGES } from "../base/stage.ts";
import type { Stage } from "../base/stage.ts";
import { didYouMean } from "../base/suggest.ts";
import { applyChange } from "../release/apply.ts";
import type { Offered } from "../release/apply.ts";
import type { ReleaseChange } from "../release/change.ts";
import { differencesOf } from "../release/differences.ts";
import type { KnownGood } from "../release/known-good.ts";
import type { PromptGrant, Release } from "../release/release.ts";
import { fallbackFirst, formerRelease, rolledBack } from "../release/rollback.ts";
import type { ReleaseAct, RollbackTarget } from "./releasing.ts";

/** What an act is decided on. `history`: oldest first, the present release last. */
export interface ActSetting {
  present: Release;
  history: readonly Release[];
  offered: Offered;
  /** What a next release may go back to without raising anything. */
  known(next: Release): KnownGood;
}

/** The release that an act makes of the present one; who, why and the evidence stay to be filled in. */
export function releaseOf(act: ReleaseAct, setting: ActSetting): Release {
  if (act.act === "rollback") return rollback(act.target, setting);
  return applyChange(setting.present, changeOf(act, setting), setting.offered);
}

function changeOf(act: Exclude<ReleaseAct, { act: "rollback" }>, { present, history }: ActSetting): ReleaseChange {
  if (act.act === "promote") return act.change;
  if (act.act === "demote") return act.change ?? { stage: stageBelow(present) };
  if (act.act === "traffic") return { share: act.share };
  if (act.act === "off") return { stage: "off", ...(act.whenOff === undefined ? {} : { whenOff: act.whenOff }) };
  if (act.act === "grant") return { tools: { grant: [act.tool] } };
  if (act.act === "revoke") return { tools: { revoke: [act.tool] } };
  const before = history.findLast(({ stage }) => stage !== "off");
  if (present.stage !== "off" || before === undefined)
    throw new UsageError(
      "not_off",
      `${present.workflow} is not switched off: release ${present.number} is at ${present.stage}.`,
      {
        status: 409,
      },
    );
  return { stage: before.stage };
}

function stageBelow({ workflow, stage }: Release): Stage {
  const below = STAGES[STAGES.indexOf(stage) - 1];
  if (below !== undefined) return below;
  throw new UsageError("not_a_lowering", `${workflow} is switched off: there is no lower stage.`, { status: 409 });
}

function rollback({ to, slot, version, fallback, inFlight }: RollbackTarget, setting: ActSetting): Release {
  const { present, history, offered, known } = setting;
  if ([to, version, fallback || undefined].filter((each) => each !== undefined).length > 1)
    throw wrong("Go back to a release, to a version, or to a fallback model: one of them at a time.");
  if (version !== undefined || fallback === true) {
    const name = slot ?? onlySlot(present);
    const grant = grantOf(present, name);
    const target = fallback === true ? fallbackFirst(grant, name) : former(grant, version as string, setting);
    return rolledBack(
      present,
      { ...present, prompts: { ...present.prompts, [name]: target } },
      { slot: name, inFlight },
    );
  }
  if (slot !== undefined) grantOf(present, slot);
  const target = to === undefined ? formerRelease(history, (each) => raisesNothing(each), slot) : numbered(history, to);
  assertThere(target, offered, slot);
  return rolledBack(present, target, { slot, inFlight });

  function raisesNothing(release: Release): boolean {
    const next = rolledBack(present, release, { slot });
    const raises = differencesOf(present, next, known(next)).some(({ direction }) => direction === "raise");
    return !raises;
  }
}

/** A version with the models it served on when it served last; with its own where it never did. */
function former(grant: PromptGrant, version: string, { present, history, offered }: ActSetting): PromptGrant {
  const { prompt } = grant;
  const { hash, model, fallbacks } = offered.version(prompt, version);
  const served = history
    .filter(({ development }) => !development || present.development)
    .flatMap(({ prompts }) => Object.values(prompts))
    .findLast((each) => each.prompt === prompt && each.version === version && each.hash === hash);
  return served ?? { prompt, version, hash, model, ...(fallbacks.length === 0 ? {} : { fallbacks }) };
}

function numbered(history: readonly Release[], to: number): Release {
  const release = history.find(({ number }) => number === to);
  const last = history.at(-1)?.number ?? 0;
  if (release !== undefined && to !== last) return release;
  const message =
    release === undefined ? `There is no release ${to}; there are 1 to ${last}.` : `Release ${to} is the present one.`;
  throw new UsageError("unknown_release", message, { status: 404 });
}

/** What it served has to be there still, word for word. */
function assertThere(target: Release, offered: Offered, slot: string | undefined): void {
  for (const [name, { prompt, version, hash }] of Object.entries(target.prompts)) {
    if (slot !== undefined && name !== slot) continue;
    if (offered.version(prompt, version).hash !== hash)
      throw wrong(`Release ${target.number} served ${prompt}@${version} with other content than it has now.`);
  }
}

function onlySlot({ prompts, workflow }: Release): string {
  const slots = Object.keys(prompts);
  if (slots.length === 1) return slots[0] as string;
  const message =
    slots.length === 0 ? `${workflow} has no prompt.` : `${workflow} has the slots ${slots.join(", ")}: name one.`;
  throw new UsageError("unknown_slot", message, { status: 422 });
}

function grantOf({ prompts, workflow }: Release, slot: string): PromptGrant {
  const grant = Object.hasOwn(prompts, slot) ? prompts[slot] : undefined;
  if (grant !== undefined) return grant;
  const message = `${workflow} has no prompt slot "${slot}". ${didYouMean(slot, Object.keys(prompts))}`;
  throw new UsageError("unknown_slot", message.trimEnd(), { status: 422 });
}

function wrong(message: string): UsageError {
  return new UsageError("invalid_change", message, { status: 422 });
}
