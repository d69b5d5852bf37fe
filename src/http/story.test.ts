import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { ApiWorld } from "../testing/api-world.ts";

let api: ApiWorld;
beforeAll(async () => {
  api = await ApiWorld.start();
});
afterAll(() => api.close());

describe("a run", () => {
  test("is found by everything it did, and shows no sensitive value", async () => {
    const { runId, eventId } = await api.decided("billing/high/0.95");
    expect(await api.effectsOf(eventId)).toBe(1);
    const finds = [
      `q=${eventId}&workflow=triage&status=completed&disposition=applied&stage=partial&release=1`,
      `q=${runId}&prompt=classifier`,
      `q=${runId}&prompt_version=classifier@2026-05-29.1`,
      `q=${runId}&prompt_version=2026-05-29.1&prompt=classifier`,
      `q=${runId}&model=scripted/classifier`,
      `q=${runId}&tool=escalate`,
      `q=${runId}&since=1h`,
    ];
    for (const query of finds)
      expect((await api.call(`GET /v1/runs?${query}`)).body, query).toMatchObject({ items: [{ run_id: runId }] });
    const misses = ["status=dead", "until=1h", "release=2", "stage=shadow", "failure_class=timeout"];
    for (const query of misses)
      expect((await api.call(`GET /v1/runs?q=${runId}&${query}`)).body, query).toMatchObject({ items: [] });
    const seen = await Promise.all(["", "/trace", "/why"].map((part) => api.call(`GET /v1/runs/${runId}${part}`)));
    for (const { status, body } of seen) {
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain("two charges");
    }
  });

  test.each([
    ["runs?workflow=triag", "unknown_workflow", "triage"],
    ["runs/counts?workflow=triag", "unknown_workflow", "triage"],
    ["runs?prompt=clasifier", "unknown_prompt", "classifier"],
    ["runs?prompt_version=classifier@2026-05-29.2", "unknown_prompt_version", "classifier@2026-05-29.1"],
    ["runs?tool=escalat", "unknown_tool", "escalate"],
    ["runs?status=complete", "invalid_query", "completed"],
    ["runs?stage=shadwo", "invalid_query", "shadow"],
    ["runs?disposition=aplied", "invalid_query", "applied"],
    ["runs?failure_class=timout", "invalid_query", "timeout"],
    ["dead-letters?workflow=triag", "unknown_workflow", "triage"],
    ["reviews?workflow=triag", "unknown_workflow", "triage"],
  ])("is not looked for under a mistyped name: %s", async (query, code, near) => {
    const { status, body } = await api.call(`GET /v1/${query}`);
    expect([status, body["code"]]).toEqual([400, code]);
    expect(body["detail"]).toContain(`Did you mean "${near}"?`);
  });

  test("has a trace in the golden shape", async () => {
    const { runId, eventId } = await api.decided("billing/high/0.96");
    const trace = (await api.call(`GET /v1/runs/${runId}/trace`)).body as unknown as JsonObject[];
    expect(trace.map(({ type }) => type)).toEqual(["trigger", "model_call", "validation", "tool_call", "decision"]);
    expect(trace[3]).toMatchObject({
      workflow_run_id: runId,
      event_id: eventId,
      step: 4,
      type: "tool_call",
      tool: "escalate",
      input: { ticket_id: `tkt_${eventId}` },
      status: "success",
    });
    expect(JSON.stringify(trace[3]?.["output"])).toContain('"filed":true');
  });

  test("pages go through all runs once, newest first", async () => {
    for (let i = 0; i < 3; i++) await api.decided("other/low/0.9");
    const all = ((await api.call("GET /v1/runs?limit=500")).body as { items: JsonObject[] }).items.map(
      (run) => run["run_id"],
    );
    const paged: unknown[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await api.call(`GET /v1/runs?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      paged.push(...(body["items"] as JsonObject[]).map((run) => run["run_id"]));
      cursor = body["next_cursor"] as string | null;
    }
    expect(paged).toEqual(all);
    expect(await api.call("GET /v1/runs?cursor=nonsense")).toMatchObject({ status: 400 });
  });
});

describe("a review", () => {
  const BILLING = { category: "billing", urgency: "high", confidence: 0.5 };
  const ACCOUNT = { category: "account", urgency: "low", confidence: 0.5 };

  test("of billing/high that is corrected to account/low withdraws the escalation", async () => {
    const { runId, eventId, path } = await api.waiting("billing/high/0.5");
    const item = (await api.call(`GET ${path}`)).body;
    expect(item).toMatchObject({ proposal: BILLING, confidence: 0.5, outcome: { writes: [{ tool: "escalate" }] } });
    expect(JSON.stringify(item["event"])).toContain("two charges");
    const correction = { action: "correct", corrected_output: ACCOUNT, correction_reason: "No duplicate charge" };
    const { body: preview } = await api.call(`POST ${path}/preview`, correction);
    expect(preview).toMatchObject({
      outcome: {
        decision: ACCOUNT,
        writes: [],
        withdrawn: [{ tool: "escalate", payload: { ticket_id: `tkt_${eventId}` } }],
      },
    });
    expect((await api.call(`GET /v1/runs/${runId}`)).body).toMatchObject({ status: "waiting" });
    const hash = (preview["outcome"] as JsonObject)["outcome_hash"] as string;
    const { body } = await api.call(`POST ${path}/decide`, { ...correction, outcome_hash: hash });
    expect(body["correction"]).toEqual({
      workflow_run_id: runId,
      original_output: BILLING,
      corrected_output: ACCOUNT,
      correction_reason: "No duplicate charge",
      reviewer_id: "local",
    });
    expect(await api.ended(runId)).toMatchObject({ status: "completed", disposition: "reviewed", decision: ACCOUNT });
    expect(await api.effectsOf(eventId)).toBe(0);
  });

  test("of account/low that is corrected to billing/high makes the escalation", async () => {
    const { runId, eventId, path } = await api.waiting("account/low/0.5");
    const correction = { action: "correct", corrected_output: BILLING, correction_reason: "Duplicate charge" };
    expect((await api.call(`POST ${path}/preview`, correction)).body).toMatchObject({
      outcome: { writes: [{ tool: "escalate" }], withdrawn: [] },
    });
    await api.call(`POST ${path}/decide`, correction);
    expect(await api.ended(runId)).toMatchObject({ status: "completed", decision: BILLING });
    expect(await api.effectsOf(eventId)).toBe(1);
  });

  test("refuses another outcome, another's claim, a wrong output, a second answer, and unknown ids, each by its code", async () => {
    const { runId, path } = await api.waiting("other/low/0.5");
    const [ana, ben] = [await api.tokenOf("ana", "reviewer"), await api.tokenOf("ben", "reviewer")];
    const approve = { action: "approve" };
    expect(await api.call(`POST ${path}/decide`, { ...approve, outcome_hash: "other" })).toMatchObject({
      status: 409,
      body: { code: "outcome_changed" },
    });
    expect((await api.call(`POST ${path}/claim`, {}, ana)).body).toMatchObject({ review: { claimed_by: "ana" } });
    for (const act of ["claim", "decide"])
      expect(await api.call(`POST ${path}/${act}`, approve, ben)).toMatchObject({
        status: 409,
        body: { code: "held_by_another", review: { claimed_by: "ana" } },
      });
    const wrong = { action: "correct", corrected_output: { ...ACCOUNT, category: "bill" }, correction_reason: "x" };
    expect(await api.call(`POST ${path}/decide`, wrong, ana)).toMatchObject({
      status: 422,
      body: { code: "invalid_correction", errors: [{ pointer: "/category" }] },
    });
    await api.call(`POST ${path}/unclaim`, undefined, ana);
    expect(await api.call(`POST ${path}/decide`, approve, ben)).toMatchObject({
      status: 200,
      body: { review: { answered_by: "ben" } },
    });
    expect(await api.call(`POST ${path}/decide`, approve, ana)).toMatchObject({ status: 409, body: { code: "ended" } });
    expect(await api.call("POST /v1/reviews/rev_0/decide", approve)).toMatchObject({
      status: 404,
      body: { code: "unknown_review" },
    });
    expect(await api.ended(runId)).toMatchObject({ status: "completed" });
  });

  test("of a rule that does not hold is approved with a reason only, and shows its answer afterwards", async () => {
    const { runId, path } = await api.waiting("other/high/0.9");
    expect((await api.call(`GET ${path}`)).body).toMatchObject({ approval: "needs_reason", answer: null });
    for (const reason of [{}, { correction_reason: " " }])
      expect(await api.call(`POST ${path}/decide`, { action: "approve", ...reason })).toMatchObject({
        status: 422,
        body: { code: "reason_required", errors: [{ pointer: "/correction_reason" }] },
      });
    expect(await api.call(`POST ${path}/preview`, { action: "approve" })).toMatchObject({ status: 200 });
    await api.call(`POST ${path}/decide`, { action: "approve", correction_reason: "A VIP" });
    expect(await api.ended(runId)).toMatchObject({ status: "completed" });
    expect((await api.call(`GET ${path}`)).body).toMatchObject({
      review: { status: "answered" },
      outcome: null,
      answer: { action: "approve", by: "local", reason: "A VIP" },
    });
  });

  test("of an invalid answer gives a draft to start from, and is not approved", async () => {
    const { path } = await api.waiting("refund/low/0.9");
    expect((await api.call(`GET ${path}`)).body).toMatchObject({
      draft: { category: "refund", urgency: "low", confidence: 0.9 },
      approval: "impossible",
      outcome: null,
    });
    expect(await api.call(`POST ${path}/decide`, { action: "approve" })).toMatchObject({
      status: 422,
      body: { code: "nothing_to_approve", detail: "There is no valid output to approve; correct it or reject." },
    });
  });

  test("that reveals the ticket's text says to operators who was shown it", async () => {
    const { path } = await api.waiting("billing/high/0.5");
    const [ana, ops] = [await api.tokenOf("ana", "reviewer"), await api.tokenOf("ops", "operator")];
    expect((await api.call(`GET ${path}`, undefined, ana)).body).not.toHaveProperty("views");
    expect((await api.call(`GET ${path}`, undefined, ops)).body["views"]).toEqual(
      ["ana", "ops"].map((by) => ({ by, at: expect.any(String) as string, fields: ["ticket.body"] })),
    );
  });

  test("that is rejected ends the run without a write", async () => {
    const { runId, eventId, path } = await api.waiting("billing/high/0.5");
    await api.call(`POST ${path}/decide`, { action: "reject", correction_reason: "spam" });
    expect(await api.ended(runId)).toMatchObject({ disposition: "rejected" });
    expect(await api.effectsOf(eventId)).toBe(0);
  });

  test("of a model that gave no valid answer takes a whole output", async () => {
    const { runId, path } = await api.waiting("gibberish");
    expect((await api.call(`GET ${path}`)).body).toMatchObject({ review: { why: "invalid_output" } });
    await api.call(`POST ${path}/decide`, {
      action: "correct",
      corrected_output: { ...ACCOUNT, confidence: 1 },
      correction_reason: "Read it myself",
    });
    expect(await api.ended(runId)).toMatchObject({ status: "completed", decision: { category: "account" } });
  });
});

describe("a dead letter", () => {
  test("is grouped, shown, counted and redriven, and its write happens once", async () => {
    await api.sample.breakDesk(true);
    const { runId, eventId, body } = await api.decided("billing/high/0.97");
    expect(body).toMatchObject({ status: "dead", failure: { class: "bug", step: "escalate" } });
    const { items } = (await api.call("GET /v1/dead-letters?failure_class=bug")).body as { items: JsonObject[] };
    expect(items).toMatchObject([{ workflow: "triage", step: "escalate", count: 1, example_run_id: runId }]);
    expect((await api.call(`GET /v1/dead-letters/${runId}`)).body).toMatchObject({
      run: { run_id: runId },
      failed_steps: [{ name: "escalate", status: "error" }],
    });
    const request = { filter: { run_id: runId }, reason: "the desk is back" };
    expect((await api.call("POST /v1/dead-letters/redrive", { ...request, dry_run: true })).body).toMatchObject({
      matched: 1,
      redriven: [],
    });
    await api.sample.breakDesk(false);
    expect((await api.call("POST /v1/dead-letters/redrive", request)).body).toMatchObject({
      matched: 1,
      redriven: [runId],
    });
    expect(await api.ended(runId)).toMatchObject({ status: "completed", failure: null });
    expect(await api.effectsOf(eventId)).toBe(1);
  });
});
