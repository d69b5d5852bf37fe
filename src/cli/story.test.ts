import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { readCredential, writeCredential } from "../http/credential.ts";
import type { Listening } from "../http/listen.ts";
import { startServer } from "../http/server.ts";
import { startSample, ticket, writeSampleProject } from "../testing/sample-project.ts";
import type { Sample } from "../testing/sample-project.ts";
import { typed } from "../testing/terminal.ts";
import type { Ended, Setting } from "../testing/terminal.ts";

let sample: Sample;
let server: Listening;
beforeAll(async () => {
  sample = await startSample();
  const { dataDir } = sample.sluice.project.config;
  server = await startServer({
    sluice: sample.sluice,
    port: 0,
    host: "127.0.0.1",
    dataDir,
    log: pino({ enabled: false }),
  });
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

let made = 0;
/** Sends a ticket and answers its run, decided or waiting for a person. */
async function sent(subject: string): Promise<{ run: string; event: string }> {
  const event = `evt_${++made}`;
  const ended = await sluice(["trigger", "-", "--wait", "10s", "--json"], {
    stdin: JSON.stringify(ticket(event, subject)),
  });
  return { run: json(ended)["run_id"] as string, event };
}

async function settled(run: string): Promise<JsonObject> {
  await sample.sluice.whenDecided(run, 10_000);
  return json(await sluice(["runs", "show", run, "--json"]))["run"] as JsonObject;
}

async function escalations(event: string): Promise<number> {
  return (await sample.effects()).filter((effect) => effect["ticket_id"] === `tkt_${event}`).length;
}

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => [...line].length));

describe("trigger", () => {
  test("sends an event and prints the decision; then it was accepted before", async () => {
    await writeFile(join(sample.dir, "event.json"), JSON.stringify(ticket("evt_file", "billing/high/0.95")));
    const first = await sluice(["trigger", "event.json", "--wait", "10s"]);
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toContain("evt_file accepted");
    expect(first.out).toContain("completed, applied");
    expect(first.out).toContain('"category": "billing"');
    expect((await sluice(["trigger", "event.json"])).out).toContain("evt_file was accepted before");
  });

  test("sends nothing of a file that is not UTF-8: what cannot be read would be sent as something else", async () => {
    const text = JSON.stringify(ticket("evt_latin", "caf\u00e9"));
    await writeFile(join(sample.dir, "latin.json"), Buffer.from(text, "latin1"));
    const { code, err } = await sluice(["trigger", "latin.json"]);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining("latin.json is not UTF-8") });
  });

  test("is inconclusive while a person has to decide, and says how to go on", async () => {
    const { code, err } = await sluice(["trigger", "-", "--wait", "10s"], {
      stdin: JSON.stringify(ticket("evt_low", "other/low/0.5")),
    });
    expect(code).toBe(3);
    expect(err).toMatch(/sluice review show run_\w+/);
  });

  test("sends one event a line, and names those that are refused by number", async () => {
    const lines = [ticket("evt_l1", "other/low/0.9"), ticket("evt_l1", "other/low/0.9"), { event: "nope" }].map(
      (each) => JSON.stringify(each),
    );
    const { code, out, err } = await sluice(["trigger", "-"], { stdin: `${lines.join("\n")}\n` });
    expect([code, out]).toEqual([2, "1 accepted, 1 accepted before, 1 refused\n"]);
    expect(err).toMatch(/^event 3: .*\/event_id/);
  });

  test("takes more events than one request may hold", async () => {
    const many = Array.from({ length: 501 }, () => JSON.stringify(ticket("evt_many", "other/low/0.9")));
    const { out } = await sluice(["trigger", "-", "--json"], { stdin: many.join("\n") });
    const results = (JSON.parse(out) as { results: { index: number; status: number }[] }).results;
    expect(results.map(({ index }) => index)).toEqual(many.map((_, index) => index));
    expect(results.filter(({ status }) => status === 202)).toHaveLength(1);
  });

  test("with --dry-run holds the event against its contract and sends nothing", async () => {
    const ids = async (): Promise<string[]> =>
      (json(await sluice(["runs", "list", "--json", "--limit", "500"]))["items"] as JsonObject[]).map(
        (run) => run["run_id"] as string,
      );
    const before = await ids();
    const stdin = JSON.stringify(ticket("evt_dry", "other/low/0.9", { colour: "red" }));
    const { code, out } = await sluice(["trigger", "-", "--dry-run"], { stdin });
    expect(code).toBe(0);
    expect(out).toContain("keeps the contract support_ticket.created 1 and would start triage");
    expect(out).toContain("Nothing was sent");
    expect(out).toContain("/colour");
    const bad = await sluice(["trigger", "-", "--dry-run", "--json"], {
      stdin: JSON.stringify({ ...ticket("evt_dry", "x"), ticket: 1 }),
    });
    expect(bad.code).toBe(2);
    expect(json(bad)).toMatchObject({ valid: false, errors: [{ pointer: "/ticket" }] });
    expect(await ids()).toEqual(before);
  });

  test.each([
    ["gone.json", "", "There is no file gone.json"],
    [".", "", "cannot be read"],
    ["-", "", "standard input holds no event"],
    ["-", "[]", "standard input holds no event"],
    ["-", "{}\n{", "standard input:2:2: Not JSON: the text ends before the document does."],
    ["-", '{\n  "event": x\n}\n', 'standard input:2:12: Not JSON: unexpected "x".'],
    ["-", "hello", 'standard input:1:1: Not JSON: unexpected "h".'],
    ["-", '{\n  "event_id": 1,\n  "event_id": 2\n}\n', 'standard input:3:3: The key "event_id" occurs twice'],
  ])("of %s %j is wrong use", async (file, stdin, message) => {
    const { code, err } = await sluice(["trigger", file], { stdin });
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe("looking", () => {
  test("lists, shows and exports runs", async () => {
    const { run, event } = await sent("billing/high/0.97");
    const listed = await sluice(["runs", "list", "--q", event]);
    expect(listed.out).toContain(run);
    expect(widest(listed.out)).toBeLessThanOrEqual(80);
    const shown = await sluice(["runs", "show", run]);
    for (const part of ["classifier@2026-05-29.1", "tool_call", "escalate", "completed", event])
      expect(shown.out).toContain(part);
    expect(widest(shown.out)).toBeLessThanOrEqual(80);
    expect(json(await sluice(["runs", "show", run, "--step", "1", "--json"]))).toMatchObject({
      step: 1,
      type: "trigger",
    });
    expect(await sluice(["runs", "show", run, "--step", "99"])).toMatchObject({ code: 2 });
    const exported = await sluice(["runs", "export", "--q", event, "--trace"]);
    expect(JSON.parse(exported.out)).toMatchObject({
      run_id: run,
      trace: [{ step: 1 }, { step: 2 }, { step: 3 }, { step: 4 }, { step: 5 }],
    });
    expect((await sluice(["runs", "list", "--prompt", "classifier@2026-05-20.3"])).out).toBe("No run matches.\n");
    expect((await sluice(["runs", "list", "--prompt", "classifier@2026-05-29.1", "--q", event])).out).toContain(run);
    const way = ["--edge-from", "trigger", "--edge-to", "step:classify", "--q", event];
    expect((await sluice(["runs", "list", ...way])).out).toContain(run);
    expect((await sluice(["runs", "list", "--edge-to", "end:dead", "--q", event])).out).not.toContain(run);
  });

  test("why answers the seven questions on one screen", async () => {
    const { run, event } = await sent("billing/high/0.98");
    const { out } = await sluice(["why", run]);
    const questions = ["Which prompt version made it?", "What did the model see?", "Which tools were called?", "Did validation pass?", "Which evals protect it?", "How is it rolled back?", "How do corrections feed back?"]; // prettier-ignore
    questions.forEach((question, index) => expect(out).toContain(`${index + 1}. ${question}`));
    expect(out).toContain("classifier@2026-05-29.1");
    expect(out).toContain("billing/high/0.98");
    expect(out).not.toContain("two charges");
    expect(widest(out)).toBeLessThanOrEqual(80);
    expect(out.split("\n").length).toBeLessThanOrEqual(40);
    expect((await sluice(["why", event])).out).toBe(out);
    expect(json(await sluice(["why", run, "--json"]))).toMatchObject({ run_id: run, questions: { length: 7 } });
    expect(await sluice(["why", "run_0"])).toMatchObject({ code: 2, err: 'There is no run "run_0".\n' });
  });

  test("shows text from outside without letting it act on the terminal", async () => {
    const nasty = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e other/low/0.9";
    const { run } = await sent(nasty);
    const texts = await Promise.all(
      [
        ["why", run, "--full"],
        ["runs", "show", run, "--trace"],
        ["runs", "show", run, "--json"],
      ].map((argv) => sluice(argv)),
    );
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    for (const { out } of texts) expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    const { trace } = JSON.parse(texts[2]?.out ?? "") as { trace: { output: { ticket: { subject: string } } }[] };
    expect(trace[0]?.output.ticket.subject).toBe(nasty);
  });

  test("cancels a run with a reason", async () => {
    const { run } = await sent("other/low/0.5");
    expect(await sluice(["runs", "cancel", run, "--reason", "by mistake"])).toMatchObject({
      code: 0,
      out: `${run} is cancelled.\n`,
    });
    expect(await settled(run)).toMatchObject({ status: "cancelled" });
    expect(await sluice(["runs", "cancel", run, "--reason", "again"])).toMatchObject({ code: 2 });
  });
});

describe("review", () => {
  const account = ["--set", "category=account", "--set", "urgency=low", "--reason", "No duplicate"];

  test("shows what a reviewer judges by, the revealed text included", async () => {
    const { run } = await sent("billing/high/0.5");
    const { out } = await sluice(["review", "show", run]);
    for (const part of [
      "low_confidence",
      "two charges",
      '"category": "billing"',
      "confidence 0.5",
      "+ will be sent: escalate",
    ])
      expect(out).toContain(part);
    expect(out).toContain("If it is approved");
  });

  test("a correction shows the withdrawn write, asks, and is bound to what was shown", async () => {
    const { run, event } = await sent("billing/high/0.5");
    const no = await sluice(["review", "correct", run, ...account], { says: "n" });
    expect(no).toMatchObject({ code: 1 });
    expect(no.err).toContain("Nothing was submitted.");
    const yes = await sluice(["review", "correct", run, ...account], { says: "y" });
    expect(yes.code).toBe(0);
    expect(yes.out).toContain("- withdrawn: escalate");
    expect(await settled(run)).toMatchObject({
      status: "completed",
      decision: { category: "account", urgency: "low", confidence: 0.5 },
    });
    expect(await escalations(event)).toBe(0);
    expect(await sluice(["review", "correct", run, ...account, "--yes"])).toMatchObject({ code: 2 });
  });

  test("the other way round proposes the write; --json prints the correction", async () => {
    const { run, event } = await sent("account/low/0.5");
    const billing = ["--set", "category=billing", "--set", "urgency=high", "--reason", "Duplicate charge"];
    expect((await sluice(["review", "correct", run, ...billing, "--preview"])).out).toContain(
      "+ will be sent: escalate",
    );
    expect(await escalations(event)).toBe(0);
    const done = await sluice(["review", "correct", run, ...billing, "--yes", "--json"]);
    expect(json(done)["correction"]).toEqual({
      workflow_run_id: run,
      original_output: { category: "account", urgency: "low", confidence: 0.5 },
      corrected_output: { category: "billing", urgency: "high", confidence: 0.5 },
      correction_reason: "Duplicate charge",
      reviewer_id: "local",
    });
    await settled(run);
    expect(await escalations(event)).toBe(1);
  });

  test("takes the whole output from a file where the model gave none", async () => {
    const { run } = await sent("gibberish");
    const stdin = JSON.stringify({ category: "other", urgency: "low", confidence: 1 });
    expect(
      await sluice(["review", "correct", run, "--output", "-", "--reason", "Read it", "--yes"], { stdin }),
    ).toMatchObject({ code: 0 });
    expect(await settled(run)).toMatchObject({ status: "completed", decision: { category: "other" } });
  });

  test("approve sends the run on, reject ends it", async () => {
    const [one, two] = [await sent("billing/high/0.5"), await sent("billing/high/0.6")];
    expect(await sluice(["review", "approve", one.run, "--yes"])).toMatchObject({ code: 0 });
    expect(await sluice(["review", "reject", two.run, "--yes", "--reason", "spam"])).toMatchObject({ code: 0 });
    expect(await settled(one.run)).toMatchObject({ status: "completed" });
    expect(await settled(two.run)).toMatchObject({ disposition: "rejected" });
    expect([await escalations(one.event), await escalations(two.event)]).toEqual([1, 0]);
  });

  test("without a terminal needs --yes; a wrong field or value names what there is", async () => {
    const { run } = await sent("other/low/0.5");
    const wrong: readonly (readonly [string[], string])[] = [
      [account, "Add --yes"],
      [["--set", "categry=x", "--reason", "r"], 'Did you mean "category"?'],
      [["--set", "category", "--reason", "r"], "field=value"],
      [["--set", "category=bill", "--reason", "r", "--yes"], "/category"],
      [["--set", "confidence=high", "--reason", "r", "--yes"], "/confidence"],
      [["--reason", "r"], "--set"],
      [["--output", "gone.json", "--reason", "r"], "no file"],
    ];
    for (const [options, message] of wrong) {
      const { code, err } = await sluice(["review", "correct", run, ...options]);
      expect(code).toBe(2);
      expect(err).toContain(message);
    }
    expect(await settled(run)).toMatchObject({ status: "waiting" });
  });

  test("a claim keeps others out until it is given back", async () => {
    const { run } = await sent("other/low/0.5");
    const token = (await sluice(["token", "create", "ana", "--role", "reviewer"])).out.trim();
    expect((await sluice(["review", "claim", run, "--token", token])).out).toContain("is yours until");
    expect(await sluice(["review", "approve", run, "--yes"])).toMatchObject({
      code: 2,
      err: "ana has taken this review.\n",
    });
    await sluice(["review", "unclaim", run, "--token", token]);
    expect(await sluice(["review", "approve", run, "--yes"])).toMatchObject({ code: 0 });
  });
});

describe("dead letters, tokens and the audit", () => {
  test("a dead run is listed, shown, counted and redriven", async () => {
    await sample.breakDesk(true);
    const { run, event } = await sent("billing/high/0.99");
    const listed = await sluice(["dead", "list"]);
    expect(listed.out).toContain(run);
    expect(widest(listed.out)).toBeLessThanOrEqual(80);
    expect((await sluice(["dead", "show", run])).out).toContain("The desk is gone.");
    expect(await sluice(["dead", "redrive", "--reason", "x"])).toMatchObject({
      code: 2,
      err: "Say which: a run, a filter, or --all.\n",
    });
    expect((await sluice(["dead", "redrive", "--all", "--reason", "x", "--dry-run"])).out).toBe(
      "1 dead run matches, nothing was done (--dry-run).\n",
    );
    await sample.breakDesk(false);
    expect((await sluice(["dead", "redrive", run, "--reason", "back"])).out).toBe("1 dead run matches, 1 resumed.\n");
    expect(await settled(run)).toMatchObject({ status: "completed" });
    expect(await escalations(event)).toBe(1);
    expect((await sluice(["dead", "list"])).out).toBe("No dead letters.\n");
  });

  test("a token opens what its role may, until it is revoked", async () => {
    const created = json(
      await sluice(["token", "create", "looker", "--role", "viewer", "--expires", "never", "--json"]),
    );
    const env = { SLUICE_URL: server.url, SLUICE_TOKEN: created["secret"] as string };
    expect(await typed(["runs", "list"], { env })).toMatchObject({ code: 0 });
    const refused = await typed(["trigger", "-"], { env, stdin: JSON.stringify(ticket("evt_viewer", "x")) });
    expect(refused).toMatchObject({ code: 2, err: "This needs the role operator; you have viewer.\n" });
    expect((await sluice(["token", "list"])).out).toContain("looker");
    const byName = await sluice(["token", "revoke", "looker"]);
    expect([byName.code, byName.err]).toEqual([2, expect.stringContaining(created["token_id"] as string)]);
    expect(await sluice(["token", "revoke", created["token_id"] as string])).toMatchObject({ code: 0 });
    expect(await typed(["runs", "list"], { env })).toMatchObject({
      code: 2,
      err: "This token is unknown, expired or revoked.\n",
    });
  });

  test("audit head is the chain's newest link, which grows with the runs that end", async () => {
    const { run } = await sent("billing/low/0.97");
    await settled(run);
    const head = async (): Promise<JsonObject | null> =>
      json(await sluice(["audit", "head", "--json"]))["head"] as JsonObject | null;
    await expect.poll(async () => (await head())?.["run_id"], { timeout: 10_000 }).toBe(run);
    const last = await head();
    expect(last).toMatchObject({ index: expect.any(Number), link: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await sluice(["audit", "head"])).out).toContain(`${String(last?.["index"])}  ${run} up to record `);
  });

  test("audit verify finds every chain whole", async () => {
    expect(await sluice(["audit", "verify"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/every chain holds/) as string,
    });
  });
});

describe("finding the server", () => {
  test("says where it looked and what to do", async () => {
    const { code, err } = await typed(["runs", "list", "--dir", "/nowhere"], { env: {} });
    expect(code).toBe(2);
    expect(err).toContain("No Sluice server is running on /nowhere/.sluice");
    const gone = await typed(["runs", "list", "--url", "http://127.0.0.1:1", "--token", "t"]);
    expect(gone).toMatchObject({
      code: 2,
      err: expect.stringContaining("No Sluice server answers at http://127.0.0.1:1") as string,
    });
    expect(await typed(["runs", "list", "--url", "nowhere", "--token", "t"])).toMatchObject({ code: 2 });
  });

  test("never gives the local secret to another server", async () => {
    const { code, err } = await sluice(["runs", "list", "--url", "http://127.0.0.1:1"]);
    expect([code, err]).toEqual([2, "http://127.0.0.1:1 needs a token: give --token or SLUICE_TOKEN.\n"]);
    expect(await sluice(["runs", "list", "--url", server.url])).toMatchObject({ code: 0 });
  });

  test("looks where the configuration puts the data folder", async () => {
    const dir = await writeSampleProject();
    await writeFile(join(dir, "sluice.config.json"), JSON.stringify({ data: "elsewhere" }));
    const left = await readCredential(sample.sluice.project.config.dataDir);
    if (left === null) throw new Error("the server left no credential");
    await writeCredential(join(dir, "elsewhere"), left);
    expect(await typed(["runs", "list", "--dir", dir])).toMatchObject({ code: 0 });
    await rm(dir, { recursive: true });
  });
});
