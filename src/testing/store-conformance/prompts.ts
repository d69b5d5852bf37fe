import assert from "node:assert/strict";
import { newId } from "../../base/id.ts";
import type { PublishInput } from "../../prompt/ports.ts";
import { aspect, type Aspect, type World } from "./world.ts";

function version(world: World, over: Partial<PublishInput> = {}): PublishInput {
  const name = over.name ?? world.name("prompt");
  return { name, version: "1", hash: `h ${name}`, body: JSON.stringify({ name }), by: "ann", reason: "why", ...over };
}

/** Makes a release that serves these versions the present one. */
async function release(world: World, number: number, versions: Record<string, string>): Promise<void> {
  const prompts = Object.entries(versions).map(([prompt, each]) => [
    prompt,
    { prompt, version: each, hash: "h", model: "m" },
  ]);
  const body = { workflow: world.workflow, number, stage: "shadow", prompts: Object.fromEntries(prompts) };
  const row = { workflow: world.workflow, number, body: JSON.stringify(body), createdAt: world.clock.now() };
  assert.equal(await world.store.publish(row, number - 1), true);
}

export const registry: Aspect = aspect("the prompt registry", {
  "a published version is on record with who, when and why, and serves by its body": async (world) => {
    const given = version(world);
    const { name, version: number, hash, by, reason, body } = given;
    const at = world.clock.now();
    const publication = { name, version: number, hash, at, by, reason, withdrawn: null };
    assert.deepEqual(await world.store.publishPrompt(given), { ok: true, publication, fresh: true });
    assert.deepEqual(await world.store.publications(name), [publication]);
    const registered = (await world.store.versions("prompt")).find((each) => each.name === name);
    assert.deepEqual([registered?.body, registered?.hash], [body, hash]);
  },

  "publishing the same content again changes nothing": async (world) => {
    const given = version(world);
    await world.store.publishPrompt(given);
    const again = await world.store.publishPrompt({ ...given, by: "bob", reason: "again" });
    assert.ok(again.ok);
    assert.deepEqual([again.fresh, again.publication.by], [false, "ann"]);
  },

  "other content under the same name and version is refused, also after it was withdrawn": async (world) => {
    const given = version(world);
    await world.store.publishPrompt(given);
    const other = { ...given, hash: "another", body: "{}" };
    const refused = { ok: false, why: "changed", hash: given.hash };
    assert.deepEqual(await world.store.publishPrompt(other), refused);
    await world.store.withdrawPrompt({ ...given, by: "bob", reason: "unused" });
    assert.deepEqual(await world.store.publishPrompt(other), refused);
    const back = await world.store.publishPrompt(given);
    assert.deepEqual([back.ok, back.ok && back.fresh, back.ok && back.publication.withdrawn], [true, true, null]);
  },

  "a version that was only registered keeps its content too": async (world) => {
    const { name, version: number, hash, body } = version(world);
    await world.store.registerVersion({ kind: "prompt", name, version: number, hash, body, registeredAt: 1 });
    const changed = await world.store.publishPrompt(version(world, { name, hash: "another" }));
    assert.deepEqual(changed, { ok: false, why: "changed", hash });
    assert.equal((await world.store.publishPrompt(version(world, { name, hash }))).ok, true);
  },

  "a version that nothing goes by is withdrawn once, with who and why": async (world) => {
    const given = version(world);
    await world.store.publishPrompt(given);
    const asked = { name: given.name, version: "1", by: "bob", reason: "a slip" };
    assert.deepEqual(await world.store.withdrawPrompt(asked), { ok: true });
    assert.deepEqual(await world.store.withdrawPrompt(asked), { ok: false, why: "unknown" });
    const [publication] = await world.store.publications(given.name);
    assert.deepEqual(publication?.withdrawn, { at: world.clock.now(), by: "bob", reason: "a slip" });
  },

  "a version that serves, that is the way back, or that an older release names stays": async (world) => {
    const { workflow } = world;
    const name = world.name("prompt");
    const body = JSON.stringify({ rollback_version: "2" });
    for (const number of ["1", "2", "3"])
      await world.store.publishPrompt(version(world, { name, version: number, hash: `h${number}`, body }));
    await release(world, 1, { [name]: "1" });
    await release(world, 2, { [name]: "3" });
    const withdraw = (number: string) =>
      world.store.withdrawPrompt({ name, version: number, by: "bob", reason: "unused" });
    assert.deepEqual(await withdraw("3"), {
      ok: false,
      why: "in_use",
      by: [{ why: "serves", workflow, release: 2 }],
    });
    assert.deepEqual(await withdraw("2"), {
      ok: false,
      why: "in_use",
      by: [{ why: "rollback", workflow, version: "3" }],
    });
    assert.deepEqual(await withdraw("1"), {
      ok: false,
      why: "in_use",
      by: [{ why: "release", workflow, release: 1 }],
    });
  },

  "a version that a run has pinned stays until the run has ended": async (world) => {
    const given = version(world);
    await world.store.publishPrompt(given);
    const started = await world.start();
    const pins = { release: 1, stage: "partial", body: JSON.stringify({ prompts: { slot: { prompt: given.name, version: "1" } } }) }; // prettier-ignore
    await world.store.commit({ ...started, records: [], pins });
    const asked = { name: given.name, version: "1", by: "bob", reason: "unused" };
    assert.deepEqual(await world.store.withdrawPrompt(asked), {
      ok: false,
      why: "in_use",
      by: [{ why: "pinned", runs: 1 }],
    });
    await world.move(started, { do: "complete", disposition: "applied" });
    assert.deepEqual(await world.store.withdrawPrompt(asked), { ok: true });
  },

  "a person approves a content once": async (world) => {
    const { name, version: number, hash } = version(world);
    const approval = { name, version: number, hash, by: "bob", reason: "read it" };
    assert.equal(await world.store.approvePrompt(approval), true);
    assert.equal(await world.store.approvePrompt({ ...approval, reason: "twice" }), false);
    assert.equal(await world.store.approvePrompt({ ...approval, by: "eve" }), true);
    const found = await world.store.approvalsOf(hash);
    assert.deepEqual(
      found.map(({ by, reason, at }) => [by, reason, at]),
      [
        ["bob", "read it", world.clock.now()],
        ["eve", "read it", world.clock.now()],
      ],
    );
    assert.deepEqual(await world.store.approvalsOf(`${hash} changed`), []);
    assert.ok((await world.store.approvalsOf()).length >= 2);
  },

  "usage counts the runs of a version by what became of them, and what people answered": async (world) => {
    const name = world.name("prompt");
    const facets = [`prompt:${name}`, `prompt_version:${name}@2`];
    const nothing = await world.store.promptUsage(name, "2");
    assert.deepEqual(nothing, {
      runs: 0,
      dispositions: {},
      reviews: { approve: 0, correct: 0, reject: 0 },
      firstAt: null,
      lastAt: null,
    });
    const first = await world.start();
    const { runId, epoch } = first;
    await world.store.commit({
      runId,
      epoch,
      records: [],
      facets,
      command: { do: "complete", disposition: "applied" },
    });
    const waiting = await world.start();
    const review = world.newReview();
    const asked = world.sealed("low confidence", { kind: "review", type: "review", status: "waiting", ends: false });
    const opened = await world.store.commit({ runId: waiting.runId, epoch: waiting.epoch, records: [asked], reviews: [review], facets }); // prettier-ignore
    assert.ok(opened.ok);
    await world.park({ ...waiting, lastSeq: opened.lastSeq }, "review", null);
    const records = [world.sealed("low confidence", { kind: "review", type: "review" })];
    const answered = await world.store.answer({ reviewId: review.reviewId, by: "ann", action: "correct", records, expectedNextSeq: opened.lastSeq + 1 }); // prettier-ignore
    assert.ok(answered.ok);
    const usage = await world.store.promptUsage(name, "2");
    assert.deepEqual([usage.runs, usage.dispositions], [2, { applied: 1, none: 1 }]);
    assert.deepEqual(usage.reviews, { approve: 0, correct: 1, reject: 0 });
    assert.deepEqual([usage.firstAt, usage.lastAt], [world.clock.now(), world.clock.now()]);
    assert.equal((await world.store.promptUsage(name, "1")).runs, 0);
  },
});

export const drafting: Aspect = aspect("drafts of prompts", {
  "a draft is kept with who wrote it and when": async (world) => {
    const name = world.name("prompt");
    const draftId = newId("drf");
    const at = world.clock.now();
    const draft = await world.store.addDraft({ draftId, name, base: "1", document: "{}", by: "ann" });
    const expected = { draftId, name, base: "1", revision: 1, document: "{}", createdAt: at, createdBy: "ann", updatedAt: at, updatedBy: "ann" }; // prettier-ignore
    assert.deepEqual(draft, expected);
    assert.deepEqual(await world.store.draft(draftId), expected);
    assert.deepEqual(await world.store.drafts(name), [expected]);
    assert.equal(await world.store.draft("drf_none"), null);
  },

  "of two who change what they saw at once one is told what the other made of it": async (world) => {
    const name = world.name("prompt");
    const { draftId } = await world.store.addDraft({ draftId: newId("drf"), name, base: null, document: "0", by: "ann" }); // prettier-ignore
    const save = (document: string, by: string) =>
      world.store.saveDraft({ draftId, expectedRevision: 1, document, by });
    const [first, second] = await Promise.all([save("1", "ann"), save("2", "bob")]);
    assert.ok(first.ok && !second.ok && second.why === "moved");
    assert.deepEqual([second.draft.document, second.draft.updatedBy, second.draft.revision], ["1", "ann", 2]);
    const later = await world.store.saveDraft({ draftId, expectedRevision: 2, document: "2", by: "bob" });
    assert.ok(later.ok);
    assert.deepEqual([later.draft.document, later.draft.createdBy, later.draft.revision], ["2", "ann", 3]);
  },

  "a draft is dropped as it was seen, or however it stands": async (world) => {
    const name = world.name("prompt");
    const add = () => world.store.addDraft({ draftId: newId("drf"), name, base: null, document: "0", by: "ann" });
    const [one, two] = [await add(), await add()];
    await world.store.saveDraft({ draftId: one.draftId, expectedRevision: 1, document: "1", by: "bob" });
    const moved = await world.store.dropDraft({ draftId: one.draftId, expectedRevision: 1 });
    assert.ok(!moved.ok && moved.why === "moved");
    assert.ok((await world.store.dropDraft({ draftId: one.draftId, expectedRevision: null })).ok);
    assert.ok((await world.store.dropDraft({ draftId: two.draftId, expectedRevision: 1 })).ok);
    assert.deepEqual(await world.store.dropDraft({ draftId: two.draftId, expectedRevision: 1 }), {
      ok: false,
      why: "unknown",
    });
    assert.deepEqual(await world.store.drafts(name), []);
  },
});
