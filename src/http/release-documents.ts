import { z } from "@hono/zod-openapi";
import { isoTime } from "../base/clock.ts";
import { STAGES } from "../base/stage.ts";
import type { PlannedRelease, PublishedRelease, ServedRelease } from "../app/releasing.ts";
import type { Difference } from "../release/change.ts";
import type { Evidence } from "../release/evidence.ts";
import type { Requirement } from "../release/requirement.ts";
import type { Proposal } from "../release/proposal.ts";
import type { Candidate, PromptGrant, Release } from "../release/release.ts";
import { anyJson, orNull } from "./documents.ts";
import type { Document } from "./documents.ts";

const time = z.iso.datetime();

const CANDIDATE = z.object({
  version: z.string(),
  hash: z.string(),
  model: z.string(),
  fallbacks: z.array(z.string()),
  share: z.number(),
  mode: z.enum(["shadow", "live"]),
});

const GRANT = z
  .object({
    prompt: z.string(),
    version: z.string(),
    hash: z.string(),
    model: z.string(),
    fallbacks: z.array(z.string()),
    candidate: orNull(CANDIDATE),
  })
  .openapi("PromptGrant");

const MISSING = z.object({ code: z.string(), message: z.string() });

const RELEASE_FIELDS = {
  workflow: z.string(),
  number: z.int(),
  stage: z.enum(STAGES),
  development: z.boolean().describe("Made by dev or the demo, without the gate."),
  when_off: z.enum(["hold", "review"]),
  share: z.number(),
  assign_by: z.string(),
  scope: z.string().nullable(),
  automation: z.string().nullable(),
  sample: z.number(),
  prompts: z.record(z.string(), GRANT).describe("By slot."),
  thresholds: z.record(z.string(), z.number()),
  tools: z.array(z.string()).describe("What it may call, but for those that are revoked."),
  revoked: z.array(z.string()),
  risk_threshold: z.enum(["low", "medium", "high"]),
  created_by: z.string(),
  created_at: time,
  reason: z.string(),
  evidence: z.array(z.string()).describe("Ids of the eval runs it rests on."),
  approvals: z.array(z.object({ by: z.string(), at: time, reason: z.string() })),
  override: orNull(z.object({ missing: z.array(MISSING), reason: z.string(), solo: z.boolean() })).describe(
    "What it was let through without.",
  ),
};

export const RELEASE: z.ZodType = z.object(RELEASE_FIELDS).openapi("Release");

export const DIFFERENCE: z.ZodType = z
  .object({
    what: z.string().describe("stage, share, thresholds.NAME, tools.NAME, prompts.SLOT.version …"),
    from: anyJson,
    to: anyJson,
    direction: z.enum(["raise", "lower", "same"]),
    slot: z.string().nullable(),
  })
  .openapi("ReleaseDifference");

const SUBJECT = z.object({
  kind: z.enum(["prompt", "workflow"]),
  name: z.string(),
  version: z.string().nullable().describe("Of a prompt."),
  hash: z.string().describe("Of the prompt version, or fingerprint of the workflow's code."),
  model: z.string().nullable().describe("Of a prompt: provider/model."),
});

const TARGET = z.object({
  name: z.string(),
  metric: z.string(),
  target: z.string(),
  critical: z.boolean(),
  value: z.number().nullable(),
  interval: orNull(z.object({ low: z.number(), high: z.number() })),
  hits: z.int().nullable(),
  cases: z.int(),
  status: z.enum(["PASS", "FAIL", "INCONCLUSIVE"]),
  note: z.string(),
  needed: z.int().nullable(),
});

export const EVIDENCE: z.ZodType = z
  .object({
    evidence_id: z.string(),
    suite: z.string(),
    suite_hash: z.string().describe("Of the suite with its targets as it was then."),
    subject: SUBJECT,
    datasets: z.array(z.object({ name: z.string(), kind: z.string(), version: z.int(), cases: z.int() })),
    verdict: z.enum(["PASS", "FAIL", "INCONCLUSIVE"]),
    targets: z.array(TARGET),
    cases: z.int(),
    in_context: z.boolean().describe("Its figures say nothing about instructions."),
    by: z.string(),
    at: time,
  })
  .openapi("Evidence");

const REQUIREMENT = z
  .object({
    code: z.string(),
    met: z.boolean(),
    message: z.string(),
    fix: z.string().nullable(),
    slot: z.string().nullable(),
    evidence: orNull(EVIDENCE),
  })
  .openapi("ReleaseRequirement");

export const PLANNED: z.ZodType = z
  .object({
    present: RELEASE,
    changes: z.array(DIFFERENCE),
    requirements: z.array(REQUIREMENT).describe("What the raises ask for; none where nothing is raised."),
    outcome: z.enum(["release", "proposal", "refused", "nothing"]).describe("What asking for it would lead to."),
    allowed: z.boolean().describe("It would become a release at once."),
  })
  .openapi("ReleasePlan");

export const PRESENT: z.ZodType = z
  .object({
    ...RELEASE_FIELDS,
    rests_on: z.array(EVIDENCE),
    raises: z
      .array(z.object({ what: z.string(), to: anyJson, outcome: z.enum(["release", "proposal", "refused"]) }))
      .describe("What could be raised next, and what asking for it would lead to."),
  })
  .openapi("PresentRelease");

export const RELEASED: z.ZodType = z
  .object({ ...RELEASE_FIELDS, changes: z.array(DIFFERENCE).describe("Empty where it was so already.") })
  .openapi("ChangedRelease");

export const PROPOSAL: z.ZodType = z
  .object({
    proposal_id: z.string(),
    workflow: z.string(),
    base: z.int().describe("The release it would change."),
    changes: z.array(DIFFERENCE),
    missing: z.array(MISSING).describe("What the gate found missing."),
    override: z.boolean().describe("It would go past what is missing besides a second person."),
    by: z.string(),
    reason: z.string(),
    created_at: time,
    state: z.enum(["open", "approved", "rejected", "lapsed"]),
    closed_by: z.string().nullable(),
    closed_at: time.nullable(),
    closed_reason: z.string().nullable(),
    release: z.int().nullable().describe("The release it became."),
  })
  .openapi("ReleaseProposal");

export const SERVED: z.ZodType = z
  .object({
    in_force: z.int(),
    workers: z.array(
      z.object({
        worker: z.string(),
        host: z.string(),
        pid: z.int(),
        release: z.int(),
        since: time,
        seen_at: time,
        in_force: z.boolean().describe("It serves the present release."),
      }),
    ),
  })
  .openapi("ServedReleases");

export function releaseDocument(release: PublishedRelease): Document {
  return {
    workflow: release.workflow,
    number: release.number,
    stage: release.stage,
    development: release.development,
    when_off: release.whenOff,
    share: release.share,
    assign_by: release.assignBy,
    scope: release.scope,
    automation: release.automation,
    sample: release.sample,
    prompts: Object.fromEntries(Object.entries(release.prompts).map(([slot, grant]) => [slot, grantDocument(grant)])),
    thresholds: release.thresholds,
    tools: release.tools,
    revoked: release.revoked,
    risk_threshold: release.riskThreshold,
    created_by: release.createdBy,
    created_at: isoTime(release.createdAt),
    reason: release.reason,
    evidence: release.evidence,
    approvals: release.approvals.map(({ by, at, reason }) => ({ by, at: isoTime(at), reason })),
    override: release.override ?? null,
  };
}

function grantDocument({ fallbacks = [], candidate, ...grant }: PromptGrant): Document {
  return { ...grant, fallbacks, candidate: candidate === undefined ? null : candidateDocument(candidate) };
}

function candidateDocument({ version, hash, model, fallbacks = [], share, mode }: Candidate): Document {
  return { version, hash, model, fallbacks, share, mode };
}

export function differenceDocument({ what, from, to, direction, slot }: Difference): Document {
  return { what, from, to, direction, slot: slot ?? null };
}

export function evidenceDocument({
  evidenceId,
  suite,
  suiteHash,
  subject,
  datasets,
  verdict,
  targets,
  cases,
  inContext,
  by,
  at,
}: Evidence): Document {
  const about =
    subject.kind === "prompt"
      ? { kind: subject.kind, name: subject.prompt, version: subject.version, hash: subject.hash, model: subject.model }
      : { kind: subject.kind, name: subject.workflow, version: null, hash: subject.code, model: null };
  return {
    evidence_id: evidenceId,
    suite,
    suite_hash: suiteHash,
    subject: about,
    datasets: datasets.map(({ name, kind, version, cases: count }) => ({ name, kind, version, cases: count })),
    verdict,
    targets,
    cases,
    in_context: inContext,
    by,
    at: isoTime(at),
  };
}

export function requirementDocument({ code, met, message, fix, slot, evidence = null }: Requirement): Document {
  const shown = evidence === null ? null : evidenceDocument(evidence);
  return { code, met, message, fix, slot: slot ?? null, evidence: shown };
}

export function plannedDocument({ present, differences, requirements, outcome }: PlannedRelease): Document {
  return {
    present: releaseDocument(present),
    changes: differences.map(differenceDocument),
    requirements: requirements.map(requirementDocument),
    outcome,
    allowed: outcome === "release",
  };
}

export function proposalDocument(proposal: Proposal): Document {
  const { proposalId, workflow, base, differences, missing, override, by, reason, state, release } = proposal;
  return {
    proposal_id: proposalId,
    workflow,
    base,
    changes: differences.map(differenceDocument),
    missing,
    override,
    by,
    reason,
    created_at: isoTime(proposal.createdAt),
    state,
    closed_by: proposal.closedBy,
    closed_at: proposal.closedAt === null ? null : isoTime(proposal.closedAt),
    closed_reason: proposal.closedReason,
    release,
  };
}

export function servedDocument({
  inForce,
  workers,
}: {
  inForce: Release["number"];
  workers: ServedRelease[];
}): Document {
  return {
    in_force: inForce,
    workers: workers.map(({ worker, host, pid, release, since, seenAt }) => ({
      worker,
      host,
      pid,
      release,
      since: isoTime(since),
      seen_at: isoTime(seenAt),
      in_force: release === inForce,
    })),
  };
}
