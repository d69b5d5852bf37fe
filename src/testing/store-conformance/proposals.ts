import assert from "node:assert/strict";
import { newId } from "../../base/id.ts";
import type { NewProposal } from "../../release/proposal.ts";
import type { Release } from "../../release/release.ts";
import { aspect, type Aspect, type World } from "./world.ts";

async function publish(world: World, number: number): Promise<void> {
  const row = { workflow: world.workflow, number, body: `{"number":${number}}`, createdAt: 1 };
  assert.equal(await world.store.publish(row, number - 1), true);
}

function proposalFor(world: World, base: number, by = "kim"): NewProposal {
  return {
    proposalId: newId("prp"),
    workflow: world.workflow,
    base,
    next: { workflow: world.workflow, number: base + 1 } as Release,
    differences: [{ what: "stage", from: "shadow", to: "partial", direction: "raise" }],
    missing: [{ code: "second_person", message: "A second person has to agree." }],
    override: false,
    by,
    reason: "ready",
  };
}

export const proposing: Aspect = aspect("proposals", {
  "a proposal waits until a release is published with it, which names who agreed": async (world) => {
    await publish(world, 1);
    const given = proposalFor(world, 1);
    assert.equal(await world.store.propose(given), true);
    const open = { closedBy: null, closedAt: null, closedReason: null, release: null };
    assert.deepEqual(await world.store.proposals(world.workflow), [
      { ...given, ...open, state: "open", createdAt: world.clock.now() },
    ]);
    const row = { workflow: world.workflow, number: 2, body: "{}", createdAt: 2 };
    const agreed = { proposalId: given.proposalId, by: "lee", reason: "seen" };
    assert.equal(await world.store.publish(row, 1, agreed), true);
    const closed = await world.store.proposal(given.proposalId);
    assert.deepEqual(
      [closed?.state, closed?.closedBy, closed?.closedReason, closed?.release, closed?.closedAt],
      ["approved", "lee", "seen", 2, world.clock.now()],
    );
  },

  "a proposal for a release that is not the present one is refused": async (world) => {
    await publish(world, 1);
    await publish(world, 2);
    assert.equal(await world.store.propose(proposalFor(world, 1)), false);
    assert.deepEqual(await world.store.proposals(world.workflow), []);
  },

  "proposals lapse when another release is published, and cannot be agreed to any more": async (world) => {
    await publish(world, 1);
    const [first, second] = [proposalFor(world, 1), proposalFor(world, 1, "lee")];
    await world.store.propose(first);
    await world.store.propose(second);
    await publish(world, 2);
    const states = (await world.store.proposals(world.workflow)).map(({ proposalId, state }) => [proposalId, state]);
    assert.deepEqual(states, [
      [second.proposalId, "lapsed"],
      [first.proposalId, "lapsed"],
    ]);
    const row = { workflow: world.workflow, number: 3, body: "{}", createdAt: 2 };
    const late = { proposalId: first.proposalId, by: "max", reason: "late" };
    assert.equal(await world.store.publish(row, 2, late), false);
    assert.equal((await world.store.control(world.workflow))?.release, 2);
  },

  "of two who agree at once one is told that the other was first": async (world) => {
    await publish(world, 1);
    const { proposalId } = proposalFor(world, 1);
    await world.store.propose({ ...proposalFor(world, 1), proposalId });
    const row = { workflow: world.workflow, number: 2, body: "{}", createdAt: 2 };
    const results = await Promise.all(
      ["lee", "max"].map((by) => world.store.publish(row, 1, { proposalId, by, reason: "seen" })),
    );
    assert.deepEqual(results, [true, false]);
    assert.equal((await world.store.proposal(proposalId))?.closedBy, "lee");
  },

  "a rejected proposal stays so, and who rejected it first is on record": async (world) => {
    await publish(world, 1);
    const given = proposalFor(world, 1);
    await world.store.propose(given);
    const { proposalId } = given;
    const rejected = await world.store.rejectProposal({ proposalId, by: "lee", reason: "not yet" });
    assert.deepEqual([rejected?.state, rejected?.closedBy, rejected?.closedReason], ["rejected", "lee", "not yet"]);
    assert.equal((await world.store.rejectProposal({ proposalId, by: "max", reason: "no" }))?.closedBy, "lee");
    const row = { workflow: world.workflow, number: 2, body: "{}", createdAt: 2 };
    assert.equal(await world.store.publish(row, 1, { proposalId, by: "lee", reason: "after all" }), false);
    assert.equal(await world.store.rejectProposal({ proposalId: "prp_none", by: "lee", reason: "no" }), null);
  },

  "the present releases of all workflows are listed": async (world) => {
    await publish(world, 1);
    await publish(world, 2);
    const mine = (await world.store.controls()).filter(({ workflow }) => workflow === world.workflow);
    assert.deepEqual(mine, [{ workflow: world.workflow, version: 2, release: 2, body: '{"number":2}' }]);
  },
});
