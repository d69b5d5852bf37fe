import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { ApiWorld } from "../testing/api-world.ts";

let api: ApiWorld;
beforeAll(async () => {
  api = await ApiWorld.start();
});
afterAll(() => api.close());

type Edge = { from: string; to: string; count: number; p95_ms: number | null; sample: number };

async function edges(query = ""): Promise<Edge[]> {
  return (await api.call(`GET /v1/workflows/triage/traffic${query}`)).body["edges"] as unknown as Edge[];
}

async function runsThrough(from: string, to: string): Promise<unknown[]> {
  const query = new URLSearchParams({ workflow: "triage", edge_from: from, edge_to: to, limit: "500" });
  const { items } = (await api.call(`GET /v1/runs?${query.toString()}`)).body as { items: JsonObject[] };
  return items.map((run) => run["run_id"]);
}

describe("the traffic of a workflow", () => {
  test("counts the ways its runs went, and each count leads to its runs", async () => {
    const { runId } = await api.decided("billing/high/0.95");
    const waiting = await api.waiting("account/low/0.5");
    const { body } = await api.call("GET /v1/workflows/triage/traffic");
    expect(body).toMatchObject({ runs: 2, unplaced: 0, sampled: 2 });
    const seen = body["edges"] as unknown as Edge[];
    expect(seen.find(({ from }) => from === "trigger")).toMatchObject({ to: "step:classify", count: 2, sample: 2 });
    for (const { from, to, count } of seen) expect(await runsThrough(from, to), `${from} > ${to}`).toHaveLength(count);
    expect(await runsThrough("decide", "end:completed")).toEqual([runId]);
    const at = seen.find(({ to }) => to === "now:waiting") as Edge;
    expect(await runsThrough(at.from, at.to)).toEqual([waiting.runId]);
    const counted = (await api.call("GET /v1/runs/counts?workflow=triage&edge_to=decide")).body;
    expect(counted).toMatchObject({ completed: 1, waiting: 0 });
    const nodes = body["nodes"] as JsonObject[];
    expect(nodes.find(({ id }) => id === "step:classify")).toMatchObject({ count: 2, errors: 0, sample: 2 });
    await api.call(`POST ${waiting.path}/decide`, { action: "approve" });
    await api.ended(waiting.runId);
    expect(await edges()).toContainEqual(expect.objectContaining({ from: "decide", to: "end:completed", count: 2 }));
  });

  test("counts where runs failed, and keeps it when they are redriven", async () => {
    await api.sample.breakDesk(true);
    const { runId } = await api.decided("billing/high/0.97");
    expect(await runsThrough("step:escalate", "end:dead")).toEqual([runId]);
    await api.sample.breakDesk(false);
    await api.call("POST /v1/dead-letters/redrive", { filter: { run_id: runId }, reason: "the desk is back" });
    await api.ended(runId);
    expect(await runsThrough("step:escalate", "end:dead")).toEqual([]);
    const { nodes } = (await api.call("GET /v1/workflows/triage/traffic")).body as { nodes: JsonObject[] };
    expect(nodes.find(({ id }) => id === "step:escalate")).toMatchObject({ errors: 1 });
  });

  test("is of a window, a day unless said", async () => {
    const { body } = await api.call("GET /v1/workflows/triage/traffic?since=2020-01-01T00:00:00Z&until=2h");
    expect(body).toMatchObject({ since: "2020-01-01T00:00:00.000Z", runs: 0, nodes: [], edges: [] });
    const day = (await api.call("GET /v1/workflows/triage/traffic")).body;
    expect(Date.parse(day["until"] as string) - Date.parse(day["since"] as string)).toBe(86_400_001);
  });

  test.each([
    ["GET /v1/workflows/triag/traffic", 404, "unknown_workflow", 'Did you mean "triage"?'],
    ["GET /v1/workflows/triage/traffic?since=1h&until=2h", 400, "invalid_query", "since must be before until"],
    ["GET /v1/workflows/triage/traffic?since=yesterday", 400, "invalid_query", "how long ago"],
    ["GET /v1/runs?edge_from=decide", 400, "invalid_query", "edge_from needs edge_to"],
    ["GET /v1/runs?edge_to=classify", 400, "invalid_query", "step:NAME"],
    ["GET /v1/runs?edge_to=end:waiting", 400, "invalid_query", "end:STATUS"],
  ])("refuses %s", async (key, status, code, detail) => {
    const answer = await api.call(key);
    expect([answer.status, answer.body["code"]]).toEqual([status, code]);
    expect(answer.body["detail"]).toContain(detail);
  });
});

describe("a run's originals", () => {
  const REASON = "the customer asked what we have of them";

  test("are shown to an operator who says why, and that is on record", async () => {
    const { runId } = await api.decided("billing/high/0.95");
    const redacted = JSON.stringify((await api.call(`GET /v1/runs/${runId}/trace`)).body);
    expect(redacted).not.toContain("two charges");
    const ops = await api.tokenOf("ops", "operator");
    const { status, body } = await api.call(`POST /v1/runs/${runId}/reveal`, { reason: REASON }, ops);
    expect(status).toBe(200);
    expect(JSON.stringify(body["event"])).toContain("two charges");
    expect(JSON.stringify((body["trace"] as JsonObject[])[0])).toContain("two charges");
    expect(JSON.stringify(body)).not.toContain("[redacted:");
    expect(body["decision"]).toMatchObject({ category: "billing" });
    const { items } = (await api.call(`GET /v1/runs/${runId}/views`)).body;
    expect(items).toEqual([{ by: "ops", at: expect.any(String) as string, reason: REASON }]);
    const audit = (await api.call("GET /v1/audit/verify")).body;
    expect(audit).toMatchObject({ ok: true });
  });

  test("are not for others, nor without a reason, and a reason that quotes them is kept redacted", async () => {
    const { runId } = await api.decided("billing/high/0.95");
    for (const role of ["viewer", "reviewer", "editor"]) {
      const token = await api.tokenOf(role, role);
      expect((await api.call(`POST /v1/runs/${runId}/reveal`, { reason: REASON }, token)).status).toBe(403);
      expect((await api.call(`GET /v1/runs/${runId}/views`, undefined, token)).status).toBe(403);
    }
    for (const body of [{}, { reason: " " }])
      expect(await api.call(`POST /v1/runs/${runId}/reveal`, body)).toMatchObject({ status: 422 });
    expect((await api.call(`GET /v1/runs/${runId}/views`)).body).toEqual({ items: [] });
    const { event } = (await api.call(`POST /v1/runs/${runId}/reveal`, { reason: REASON })).body as {
      event: { ticket: { body: string } };
    };
    await api.call(`POST /v1/runs/${runId}/reveal`, { reason: `is it about: ${event.ticket.body}` });
    const views = (await api.call(`GET /v1/runs/${runId}/views`)).body["items"] as JsonObject[];
    expect(views).toHaveLength(2);
    expect(JSON.stringify(views)).not.toContain(event.ticket.body);
    for (const key of ["POST /v1/runs/run_0/reveal", "GET /v1/runs/run_0/views"])
      expect(await api.call(key, key.startsWith("POST") ? { reason: REASON } : undefined)).toMatchObject({
        status: 404,
        body: { code: "unknown_run" },
      });
  });

  test("are gone with the run's key, and nobody is noted to have seen them", async () => {
    const { runId } = await api.decided("billing/high/0.95");
    const db = new DatabaseSync(join(api.sample.sluice.project.config.dataDir, "sluice.db"), { timeout: 5_000 });
    db.prepare("DELETE FROM run_keys WHERE run_no = (SELECT run_no FROM runs WHERE run_id = ?)").run(runId);
    db.close();
    expect(await api.call(`POST /v1/runs/${runId}/reveal`, { reason: REASON })).toMatchObject({
      status: 409,
      body: { code: "key_destroyed" },
    });
    expect((await api.call(`GET /v1/runs/${runId}/views`)).body).toEqual({ items: [] });
  });

  test("are not shown where the view cannot be put on record", async () => {
    const { runId } = await api.decided("billing/high/0.95");
    const db = new DatabaseSync(join(api.sample.sluice.project.config.dataDir, "sluice.db"), { timeout: 5_000 });
    db.exec("CREATE TRIGGER full BEFORE INSERT ON run_views BEGIN SELECT RAISE(ABORT, 'no room'); END");
    const { status, body } = await api.call(`POST /v1/runs/${runId}/reveal`, { reason: REASON });
    db.exec("DROP TRIGGER full");
    db.close();
    expect(status).toBeGreaterThanOrEqual(500);
    expect(JSON.stringify(body)).not.toContain("two charges");
  });
});

describe("the review queue", () => {
  test("hands out one review to each, the own one first, and counts what waits", async () => {
    const { items } = (await api.call("GET /v1/reviews?status=open")).body as { items: JsonObject[] };
    for (const { review_id: id } of items)
      await api.call(`POST /v1/reviews/${String(id)}/decide`, { action: "reject" });
    const [first, second] = [await api.waiting("account/low/0.5"), await api.waiting("other/low/0.5")];
    const [ana, ben] = [await api.tokenOf("ana", "reviewer"), await api.tokenOf("ben", "reviewer")];
    const next = async (token: string, body: JsonObject = {}): Promise<unknown> => {
      const answer = await api.call("POST /v1/reviews/next", body, token);
      return answer.status === 204 ? null : (answer.body["review"] as JsonObject)["review_id"];
    };
    expect(await next(ana)).toBe(first.reviewId);
    expect(await next(ben)).toBe(second.reviewId);
    expect(await next(ana)).toBe(first.reviewId);
    expect(await next(ana, { skip: [first.reviewId] })).toBeNull();
    expect(await next(ana, { why: "stage" })).toBeNull();
    expect((await api.call("GET /v1/reviews/counts", undefined, ana)).body).toMatchObject({
      open: 2,
      claimed: 2,
      mine: 1,
      by_workflow: [{ value: "triage", count: 2 }],
      by_why: [{ value: "low_confidence", count: 2 }],
    });
    expect((await api.call("GET /v1/reviews?why=stage")).body).toMatchObject({ items: [] });
    await api.call(`POST ${first.path}/decide`, { action: "approve" }, ana);
    expect(await next(ana)).toBeNull();
    const any = (await api.call("GET /v1/reviews?status=any&limit=500")).body["items"] as JsonObject[];
    expect(any.map((review) => review["review_id"])).toEqual(expect.arrayContaining([first.reviewId, second.reviewId]));
    expect(new Set(any.map((review) => review["status"]))).toEqual(new Set(["open", "answered"]));
  });

  test("refuses a viewer, an unknown workflow and what it does not take", async () => {
    const viewer = await api.tokenOf("vi", "viewer");
    expect((await api.call("POST /v1/reviews/next", {}, viewer)).status).toBe(403);
    for (const key of ["GET /v1/reviews/counts?workflow=triag"])
      expect(await api.call(key)).toMatchObject({ status: 400, body: { code: "unknown_workflow" } });
    const mistyped = await api.call("POST /v1/reviews/next", { workflow: "triag" });
    expect(mistyped).toMatchObject({ status: 400, body: { code: "unknown_workflow" } });
    expect(await api.call("POST /v1/reviews/next", { team: 3 })).toMatchObject({ status: 422 });
  });
});
