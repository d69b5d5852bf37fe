import type { Pins, Release } from "./release.ts";

/** What a run goes by from its first claim on: the present release, the contract and the code. `pinned`: no other code may resume it. */
export function pinsFrom(release: Release, contractVersion: number, code: string, pinned = false): Pins {
  const { number, stage, development, prompts, thresholds, tools, revoked, riskThreshold } = release;
  return {
    release: number,
    stage,
    development,
    contractVersion,
    prompts,
    thresholds,
    tools: tools.filter((tool) => !revoked.includes(tool)),
    riskThreshold,
    code,
    ...(pinned ? { pinned } : {}),
  };
}
