import { describe, expect, test } from "vitest";
import { sampleEvidence, sampleRelease, sampleTarget } from "../testing/sample-release.ts";
import { differencesOf } from "./differences.ts";
import type { Evidence } from "./evidence.ts";
import { gate } from "./gate.ts";
import type { Gated, GateContext, VersionFacts } from "./gate.ts";
import type { PresentSuite } from "./evidence-check.ts";
import type { Release } from "./release.ts";

const SUITE: PresentSuite = {
  name: "regression",
  hash: "suite1",
  scorersHash: "",
  datasets: [{ name: "golden", version: 3, hash: "g3" }],
};
const FACTS: VersionFacts = { evalSuite: "regression", risk: "low", publishedBy: "ann", approvedBy: [] };

interface Setting extends Partial<Omit<GateContext, "workflow" | "suites">> {
  workflow?: Partial<GateContext["workflow"]>;
  suite?: Partial<PresentSuite>;
  facts?: Partial<VersionFacts>;
}

function context({ workflow, suite, facts, ...over }: Setting): GateContext {
  return {
    workflow: {
      affects: [],
      code: "c0de",
      thresholds: {},
      tools: {},
      pathSuite: null,
      outputCheck: false,
      ...workflow,
    },
    version: () => ({ ...FACTS, ...facts }),
    suites: new Map([["regression", { ...SUITE, ...suite }]]),
    evidence: [],
    modelName: (model) => (model.includes("/") ? model : `p/${model}`),
    actor: "kim",
    agreed: null,
    ...over,
  };
}

/** What the gate says to a change of the sample release. */
function gated(change: Partial<Release>, setting: Setting = {}, from: Partial<Release> = {}): Gated {
  const present = sampleRelease(from);
  const next = { ...present, ...change };
  return gate(next, differencesOf(present, next), context(setting));
}

const stage = { stage: "suggestion" } as const;
const said = ({ requirements }: Gated): string[] =>
  requirements.map(({ met, message }) => `${met ? "+" : "-"} ${message}`);

describe("a raise", () => {
  test("is let through by evidence for exactly what would serve, made with the suite as it stands", () => {
    const result = gated(stage, { evidence: [sampleEvidence()] });
    expect(said(result)).toEqual(["+ classifier@1 on p/one passes regression, 100 cases."]);
    expect(result.evidence).toEqual(["evl_1"]);
    expect(result.proven).toEqual([{ prompt: "classifier", version: "1", hash: "hash1", model: "p/one" }]);
  });

  test.each<[string, Partial<Evidence>, Parameters<typeof sampleEvidence>[1], string]>([
    ["other content of the version", {}, { hash: "hash2" }, "There is no evidence for classifier@1 on p/one: suite regression was never run for exactly this (it was for other content of this version)."],
    ["another model", {}, { model: "p/two" }, "There is no evidence for classifier@1 on p/one: suite regression was never run for exactly this (it was on p/two)."],
    ["another prompt", {}, { prompt: "other" }, "There is no evidence for classifier@1 on p/one: suite regression was never run for exactly this."],
    ["another suite", { suite: "easy" }, {}, "There is no evidence for classifier@1 on p/one: suite regression was never run for exactly this."],
    ["a suite that was changed since", { suiteHash: "old" }, {}, "The evidence for classifier@1 on p/one is out of date: suite regression has changed since."],
    ["scorers that were changed since", { scorersHash: "old" }, {}, "The evidence for classifier@1 on p/one is out of date: the scorers of regression have changed since."],
    ["an older version of a dataset", { datasets: [{ name: "golden", kind: "golden", version: 2, hash: "g2", cases: 9 }] }, {}, "The evidence for classifier@1 on p/one is out of date: dataset golden is at version 3 by now, it was made with version 2."],
    ["fewer datasets", { datasets: [] }, {}, "The evidence for classifier@1 on p/one is out of date: dataset golden was not part of it."],
  ])("is not let through by evidence for %s", (_what, over, subject, message) => {
    const result = gated(stage, { evidence: [sampleEvidence(over, subject)] });
    expect(said(result)).toEqual([`- ${message}`]);
    expect(result.requirements[0]?.fix).toBe("sluice eval run regression --prompt classifier@1 --model p/one");
    expect([result.evidence, result.proven]).toEqual([[], []]);
  }); // prettier-ignore

  test("is refused by how much a target is missed", () => {
    const missed = sampleTarget({ name: "Billing escalation recall", target: ">= 98%", critical: true, value: 311 / 320, hits: 311, cases: 320, status: "FAIL" }); // prettier-ignore
    const result = gated(stage, { evidence: [sampleEvidence({ verdict: "FAIL", targets: [sampleTarget(), missed] })] });
    expect(said(result)).toEqual([
      "- classifier@1 on p/one does not pass regression (FAIL): Billing escalation recall 97.19 % of 98 %, 311 of 320; FAIL.",
    ]);
  });

  test("is refused by how many cases are still needed", () => {
    const few = sampleTarget({ name: "Recall", target: ">= 98%", critical: true, value: 1, hits: 35, cases: 35, status: "INCONCLUSIVE", needed: 114 }); // prettier-ignore
    const result = gated(stage, { evidence: [sampleEvidence({ verdict: "INCONCLUSIVE", targets: [few] })] });
    expect(said(result)).toEqual([
      "- classifier@1 on p/one does not pass regression (INCONCLUSIVE): Recall 100 % of 98 %, 35 of 35; INCONCLUSIVE, 114 more cases without an error would decide.",
    ]);
  });

  test.each([
    ["a verdict that its targets do not bear out", { verdict: "PASS", targets: [sampleTarget({ status: "FAIL" })] }],
    ["a suite without a target", { verdict: "PASS", targets: [] }],
  ] as const)("is refused on %s", (_what, over) => {
    expect(gated(stage, { evidence: [sampleEvidence(over)] }).requirements.map(({ met }) => met)).toEqual([false]);
  });

  test("goes by the newest evidence that counts: what passed before a failure does not", () => {
    const fails = sampleEvidence({
      evidenceId: "evl_2",
      verdict: "FAIL",
      targets: [sampleTarget({ status: "FAIL" })],
      at: 2,
    });
    const stale = sampleEvidence({ evidenceId: "evl_3", suiteHash: "other", at: 3 });
    const passes = sampleEvidence();
    expect(gated(stage, { evidence: [stale, fails, passes] }).requirements[0]?.evidence?.evidenceId).toBe("evl_2");
    expect(gated(stage, { evidence: [stale, passes, fails] }).requirements[0]?.evidence?.evidenceId).toBe("evl_1");
  });

  test.each<[string, Setting, string]>([
    ["a version that names no suite", { facts: { evalSuite: null } }, "classifier@1 names no eval_suite, so nothing can show that it works."],
    ["a suite that is not there", { suites: new Map() } as unknown as Setting, 'There is no suite "regression" that could be run.'],
    ["a version that was withdrawn", { version: () => undefined }, "classifier@1 is not in the registry."],
  ])("is refused for %s", (_what, setting, message) => {
    expect(said(gated(stage, { evidence: [sampleEvidence()], ...setting }))).toEqual([`- ${message}`]);
  }); // prettier-ignore

  test("of a workflow without prompts and without a suite of its path is refused", () => {
    expect(gated(stage, {}, { prompts: {} }).requirements.map(({ code, met }) => [code, met])).toEqual([
      ["path_evidence", false],
    ]);
  });

  test("by the automatic actor is refused, whatever there is", () => {
    const { requirements } = gated(stage, { evidence: [sampleEvidence()], actor: "Automatic" });
    expect(requirements.filter(({ met }) => !met).map(({ code }) => code)).toEqual(["automatic_actor"]);
  });

  test("says where figures tell nothing about instructions", () => {
    const [requirement] = gated(stage, { evidence: [sampleEvidence({ inContext: true })] }).requirements;
    expect([requirement?.met, requirement?.message]).toEqual([
      true,
      expect.stringContaining("nothing about instructions"),
    ]);
  });
});

describe("what a raise touches", () => {
  const other = { prompt: "drafter", version: "4", hash: "h4", model: "p/one" };
  const classify = { prompt: "classifier", version: "1", hash: "hash1", model: "p/one" };
  const asked = (change: Partial<Release>, from: Partial<Release> = {}): string[] =>
    gated(change, {}, { prompts: { classify, draft: other }, ...from }).requirements.map(({ message }) =>
      message.replace(/^There is no evidence for (.*):.*$/, "$1"),
    );

  test("is every slot where it is about the whole workflow", () => {
    const both = ["classifier@1 on p/one", "drafter@4 on p/one"];
    for (const change of [
      stage,
      { scope: null },
      { sample: 0 },
      { tools: ["look", "send", "more"] },
      { thresholds: { review_below: 0.1 } },
    ])
      expect(asked(change, { scope: "a", sample: 0.5 })).toEqual(both);
  });

  test("is one slot where it is about its version, with each fallback model", () => {
    const draft = { ...other, version: "5", hash: "h5", fallbacks: ["two"] };
    expect(asked({ prompts: { classify, draft } })).toEqual(["drafter@5 on p/one", "drafter@5 on p/two"]);
  });

  test("is the version of a live candidate, and with the stage both", () => {
    const candidate = { version: "5", hash: "h5", model: "p/two", share: 0.1, mode: "live", salt: "s" } as const;
    const prompts = { classify, draft: { ...other, candidate } };
    expect(asked({ prompts })).toEqual(["drafter@5 on p/two"]);
    expect(asked(stage, { prompts })).toEqual(["classifier@1 on p/one", "drafter@4 on p/one", "drafter@5 on p/two"]);
  });

  test("is nothing where nothing is raised", () => {
    const shadow = { version: "5", hash: "h5", model: "p/two", share: 1, mode: "shadow", salt: "s" } as const;
    expect(asked({ prompts: { classify, draft: { ...other, candidate: shadow } } })).toEqual([]);
    expect(
      asked({ stage: "off", share: 0.1, scope: "a", sample: 1, revoked: ["send"], thresholds: { review_below: 1 } }),
    ).toEqual([]);
  });
});

describe("a workflow whose whole path has a suite", () => {
  const subject = {
    kind: "workflow",
    workflow: "triage",
    code: "c0de",
    prompts: { classify: { prompt: "classifier", version: "1", hash: "hash1", model: "p/one" } },
    thresholds: { review_below: 0.75 },
    tools: { look: "l1", send: "s1" },
  } as const;
  const workflow = { pathSuite: "path", tools: { look: "l1", send: "s1" } };
  const suites = new Map([["regression", SUITE], ["path", { ...SUITE, name: "path" }]]); // prettier-ignore
  const of = (over: Partial<typeof subject> | Record<string, unknown>): Evidence =>
    sampleEvidence({ evidenceId: "evl_path", suite: "path", subject: { ...subject, ...over } as Evidence["subject"] });
  const path = (over: Record<string, unknown>): string[] =>
    said(gate({ ...sampleRelease(), ...stage }, differencesOf(sampleRelease(), { ...sampleRelease(), ...stage }), { ...context({ workflow }), suites, evidence: [sampleEvidence(), of(over)] })).slice(1); // prettier-ignore

  test("needs evidence for it besides that of its prompts", () => {
    expect(path({})).toEqual(["+ the whole path of triage (code c0de) passes path, 100 cases."]);
  });

  test.each([
    ["other code", { code: "old" }, "it was for other code"],
    ["another version", { prompts: { classify: { ...subject.prompts.classify, version: "2" } } }, "it was with another version or model in the slot classify"],
    ["other thresholds", { thresholds: { review_below: 0.5 } }, "it was with other thresholds"],
    ["another definition of a tool", { tools: { look: "l1", send: "s2" } }, "it was with another definition of the tool send"],
    ["a tool missing", { tools: { look: "l1" } }, "it was with another definition of the tool send"],
  ])("and exactly for it, not with %s", (_what, over, near) => {
    expect(path(over)).toEqual([
      `- There is no evidence for the whole path of triage (code c0de): suite path was never run for exactly this (${near}).`,
    ]);
  }); // prettier-ignore

  test("says what to run for the path as it would be, not as it is", () => {
    const present = sampleRelease();
    const { classify } = present.prompts;
    if (classify === undefined) throw new Error("The sample release has a slot classify.");
    const candidate = { version: "3", hash: "hash3", model: "p/one", share: 0.1, mode: "live", salt: "s" } as const;
    const fixes = (over: Partial<Release>): (string | null)[] => {
      const next = { ...present, ...over };
      return gate(next, differencesOf(present, next), { ...context({ workflow }), suites })
        .requirements.filter(({ code }) => code === "path_evidence")
        .map(({ fix }) => fix);
    };
    expect(fixes(stage)).toEqual(["sluice eval run path"]);
    expect(fixes({ thresholds: { review_below: 0.5 } })).toEqual(["sluice eval run path --threshold review_below=0.5"]);
    expect(fixes({ prompts: { classify: { ...classify, version: "2", hash: "hash2", model: "p/two" } } })).toEqual([
      "sluice eval run path --prompt classifier@2 --model p/two",
    ]);
    expect(fixes({ prompts: { classify: { ...classify, candidate } } })).toEqual([
      "sluice eval run path",
      "sluice eval run path --prompt classifier@3",
    ]);
  });
});

describe("a prompt of high risk", () => {
  const asked = (approvedBy: readonly string[], actor = "kim"): unknown =>
    gated(stage, { evidence: [sampleEvidence()], facts: { risk: "high", approvedBy }, actor }).requirements.find(
      ({ code }) => code === "prompt_approval",
    )?.met;

  test("is approved by somebody who neither published nor releases it", () => {
    expect(asked([])).toBe(false);
    expect(asked(["ann"])).toBe(false);
    expect(asked(["kim"])).toBe(false);
    expect(asked(["KIM ", "Ann"])).toBe(false);
    expect(asked(["kim", "lee"])).toBe(true);
  });
});

describe("a workflow that affects billing", () => {
  const critical = sampleEvidence({ targets: [sampleTarget({ critical: true })] });
  const met = (setting: Setting, affects: GateContext["workflow"]["affects"] = ["billing"]): Record<string, boolean> =>
    Object.fromEntries(
      gated(stage, { ...setting, workflow: { affects, ...setting.workflow } }).requirements.map((each) => [
        each.code,
        each.met,
      ]),
    );

  test("needs a critical target, a check of the output and a second person besides", () => {
    const nothing = { critical_target: false, output_check: false, second_person: false };
    expect(met({ evidence: [sampleEvidence()] })).toEqual({ prompt_evidence: true, ...nothing });
    const all = { prompt_evidence: true, critical_target: true, output_check: true, second_person: true };
    expect(met({ evidence: [critical], workflow: { outputCheck: true }, agreed: "lee" })).toEqual(all);
  });

  test("is not agreed to by the same person under another spelling", () => {
    expect(met({ evidence: [critical], agreed: " Kim" })["second_person"]).toBe(false);
  });

  test("and one that affects nothing needs none of it", () => {
    expect(met({ evidence: [sampleEvidence()] }, [])).toEqual({ prompt_evidence: true });
  });
});
