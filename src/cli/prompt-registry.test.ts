import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Listening } from "../http/listen.ts";
import { startServer } from "../http/server.ts";
import { loadPrompts } from "../prompt/load.ts";
import { startSample, ticket } from "../testing/sample-project.ts";
import type { Sample } from "../testing/sample-project.ts";
import { typed } from "../testing/terminal.ts";
import type { Ended } from "../testing/terminal.ts";

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

function sluice(...argv: string[]): Promise<Ended> {
  return typed(["prompt", ...argv], { cwd: sample.dir });
}

const place = (version: string, ending = "json"): string => join(sample.dir, `prompts/classifier/${version}.${ending}`);

const NEXT = `name: classifier
version: 2026-06-01.1
# what a file says beside its content is not published
owner: support
model: scripted/classifier
inputs: [ticket.subject]
messages:
  - role: system
    content: |
      Sort the ticket.

      Two lines, and {{ "{{" }}.
  - {role: user, content: "{{ ticket.subject }}"}
output_schema:
  type: object
  required: [category, urgency, confidence]
  properties:
    category: {enum: [billing, account, other]}
    urgency: {enum: [low, medium, high]}
    confidence: {type: number}
rollback_version: 2026-05-29.1
`;

test("what is pushed, deleted as a file and pulled again is the same version, and neither writes over the other", async () => {
  await writeFile(place("2026-06-01.1", "yaml"), NEXT);
  const hash = (await loadPrompts(sample.dir)).prompts.get("classifier", "2026-06-01.1").hash;
  const pushed = await sluice("push", "--reason", "first set");
  expect(pushed).toMatchObject({ code: 0, err: "" });
  expect(pushed.out.match(/published classifier@/g)).toHaveLength(3);
  expect((await sluice("push", "classifier@2026-06-01.1", "--reason", "again")).out).toBe(
    "published before classifier@2026-06-01.1\n",
  );

  await rm(place("2026-06-01.1", "yaml"));
  const pulled = await sluice("pull");
  expect(pulled.code).toBe(0);
  expect(pulled.out).toContain("written prompts/classifier/2026-06-01.1.yaml");
  expect((await loadPrompts(sample.dir)).prompts.get("classifier", "2026-06-01.1").hash).toBe(hash);
  expect((await sluice("pull", "classifier@2026-06-01.1")).out).toContain("the same");

  const text = (await readFile(place("2026-06-01.1", "yaml"), "utf8")).replace("Sort", "Classify");
  await writeFile(place("2026-06-01.1", "yaml"), text);
  const differs = await sluice("pull");
  expect(differs.code).toBe(1);
  expect(differs.out).toContain("differs prompts/classifier/2026-06-01.1.yaml");
  expect(await readFile(place("2026-06-01.1", "yaml"), "utf8")).toBe(text);
  const refused = await sluice("push", "--reason", "changed");
  expect(refused.code).toBe(1);
  expect(refused.out).toContain("refused classifier@2026-06-01.1: classifier@2026-06-01.1 stands for other content");
  await rm(place("2026-06-01.1", "yaml"));
});

test("a version on the server is listed, shown with what is on record, compared, and rendered without a file", async () => {
  expect((await sluice("list")).out).toMatch(/classifier +2026-06-01\.1 +latest .*local/);
  const shown = await sluice("show", "classifier");
  expect(shown.out).toContain("# in the registry, in no file");
  expect(shown.out).toContain("Published by local");
  expect(shown.out).toContain("No run has used it");
  const diff = await sluice("diff", "classifier", "2026-05-29.1", "2026-06-01.1");
  expect(diff).toMatchObject({ code: 0, err: "" });
  expect(diff.out).toContain("+ Sort the ticket.");
  expect(diff.out).toContain("/temperature: 0 → (not set)");
  await writeFile(join(sample.dir, "event.json"), JSON.stringify(ticket("evt_r", "Charged twice")));
  const rendered = await sluice("render", "classifier@2026-06-01.1", "--inputs", "event.json");
  expect(rendered.out).toContain("Charged twice");
});

test("approving, deleting and names nobody has end with their reason and 2", async () => {
  const approved = await sluice("approve", "classifier@2026-06-01.1", "--reason", "read it");
  expect(approved).toMatchObject({ code: 2, err: expect.stringContaining("somebody else has to approve it") });
  expect((await sluice("approve", "classifier", "--reason", "x")).err).toContain("Name the version too");
  const inFile = await sluice("delete", "classifier@2026-05-29.1", "--reason", "x");
  expect(inFile).toMatchObject({ code: 2, err: expect.stringContaining("is in prompts/classifier/2026-05-29.1.json") });
  expect((await sluice("show", "clasifier")).err).toContain('Did you mean "classifier"?');
  expect((await sluice("pull", "classifier@9")).err).toContain("The server has no prompt version classifier@9");
  expect((await sluice("delete", "classifier@2026-06-01.1", "--reason", "unused")).code).toBe(0);
  expect((await sluice("list")).out).not.toContain("2026-06-01.1");
});

test("a version is tried on recorded runs from a file", async () => {
  await mkdir(join(sample.dir, "drafts"), { recursive: true });
  await writeFile(join(sample.dir, "drafts/next.yaml"), NEXT);
  const [submission] = await sample.sluice.submit([ticket("evt_p", "billing/low/0.9")]);
  const runs = submission?.outcome === "accepted" ? submission.runs : [];
  await sample.sluice.whenDecided(runs[0]?.runId ?? "", 10_000);
  const tried = await sluice("preview", "classifier", "--file", "drafts/next.yaml", "--workflow", "triage");
  expect(tried).toMatchObject({ code: 0, err: "" });
  expect(tried.out).toContain("1 of 1 runs, 0 decided otherwise");
  expect((await sluice("preview", "classifier", "--workflow", "triage")).err).toContain("--file");
  const unknown = await sluice("preview", "classifier@2026-05-29.1", "--workflow", "triag");
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean "triage"?') });
});
