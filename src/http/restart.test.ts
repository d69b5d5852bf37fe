import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { ApiWorld } from "../testing/api-world.ts";

let api: ApiWorld;
beforeAll(async () => {
  api = await ApiWorld.start();
});
afterAll(() => api.close());

describe("POST /v1/runs/{id}/restart", () => {
  test("sets aside a step and what followed, and the run asks anew", async () => {
    const { runId, path } = await api.waiting("account/low/0.5");
    const ask = { from: "classify", reason: "tried again" };
    const look = await api.call(`POST /v1/runs/${runId}/restart`, { ...ask, dry_run: true });
    expect(look.body).toMatchObject({ set_aside: ["classify", "low confidence"], kept: [], dry_run: true });
    expect((await api.call(`GET ${path}`)).body["review"]).toMatchObject({ status: "open" });
    const done = await api.call(`POST /v1/runs/${runId}/restart`, ask);
    expect(done.body).toMatchObject({ run_id: runId, dry_run: false, unpinned: false });
    expect((await api.call(`GET ${path}`)).body["review"]).toMatchObject({ status: "withdrawn" });
    const run = await api.ended(runId);
    expect(run).toMatchObject({ waiting_for: "review", pinned_code: null, waits_for_code: null });
    const trace = (await api.call(`GET /v1/runs/${runId}/trace`)).body as unknown as JsonObject[];
    const restart = trace.find(({ name }) => name === "@restart") as JsonObject;
    expect(restart["detail"]).toMatchObject({ reason: "tried again", from: "classify" });
    const aside = trace.filter(({ set_aside_by: by }) => by === restart["step"]).map(({ type }) => type);
    expect(aside).toEqual(["model_call", "validation", "review"]);
  });

  test("is refused with what to do instead", async () => {
    const { runId } = await api.waiting("account/low/0.5");
    const restart = async (body: JsonObject, id = runId, token?: string): Promise<unknown> => {
      const answer = await api.call(`POST /v1/runs/${id}/restart`, body, token);
      return { status: answer.status, code: answer.body["code"], detail: answer.body["detail"] };
    };
    expect(await restart({ from: "clasify", reason: "x" })).toMatchObject({
      status: 404,
      code: "unknown_step",
      detail: expect.stringContaining('Did you mean "classify"?'),
    });
    expect(await restart({ from: "classify" })).toMatchObject({ status: 422 });
    expect(await restart({ reason: "x" })).toMatchObject({ status: 400, code: "nothing_to_do" });
    expect(await restart({ from: "classify", reason: "x" }, "run_none")).toMatchObject({
      status: 404,
      code: "unknown_run",
    });
    const viewer = await api.tokenOf("vera", "viewer");
    expect(await restart({ from: "classify", reason: "x" }, runId, viewer)).toMatchObject({ status: 403 });
    const { runId: over } = await api.decided("billing/high/0.95");
    expect(await restart({ from: "classify", reason: "x" }, over)).toMatchObject({
      status: 409,
      code: "not_restartable",
      detail: expect.stringContaining("has ended for good"),
    });
  });
});
