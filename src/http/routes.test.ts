import { pino } from "pino";
import { describe, expect, test, vi } from "vitest";
import { UsageError } from "../base/failure.ts";
import type { Paged } from "../journal/ports.ts";
import type { Run } from "../journal/run.ts";
import type { Preview, ReviewItem, Sluice } from "../app/sluice.ts";
import { fakeReview, fakeRun, fakeSluice } from "../testing/fake-sluice.ts";
import { createHttp } from "./app.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");

/** One call with the token of `role`; answers the status and the document. */
async function call(
  sluice: Partial<Sluice>,
  role: string,
  key: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const [method, path] = key.split(" ") as [string, string];
  const app = createHttp(fakeSluice(sluice), { log: pino({ enabled: false }), clock: { now: () => NOW } });
  const headers = { authorization: `Bearer ${role}`, "content-type": "application/json" };
  const response = await app.request(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

describe("runs", () => {
  test("are shown with snake_case names and RFC 3339 times", async () => {
    const { body } = await call({ run: async () => fakeRun() }, "viewer", "GET /v1/runs/run_1");
    expect(body).toMatchObject({
      run_id: "run_1",
      event_type: "support_ticket.created",
      waiting_for: null,
      prompt_versions: { classifier: "2026-05-29.1" },
      created_at: "2026-05-29T14:22:10.000Z",
      cost_usd: 0.001,
    });
    expect(Object.keys(body).join()).toMatch(/^[a-z_,]+$/);
    expect(body).not.toHaveProperty("pins");
  });

  test("show the messages of one step, and refuse steps that have none by code", async () => {
    const messages = vi.fn<Sluice["messages"]>(async (runId, step) => {
      if (step === 1) throw new UsageError("not_a_model_call", "Step 1 is a trigger.", { status: 409 });
      return runId === "run_1" ? { step, messages: [{ role: "user", content: "Hi" }], exact: true, note: null } : null;
    });
    const ask = (path: string): ReturnType<typeof call> => call({ messages }, "viewer", `GET /v1/runs/${path}`);
    expect((await ask("run_1/messages?step=2")).body).toEqual({
      step: 2,
      messages: [{ role: "user", content: "Hi" }],
      exact: true,
      note: null,
    });
    const refused = [
      "run_1/messages?step=1",
      "run_2/messages?step=2",
      "run_1/messages",
      "run_1/messages?step=0",
      "run_1/messages?step=two",
    ];
    const codes = [];
    for (const path of refused) codes.push((await ask(path)).body["code"]);
    expect(codes).toEqual(["not_a_model_call", "unknown_run", "invalid_query", "invalid_query", "invalid_query"]);
  });

  test("every filter reaches the journal in its words", async () => {
    const listRuns = vi.fn<Sluice["listRuns"]>(async () => ({ items: [fakeRun()], next: "c2" }));
    const query =
      "workflow=w&status=completed&disposition=applied&prompt=p&prompt_version=7&model=m&release=3&stage=partial&tool=t&failure_class=timeout&fingerprint=f&since=2h&until=2026-05-31T23:00:00Z&q=evt_1&limit=7&cursor=c1";
    const { body } = await call({ listRuns }, "viewer", `GET /v1/runs?${query}`);
    expect(listRuns).toHaveBeenCalledWith(
      {
        workflow: "w",
        status: "completed",
        disposition: "applied",
        prompt: "p",
        promptVersion: "p@7",
        model: "m",
        release: 3,
        stage: "partial",
        tool: "t",
        failureClass: "timeout",
        fingerprint: "f",
        since: NOW - 7_200_000,
        until: NOW - 3_600_000,
        q: "evt_1",
      },
      { limit: 7, cursor: "c1" },
    );
    expect(body).toMatchObject({ items: [{ run_id: "run_1" }], next_cursor: "c2" });
  });

  test.each([
    ["status=complete", "status"],
    ["since=yesterday", "since"],
    ["prompt_version=7", "NAME@7"],
    ["limit=0", "limit"],
    ["limit=1e9", "limit"],
    ["release=one", "release"],
    ["workflow=", "workflow"],
    ["q=a&q=b", "2 times"],
  ])("?%s is refused by name", async (query, named) => {
    const { status, body } = await call({}, "viewer", `GET /v1/runs?${query}`);
    expect([status, body["code"]]).toEqual([400, "invalid_query"]);
    expect(body["detail"]).toContain(named);
  });

  test("are found under names that the project does not hold any more", async () => {
    const listRuns = async (): Promise<Paged<Run>> => ({ items: [fakeRun({ workflow: "gone" })], next: null });
    const { status, body } = await call({ listRuns }, "viewer", "GET /v1/runs?workflow=gone&tool=gone&prompt=gone");
    expect([status, (body["items"] as unknown[]).length]).toEqual([200, 1]);
  });

  test.each(["", "/trace", "/why"])("an unknown one is 404: %s", async (part) => {
    const none = async (): Promise<null> => null;
    const { status, body } = await call({ run: none, trace: none, why: none }, "viewer", `GET /v1/runs/run_0${part}`);
    expect([status, body["code"]]).toEqual([404, "unknown_run"]);
  });

  test("are cancelled with a reason, by whoever the token names, unless they have ended", async () => {
    const cancel = vi.fn<Sluice["cancel"]>(async () => ({ ok: true, message: "" }));
    const sluice = { run: async () => fakeRun({ status: "cancelled" }), cancel };
    expect(await call(sluice, "operator", "POST /v1/runs/run_1/cancel", { reason: "wrong data" })).toMatchObject({
      status: 200,
      body: { status: "cancelled" },
    });
    expect(cancel).toHaveBeenCalledWith("run_1", { name: "usr_operator", role: "operator" }, "wrong data");
    expect(await call(sluice, "operator", "POST /v1/runs/run_1/cancel", {})).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/reason" }] },
    });
    const late = { ...sluice, cancel: async () => ({ ok: false, message: "It has ended." }) };
    expect(await call(late, "operator", "POST /v1/runs/run_1/cancel", { reason: "x" })).toMatchObject({
      status: 409,
      body: { code: "not_cancellable" },
    });
  });
});

const OUTCOME: Preview = {
  decision: { queue: "account" },
  incompleteAt: null,
  writes: [],
  withdrawn: [{ step: "escalate", tool: "create_escalation", payload: { ticket_id: "tkt_9041" } }],
  done: [],
  problems: [],
  hash: "h1",
};
const PROPOSAL = { category: "account", urgency: "medium" };
const CORRECTED = { category: "billing", urgency: "high" };

function item(): ReviewItem {
  return {
    review: fakeReview(),
    run: fakeRun(),
    event: {},
    proposal: PROPOSAL,
    draft: null,
    outputSchema: {},
    correctable: true,
    confidence: 0.6,
    validation: null,
    unknownOutcome: null,
    approval: "possible",
    outcome: OUTCOME,
    answer: null,
    revealed: [],
    views: null,
  };
}

describe("reviews", () => {
  const answered = fakeReview({ status: "answered", runId: "run_7d91", action: "correct" });
  const decideReview = vi.fn<Sluice["decideReview"]>(async () => ({
    ok: true,
    review: answered,
    outcome: OUTCOME,
    original: PROPOSAL,
  }));
  const reviews: Partial<Sluice> = { review: async () => item(), decideReview };

  test("a correction answers with the golden correction document beside its outcome", async () => {
    const reason = "Duplicate charge after upgrade should be urgent billing";
    const given = { action: "correct", corrected_output: CORRECTED, correction_reason: reason, outcome_hash: "h1" };
    const { status, body } = await call(reviews, "reviewer", "POST /v1/reviews/rev_1/decide", given);
    expect(status).toBe(200);
    expect(body["correction"]).toEqual({
      workflow_run_id: "run_7d91",
      original_output: PROPOSAL,
      corrected_output: CORRECTED,
      correction_reason: reason,
      reviewer_id: "usr_reviewer",
    });
    expect(body["outcome"]).toMatchObject({ outcome_hash: "h1", withdrawn: [{ tool: "create_escalation" }] });
    const action = { action: "correct", correctedOutput: CORRECTED, correctionReason: reason };
    expect(decideReview).toHaveBeenCalledWith("rev_1", action, { name: "usr_reviewer", role: "reviewer" }, "h1");
  });

  test.each([false, 0, "", null])("%j is an answer", async (value) => {
    await call(reviews, "reviewer", "POST /v1/reviews/rev_1/decide", {
      action: "correct",
      corrected_output: value,
      correction_reason: "r",
    });
    expect(decideReview.mock.lastCall?.[1]).toMatchObject({ correctedOutput: value });
  });

  test.each([
    [{ action: "correct", corrected_output: {} }, "/correction_reason"],
    [{ action: "correct", corrected_output: {}, correction_reason: "  " }, "/correction_reason"],
    [{ action: "correct", correction_reason: "r" }, "/corrected_output"],
    [{ action: "approve", corrected_output: {} }, "/corrected_output"],
    [{ action: "maybe" }, "/action"],
    [{ action: "approve", note: "x" }, ""],
  ])("%j is refused at %s", async (given, pointer) => {
    const { status, body } = await call(reviews, "reviewer", "POST /v1/reviews/rev_1/decide", given);
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "invalid_body", errors: [{ pointer }] });
  });

  test.each([
    ["unknown_review", 404],
    ["held_by_another", 409],
    ["stale", 409],
    ["ended", 409],
    ["outcome_changed", 409],
    ["invalid_correction", 422],
    ["nothing_to_approve", 422],
    ["reason_required", 422],
  ] as const)("%s is told by its own code, as %d", async (code, status) => {
    const refuse: Sluice["decideReview"] = async () => ({
      ok: false,
      code,
      message: "No.",
      errors: [{ pointer: "/urgency", message: "is wrong" }],
      review: fakeReview(),
    });
    const answer = await call({ ...reviews, decideReview: refuse }, "reviewer", "POST /v1/reviews/rev_1/decide", {
      action: "approve",
    });
    expect(answer).toMatchObject({
      status,
      body: { code, errors: [{ pointer: "/urgency" }], review: { review_id: "rev_1" } },
    });
  });

  test("a preview needs no reason, and writes nothing", async () => {
    const previewReview = vi.fn<Sluice["previewReview"]>(async () => ({
      ok: true,
      review: fakeReview(),
      outcome: OUTCOME,
    }));
    const { body } = await call({ previewReview }, "reviewer", "POST /v1/reviews/rev_1/preview", {
      action: "correct",
      corrected_output: CORRECTED,
    });
    expect(body).toMatchObject({
      review: { review_id: "rev_1" },
      outcome: { outcome_hash: "h1", decision: { queue: "account" } },
    });
  });

  test("open ones are listed unless another status is asked for", async () => {
    const listReviews = vi.fn<Sluice["listReviews"]>(async () => ({ items: [fakeReview()], next: null }));
    await call({ listReviews }, "viewer", "GET /v1/reviews?team=support&run_id=run_1");
    expect(listReviews).toHaveBeenCalledWith({ status: "open", team: "support", runId: "run_1" }, { limit: 50 });
  });
});

describe("dead letters", () => {
  test("are redriven by filter, with a reason", async () => {
    const redrive = vi.fn<Sluice["redrive"]>(async () => ({
      matched: 2,
      redriven: ["run_1"],
      refused: [{ runId: "run_2", why: "x" }],
      dryRun: false,
    }));
    const { body } = await call({ redrive }, "operator", "POST /v1/dead-letters/redrive", {
      filter: { run_id: "run_1", failure_class: "transient" },
      reason: "fixed",
    });
    expect(body).toEqual({ matched: 2, redriven: ["run_1"], refused: [{ run_id: "run_2", why: "x" }], dry_run: false });
    expect(redrive.mock.lastCall?.[0]).toEqual({
      filter: { runId: "run_1", failureClass: "transient" },
      limit: 100,
      dryRun: false,
      reason: "fixed",
    });
    expect(await call({ redrive }, "operator", "POST /v1/dead-letters/redrive", { filter: {} })).toMatchObject({
      status: 422,
    });
  });

  test("a run that is not dead is none", async () => {
    expect(await call({ run: async () => fakeRun() }, "viewer", "GET /v1/dead-letters/run_1")).toMatchObject({
      status: 404,
    });
  });
});

describe("tokens", () => {
  test("are made with an end of 90 days unless another is asked for; the secret comes once", async () => {
    const createToken = vi.fn<Sluice["createToken"]>(async (name, role, expiresAt) => ({
      token: { tokenId: "tok_1", kind: "bearer", name, role, createdBy: null, createdAt: NOW, expiresAt, revokedAt: null }, // prettier-ignore
      secret: "s3cret",
    }));
    const { status, body } = await call({ createToken }, "admin", "POST /v1/tokens", { name: "ci", role: "viewer" });
    expect([status, body["secret"], body["expires_at"]]).toEqual([201, "s3cret", "2026-08-30T00:00:00.000Z"]);
    expect(
      await call({ createToken }, "admin", "POST /v1/tokens", { name: "ci", role: "viewer", expires_in: null }),
    ).toMatchObject({ body: { expires_at: null } });
    for (const bad of [
      { expires_in: "soon" },
      { expires_in: "0s" },
      { role: "root" },
      { name: " " },
      { name: "local" },
    ])
      expect(
        await call({ createToken }, "admin", "POST /v1/tokens", { name: "ci", role: "viewer", ...bad }),
      ).toMatchObject({ status: 422 });
  });

  test("are revoked; an unknown one is 404", async () => {
    expect(await call({ revokeToken: async () => true }, "admin", "DELETE /v1/tokens/tok_1")).toMatchObject({
      status: 204,
    });
    expect(
      await call({ revokeToken: async () => false, listTokens: async () => [] }, "admin", "DELETE /v1/tokens/tok_1"),
    ).toMatchObject({
      status: 404,
    });
  });
});

test("metrics count runs in the store and events of this process", async () => {
  const counts = { queued: 1, running: 0, waiting: 2, completed: 3, dead: 0, stopped: 0, cancelled: 0 };
  const app = createHttp(fakeSluice({ countRuns: async () => counts }), { log: pino({ enabled: false }) });
  const headers = { authorization: "Bearer operator", "content-type": "application/json" };
  for (const id of ["a", "b", "a"])
    await app.request("/v1/events", { method: "POST", headers, body: JSON.stringify({ event_id: id }) });
  const text = await (await app.request("/metrics", { headers })).text();
  expect(text).toContain('sluice_runs{status="waiting"} 2\n');
  expect(text).toContain('sluice_events_total{outcome="accepted"} 2\n');
  expect(text).toContain('sluice_events_total{outcome="duplicate"} 1\n');
});
