import { canonicalJson } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { Stage } from "../base/stage.ts";
import type { ControlRow } from "../journal/ports.ts";
import type { ReleaseStore } from "./ports.ts";
import { readRelease } from "./release.ts";
import type { PromptGrant, Release } from "./release.ts";

/** What a workflow is made of at present, as far as a release names it. */
export interface ReleaseMaterial {
  workflow: string;
  prompts: Record<string, PromptGrant>;
  thresholds: Record<string, number>;
  tools: string[];
}

/** Which release a workflow has to be under before this process serves it. */
export interface FirstReleaseInput {
  material: ReleaseMaterial;
  stage: Stage;
  development: boolean;
  createdBy: string;
  now: number;
}

/**
 * Sees to it that the workflow is under a release. A development process releases what its files say now, without the gate
 * and marked so; any other process leaves a proper release alone, and puts a workflow that never had one into shadow.
 */
export async function ensureRelease(store: ReleaseStore, input: FirstReleaseInput): Promise<ControlRow> {
  for (;;) {
    const control = await store.control(input.material.workflow);
    const present = control === null ? null : readRelease(control.body);
    const wanted = wantedRelease(present, input);
    if (control !== null && present !== null && sameRelease(present, wanted)) return control;
    const body = JSON.stringify(wanted);
    const row = { workflow: wanted.workflow, number: wanted.number, body, createdAt: input.now };
    await store.publish(row, control?.version ?? 0);
  }
}

function wantedRelease(present: Release | null, input: FirstReleaseInput): Release {
  const { material, stage, development, createdBy } = input;
  if (present !== null && !present.development && !development) return present;
  const reason = development
    ? "Development release: what the project's files say, without the gate."
    : "First start: a workflow that was never released runs in shadow.";
  return {
    ...material,
    number: (present?.number ?? 0) + 1,
    stage: development ? stage : "shadow",
    development,
    whenOff: "hold",
    share: 1,
    salt: material.workflow,
    assignBy: "/event_id",
    scope: null,
    automation: null,
    sample: 0,
    revoked: [],
    riskThreshold: "low",
    createdBy,
    reason,
    evidence: [],
    approvals: [],
  };
}

function sameRelease(a: Release, b: Release): boolean {
  const essence = (release: Release): string =>
    canonicalJson({ ...release, number: 0, createdBy: "" } as unknown as Json);
  return essence(a) === essence(b);
}
