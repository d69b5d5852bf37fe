import { createHash } from "node:crypto";
import { UsageError } from "../base/failure.ts";
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
  const filesHash = filesHashOf(input);
  // What was changed by command stays until the files say something else.
  if (development && present?.development === true && present.filesHash === filesHash) return present;
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
    ...(development ? { filesHash } : {}),
  };
}

/** Of what the files say that a release of theirs would hold. */
function filesHashOf({ material, stage }: FirstReleaseInput): string {
  const said = canonicalJson({ ...material, stage } as unknown as Json);
  return createHash("sha256").update(said).digest("hex");
}

/**
 * A development process leaves proper releases alone: its own would take their place without the gate.
 * Throws `UsageError` proper_releases (409).
 */
export async function assertNoProperReleases(store: Pick<ReleaseStore, "controls">, dataDir: string): Promise<void> {
  const present = (await store.controls()).map(({ body }) => readRelease(body));
  const proper = present.filter(({ development }) => !development);
  if (proper.length === 0) return;
  const named = proper.map(({ workflow, number, stage }) => `${workflow}: release ${number}, ${stage}`).join("; ");
  throw new UsageError(
    "proper_releases",
    `The data folder ${dataDir} holds proper releases (${named}), and development releases would take their place without the gate. Develop on a folder of its own, as with "sluice dev --data .sluice-dev", or go on with "sluice serve".`,
    { status: 409 },
  );
}

function sameRelease(a: Release, b: Release): boolean {
  const essence = (release: Release): string =>
    canonicalJson({ ...release, number: 0, createdBy: "" } as unknown as Json);
  return essence(a) === essence(b);
}
