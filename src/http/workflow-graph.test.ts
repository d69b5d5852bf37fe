import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { ApiWorld } from "../testing/api-world.ts";

let api: ApiWorld;
beforeAll(async () => {
  api = await ApiWorld.start();
});
afterAll(() => api.close());

interface Graph {
  nodes: { id: string; line: number | null }[];
  edges: { from: string; to: string; label: string | null; implied: boolean }[];
}

test("a workflow's graph is there before any run, and holds what runs then do", async () => {
  const { status, body } = await api.call("GET /v1/workflows/triage/graph");
  expect(status).toBe(200);
  expect(body).toMatchObject({ workflow: "triage", file: "workflows/triage.ts", problems: [] });
  const { nodes, edges } = body as unknown as Graph;
  expect(edges.filter(({ implied }) => !implied).map(({ from, to, label }) => [from, to, label])).toEqual(
    expect.arrayContaining([
      ["trigger", "step:classify", null],
      ["step:classify", "step:low confidence", "result.confidence < review_below"],
      ["step:classify", "step:nothing else is urgent", 'final.category === "other"'],
      ["decide", "end:completed", null],
    ]),
  );
  expect(nodes.find(({ id }) => id === "step:classify")?.line).toBeGreaterThan(1);

  await api.decided("billing/high/0.9");
  await api.decided("other/low/0.9");
  const { path } = await api.waiting("account/low/0.3");
  await api.call(`POST ${path}/claim`);
  const traffic = (await api.call("GET /v1/workflows/triage/traffic")).body as { edges?: JsonObject[] };
  const drawn = new Set(edges.map(({ from, to }) => `${from} > ${to}`));
  const taken = (traffic.edges ?? []).map(({ from, to }) => `${String(from)} > ${String(to)}`);
  expect(taken.length).toBeGreaterThan(5);
  expect(taken.filter((edge) => !drawn.has(edge))).toEqual(["step:low confidence > now:waiting"]);
});

test("of a mistyped workflow is a 404 with the near name", async () => {
  const { status, body } = await api.call("GET /v1/workflows/triag/graph");
  expect([status, body["code"]]).toEqual([404, "unknown_workflow"]);
  expect(body["detail"]).toContain('Did you mean "triage"?');
});
