import assert from "node:assert/strict";
import { UsageError } from "../../base/failure.ts";
import type { DatasetVersion, SealedCase } from "../../eval/dataset-ports.ts";
import { aspect, digest, type Aspect, type World } from "./world.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

const sealed = (id: string, content = id): SealedCase => ({
  address: digest(`content ${content}`),
  idToken: digest(`id ${id}`).subarray(0, 16),
  sealed: Buffer.from(content),
});

async function draft(world: World, name: string, cases: readonly SealedCase[]): Promise<number> {
  const number = await world.store.beginDataset({ name, kind: "golden", source: "golden.jsonl", by: "kim" });
  assert.equal(await world.store.addCases(number, cases), true);
  return number;
}

async function publish(world: World, name: string, ids: readonly string[]): Promise<DatasetVersion> {
  const published = await world.store.publishDataset(await draft(world, name, ids.map((id) => sealed(id))), `hash of ${ids.join()}`); // prettier-ignore
  assert.ok(published.ok);
  return published.version;
}

async function contents(world: World, name: string, version: number): Promise<string[]> {
  const cases = await world.store.datasetCases({ name, version, from: 0, limit: 100 });
  assert.deepEqual(cases.map(({ position }) => position), cases.map((_, index) => index)); // prettier-ignore
  return cases.map((each) => text(each.sealed));
}

export const datasets: Aspect = aspect("datasets", {
  "a draft is nothing to anybody until it is published, then all of it is there in order": async (world) => {
    const name = world.name("cases");
    const number = await draft(world, name, [sealed("b"), sealed("a")]);
    await world.store.addCases(number, [sealed("c")]);
    assert.deepEqual(await world.store.datasetVersions(name), []);
    assert.equal((await world.store.datasets()).some((each) => each.name === name), false); // prettier-ignore
    const published = await world.store.publishDataset(number, "hash");
    const version = { name, version: 1, kind: "golden", hash: "hash", cases: 3, publishedBy: "kim", publishedAt: world.clock.now(), source: "golden.jsonl" }; // prettier-ignore
    assert.deepEqual(published, { ok: true, fresh: true, version });
    assert.deepEqual(await world.store.datasetVersions(name), [version]);
    assert.deepEqual(await contents(world, name, 1), ["b", "a", "c"]);
  },

  "other content is a version of its own, and the one before stays as it was": async (world) => {
    const name = world.name("cases");
    await publish(world, name, ["a", "b"]);
    assert.equal((await publish(world, name, ["a", "c"])).version, 2);
    assert.deepEqual([await contents(world, name, 1), await contents(world, name, 2)], [["a", "b"], ["a", "c"]]); // prettier-ignore
    assert.deepEqual((await world.store.datasetVersions(name)).map(({ version }) => version), [2, 1]); // prettier-ignore
    assert.deepEqual((await world.store.datasets()).filter((each) => each.name === name).map(({ version }) => version), [2]); // prettier-ignore
  },

  "the same content again is the same version; what was there before and is there again is a new one": async (
    world,
  ) => {
    const name = world.name("cases");
    const first = await publish(world, name, ["a"]);
    const again = await world.store.publishDataset(await draft(world, name, [sealed("a")]), first.hash);
    assert.deepEqual(again, { ok: true, fresh: false, version: first });
    await publish(world, name, ["b"]);
    assert.equal((await publish(world, name, ["a"])).version, 3);
  },

  "a draft is published once, and what was dropped not at all": async (world) => {
    const name = world.name("cases");
    const number = await draft(world, name, [sealed("a")]);
    await world.store.publishDataset(number, "1");
    assert.deepEqual(await world.store.publishDataset(number, "2"), { ok: false, reason: "unknown_draft" });
    assert.equal(await world.store.addCases(number, [sealed("b")]), false);
    await world.store.dropDatasetDraft(number);
    assert.deepEqual(await contents(world, name, 1), ["a"]);
    const other = await draft(world, name, [sealed("b")]);
    await world.store.dropDatasetDraft(other);
    assert.deepEqual(await world.store.publishDataset(other, "3"), { ok: false, reason: "unknown_draft" });
  },

  "a draft that was left behind does not take cases of others along when it goes": async (world) => {
    const name = world.name("cases");
    const left = await draft(world, name, [sealed("a"), sealed("b")]);
    await publish(world, name, ["a"]);
    world.clock.advance(2 * 86_400_000);
    await publish(world, world.name("other"), ["b"]);
    assert.equal(await world.store.addCases(left, [sealed("c")]), false);
    assert.deepEqual(await contents(world, name, 1), ["a"]);
  },

  "an id is there once in a dataset; nothing of the refused batch stays": async (world) => {
    const name = world.name("cases");
    const number = await draft(world, name, [sealed("a")]);
    const batch = [sealed("b"), sealed("a", "another content")];
    await assert.rejects(world.store.addCases(number, batch), (error) => error instanceof UsageError && error.code === "duplicate_case"); // prettier-ignore
    await world.store.publishDataset(number, "hash");
    assert.deepEqual(await contents(world, name, 1), ["a"]);
  },

  "one case is found by its id, in the version that was asked for": async (world) => {
    const name = world.name("cases");
    await publish(world, name, ["a"]);
    await publish(world, name, ["b"]);
    const { idToken } = sealed("b");
    const found = await world.store.datasetCase({ name, version: 2, idToken });
    assert.equal(found === null ? null : text(found), "b");
    assert.equal(await world.store.datasetCase({ name, version: 1, idToken }), null);
    assert.equal(await world.store.datasetCase({ name, version: 9, idToken }), null);
    assert.deepEqual((await world.store.datasetCases({ name, version: 1, from: 1, limit: 5 })).length, 0);
  },
});
