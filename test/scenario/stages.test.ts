import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import { workflow } from "../../src/index.ts";
import type { Release } from "../../src/release/release.ts";
import type { Workflow } from "../../src/workflow/define.ts";
import { Peer } from "./peer.ts";
import { KIM, World, gate } from "./world.ts";
import type { Setting } from "./world.ts";
import { DECISION, TWO_VERSIONS, answer, grant, on, released, republish, triage } from "./stages.ts";

const OPERATOR = { name: "olga", role: "operator" } as const;
const ADMIN = { name: "ada", role: "admin" } as const;

/** One event under a release with `change`. */
async function one(
  change: Partial<Release>,
  { tool = {}, script = [answer], ...setting }: Partial<Setting> & { tool?: object } = {},
): Promise<{ world: World; peer: Peer; runId: string }> {
  const peer = await Peer.start();
  const world = await released(change, { workflows: triage(peer, tool), script, ...setting });
  return { world, peer, runId: await world.submit() };
}

describe("at stage", () => {
  test("shadow nothing is written and nobody is asked, and what would have been is on record", async () => {
    const { world, peer, runId } = await one({ stage: "shadow", automation: "confidence >= 0.95" });
    expect(await world.ended(runId)).toMatchObject({ disposition: "shadowed", decision: answer });
    expect(peer.received).toEqual([]);
    expect(await world.steps(runId, "note it")).toMatchObject([{ phase: "blocked", input: { text: "billing" } }]);
    const [decided] = await world.steps(runId, "@decision");
    expect(decided?.detail).toMatchObject({ would: "review", why: "automation" });
  });

  test("suggestion a person applies the decision and its writes", async () => {
    const { world, peer, runId } = await one({ stage: "suggestion" });
    const review = await world.review(runId);
    expect([review.why, peer.received.length]).toEqual(["writes", 0]);
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).disposition).toBe("suggested");
    expect(peer.received).toHaveLength(1);
  });

  test("partial a low-risk write happens, and the decision is applied where the automation rule holds", async () => {
    const { world, peer, runId } = await one({ stage: "partial", automation: "confidence >= thresholds.review_below" });
    expect((await world.ended(runId)).disposition).toBe("applied");
    expect(peer.received).toHaveLength(1);
  });

  test.each([
    ["does not hold", "confidence >= 0.95", "does not hold: confidence >= 0.95"],
    ["cannot be evaluated", "output.missing == 'x'", "There is no field missing."],
  ])("partial a decision goes to a person where the rule %s", async (_what, automation, said) => {
    const { world, runId } = await one({ stage: "partial", automation });
    const review = await world.review(runId);
    expect(review.why).toBe("automation");
    expect(review.reason).toContain(said);
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    // What a person confirmed is not sent again.
    expect((await world.ended(runId)).disposition).toBe("reviewed");
  });

  test.each([
    ["low", "medium", 0],
    ["medium", "medium", 1],
    ["high", "medium", 1],
    ["high", "high", 1],
  ] as const)(
    "narrow with the threshold %s a write of risk %s happens %d times by itself",
    async (riskThreshold, risk, times) => {
      const { world, peer, runId } = await one({ stage: "narrow", riskThreshold }, { tool: { risk } });
      if (times === 1) expect((await world.ended(runId)).disposition).toBe("applied");
      else expect((await world.review(runId)).why).toBe("writes");
      expect(peer.received).toHaveLength(times);
    },
  );

  test("narrow what is outside the scope goes to a person, its writes with it", async () => {
    const { world, peer, runId } = await one({
      stage: "narrow",
      scope: "customer.id != 'cus_1' && output.category == 'billing'",
    });
    const review = await world.review(runId);
    expect(review.reason).toContain("The scope of release 2 does not hold");
    expect(peer.received).toEqual([]);
    expect(await world.steps(runId, "note it")).toMatchObject([
      { phase: "proposed", guard: { reason: "outside_scope" } },
    ]);
    world.model.push(answer);
    const inside = await world.submit({ customer: { id: "cus_2" } });
    expect((await world.ended(inside)).disposition).toBe("applied");
  });

  test.each([
    ["partial", 0],
    ["narrow", 0],
    ["expanded", 1],
  ] as const)("%s a workflow that affects billing makes %d writes by itself", async (stage, times) => {
    const peer = await Peer.start();
    const workflows = triage(peer, {}, undefined, ["billing"]);
    const world = await released({ stage }, { workflows, script: [answer] });
    const runId = await world.submit();
    if (times === 1) expect((await world.ended(runId)).disposition).toBe("applied");
    else expect((await world.review(runId)).why).toBe("writes");
    expect(peer.received).toHaveLength(times);
    if (times === 1) return;
    const [proposed] = await world.steps(runId, "note it");
    expect(proposed).toMatchObject({ guard: { reason: "affects_much" } });
  });

  test("narrow a decision whose run was refused a write goes to a person", async () => {
    const { world, runId } = await one({ stage: "narrow", revoked: ["note"] });
    const review = await world.review(runId);
    expect([review.why, review.reason]).toEqual(["policy", expect.stringContaining('"note it" was refused')]);
  });

  test("expanded the random sample goes to a person, and the same decisions on a retry", async () => {
    const { world, runId } = await one({ stage: "expanded", sample: 1 });
    const review = await world.review(runId);
    expect(review.why).toBe("sample");
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).disposition).toBe("reviewed");
  });

  test.each(["refund", "external_message", "account_change"])(
    "expanded a %s waits for a person all the same",
    async (kind) => {
      const { world, peer, runId } = await one({ stage: "expanded", riskThreshold: "high" }, { tool: { kind } });
      expect((await world.review(runId)).why).toBe("writes");
      expect(peer.received).toEqual([]);
    },
  );
});

describe("off", () => {
  test("holds events: they are accepted, no run begins, and it goes on when it is on again", async () => {
    const { world, peer, runId } = await one({ stage: "off", whenOff: "hold" });
    await world.poke();
    expect(await world.run(runId)).toMatchObject({ status: "queued", stage: null });
    expect(await world.sluice.presentHolds()).toMatchObject([{ workflow: "flow", cause: "release", runs: 1 }]);
    await expect(world.sluice.resume("flow", KIM, "now", null)).rejects.toThrow("release 2 is off");
    await republish(world, { stage: "shadow" });
    expect((await world.ended(runId)).disposition).toBe("shadowed");
    expect(peer.received).toEqual([]);
  });

  test("to review: a person decides from scratch, and no model is asked", async () => {
    const { world, peer, runId } = await one({ stage: "off", whenOff: "review" });
    const review = await world.review(runId);
    expect([review.why, review.reason]).toEqual(["off", expect.stringContaining("Release 2 is off")]);
    const item = await world.sluice.review(review.reviewId, KIM);
    expect(item).toMatchObject({ approval: "impossible", correctable: true, outputSchema: { required: ["category"] } });
    const wrong = { action: "correct", correctedOutput: { category: "nothing" }, correctionReason: "" } as const;
    expect(await world.sluice.decideReview(review.reviewId, wrong, KIM)).toMatchObject({
      ok: false,
      code: "invalid_correction",
    });
    expect(await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM)).toMatchObject({
      code: "nothing_to_approve",
    });
    const right = { ...wrong, correctedOutput: { category: "account" }, correctionReason: "read it" };
    expect(await world.sluice.decideReview(review.reviewId, right, KIM)).toMatchObject({
      ok: true,
      outcome: { decision: { category: "account" }, writes: [] },
    });
    expect(await world.ended(runId)).toMatchObject({ disposition: "reviewed", decision: { category: "account" } });
    expect([world.model.requests.length, peer.received.length]).toEqual([0, 0]);
  });

  test("stops a run that is under way before its next step, and the same run goes on afterwards", async () => {
    const peer = await Peer.start();
    const asked = gate();
    const answered = gate();
    const script = async (): Promise<JsonObject> => {
      asked.open();
      await answered.opened;
      return answer;
    };
    const world = await released({ stage: "partial" }, { workflows: triage(peer), script });
    const runId = await world.submit();
    await asked.opened;
    await world.sluice.releases.change("flow", { act: "off" }, { reason: "fire" }, OPERATOR);
    answered.open();
    await world.waiting(runId, "hold");
    expect(peer.received).toEqual([]);
    await republish(world, { stage: "partial" });
    expect((await world.ended(runId)).disposition).toBe("applied");
    expect(peer.received).toHaveLength(1);
  });
});

describe("the traffic share", () => {
  test("leaves keys outside to a person, and one in it that is lowered since as well", async () => {
    const { world, peer, runId } = await one({ stage: "partial", share: 0 });
    const review = await world.review(runId);
    expect([review.why, await world.run(runId)]).toMatchObject(["writes", { stage: "suggestion" }]);
    expect(review.reason).toContain("outside the traffic share of 0 % of release 2");
    expect(peer.received).toEqual([]);
  });

  test("keeps each key on its side over a restart", async () => {
    const peer = await Peer.start();
    const world = await released({ stage: "partial", share: 0.5 }, { workflows: triage(peer), script: () => answer });
    const ids = Array.from({ length: 12 }, (_, i) => `evt_sticky_${i}`);
    const runs = await Promise.all(ids.map((event_id) => world.submit({ event_id })));
    const stages = await Promise.all(
      runs.map(async (id) => (await world.until(id, "its stage", ({ stage }) => stage !== null)).stage),
    );
    expect(new Set(stages)).toEqual(new Set(["partial", "suggestion"]));
    await republish(world, {});
    const before = await Promise.all(runs.map(async (id) => (await world.run(id)).stage));
    expect(before).toEqual(stages);
  });
});

describe("a change while a run is under way", () => {
  test("between the decision and its record: it is decided anew by the release that is present then", async () => {
    let world!: World;
    const probe = async (point: string): Promise<void> => {
      if (point !== "before_decision" || world.model.requests.length > 1) return;
      world.model.push(answer);
      await world.sluice.releases.change(
        "flow",
        { act: "demote", change: { stage: "suggestion" } },
        { reason: "doubt" },
        ADMIN,
      );
    };
    const peer = await Peer.start();
    world = await released({ stage: "partial" }, { workflows: triage(peer), script: [answer], probe });
    const runId = await world.submit();
    const review = await world.review(runId);
    expect([review.why, review.reason]).toEqual(["stage", "At stage suggestion a person applies each decision."]);
    expect(peer.received).toHaveLength(1);
    expect(world.model.requests).toHaveLength(1);
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).disposition).toBe("suggested");
  });

  test.each([
    ["suggestion", "proposed"],
    ["shadow", "blocked"],
  ] as const)("between guard and claim, to %s: the write is %s", async (stage, phase) => {
    let world!: World;
    let done = false;
    const probe = async (point: string): Promise<void> => {
      if (point !== "before_write_claim" || done) return;
      done = true;
      await world.sluice.releases.change("flow", { act: "demote", change: { stage } }, { reason: "doubt" }, ADMIN);
    };
    const peer = await Peer.start();
    world = await released({ stage: "partial" }, { workflows: triage(peer), script: [answer], probe });
    const runId = await world.submit();
    await world.until(runId, "its note", ({ status }) => status !== "running" && status !== "queued");
    expect(await world.steps(runId, "note it")).toMatchObject([{ phase }]);
    expect(peer.received).toEqual([]);
  });

  test("between guard and claim, of the grant: the write is refused", async () => {
    let world!: World;
    let done = false;
    const probe = async (point: string): Promise<void> => {
      if (point !== "before_write_claim" || done) return;
      done = true;
      await world.sluice.releases.change("flow", { act: "revoke", tool: "note" }, { reason: "wrong address" }, ADMIN);
    };
    const peer = await Peer.start();
    world = await released({ stage: "partial" }, { workflows: triage(peer), script: [answer], probe });
    const runId = await world.submit();
    await world.until(runId, "its note", ({ status }) => status !== "running" && status !== "queued");
    expect(await world.steps(runId, "note it")).toMatchObject([{ phase: "denied", guard: { reason: "revoked" } }]);
    expect(peer.received).toEqual([]);
  });
});

describe("a version that a rollback withdrew", () => {
  function sleeping(when: "before" | "after"): Workflow {
    const options = { on, deadline: "24h", decision: DECISION, prompts: { classify: "classifier" } };
    return workflow("flow", options, async (given, ctx) => {
      if (when === "before") await ctx.sleep("a while", "1s");
      const said = await ctx.prompt("classify", given);
      if (when === "after") await ctx.sleep("a while", "1s");
      return ctx.decide(said);
    });
  }

  async function rolledBack(when: "before" | "after"): Promise<{ world: World; runId: string }> {
    const world = await World.open({
      mode: "serve",
      workflows: sleeping(when),
      files: TWO_VERSIONS,
      script: () => answer,
    });
    await republish(world, { stage: "partial", prompts: { classify: grant(world, "1") } });
    await republish(world, { stage: "partial", prompts: { classify: grant(world, "2") } });
    const runId = await world.submit();
    await world.waiting(runId, "sleep");
    const act = { act: "rollback", target: { slot: "classify", version: "1" } } as const;
    const done = await world.sluice.releases.change("flow", act, { reason: "it is wrong" }, ADMIN);
    expect(done.outcome).toBe("released");
    return { world, runId };
  }

  test("is not used: a run that has not used it goes by the present release as a whole", async () => {
    const { world, runId } = await rolledBack("before");
    expect((await world.ended(runId)).disposition).toBe("applied");
    expect(world.model.requests.map(({ messages }) => messages[0]?.content)).toEqual(["Classify: Charged twice."]);
    const [override] = await world.steps(runId, "@repin");
    expect(override).toMatchObject({
      type: "override",
      detail: { from_release: 3, to_release: 4, from: { classify: "classifier@2" }, to: { classify: "classifier@1" } },
    });
  });

  test("leaves the decision of a run that has used it to a person", async () => {
    const { world, runId } = await rolledBack("after");
    const review = await world.review(runId);
    expect(review.why).toBe("withdrawn");
    expect(review.reason).toContain("classifier@2, which this run has used, was withdrawn by release 4");
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).disposition).toBe("reviewed");
  });
});

test("each process says which release it serves, at once when it changes", async () => {
  const peer = await Peer.start();
  const world = await released({ stage: "partial" }, { workflows: triage(peer), script: [] });
  const served = async () => await world.sluice.releases.served("flow");
  expect(await served()).toMatchObject({ inForce: 2, workers: [{ release: 2, pid: process.pid }] });
  await world.sluice.releases.change(
    "flow",
    { act: "demote", change: { stage: "shadow" } },
    { reason: "doubt" },
    ADMIN,
  );
  expect(await served()).toMatchObject({ inForce: 3, workers: [{ release: 3 }] });
});
