import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filterCommand, fixedTimes, runsCommand, shellWord } from "./cohort-text.ts";

describe("a cohort as a command", () => {
  test("has the options of the command line", () => {
    const search = { workflow: "triage", status: "dead", failure_class: "timeout", release: "3", since: "24h" };
    expect(filterCommand("list", search)).toBe(
      "sluice runs list --workflow triage --status dead --release 3 --failure-class timeout --since 24h --json",
    );
    expect(filterCommand("list", { edge_from: "step:classify", edge_to: "end:dead" })).toBe(
      "sluice runs list --edge-from step:classify --edge-to end:dead --json",
    );
    expect(filterCommand("export", { q: "it's late" })).toBe(String.raw`sluice runs export --q 'it'\''s late'`);
  });

  test("says prompt and version in the one option there is for both", () => {
    expect(filterCommand("export", { prompt: "classifier", prompt_version: "classifier@2" })).toBe(
      "sluice runs export --prompt classifier@2",
    );
    expect(filterCommand("export", { prompt: "classifier", prompt_version: "2" })).toBe(
      "sluice runs export --prompt classifier@2",
    );
    expect(filterCommand("export", { prompt: "classifier" })).toBe("sluice runs export --prompt classifier");
  });

  test("names single runs", () => {
    expect(runsCommand(["run_1"])).toBe("sluice runs show run_1 --json");
    expect(runsCommand(["run_1", "run_2"])).toBe('for run in run_1 run_2; do sluice runs show "$run" --json; done');
  });

  test("any text arrives in the program as it is", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 40 }).filter((each) => !each.includes("\0"));
    fc.assert(
      fc.property(text, (each) => {
        const read = execFileSync("/bin/sh", ["-c", `printf %s ${shellWord(each)}`], { encoding: "utf8" });
        expect(read).toBe(each);
      }),
      { numRuns: 50 },
    );
  });
});

describe("fixed times", () => {
  const now = Date.UTC(2026, 4, 29, 12);

  test("are the same tomorrow, and what comes from now on is left out", () => {
    expect(fixedTimes({ since: "1h30m" }, now)).toEqual({
      since: "2026-05-29T10:30:00.000Z",
      until: "2026-05-29T12:00:00.000Z",
    });
    const fixed = { since: "2026-05-01T00:00:00.000Z", until: "2026-05-02T00:00:00.000Z" };
    expect(fixedTimes(fixed, now)).toEqual(fixed);
  });
});
