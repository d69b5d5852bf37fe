import { expect, test } from "vitest";
import type { Actor } from "../../src/app/sluice.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import { KIM, PROMPT, World, gate } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string }>;
const ED: Actor = { name: "ed", role: "editor" };
const OPERATOR: Actor = { name: "op", role: "operator" };
const SECOND: JsonObject = {
  ...PROMPT,
  version: "2",
  rollback_version: "1",
  messages: [{ role: "user", content: "Second: {{ ticket.body }}" }],
};

const flow = workflow(
  "flow",
  { on: event("ticket.created"), deadline: "24h", prompts: { classify: "classifier" } },
  async (received, ctx) => {
    const first = await (ctx as unknown as Ctx).prompt("classify", received);
    const again = await (ctx as unknown as Ctx).prompt("classify", received, { key: "again" });
    return ctx.decide({ first, again });
  },
);

const ANSWER = { category: "billing", urgency: "low", confidence: 0.9 };

async function serve(world: World, version: string): Promise<void> {
  const change = { prompts: { classify: { version } } };
  const request = { reason: "tried", override: true, solo: true };
  const done = await world.sluice.releases.change("flow", { act: "promote", change }, request, OPERATOR);
  if (done.outcome !== "released") throw new Error(JSON.stringify(done));
}

async function versions(world: World, runId: string): Promise<unknown[]> {
  const calls = (await world.trace(runId)).filter(({ type }) => type === "model_call");
  return calls.map(({ prompt_version: version }) => version);
}

test("a version that is published while others serve is known at once, and serves without a file when a release says so", async () => {
  const world = await World.open({ workflows: flow, mode: "serve", script: () => ANSWER });
  const { version, fresh } = await world.sluice.publishPrompt("classifier", SECOND, "fewer misses", ED);
  expect([fresh, version.source, version.publication?.by, version.serves]).toEqual([true, "registry", "ed", []]);
  const listed = await world.sluice.promptVersions("classifier");
  expect(listed.map(({ spec, source }) => [spec.version, source])).toEqual([
    ["1", "file"],
    ["2", "registry"],
  ]);
  const before = await world.submit();
  await world.ended(before);
  expect(await versions(world, before)).toEqual(["1", "1"]);

  await serve(world, "2");
  const after = await world.submit();
  await world.ended(after);
  expect(await versions(world, after)).toEqual(["2", "2"]);
  const detail = await world.sluice.promptVersion("classifier", "2");
  expect(detail).toMatchObject({ serves: ["flow"], usage: { runs: 1, dispositions: { shadowed: 1 } } });
  expect(detail.served).toMatchObject([{ workflow: "flow", as: "serves", from: 2, to: 2, until: null }]);

  await world.restart();
  const later = await world.submit();
  await world.ended(later);
  expect(await versions(world, later)).toEqual(["2", "2"]);
});

test("a run under way keeps to the version it has pinned, whatever is published and released meanwhile", async () => {
  const held = gate();
  const asked = gate();
  let calls = 0;
  const world = await World.open({
    workflows: flow,
    mode: "serve",
    script: async () => {
      asked.open();
      if (++calls === 1) await held.opened;
      return ANSWER;
    },
  });
  const runId = await world.submit();
  await asked.opened;
  await world.sluice.publishPrompt("classifier", SECOND, "fewer misses", ED);
  await serve(world, "2");
  held.open();
  await world.ended(runId);
  expect(await versions(world, runId)).toEqual(["1", "1"]);
});

test("other content under a name and version that is taken is refused, from a file, from the registry, and after it was deleted", async () => {
  const world = await World.open({ workflows: flow, script: () => ANSWER });
  const publish = (document: JsonObject): Promise<unknown> =>
    world.sluice.publishPrompt("classifier", document, "why", ED).then(
      ({ fresh }) => fresh,
      (error: { code?: string }) => error.code,
    );
  const other = { messages: [{ role: "user", content: "Other: {{ ticket.body }}" }] };
  expect(await publish({ ...PROMPT, ...other })).toBe("version_changed");
  expect(await publish(SECOND)).toBe(true);
  expect(await publish(SECOND)).toBe(false);
  expect(await publish({ ...SECOND, ...other })).toBe("version_changed");
  await world.sluice.withdrawPrompt("classifier", "2", "a slip", ED);
  expect((await world.sluice.promptVersions("classifier")).map(({ spec }) => spec.version)).toEqual(["1"]);
  expect(await publish({ ...SECOND, ...other })).toBe("version_changed");
  await world.restart();
  expect((await world.sluice.promptVersions("classifier")).map(({ spec }) => spec.version)).toEqual(["1"]);
  expect(await publish({ ...SECOND, ...other })).toBe("version_changed");
});

test("a version is deleted only where nothing goes by it: no file, no release, no run, no way back", async () => {
  const world = await World.open({ workflows: flow, mode: "serve", script: () => ANSWER });
  const remove = (version: string): Promise<unknown> =>
    world.sluice.withdrawPrompt("classifier", version, "unused", ED).then(
      () => "deleted",
      (error: { code?: string; message: string }) => error,
    );
  for (const version of ["2", "3"])
    await world.sluice.publishPrompt("classifier", { ...SECOND, version, rollback_version: "1" }, "why", ED);
  await serve(world, "2");
  expect(await remove("1")).toMatchObject({ code: "version_in_file", message: expect.stringContaining("1.json") });
  expect(await remove("2")).toMatchObject({
    code: "version_in_use",
    message: expect.stringContaining("release 2 of flow"),
  });
  await serve(world, "3");
  expect(await remove("2")).toMatchObject({ code: "version_in_use", message: expect.stringContaining("rolled back") });
  expect(await remove("4")).toMatchObject({ code: "unknown_prompt_version" });
  await world.sluice.publishPrompt("classifier", { ...SECOND, version: "5" }, "why", ED);
  expect(await remove("5")).toBe("deleted");
  expect(await remove("5")).toMatchObject({ code: "unknown_prompt_version" });
});

test("nobody approves what they have published themselves, and an approval is of the content", async () => {
  const world = await World.open({ workflows: flow, script: () => ANSWER });
  await world.sluice.publishPrompt("classifier", { ...SECOND, risk: "high" }, "why", ED);
  const approve = (actor: Actor): Promise<unknown> =>
    world.sluice.approvePrompt("classifier", "2", "read it", actor).then(
      ({ fresh }) => fresh,
      (error: { code?: string }) => error.code,
    );
  expect(await approve(ED)).toBe("own_version");
  expect(await approve(KIM)).toBe(true);
  expect(await approve(KIM)).toBe(false);
  const [, second] = await world.sluice.promptVersions("classifier");
  expect(second?.approvals).toMatchObject([{ by: "kim", reason: "read it", hash: second?.spec.hash }]);
});

test("what the present code of a run needs of its prompt is found by the page of the run after the file is gone", async () => {
  const world = await World.open({ workflows: flow, script: () => ANSWER });
  const runId = await world.submit();
  await world.ended(runId);
  const { rm, writeFile } = await import("node:fs/promises");
  await rm(`${world.dir}/prompts/classifier/1.json`);
  await writeFile(`${world.dir}/prompts/classifier/2.json`, JSON.stringify(SECOND));
  await world.restart();
  expect((await world.sluice.promptVersions("classifier")).map(({ spec }) => spec.version)).toEqual(["2"]);
  const step = (await world.trace(runId)).find(({ type }) => type === "model_call")?.step ?? 0;
  expect((await world.sluice.messages(runId, step))?.messages.at(-1)?.content).toContain("Classify:");
});
