import { rm } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { createKeyring } from "../journal/keyring.ts";
import type { AcceptInput, AcceptResult } from "../journal/ports.ts";
import { RecentJournals } from "../journal/recent.ts";
import { frozenClock } from "../testing/frozen-clock.ts";
import { ticket, writeSampleProject } from "../testing/sample-project.ts";
import { AwaitedTypes } from "../workflow/awaited.ts";
import { submitEvents } from "../workflow/intake.ts";
import { vocabularyOf } from "../workflow/vocabulary.ts";
import { loadProject } from "./project.ts";

test("of an event that was accepted before, no journal is kept for a run that never comes", async () => {
  const dir = await writeSampleProject();
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const { workflows, prompts, contracts } = await loadProject(dir, { env: {} });
  const deployed = [...workflows.values()].map(({ workflow, code }) => ({
    workflow,
    code,
    vocabulary: vocabularyOf(workflow, prompts, contracts),
  }));
  const recent = new RecentJournals();
  const made: string[] = [];
  const answerWith = (outcome: "accepted" | "duplicate") => ({
    quarantine: async () => {},
    accept: async (inputs: readonly AcceptInput[]): Promise<AcceptResult[]> => {
      made.push(...inputs.flatMap(({ runs }) => runs.map(({ runId }) => runId)));
      return inputs.map(() => ({ outcome, runs: [], woken: [] }));
    },
  });
  for (const outcome of ["accepted", "duplicate"] as const)
    await submitEvents(
      {
        store: answerWith(outcome),
        keyring: createKeyring(new Uint8Array(32).fill(1)),
        clock: frozenClock(),
        contracts,
        workflows: deployed,
        awaited: new AwaitedTypes([], contracts, []),
        keepEventsMs: 1_000,
        recent,
        probe: () => {},
      },
      [ticket("evt_1", "billing/low/0.9")],
    );
  expect(made).toHaveLength(2);
  expect(made.map((runId) => recent.take(runId) !== undefined)).toEqual([true, false]);
});
