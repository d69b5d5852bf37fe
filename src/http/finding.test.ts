import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { ApiWorld } from "../testing/api-world.ts";

let api: ApiWorld;
beforeAll(async () => {
  api = await ApiWorld.start();
});
afterAll(() => api.close());

interface Facets {
  total: number;
  facets: Record<string, { value: string; count: number }[]>;
}

async function find(query: string): Promise<unknown[]> {
  const { items } = (await api.call(`GET /v1/runs?${query}`)).body as { items: JsonObject[] };
  return items.map(({ run_id: runId }) => runId);
}

async function facets(query = ""): Promise<Facets> {
  return (await api.call(`GET /v1/runs/facets?${query}`)).body as unknown as Facets;
}

describe("finding runs", () => {
  test("by words of the event, the decision and the failure, but not by what is sensitive", async () => {
    const decided = await api.decided("Zahlung für Käse: billing/high/0.97");
    const stopped = await api.decided("Cheese again: other/high/0.96");
    expect(await find("q=k%C3%A4se")).toEqual([decided.runId]);
    expect(await find(`q=tkt_${decided.eventId}`)).toEqual([decided.runId]);
    expect(await find("q=zahlung+billing+0+97")).toEqual([decided.runId]);
    expect(await find("q=chees")).toEqual([stopped.runId]);
    expect(await find("q=cheese+urgent&status=waiting")).toEqual([]);
    for (const sensitive of ["q=two+charges", "q=card", "q=redacted"])
      expect(await find(sensitive), sensitive).toEqual([]);
  });

  test("facets say how many there are under each other choice", async () => {
    const before = await facets("workflow=triage");
    await api.decided("billing/low/0.9");
    await api.waiting("account/low/0.5");
    const all = await facets("workflow=triage");
    expect(all.total).toBe(before.total + 2);
    expect(all.facets["workflow"]).toEqual([{ value: "triage", count: all.total }]);
    expect(all.facets["prompt_version"]).toEqual([{ value: "classifier@2026-05-29.1", count: all.total }]);
    expect(all.facets["model"]?.[0]).toEqual({ value: "scripted/classifier", count: all.total });
    const waiting = await facets("workflow=triage&status=waiting");
    expect(waiting.facets["status"]).toEqual(all.facets["status"]);
    expect(waiting.facets["disposition"]).toEqual([]);
    expect(waiting.total).toBe(all.facets["status"]?.find(({ value }) => value === "waiting")?.count);
    for (const [name, values] of Object.entries(all.facets))
      for (const { value, count } of values)
        expect((await find(`limit=100&${name}=${encodeURIComponent(value)}`)).length, `${name} ${value}`).toBe(count);
  });

  test("a mistyped name is told of, as in the list", async () => {
    const { status, body } = await api.call("GET /v1/runs/facets?workflow=triag");
    expect([status, body["code"]]).toEqual([400, "unknown_workflow"]);
  });

  test("any text is a question that has an answer", async () => {
    const syntax = fc.constantFrom(
      '"',
      "*",
      "(",
      ")",
      "^",
      "NEAR(",
      " OR ",
      " NOT ",
      "words:",
      "-",
      "\u0000",
      "billing",
      "請",
    );
    const texts = fc.oneof(fc.string({ unit: "grapheme", minLength: 1 }), fc.array(syntax, { minLength: 1 }).map((parts) => parts.join(""))); // prettier-ignore
    const answers = fc.asyncProperty(texts, async (text) => {
      const { status } = await api.call(`GET /v1/runs?q=${encodeURIComponent(text)}`);
      expect(status).toBe(200);
    });
    await fc.assert(answers, { numRuns: 60 });
  });
});
