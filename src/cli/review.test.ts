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

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => [...line].length));
const account = ["--set", "category=account", "--set", "urgency=low", "--reason", "No duplicate"];

describe("a review", () => {
  test("lists review, run, workflow, why and team; a narrow terminal cuts the reason, never an id", async () => {
    const { run } = await sent("billing/high/0.5");
    const wide = await sluice(["review", "list", "--run", run], { width: Infinity });
    expect(wide.out).toMatch(/^REVIEW +RUN +WORKFLOW +WHY +TEAM +AGE\n/);
    expect(wide.out).toMatch(
      new RegExp(`\\nrev_\\w{26}  ${run}  triage +low_confidence: .*"classify": low confidence\\. +support +`),
    );
    const narrow = await sluice(["review", "list", "--run", run], { width: 80 });
    expect(widest(narrow.out)).toBeLessThanOrEqual(80);
    expect(narrow.out).toMatch(/\nrev_\w{26}  triage +low_confidence: .*… +support +/);
  });

  test("an invalid answer cannot be approved; --set starts from what can be read of it", async () => {
    const { run } = await sent("refund/low/0.9");
    const shown = (await sluice(["review", "show", run])).out;
    for (const part of ["The model's last answer, which is not valid", '"category": "refund"', "review correct rev_"])
      expect(shown).toContain(part);
    expect(shown).not.toContain("If it is approved");
    const approved = await sluice(["review", "approve", run, "--yes"]);
    expect(approved).toMatchObject({ code: 2 });
    expect(approved.err).toContain("There is no valid output to approve; correct it or reject.");
    expect(approved.err).not.toContain("corrected output");
    const set = ["--set", "category=billing", "--reason", "A refund is billing", "--yes"];
    expect(await sluice(["review", "correct", run, ...set])).toMatchObject({ code: 0 });
    expect(await settled(run)).toMatchObject({ decision: { category: "billing", urgency: "low", confidence: 0.9 } });
  });

  test("where nothing can be read of the answer, --set gives every field", async () => {
    const { run } = await sent("gibberish");
    expect((await sluice(["review", "show", run])).out).toContain("I cannot say.");
    const some = await sluice(["review", "correct", run, "--set", "category=other", "--reason", "r", "--yes"]);
    expect(some).toMatchObject({ code: 2, err: expect.stringContaining("/urgency") as string });
    const all = ["--set", "category=other", "--set", "urgency=low", "--set", "confidence=1", "--reason", "r", "--yes"];
    expect(await sluice(["review", "correct", run, ...all])).toMatchObject({ code: 0 });
    expect(await settled(run)).toMatchObject({ decision: { category: "other", urgency: "low", confidence: 1 } });
  });

  test("a failed rule is overridden with a reason only, asked for before the yes", async () => {
    const { run } = await sent("other/high/0.9");
    expect((await sluice(["review", "show", run])).out).toContain("it overrides a rule and needs --reason");
    expect(await sluice(["review", "approve", run, "--preview"])).toMatchObject({ code: 0 });
    const bare = await sluice(["review", "approve", run], { says: "y" });
    expect(bare).toMatchObject({
      code: 2,
      err: 'Approving overrides the rule "nothing else is urgent", which does not hold: say why with --reason "…".\n',
    });
    expect(await sluice(["review", "approve", run, "--reason", "A VIP", "--yes"])).toMatchObject({ code: 0 });
    expect(await settled(run)).toMatchObject({ status: "completed", disposition: "reviewed" });
    expect((await sluice(["why", run, "--full"])).out).toContain("A VIP");
  });

  test("the next one is claimed and shown; of all of them the list says how they stand", async () => {
    const { run } = await sent("account/low/0.5");
    const open = json(await sluice(["review", "list", "--json", "--limit", "500"]))["items"] as JsonObject[];
    const others = open.map((each) => each["review_id"] as string).filter((_, at) => open[at]?.["run_id"] !== run);
    const skip = others.length === 0 ? [] : ["--skip", ...others];
    const next = await sluice(["review", "next", "--workflow", "triage", "--team", "support", ...skip]);
    expect(next).toMatchObject({ code: 0, out: expect.stringContaining(run) as string });
    const again = json(await sluice(["review", "next", "--json", ...skip]));
    expect(again).toMatchObject({ review: { run_id: run, claimed_by: "local" } });
    const own = (again["review"] as JsonObject)["review_id"] as string;
    const none = await sluice(["review", "next", "--skip", ...others, own]);
    expect(none).toMatchObject({ code: 0, out: "No review waits for you.\n" });
    expect(await sluice(["review", "reject", run, "--yes"])).toMatchObject({ code: 0 });
    await sent("account/low/0.5");
    const all = await sluice(["review", "list", "--status", "any", "--limit", "500"], { width: 200 });
    expect(all.out).toMatch(/^REVIEW +RUN +WORKFLOW +WHY +TEAM +STATUS +CLAIMED BY +AGE\n/);
    expect(all.out).toMatch(/ answered /);
    expect(all.out).toMatch(/ open /);
  });

  test("one that is over shows who did what, when and why, what changed, and who was shown what", async () => {
    const [one, two] = [await sent("billing/high/0.5"), await sent("billing/high/0.5")];
    const idOf = async (run: string): Promise<string> => {
      const { items } = json(await sluice(["review", "list", "--run", run, "--json"])) as { items: JsonObject[] };
      return items[0]?.["review_id"] as string;
    };
    const [first, second] = [await idOf(one.run), await idOf(two.run)];
    await sluice(["review", "correct", first, ...account, "--yes"]);
    await settled(one.run);
    const corrected = (await sluice(["review", "show", first])).out;
    expect(corrected).toMatch(/answered\n/);
    expect(corrected).toMatch(/Corrected by local, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n {2}reason {2}No duplicate\n/);
    expect(corrected).toContain('  /category: "billing" → "account"\n  /urgency: "high" → "low"\n');
    expect(corrected).not.toContain("If it is approved");
    expect(corrected).toMatch(/Sensitive fields were shown to\n {2}local, \d{4}.*: ticket\.body\n/);
    await sluice(["runs", "cancel", two.run, "--reason", "by mistake"]);
    const withdrawn = (await sluice(["review", "show", second])).out;
    expect(withdrawn).toContain("It was withdrawn\n  Its run ended before it was answered: cancelled.");
  });
});
