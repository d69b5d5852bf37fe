import { expect, test } from "vitest";
import type { ReleaseAct, ReleaseOutcome } from "../../src/app/releasing.ts";
import type { Actor } from "../../src/app/sluice.ts";
import { event, workflow } from "../../src/index.ts";
import type { ReleaseChange } from "../../src/release/change.ts";
import { PROVEN_FILES, evidenceIn, meanwhile, otherCases, prove } from "./proving.ts";
import { World } from "./world.ts";
import type { Setting } from "./world.ts";

const KIM: Actor = { name: "kim", role: "operator" };
const LEE: Actor = { name: "lee", role: "operator" };

const flow = (over: object = {}): ReturnType<typeof workflow> =>
  workflow(
    "flow",
    {
      on: event("ticket.created"),
      deadline: "24h",
      prompts: { classify: "classifier" },
      thresholds: { review_below: 0.75 },
      ...over,
    },
    async (received, ctx) => ctx.decide(await ctx.prompt("classify", received as never)),
  );

/** Served properly: release 1, in shadow, on version 2, the newest. */
function served(over: Partial<Setting> = {}, workflowOver: object = {}): Promise<World> {
  return World.open({ workflows: flow(workflowOver), mode: "serve", files: PROVEN_FILES, ...over });
}

const promote = (change: ReleaseChange): ReleaseAct => ({ act: "promote", change });
const SUGGEST = promote({ stage: "suggestion" });
const act = (world: World, what: ReleaseAct, more: object = {}, who = KIM): Promise<ReleaseOutcome> =>
  world.sluice.releases.change("flow", what, { reason: "because", ...more }, who);
const number = async (world: World): Promise<number> => (await world.sluice.releases.presentRelease("flow")).number;

/** What was missing, in words; throws where the gate was not closed. */
function missing(outcome: ReleaseOutcome): string {
  if (outcome.outcome !== "gate_closed") throw new Error(`The gate was not closed: ${JSON.stringify(outcome)}`);
  const unmet = outcome.plan.requirements.filter(({ met }) => !met);
  return unmet.map(({ message }) => message).join(" ");
}

test("a raise is refused until evidence passes for exactly what would serve, and says by how much it falls short", async () => {
  const world = await served();
  expect(missing(await act(world, SUGGEST))).toContain("There is no evidence for classifier@2 on scripted/one");
  await meanwhile(world, async (store) => {
    const recall = {
      name: "Billing escalation recall",
      metric: "recall",
      target: ">= 98%",
      critical: true,
      value: 311 / 320,
    };
    const target = { ...recall, interval: { low: 0.94, high: 0.98 }, hits: 311, cases: 320, note: "", needed: null };
    await evidenceIn(world, store, "2", { verdict: "FAIL", targets: [{ ...target, status: "FAIL" }] });
    await evidenceIn(world, store, "1");
  });
  expect(missing(await act(world, SUGGEST))).toContain("Billing escalation recall 97.19 % of 98 %, 311 of 320; FAIL");
  expect(await number(world)).toBe(1);
  await prove(world, "2");
  const outcome = await act(world, SUGGEST);
  expect(outcome).toMatchObject({ outcome: "released", release: { number: 2, stage: "suggestion", createdBy: "kim" } });
  expect((await world.sluice.releases.presentRelease("flow")).evidence).toHaveLength(1);
});

test("evidence goes stale with a new version of a dataset; the release that rests on it stays, and may still be lowered", async () => {
  const world = await served();
  await prove(world, "2");
  await act(world, promote({ stage: "partial", share: 0.5 }));
  await otherCases(world, "c2");
  expect(missing(await act(world, { act: "traffic", share: 0.6 }))).toMatch(
    /out of date: dataset \S+ is at version 2 by now/,
  );
  expect(await world.sluice.releases.presentRelease("flow")).toMatchObject({ number: 2, stage: "partial" });
  expect(await act(world, { act: "traffic", share: 0.1 })).toMatchObject({
    outcome: "released",
    release: { number: 3 },
  });
});

test("of two who promote at once one wins, and the other is told what has changed", async () => {
  const world = await served();
  await prove(world, "1", "2");
  const other = promote({ stage: "partial" });
  const [first, second] = await Promise.all([act(world, SUGGEST), act(world, other, {}, LEE)]);
  const outcomes = [first, second].map(({ outcome }) => outcome).toSorted();
  expect(outcomes).toEqual(["release_moved", "released"]);
  const told = [first, second].find(({ outcome }) => outcome === "release_moved");
  expect(told).toMatchObject({ expected: 1, differences: [{ what: "stage", from: "shadow" }] });
  expect(await number(world)).toBe(2);
  expect(await act(world, other, { expectedRelease: 1 }, LEE)).toMatchObject({ outcome: "release_moved" });
  const history = await world.sluice.releases.history("flow");
  expect(history.map(({ release }) => release.number)).toEqual([2, 1]);
});

test("what only lowers is in force whoever was first, one after the other", async () => {
  const world = await served();
  await prove(world, "2");
  await act(world, promote({ stage: "narrow" }));
  const outcomes = await Promise.all([
    act(world, { act: "traffic", share: 0.2 }),
    act(world, { act: "demote", change: { stage: "suggestion" } }, {}, LEE),
    act(world, { act: "demote", change: { sample: 0.5 } }),
  ]);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(["released", "released", "released"]);
  const present = await world.sluice.releases.presentRelease("flow");
  expect(present).toMatchObject({ number: 5, stage: "suggestion", share: 0.2, sample: 0.5 });
  expect(await act(world, { act: "traffic", share: 0.2 })).toMatchObject({
    outcome: "nothing",
    release: { number: 5 },
  });
});

test("demote never raises", async () => {
  const world = await served();
  await expect(act(world, { act: "demote", change: { stage: "partial" } })).rejects.toThrow("would raise stage");
  expect(await act(world, { act: "demote" })).toMatchObject({ outcome: "released", release: { stage: "off" } });
  await expect(act(world, { act: "demote" })).rejects.toThrow("there is no lower stage");
});

test("rollback is one command: back to what served before, and not forth again without evidence", async () => {
  const world = await served();
  await prove(world, "1", "2");
  await act(world, promote({ stage: "narrow", prompts: { classify: { version: "1" } } }));
  await act(world, promote({ prompts: { classify: { version: "2" } } }));
  const back = await act(world, { act: "rollback", target: {} });
  expect(back).toMatchObject({
    outcome: "released",
    release: {
      number: 4,
      stage: "narrow",
      prompts: { classify: { version: "1" } },
      withdrawn: [{ version: "2", release: 4 }],
    },
    differences: [{ what: "prompts.classify.version", direction: "lower" }],
  });
  await otherCases(world, "c2");
  const [latest] = await world.sluice.releases.history("flow");
  expect(latest?.differences).toMatchObject([{ what: "prompts.classify.version", direction: "lower" }]);
  expect(missing(await act(world, { act: "rollback", target: { to: 3 } }))).toContain("The evidence for classifier@2");
  expect(missing(await act(world, { act: "rollback", target: { version: "2" } }))).toContain("classifier@2");
  await expect(act(world, { act: "rollback", target: { to: 9 } })).rejects.toThrow(
    "There is no release 9; there are 1 to 4.",
  );
  await expect(act(world, { act: "rollback", target: { slot: "clasify" } })).rejects.toThrow(
    'Did you mean "classify"?',
  );
});

test("going back to a release takes the lower of each: it raises neither stage nor share", async () => {
  const world = await served();
  await prove(world, "1", "2");
  await act(world, promote({ stage: "expanded", prompts: { classify: { version: "1" } } }));
  await act(world, promote({ prompts: { classify: { version: "2" } } }));
  await act(world, { act: "demote", change: { stage: "suggestion", share: 0.3 } });
  const back = await act(world, { act: "rollback", target: { to: 2 } });
  expect(back).toMatchObject({
    outcome: "released",
    release: { stage: "suggestion", share: 0.3, prompts: { classify: { version: "1" } } },
  });
});

test("switched off is in force at once; on again is a raise to what there was", async () => {
  const world = await served();
  await expect(act(world, { act: "on" })).rejects.toThrow("is not switched off");
  await prove(world, "2");
  await act(world, promote({ stage: "partial" }));
  expect(await act(world, { act: "off", whenOff: "review" })).toMatchObject({
    release: { stage: "off", whenOff: "review" },
  });
  await otherCases(world, "c2");
  expect(missing(await act(world, { act: "on" }))).toContain("out of date");
  await prove(world, "2");
  expect(await act(world, { act: "on" })).toMatchObject({ outcome: "released", release: { stage: "partial" } });
});

test("a proposal is agreed to by another person, and lapses when the release moves", async () => {
  const world = await served();
  const forced = await act(world, SUGGEST, { override: true });
  if (forced.outcome !== "proposed") throw new Error("nothing was proposed");
  const { proposalId, missing: said, override } = forced.proposal;
  expect([override, said.map(({ code }) => code)]).toEqual([true, ["prompt_evidence"]]);
  expect(await number(world)).toBe(1);
  const { releases } = world.sluice;
  await expect(releases.approve("flow", proposalId, "me", { ...KIM, name: " KIM" })).rejects.toThrow("somebody else");
  const agreed = await releases.approve("flow", proposalId, "looked at it", LEE);
  expect(agreed).toMatchObject({
    outcome: "released",
    release: {
      number: 2,
      createdBy: "kim",
      approvals: [{ by: "lee", reason: "looked at it" }],
      override: { solo: false, reason: "because", missing: said },
    },
  });
  await expect(releases.approve("flow", proposalId, "again", LEE)).rejects.toThrow("was approved by lee, as release 2");
  const late = await act(world, promote({ stage: "partial" }), { override: true });
  await act(world, { act: "demote" });
  const [lapsed] = await releases.proposals("flow");
  expect([late.outcome, lapsed?.state]).toEqual(["proposed", "lapsed"]);
  await expect(releases.approve("flow", lapsed?.proposalId ?? "", "late", LEE)).rejects.toThrow("has lapsed");
  const third = await act(world, SUGGEST, { override: true });
  if (third.outcome !== "proposed") throw new Error("nothing was proposed");
  const rejected = await releases.reject("flow", third.proposal.proposalId, "not yet", LEE);
  expect([rejected.state, rejected.closedBy]).toEqual(["rejected", "lee"]);
  await expect(releases.approve("flow", "prp_none", "x", LEE)).rejects.toThrow('There is no proposal "prp_none"');
});

test("what has come to be missing since a proposal refuses it", async () => {
  const world = await served({}, { affects: ["billing"] });
  await prove(world, "2");
  const forced = await act(world, SUGGEST, { override: true });
  if (forced.outcome !== "proposed") throw new Error("nothing was proposed");
  expect(forced.proposal.missing.map(({ code }) => code)).toEqual(["output_check", "second_person"]);
  await otherCases(world, "c2");
  const refused = await world.sluice.releases.approve("flow", forced.proposal.proposalId, "fine", LEE);
  expect(missing(refused)).toContain("out of date");
  expect(await number(world)).toBe(1);
});

test("alone, what was missing is on record with the missing person", async () => {
  const world = await served();
  const outcome = await act(world, SUGGEST, { override: true, solo: true, reason: "nobody else is here" });
  expect(outcome).toMatchObject({
    outcome: "released",
    release: { override: { solo: true, reason: "nobody else is here" } },
  });
  const { override } = await world.sluice.releases.presentRelease("flow");
  expect(override?.missing.map(({ code }) => code)).toEqual(["prompt_evidence", "second_person"]);
  expect(missing(await act(world, promote({ stage: "partial" }), { solo: true }))).toContain("no evidence");
});

test("the automatic actor lowers, and raises nothing by any word", async () => {
  const world = await served();
  await prove(world, "2");
  const automatic: Actor = { name: "automatic", role: "admin" };
  for (const more of [{}, { override: true }, { override: true, solo: true }])
    expect(missing(await act(world, SUGGEST, more, automatic))).toBe("The automatic actor may lower, never raise.");
  const proposed = await act(world, promote({ stage: "partial" }), { override: true, solo: true });
  expect(proposed.outcome).toBe("released");
  expect(await act(world, { act: "demote" }, {}, automatic)).toMatchObject({ outcome: "released" });
});

test("development is changed by command until its files change, and leaves proper releases alone", async () => {
  const world = await served({ mode: "dev", stage: "partial" });
  expect(await world.sluice.releases.presentRelease("flow")).toMatchObject({ development: true, stage: "partial" });
  await act(world, { act: "traffic", share: 0.5 });
  await world.restart();
  expect(await world.sluice.releases.presentRelease("flow")).toMatchObject({
    number: 2,
    share: 0.5,
    development: true,
  });
  await world.restart({ workflows: flow({ thresholds: { review_below: 0.9 } }) });
  expect(await world.sluice.releases.presentRelease("flow")).toMatchObject({ number: 3, share: 1, development: true });
  await world.restart({ mode: "serve" });
  expect(await world.sluice.releases.presentRelease("flow")).toMatchObject({
    number: 4,
    stage: "shadow",
    development: false,
  });
  await expect(world.restart({ mode: "dev" })).rejects.toThrow(/holds proper releases \(flow: release 4, shadow\)/);
  await world.restart({ mode: "serve" });
});

test("a condition that names what there is not, or gives no truth, is refused with what was meant", async () => {
  const decision = { type: "object", required: ["category"], properties: { category: { type: "string" } } };
  const world = await served({}, { decision });
  await prove(world, "2");
  const refused = async (change: ReleaseChange): Promise<unknown> =>
    await act(world, promote(change)).then(
      () => "nothing was refused",
      (error: unknown) => (error as { problems?: { pointer: string; message: string }[] }).problems ?? error,
    );
  const says = async (change: ReleaseChange): Promise<string> => JSON.stringify(await refused(change));
  expect(await says({ scope: "outpt.category == 'billing'" })).toMatch(/\/scope.*"outpt\\".*Did you mean \\"output\\"/);
  expect(await says({ scope: "!has(ticket.vipp)" })).toMatch(/\/scope.*vipp/);
  expect(await says({ scope: "output.categorie == 'billing'" })).toMatch(/Did you mean \\"category\\"/);
  expect(await says({ scope: "confidence > 0.5" })).toMatch(/"confidence\\", which there is not/);
  expect(await says({ automation: "confidence >= thresholds.reveiw_below" })).toMatch(/review_below/);
  expect(await says({ scope: "1" })).toMatch(/not true or false/);
  expect(await says({ scope: "ticket.subject.matches('a')" })).toMatch(/would have no bound/);
  expect(await number(world)).toBe(1);
  const sound = { scope: "output.category == 'billing'", automation: "confidence >= thresholds.review_below" };
  expect(await act(world, promote(sound))).toMatchObject({ outcome: "released", release: { number: 2, ...sound } });
});
