import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import type { Listening } from "../http/listen.ts";
import { startServer } from "../http/server.ts";
import { startSample, ticket } from "../testing/sample-project.ts";
import type { Sample } from "../testing/sample-project.ts";
import { typed } from "../testing/terminal.ts";
import type { Ended, Setting } from "../testing/terminal.ts";

let sample: Sample;
let server: Listening;
beforeAll(async () => {
  sample = await startSample();
  const { dataDir } = sample.sluice.project.config;
  const log = pino({ enabled: false });
  server = await startServer({ sluice: sample.sluice, port: 0, host: "127.0.0.1", dataDir, log });
});
afterAll(async () => {
  await server.close();
  await sample.close();
});

/** A command in the project's folder. */
function sluice(argv: readonly string[], setting: Setting = {}): Promise<Ended> {
  return typed(argv, { cwd: sample.dir, ...setting });
}

function json(ended: Ended): JsonObject {
  return JSON.parse(ended.out) as JsonObject;
}

async function send(id: string, wait: readonly string[] = []): Promise<JsonObject> {
  const stdin = JSON.stringify(ticket(id, "billing/high/0.9"));
  return json(await sluice(["trigger", "-", "--json", ...wait], { stdin }));
}

describe("holding a workflow back", () => {
  test("pause, look, resume at a rate and at once; each on record with its reason", async () => {
    const paused = await sluice(["workflow", "pause", "triage", "--reason", "the desk is down"]);
    expect(paused).toMatchObject({ code: 0, out: expect.stringMatching(/^triage is on hold\./) });
    for (const id of ["evt_h1", "evt_h2", "evt_h3"]) await send(id);
    expect((await sluice(["workflow", "list"])).out).toMatch(
      /\ntriage is on hold: 3 runs; since .* by local: the desk is down\n$/,
    );
    const slowly = await sluice(["workflow", "resume", "triage", "--rate", "30/h", "--reason", "carefully"]);
    expect(slowly.out).toContain("triage goes on. 3 runs in the queue, started at 30/h");
    expect((await sluice(["workflow", "list"])).out).toMatch(/triage is released at 30\/h: [01] of 3 started/);
    const [listed] = JSON.parse((await sluice(["workflow", "list", "--json"])).out) as { hold: JsonObject }[];
    expect(listed?.hold).toMatchObject({ state: "releasing", reason: "the desk is down", release: { rate: "30/h" } });
    expect((await sluice(["workflow", "resume", "triage", "--reason", "all well"])).code).toBe(0);
    const { out } = await sluice(["workflow", "holds", "triage"], { width: Infinity });
    expect(out).toMatch(
      /over[^]*pause +local +the desk is down[^]*resume 30\/h +local +carefully[^]*resume +local +all/,
    );
  });

  test("a mistyped name, no reason, no rate and what is not on hold are told apart", async () => {
    const of = async (...argv: string[]): Promise<string> => {
      const { code, err } = await sluice(["workflow", ...argv]);
      expect(code).toBe(2);
      return err;
    };
    expect(await of("pause", "triag", "--reason", "x")).toContain('Did you mean "triage"?');
    expect(await of("pause", "triage")).toContain("--reason");
    expect(await of("resume", "triage", "--reason", "x")).toContain("not on hold");
    await sluice(["workflow", "pause", "triage", "--reason", "x"]);
    expect(await of("resume", "triage", "--reason", "x", "--rate", "60")).toContain("60/min");
    await sluice(["workflow", "resume", "triage", "--reason", "x"]);
  });
});

describe("redriving with care", () => {
  test("an empty list says so; what is not there is named", async () => {
    expect((await sluice(["dead", "redrives"])).out).toBe("No redrive in the background so far.\n");
    for (const argv of [
      ["redrives", "rdv_no"],
      ["cancel", "rdv_no"],
    ])
      expect(await sluice(["dead", ...argv])).toMatchObject({ code: 2, err: expect.stringContaining("no redrive") });
    const none = await sluice([
      "dead",
      "redrive",
      "--fingerprint",
      "triage/no",
      "--canary",
      "1",
      "--reason",
      "x",
      "--wait",
    ]);
    expect(none.out).toContain("No dead run matches");
    const wrong = ["redrive", "--all", "--reason", "x"];
    for (const flags of [
      ["--canary", "two"],
      ["--rate", "5"],
      ["--stop-on-failure-rate", "20"],
    ])
      expect((await sluice(["dead", ...wrong, ...flags])).code).toBe(2);
  });

  test("stops where the canary dies again, with exit code 1; goes through once it is mended", async () => {
    await sample.breakDesk(true);
    for (const id of ["evt_d1", "evt_d2", "evt_d3"]) {
      const { run_id: runId } = await send(id, ["--wait", "10s"]);
      await sample.sluice.whenDecided(String(runId), 10_000);
    }
    const careful = ["dead", "redrive", "--all", "--canary", "1", "--reason", "try", "--wait"];
    const stopped = await sluice(careful);
    expect(stopped).toMatchObject({ code: 1, out: expect.stringContaining("The one run that went first died again.") });
    await sample.breakDesk(false);
    await sluice(["workflow", "pause", "triage", "--reason", "not yet"]);
    const still = "triage is on hold: nothing of it is redriven before sluice workflow resume triage";
    const begun = await sluice(["dead", "redrive", "--all", "--canary", "1", "--reason", "early"]);
    expect(begun.out).toContain(still);
    const id = /rdv_\w+/.exec(begun.out)?.[0] ?? "";
    expect((await sluice(["dead", "redrives", id])).out).toContain(still);
    await sluice(["dead", "cancel", id]);
    expect((await sluice(["dead", "redrives", id])).out).not.toContain(still);
    await sluice(["workflow", "resume", "triage", "--reason", "now"]);
    const done = await sluice([...careful, "--json"]);
    expect([done.code, json(done)]).toMatchObject([0, { state: "done", counts: { total: 3, redriven: 3, died: 0 } }]);
    const { out } = await sluice(["dead", "redrives"], { width: Infinity });
    expect(out).toMatch(/done +3\/3[^]*cancelled +0\/3[^]*stopped +1\/3/);
    expect((await sluice(["dead", "redrives", String(json(done)["redrive_id"])])).out).toContain("plan   canary 1");
    expect(await sluice(["dead", "cancel", String(json(done)["redrive_id"])])).toMatchObject({
      code: 2,
      err: expect.stringContaining("is done already"),
    });
  });
});
