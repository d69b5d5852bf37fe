import type { JsonObject } from "../base/json.ts";
import { isInShare, promptsFor, stageFor } from "./assign.ts";
import type { Pins, Release } from "./release.ts";

/** What a run is pinned by besides the release. */
export interface PinnedBy {
  /** As the workflow is given it, with its originals: share and candidates are assigned by it. */
  event: JsonObject;
  contractVersion: number;
  /** Fingerprint of the workflow's code. */
  code: string;
  /** No other code may resume it. */
  pinned?: boolean;
}

/** What a run goes by from its first claim on: the present release as it applies to this event, the contract and the code. */
export function pinsFrom(release: Release, { event, contractVersion, code, pinned = false }: PinnedBy): Pins {
  const { number, development, thresholds, tools, revoked, riskThreshold, scope, automation, sample, whenOff } =
    release;
  const { prompts, assigned } = promptsFor(release, event);
  return {
    release: number,
    stage: stageFor(release, event),
    development,
    contractVersion,
    prompts,
    thresholds,
    tools: tools.filter((tool) => !revoked.includes(tool)),
    riskThreshold,
    code,
    ...(pinned ? { pinned } : {}),
    scope,
    automation,
    sample,
    whenOff,
    inShare: isInShare(release, event),
    ...(Object.keys(assigned).length === 0 ? {} : { assigned }),
  };
}
