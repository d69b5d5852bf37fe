import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { ServerApi } from "../../src/testing/crash/api.ts";
import type { RunDocument } from "../../src/testing/crash/api.ts";
import { startChild } from "../../src/testing/crash/child.ts";
import type { Child } from "../../src/testing/crash/child.ts";
import { CONTRACT, gate } from "../scenario/world.ts";
import { Peer } from "../scenario/peer.ts";

const SLUICE = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
const CODE = `
import { event, failureFromResponse, tool, workflow } from "sluice";
const ask = (name) => tool(name, {
  effect: "read", args: { type: "object" }, result: { type: "object", additionalProperties: true },
  run: async (_args, { signal }) => {
    const response = await fetch(process.env.PEER_URL + "/" + name, { method: "POST", body: "{}", signal });
    if (!response.ok) throw failureFromResponse(response);
    return await response.json();
  },
});
const [one, two] = [ask("one"), ask("two")];
export default workflow("flow", { on: event("ticket.created"), deadline: "1h", tools: { one, two } }, async (_event, ctx) => {
  await ctx.tool("one", one, {});
  await ctx.tool("two", two, {});
  await ctx.decide({});
});
`;
const TICKET = { event: "ticket.created", event_id: "evt_1", created_at: "2026-05-29T14:22:10Z", ticket: { id: "tkt_1", body: "x" }, customer: { id: "cus_1" } }; // prettier-ignore

async function project(peer: Peer): Promise<() => Promise<{ server: Child; api: ServerApi }>> {
  const dir = await mkdtemp(join(tmpdir(), "sluice-poison-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const files = {
    "sluice.config.json": JSON.stringify({ drainGrace: 0 }),
    "events/ticket.created/1.schema.json": JSON.stringify(CONTRACT),
    "workflows/flow.ts": CODE,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(dir, path, ".."), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return async () => {
    const env = { SLUICE_KEY: Buffer.alloc(32, 7).toString("base64"), PEER_URL: peer.url };
    const server = startChild([SLUICE, "serve", "--dir", dir, "--port", "0"], env);
    onTestFinished(() => server.kill());
    const said = await server.says(/listens on (\S+)/);
    expect(said, server.errors()).not.toBeNull();
    return { server, api: await ServerApi.signIn(said?.[1] as string, join(dir, ".sluice")) };
  };
}

/** The peer holds its next request, and says when it has come. */
function held(peer: Peer): Promise<void> {
  const arrived = gate();
  peer.next(() => (arrived.open(), gate<{ status: number }>().opened));
  return arrived.opened;
}

async function runOf(api: ServerApi): Promise<string> {
  const { body } = await api.post("/v1/events", TICKET);
  return (body as { run_id: string }).run_id;
}

test("a run whose worker is killed three times in the same step is poison; the second time it is tried alone", async () => {
  const peer = await Peer.start();
  const start = await project(peer);
  let runId = "";
  for (let deaths = 1; deaths <= 3; deaths++) {
    const arrived = held(peer);
    const { server, api } = await start();
    runId = await runOf(api);
    await arrived;
    await server.kill();
  }
  const { api } = await start();
  const run = await api.get<RunDocument>(`/v1/runs/${runId}`);
  expect(run).toMatchObject({ status: "dead", failure: { class: "poison", code: "worker_died" } });
  expect(peer.received).toHaveLength(3);
}, 60_000);

test("deaths in different steps, and stops with a goodbye, make no run poison", async () => {
  const peer = await Peer.start();
  const start = await project(peer);
  let runId = "";
  const once = async (end: (server: Child) => Promise<unknown>, before: () => void = () => {}): Promise<void> => {
    before();
    const arrived = held(peer);
    const { server, api } = await start();
    runId = await runOf(api);
    await arrived;
    await end(server);
  };
  const kill = (server: Child): Promise<void> => server.kill();
  const stop = (server: Child): Promise<string> => server.stop();
  await once(kill);
  for (let stops = 0; stops < 3; stops++) await once(stop);
  // The first step is on record now; the next death is the first one in the second step.
  await once(kill, () => peer.next({ status: 200 }));
  const { api } = await start();
  await api.post("/v1/events?wait=20s", TICKET);
  expect(await api.get<RunDocument>(`/v1/runs/${runId}`)).toMatchObject({ status: "completed", failure: null });
  expect(peer.count("/one")).toBe(5);
}, 60_000);
