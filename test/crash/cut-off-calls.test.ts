import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startChild } from "../../src/testing/crash/child.ts";
import type { Child } from "../../src/testing/crash/child.ts";
import { ModelPeer, promptFile } from "../scenario/model-peer.ts";
import { CONTRACT, gate } from "../scenario/world.ts";
import { ServerApi } from "../../src/testing/crash/api.ts";
import type { RunDocument } from "../../src/testing/crash/api.ts";

const SLUICE = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
const code = (budget: string): string => `
import { event, workflow } from "sluice";
export default workflow("flow", {
  on: event("ticket.created"), deadline: "1h", prompts: { classify: "classifier" }, budget: ${budget},
}, async (received, ctx) => ctx.decide(await ctx.prompt("classify", received)));
`;
const TICKET = {
  event: "ticket.created",
  event_id: "evt_1",
  created_at: "2026-05-29T14:22:10Z",
  ticket: { id: "tkt_1", body: "Charged twice." },
  customer: { id: "cus_1" },
};

/** A project of its own, whose server is started as a process again and again. */
async function project(peer: ModelPeer, budget: string): Promise<() => Promise<{ server: Child; api: ServerApi }>> {
  const dir = await mkdtemp(join(tmpdir(), "sluice-cut-off-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const prices = { "peer/one": { inputPerMillion: 0, outputPerMillion: 10_000 } };
  const files = {
    "sluice.config.json": JSON.stringify({ ...peer.config, prices, drainGrace: 0 }),
    "events/ticket.created/1.schema.json": JSON.stringify(CONTRACT),
    "workflows/flow.ts": code(budget),
    ...promptFile({ model: "peer/one", limits: { max_output_tokens: 100 } }),
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(dir, path, ".."), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return async () => {
    const server = startChild([SLUICE, "serve", "--dir", dir, "--port", "0"], { SLUICE_KEY: Buffer.alloc(32, 7).toString("base64") }); // prettier-ignore
    onTestFinished(() => server.kill());
    const said = await server.says(/listens on (\S+)/);
    expect(said, server.errors()).not.toBeNull();
    return { server, api: await ServerApi.signIn(said?.[1] as string, join(dir, ".sluice")) };
  };
}

/** A model that keeps its first `held` requests waiting for ever, and says when one has come. */
function holding(peer: ModelPeer, held: number): (nth: number) => Promise<void> {
  const arrived = Array.from({ length: held }, () => gate());
  const answer = { content: { category: "billing", urgency: "high", confidence: 0.9 } };
  peer.says("one", (_, nth) => {
    if (nth > held) return answer;
    arrived[nth - 1]?.open();
    return gate<object>().opened;
  });
  return (nth) => arrived[nth - 1]?.opened as Promise<void>;
}

async function ended(api: ServerApi, runId: string): Promise<RunDocument> {
  await api.post("/v1/events?wait=20s", TICKET);
  return await api.get<RunDocument>(`/v1/runs/${runId}`);
}

test.each([
  ["model calls", "{ modelCalls: 1 }"],
  // A call may cost a dollar: two do not fit.
  ["dollars", "{ usd: 1.5 }"],
])("a call that a kill has cut off stays counted against a budget of %s", async (_what, budget) => {
  const peer = await ModelPeer.start();
  const arrived = holding(peer, 1);
  const start = await project(peer, budget);
  const first = await start();
  const { body } = await first.api.post("/v1/events", TICKET);
  const { run_id: runId } = body as { run_id: string };
  await arrived(1);
  await first.server.kill();
  const { api } = await start();
  expect(await ended(api, runId)).toMatchObject({
    status: "stopped",
    failure: {
      class: "budget",
      code: "run_budget",
      message: expect.stringContaining("1 of its calls was cut off") as string,
    },
  });
  expect(peer.asked).toHaveLength(1);
});

test("a call that a stopping process has let go of is not counted: it got no answer", async () => {
  const peer = await ModelPeer.start();
  const arrived = holding(peer, 1);
  const start = await project(peer, "{ modelCalls: 1 }");
  const first = await start();
  const { body } = await first.api.post("/v1/events", TICKET);
  await arrived(1);
  expect(await first.server.stop()).toBe("0");
  const { api } = await start();
  expect(await ended(api, (body as { run_id: string }).run_id)).toMatchObject({ status: "completed" });
  expect(peer.asked).toHaveLength(2);
});
