import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startChild } from "../../src/testing/crash/child.ts";
import { ServerApi } from "../../src/testing/crash/api.ts";
import type { RunDocument } from "../../src/testing/crash/api.ts";

const SLUICE = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
const CONTRACT = {
  type: "object",
  required: ["event", "event_id", "created_at", "how"],
  properties: {
    event: { const: "thing.happened" },
    event_id: { type: "string" },
    created_at: { type: "string", format: "date-time" },
    how: { type: "string" },
  },
};
const CODE = `
import { event, workflow } from "sluice";
const wrong = {
  promise: () => void Promise.reject(new Error("nobody looks")),
  callback: () => void setTimeout(() => { throw new Error("nobody looks"); }, 0),
  none: () => {},
};
export default workflow("flow", { on: event("thing.happened"), deadline: "1h" }, async ({ how }, ctx) => {
  if (how === "code") wrong.promise();
  const waits = how !== "none" && how !== "late";
  await ctx.run("work", () => {
    if (how !== "code") (wrong[how] ?? wrong.none)();
    return waits ? new Promise((resolve) => setTimeout(resolve, 30_000).unref()) : 1;
  });
  if (how === "late") setTimeout(() => wrong.promise(), 0);
  return ctx.decide({});
});
`;

async function project(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "sluice-stray-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const files = {
    "events/thing.happened/1.schema.json": JSON.stringify(CONTRACT),
    "workflows/flow.ts": CODE,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(dir, path, ".."), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return dir;
}

test("what a workflow lets fail unheard ends its own run, and the server and the other runs go on", async () => {
  const dir = await project();
  const env = { SLUICE_KEY: Buffer.alloc(32, 7).toString("base64") };
  const server = startChild([SLUICE, "serve", "--dir", dir, "--port", "0"], env);
  onTestFinished(() => server.kill());
  const said = await server.says(/listens on (\S+)/);
  expect(said, server.errors()).not.toBeNull();
  const api = await ServerApi.signIn(said?.[1] as string, join(dir, ".sluice"));
  const end = async (how: string): Promise<RunDocument> => {
    const thing = { event: "thing.happened", event_id: how, created_at: "2026-05-29T14:22:10Z", how };
    const { body } = await api.post("/v1/events?wait=10s", thing);
    return await api.get<RunDocument>(`/v1/runs/${(body as { run_id: string }).run_id}`);
  };
  for (const how of ["code", "promise", "callback"])
    expect(await end(how)).toMatchObject({
      status: "dead",
      failure: { class: "bug", code: "unhandled_failure", message: expect.stringMatching(/nobody looks/) as string },
    });
  expect(await end("late")).toMatchObject({ status: "completed", failure: null });
  expect(await end("none")).toMatchObject({ status: "completed" });
  expect(server.errors()).toMatch(/nobody looks/);
  expect(await server.stop()).toBe("0");
});
