import { describe, expect, test } from "vitest";
import type { PromptVersion } from "../../api/schema.gen.ts";
import { byName, choose, versionsOf } from "./versions.ts";

function prompt(version: string, rollback?: string, name = "classifier"): PromptVersion {
  return {
    name,
    version,
    owner: "support",
    model: "m",
    inputs: [],
    messages: [],
    output_schema: {},
    hash: "h",
    risk: "low",
    source: "file",
    published_at: null,
    published_by: null,
    reason: null,
    approvals: [],
    serves: [],
    candidate_in: [],
    ...(rollback === undefined ? {} : { rollback_version: rollback }),
  };
}

const versions = versionsOf(
  [prompt("1.2"), prompt("1.10", "1.2"), prompt("1.9"), prompt("7", undefined, "x")],
  "classifier",
);

describe("the versions of a prompt", () => {
  test("come newest first, with numbers read as numbers", () => {
    expect(versions.map(({ version }) => version)).toEqual(["1.10", "1.9", "1.2"]);
    expect(byName([prompt("1"), prompt("2", undefined, "a"), prompt("3")]).map((each) => each[0]?.version)).toEqual([
      "2",
      "3",
    ]);
  });

  test("are compared with the one a rollback leads to, else with the one before", () => {
    const compared = (search: { version?: string; against?: string }): (string | undefined)[] => {
      const chosen = choose(versions, search);
      return [chosen?.version.version, chosen?.against?.version];
    };
    expect(compared({})).toEqual(["1.10", "1.2"]);
    expect(compared({ version: "1.9" })).toEqual(["1.9", "1.2"]);
    expect(compared({ version: "1.2" })).toEqual(["1.2", "1.9"]);
    expect(compared({ version: "1.2", against: "1.10" })).toEqual(["1.2", "1.10"]);
  });

  test("are nothing where the address names one that is not deployed", () => {
    expect(choose(versions, { version: "2" })).toBe(null);
    expect(choose(versions, { against: "2" })).toBe(null);
    expect(choose([prompt("1")], {})?.against).toBe(undefined);
  });
});
