import type { Role } from "../base/access.ts";
import type { Project } from "../app/project.ts";
import { contractSet } from "../contract/contract.ts";
import { promptSet } from "../prompt/set.ts";
import { canonicalJson, isObject } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { Run } from "../journal/run.ts";
import type { Review } from "../review/ports.ts";
import type { Caller, Sluice, Submission } from "../app/sluice.ts";

/** A secret of each role is its name. */
const ROLES: readonly string[] = ["viewer", "reviewer", "editor", "operator", "admin"] satisfies Role[];

const EMPTY = {
  contracts: contractSet([]),
  prompts: promptSet([]),
  tools: new Map(),
  workflows: new Map(),
} as unknown as Project;

/** A Sluice for tests of what translates it: events are kept in memory, and whatever a test does not give throws. */
export function fakeSluice(given: Partial<Sluice> = {}): Sluice {
  const accepted = new Map<string, { body: string; runId: string }>();
  const known: Partial<Sluice> = {
    project: EMPTY,
    authenticate: async (secret) => callerOf(secret, "token"),
    authenticateSession: async (secret) => callerOf(secret, "session"),
    stillGood: async () => true,
    onRevoked: () => () => {},
    watch: () => () => {},
    health: async () => ({ ready: true, problems: [] }),
    submit: async (bodies) => bodies.map((body) => take(accepted, body)),
    run: async (runId) => ([...accepted.values()].some((event) => event.runId === runId) ? fakeRun({ runId }) : null),
    ...given,
  };
  return new Proxy(known, {
    get(target, name) {
      if (name in target) return target[name as keyof Sluice];
      return () => Promise.reject(new Error(`secret detail: the test gives no ${String(name)}`));
    },
  }) as Sluice;
}

function callerOf(secret: string, kind: Caller["kind"]): Caller | null {
  if (!ROLES.includes(secret)) return null;
  return { name: `usr_${secret}`, role: secret as Role, kind, tokenId: `${kind}_${secret}`, expiresAt: null };
}

function take(accepted: Map<string, { body: string; runId: string }>, body: Json): Submission {
  if (!isObject(body) || typeof body["event_id"] !== "string") {
    const errors = [{ pointer: "/event_id", message: "is required" }];
    return {
      outcome: "refused",
      code: "invalid_event",
      eventId: null,
      message: "Off its contract.",
      errors,
      quarantineId: "qua_1",
    };
  }
  const eventId = body["event_id"];
  const before = accepted.get(eventId);
  const text = canonicalJson(body);
  if (before !== undefined && before.body !== text) return { outcome: "conflict", eventId };
  const { runId } = before ?? { runId: `run_${accepted.size + 1}` };
  accepted.set(eventId, { body: text, runId });
  return {
    outcome: before === undefined ? "accepted" : "duplicate",
    eventId,
    runs: [{ runId, workflow: "support_triage" }],
  };
}

const AT = Date.parse("2026-05-29T14:22:10Z");

export function fakeRun(given: Partial<Run> = {}): Run {
  return {
    runId: "run_1",
    workflow: "support_triage",
    eventType: "support_ticket.created",
    eventId: "evt_1",
    contractVersion: 1,
    priority: 0,
    status: "completed",
    wait: null,
    wakeAt: null,
    epoch: 1,
    worker: null,
    leaseUntil: null,
    deaths: 0,
    deathSeq: 0,
    nextSeq: 9,
    disposition: "applied",
    failure: null,
    createdAt: AT,
    updatedAt: AT,
    startedAt: AT,
    endedAt: AT + 900,
    deadlineAt: null,
    release: 1,
    stage: "partial",
    pins: JSON.stringify({ prompts: { classify: { prompt: "classifier", version: "2026-05-29.1" } } }),
    decision: { category: "billing" },
    costUsd: 0.001,
    fingerprint: null,
    originalsRemovedAt: null,
    valuesRemovedAt: null,
    restoredAt: null,
    codePin: null,
    ...given,
  };
}

export function fakeReview(given: Partial<Review> = {}): Review {
  return {
    reviewId: "rev_1",
    runId: "run_1",
    workflow: "support_triage",
    step: "low confidence",
    key: "",
    of: "classify",
    why: "low_confidence",
    reason: "confidence 0.6 is below 0.75",
    team: "support",
    priority: 0,
    status: "open",
    createdAt: AT,
    expiresAt: null,
    escalatedAt: null,
    claimedBy: null,
    claimUntil: null,
    answeredBy: null,
    answeredAt: null,
    action: null,
    ...given,
  };
}
