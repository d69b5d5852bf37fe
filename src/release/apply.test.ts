import { describe, expect, test } from "vitest";
import type { UsageError } from "../base/failure.ts";
import { sampleRelease } from "../testing/sample-release.ts";
import { applyChange } from "./apply.ts";
import type { Offered } from "./apply.ts";
import type { ReleaseChange } from "./change.ts";
import type { Release } from "./release.ts";

let salts = 0;
const offered: Offered = {
  slots: { classify: "classifier", draft: "drafter" },
  tools: ["look", "send"],
  thresholds: ["review_below"],
  version: (_, version) => ({
    version,
    hash: `hash${version}`,
    model: "p/one",
    fallbacks: version === "9" ? ["p/two"] : [],
  }),
  modelProblem: (model) => (model === "p/none" ? "There is no such model." : null),
  conditionProblem: (_, text) => (text.includes("((") ? "is no condition" : null),
  newSalt: () => `salt${++salts}`,
};
const apply = (change: ReleaseChange, over: Partial<Release> = {}): Release =>
  applyChange(sampleRelease(over), change, offered);

describe("a change of a release", () => {
  test("leaves alone what it does not name", () => {
    expect(apply({})).toEqual(sampleRelease());
    expect(apply({ stage: "partial", scope: "a", thresholds: { review_below: 0.5 } })).toEqual(
      sampleRelease({ stage: "partial", scope: "a", thresholds: { review_below: 0.5 } }),
    );
    expect(apply({ scope: null }, { scope: "a" }).scope).toBeNull();
  });

  test("a version brings its own model and fallbacks, unless they are given", () => {
    const from = { prompts: { classify: { prompt: "classifier", version: "1", hash: "hash1", model: "p/old" } } };
    const nine = { prompt: "classifier", version: "9", hash: "hash9" };
    expect(apply({ prompts: { classify: { version: "9" } } }, from).prompts["classify"]).toEqual({ ...nine, model: "p/one", fallbacks: ["p/two"] });
    expect(apply({ prompts: { classify: { version: "9", model: "p/x", fallbacks: [] } } }, from).prompts["classify"]).toEqual({ ...nine, model: "p/x" });
  }); // prettier-ignore

  test("a candidate keeps its salt while only its share and mode change, and is none once it serves", () => {
    const set = (version: string, share: number, from?: Release): Release =>
      applyChange(
        from ?? sampleRelease(),
        { prompts: { classify: { candidate: { version, share, mode: "live" } } } },
        offered,
      );
    const first = set("2", 0.1);
    const salt = first.prompts["classify"]?.candidate?.salt;
    expect(set("2", 0.5, first).prompts["classify"]?.candidate).toMatchObject({ share: 0.5, salt });
    expect(set("3", 0.5, first).prompts["classify"]?.candidate?.salt).not.toBe(salt);
    const served = applyChange(first, { prompts: { classify: { version: "2" } } }, offered);
    expect(served.prompts["classify"]).toEqual({ prompt: "classifier", version: "2", hash: "hash2", model: "p/one" });
    const none = applyChange(first, { prompts: { classify: { candidate: null } } }, offered);
    expect(none.prompts).toEqual(sampleRelease().prompts);
  });

  test("a tool that is granted again is revoked no more, and one that is revoked stays named", () => {
    expect(apply({ tools: { revoke: ["send"] } })).toMatchObject({ tools: ["look", "send"], revoked: ["send"] });
    expect(apply({ tools: { grant: ["send"] } }, { revoked: ["send"] })).toMatchObject({ revoked: [] });
    expect(apply({ tools: { revoke: ["gone"] } }, { tools: ["gone", "look"] }).revoked).toEqual(["gone"]);
    expect(apply({ tools: { grant: ["send"], revoke: ["send"] } }, { tools: ["look"] }).revoked).toEqual(["send"]);
  });

  test("a slot that the release does not have yet needs a version", () => {
    expect(() => apply({ prompts: { draft: { model: "p/one" } } })).toThrow('no slot "draft" yet');
    expect(apply({ prompts: { draft: { version: "2" } } }).prompts["draft"]).toMatchObject({
      prompt: "drafter",
      version: "2",
    });
  });

  test("is refused with every mistake, each in its place", () => {
    const change = {
      stage: "partail",
      share: 1.5,
      sample: -1,
      scope: "((",
      assignBy: "customer",
      thresholds: { review_bellow: 0.5 },
      tools: { grant: ["sned"], revoke: ["nothing"] },
      prompts: { clasify: {}, classify: { model: "p/none", candidate: { version: "2", share: 2, mode: "live" } } },
    } as unknown as ReleaseChange;
    const error = ((): unknown => {
      try {
        return apply(change);
      } catch (thrown) {
        return thrown;
      }
    })() as UsageError;
    expect(error.code).toBe("invalid_change");
    expect(error.errors?.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
      '/stage is no stage. Did you mean "partial"?',
      "/share is a share from 0 to 1, as in 0.25.",
      "/sample is a share from 0 to 1, as in 0.25.",
      "/scope is no condition",
      '/assign_by is a JSON pointer into the event, such as "/customer/id".',
      '/thresholds/review_bellow The workflow has no threshold "review_bellow". Did you mean "review_below"?',
      '/tools/grant The workflow has no tool "sned". Did you mean "send"?',
      '/tools/revoke The workflow has no tool "nothing". Known: "look", "send".',
      '/prompts/clasify The workflow has no prompt slot "clasify". Did you mean "classify"?',
      "/prompts/classify/candidate/share is a share from 0 to 1, as in 0.25.",
      "/prompts/classify/model There is no such model.",
    ]);
  });
});
