import { describe, expect, test } from "vitest";
import type { ControlRow } from "../journal/ports.ts";
import { ensureRelease } from "./first.ts";
import type { FirstReleaseInput } from "./first.ts";
import { pinsFrom } from "./pin.ts";
import type { ReleaseRow, ReleaseStore } from "./ports.ts";
import type { Release } from "./release.ts";

type Published = Pick<ReleaseStore, "control" | "publish"> & { published: Release[]; rivals: ReleaseRow[] };

/** The two operations a first release needs, over a list; a rival's release slips in before the next publish. */
function releases(...before: Release[]): Published {
  const published = [...before];
  const rivals: ReleaseRow[] = [];
  const present = (): ControlRow | null => {
    const last = published.at(-1);
    return last === undefined
      ? null
      : { workflow: last.workflow, version: published.length, release: last.number, body: JSON.stringify(last) };
  };
  return {
    published,
    rivals,
    control: () => Promise.resolve(present()),
    publish(row, expectedVersion) {
      const rival = rivals.shift();
      if (rival !== undefined) published.push(JSON.parse(rival.body) as Release);
      if (published.length !== expectedVersion) return Promise.resolve(false);
      published.push(JSON.parse(row.body) as Release);
      return Promise.resolve(true);
    },
  };
}

const input: FirstReleaseInput = {
  material: {
    workflow: "triage",
    prompts: { classify: { prompt: "classifier", version: "1", hash: "a", model: "local/x" } },
    thresholds: { review_below: 0.75 },
    tools: ["look", "send"],
  },
  stage: "partial",
  development: false,
  createdBy: "serve",
  now: 1,
};
const unlimited = { whenOff: "hold", share: 1, salt: "triage", assignBy: "/event_id", scope: null, automation: null, sample: 0, evidence: [], approvals: [] } as const; // prettier-ignore
const development = { ...input, development: true, createdBy: "dev" };
const ensure = (store: Published, over: FirstReleaseInput): Promise<ControlRow> =>
  ensureRelease(store as unknown as ReleaseStore, over);

describe("the first release of a workflow", () => {
  test("puts it into shadow, whatever stage development would take", async () => {
    const store = releases();
    expect(await ensure(store, input)).toMatchObject({ release: 1 });
    expect(store.published).toMatchObject([{ number: 1, stage: "shadow", development: false, riskThreshold: "low" }]);
  });

  test("in development is at the stage asked for, and marked", async () => {
    const store = releases();
    await ensure(store, development);
    expect(store.published).toMatchObject([{ number: 1, stage: "partial", development: true }]);
  });

  test("is made once as long as the files say the same", async () => {
    for (const over of [input, development]) {
      const store = releases();
      await ensure(store, over);
      await ensure(store, { ...over, now: 2, createdBy: "somebody else" });
      expect(store.published).toHaveLength(1);
    }
  });

  test("in development follows the files with a release of its own number", async () => {
    const store = releases();
    await ensure(store, development);
    const material = { ...input.material, thresholds: { review_below: 0.9 } };
    expect(await ensure(store, { ...development, material })).toMatchObject({ release: 2 });
    expect(store.published[1]).toMatchObject({ number: 2, thresholds: { review_below: 0.9 } });
  });

  test("that is a proper one is left alone by a serving process, and a development one is not served", async () => {
    const proper: Release = { ...input.material, ...unlimited, number: 4, stage: "narrow", development: false, revoked: ["send"], riskThreshold: "medium", createdBy: "kim", reason: "" }; // prettier-ignore
    const store = releases(proper);
    await ensure(store, input);
    expect(store.published).toEqual([proper]);
    const made = releases({ ...proper, development: true });
    await ensure(made, input);
    expect(made.published.at(-1)).toMatchObject({ number: 5, stage: "shadow", development: false, revoked: [] });
  });

  test("gives way to one that somebody else published in between", async () => {
    const store = releases();
    const first = releases();
    await ensure(first, input);
    store.rivals.push({ workflow: "triage", number: 1, body: JSON.stringify(first.published[0]), createdAt: 1 });
    expect(await ensure(store, input)).toMatchObject({ release: 1, version: 1 });
    expect(store.published).toHaveLength(1);
  });
});

test("a run pins what it may use: no tool that was taken away", () => {
  const release: Release = { ...input.material, ...unlimited, number: 4, stage: "narrow", development: false, revoked: ["send"], riskThreshold: "medium", createdBy: "kim", reason: "" }; // prettier-ignore
  expect(pinsFrom(release, { event: {}, contractVersion: 3, code: "c0de" })).toEqual({
    release: 4,
    stage: "narrow",
    development: false,
    contractVersion: 3,
    prompts: input.material.prompts,
    thresholds: { review_below: 0.75 },
    tools: ["look"],
    riskThreshold: "medium",
    code: "c0de",
    scope: null,
    automation: null,
    sample: 0,
    whenOff: "hold",
    inShare: true,
  });
});
