import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import type { CandidateTotals } from "../../src/release/candidates.ts";
import type { Candidate, Release } from "../../src/release/release.ts";
import { Peer } from "./peer.ts";
import { KIM, World, gate } from "./world.ts";
import type { Setting } from "./world.ts";
import { TWO_VERSIONS, answer, grant, republish, triage } from "./stages.ts";

const OTHER = { category: "account", urgency: "high", confidence: 0.4 };

/** The first version serves at `change`, the second is its candidate. */
async function tried(
  candidate: Partial<Candidate>,
  change: Partial<Release> = { stage: "partial" },
  setting: Partial<Setting> = {},
): Promise<{ world: World; peer: Peer }> {
  const peer = await Peer.start();
  const script: Setting["script"] = ({ messages }) => (said(messages) === "Sort" ? OTHER : answer);
  const workflows = triage(peer);
  const world = await World.open({ mode: "serve", workflows, files: TWO_VERSIONS, script, ...setting });
  const { version, hash, model } = grant(world, "2");
  const whole: Candidate = { version, hash, model, share: 1, mode: "shadow", salt: "x", ...candidate };
  await republish(world, { ...change, prompts: { classify: { ...grant(world, "1"), candidate: whole } } });
  return { world, peer };
}

function said(messages: readonly { content: string }[]): string {
  return (messages[0]?.content ?? "").split(":")[0] as string;
}

/** The totals of the one candidate once `total` answers are on record. */
async function totals(world: World, total: number): Promise<CandidateTotals> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const [found] = await world.sluice.candidates.totals("flow");
    if (found?.total === total) return found;
    if (performance.now() > deadline) throw new Error(`Not asked: ${JSON.stringify(found)}`);
  }
}

describe("a shadow candidate", () => {
  test("is asked what the run asked, after it, and its answer is on record without effect", async () => {
    const { world, peer } = await tried({});
    const runId = await world.submit();
    expect((await world.ended(runId)).decision).toEqual(answer);
    expect(await totals(world, 1)).toMatchObject({
      slot: "classify",
      version: "2",
      valid: 1,
      compared: 1,
      agreed: 0,
      judged: 0,
      fields: { category: { compared: 1, agreed: 0 }, urgency: { compared: 1, agreed: 1 } },
    });
    expect(world.model.requests.map(({ messages }) => said(messages))).toEqual(["Classify", "Sort"]);
    expect(world.model.requests[1]?.messages[0]?.content).toBe("Sort: Charged twice.");
    expect(peer.received).toHaveLength(1);
    const { items } = await world.sluice.candidates.answers({ workflow: "flow", differing: true }, { limit: 10 });
    expect(items).toMatchObject([{ runId, output: JSON.stringify(OTHER), agrees: false }]);
    expect((await world.trace(runId)).filter(({ prompt_version: version }) => version === "2")).toEqual([]);
  });

  test("is compared with what a person decided", async () => {
    const { world } = await tried({}, { stage: "suggestion" });
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    const correctedOutput: JsonObject = { ...answer, category: "account" };
    await world.sluice.decideReview(reviewId, { action: "correct", correctedOutput, correctionReason: "no" }, KIM);
    await world.ended(runId);
    expect(await totals(world, 1)).toMatchObject({ judged: 1, candidateRight: 1, servedRight: 0, agreed: 0 });
  });

  test("is asked for the keys of its share only", async () => {
    const { world } = await tried({ share: 0 });
    const outside = await world.submit();
    await world.ended(outside);
    const { prompts, assigned } = JSON.parse((await world.run(outside)).pins ?? "") as Record<string, unknown>;
    expect([prompts, assigned]).toEqual([{ classify: grant(world, "1") }, undefined]);
  });

  test("costs no more than a day allows, and what was passed over says so", async () => {
    const { world } = await tried({}, { stage: "partial" }, { config: { shadowUsdPerDay: 0 } });
    await world.ended(await world.submit());
    expect(await totals(world, 1)).toMatchObject({ skipped: 1, skippedWhy: { budget: 1 } });
    expect(world.model.requests).toHaveLength(1);
  });

  test("is asked once, also where the process ends while it is asked", async () => {
    const asked = gate();
    let hangs = true;
    const script: Setting["script"] = async ({ messages }) => {
      if (said(messages) !== "Sort") return answer;
      asked.open();
      // A stop puts nothing of a question on record that is under way, as a kill does not.
      return hangs ? await new Promise<never>(() => {}) : OTHER;
    };
    const { world } = await tried({}, { stage: "partial" }, { script });
    const runs = await Promise.all([1, 2, 3].map(() => world.submit()));
    for (const runId of runs) await world.ended(runId);
    await asked.opened;
    expect(await world.sluice.candidates.totals("flow")).toEqual([]);
    hangs = false;
    await world.restart({}, 0);
    expect(await totals(world, 3)).toMatchObject({ valid: 3 });
    await world.restart();
    await world.ended(await world.submit());
    expect(await totals(world, 4)).toMatchObject({ valid: 4 });
  });
});

test("a live candidate decides in the slot's place, and trace and why say so", async () => {
  const { world } = await tried({ mode: "live" });
  const runId = await world.submit();
  expect((await world.ended(runId)).decision).toEqual(OTHER);
  const [call] = (await world.trace(runId)).filter(({ type }) => type === "model_call");
  expect(call).toMatchObject({ prompt_version: "2", candidate: true });
  const why = await world.sluice.why(runId);
  expect(why?.questions.find(({ id }) => id === "prompt")?.answer).toContain(
    "classify: 2 is a live candidate, in place of 1",
  );
  expect(await world.sluice.candidates.totals("flow")).toEqual([]);
});
