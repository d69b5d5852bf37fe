import { describe, expect, test } from "vitest";
import type { Actor } from "../../src/app/sluice.ts";
import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import { readCredential } from "../../src/http/credential.ts";
import { startServer } from "../../src/http/server.ts";
import { createLog } from "../../src/http/log.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { Peer, post } from "./peer.ts";
import { World } from "./world.ts";

type Ctx = WorkflowContext<Record<string, string>>;
const on = event("ticket.created");
const PAT: Actor = { name: "pat", role: "operator" };

/** A peer that keeps each call open for a moment and knows how many it had at once, in all and by a word in the call. */
async function counting(): Promise<{ peer: Peer; most: Map<string, number> }> {
  const peer = await Peer.start();
  const [now, most] = [new Map<string, number>(), new Map<string, number>()];
  const change = (word: string, by: number): void => {
    const count = (now.get(word) ?? 0) + by;
    now.set(word, count);
    most.set(word, Math.max(most.get(word) ?? 0, count));
  };
  const answer = async ({ body }: { body: Json }): Promise<{ status: number }> => {
    const { text } = body as { text: string };
    change(text, 1);
    change("", 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    change(text, -1);
    change("", -1);
    return { status: 200 };
  };
  peer.next(...Array.from({ length: 1_000 }, () => answer));
  return { peer, most };
}

function customer(id: string): JsonObject {
  return { customer: { id } };
}

describe("never more at once than is allowed, as the one that is called counts it", () => {
  test.each([
    ["per key", { concurrency: { key: (e: JsonObject) => (e["customer"] as JsonObject)["id"], limit: 2 } }, {}, 2, 6],
    ["per workflow", { concurrency: { limit: 3 } }, {}, 3, 3],
    ["per worker", {}, { concurrency: 4 }, 4, 4],
  ])("%s, under load, with stops and starts in between", async (_name, over, config, perWord, inAll) => {
    const { peer, most } = await counting();
    const send = post(peer, "send");
    const workflows = workflow(
      "flow",
      { on, tools: { send }, ...over } as never,
      async (received: unknown, ctx: Ctx) => {
        const { customer: of } = received as { customer: { id: string } };
        await ctx.tool("one", send, { text: of.id }, { required: true });
        await ctx.tool("two", send, { text: of.id }, { required: true });
        return ctx.decide({});
      },
    );
    const world = await World.open({ workflows, config, stage: "expanded" });
    const runs: string[] = [];
    for (let i = 0; i < 45; i++) {
      runs.push(await world.submit(customer(`cus_${i % 3}`)));
      if (i % 15 === 14) await world.restart();
    }
    for (const runId of runs) expect((await world.ended(runId)).status).toBe("completed");
    for (const id of ["cus_0", "cus_1", "cus_2"]) expect(most.get(id)).toBeLessThanOrEqual(perWord);
    expect(most.get("")).toBeLessThanOrEqual(inAll);
    // The limit is used, too.
    expect(most.get("")).toBeGreaterThan(1);
  });

  test("what matters more goes first, also where it came last", async () => {
    const { peer } = await counting();
    const send = post(peer, "send");
    const workflows = workflow(
      "flow",
      {
        on,
        tools: { send },
        priority: (e: unknown) => ((e as { customer: { id: string } }).customer.id === "vip" ? 9 : 0),
      },
      async (received: unknown, ctx: Ctx) => {
        const { customer: of } = received as { customer: { id: string } };
        await ctx.tool("one", send, { text: of.id }, { required: true });
        return ctx.decide({});
      },
    );
    const world = await World.open({ workflows, config: { concurrency: 1 }, stage: "expanded" });
    await world.sluice.pause("flow", PAT, "let them queue");
    const runs: string[] = [];
    for (const id of ["a", "b", "vip", "c", "vip"]) runs.push(await world.submit(customer(id)));
    await world.sluice.resume("flow", PAT, "go", null);
    for (const runId of runs) await world.ended(runId);
    expect(peer.received.map(({ body }) => (body as { text: string }).text)).toEqual(["vip", "vip", "a", "b", "c"]);
  });
});

test("a burst of batches over HTTP goes over the limit of the queue by one batch at most; runs on hold count", async () => {
  const workflows = workflow("flow", { on }, async (_e, ctx) => ctx.decide({}));
  const world = await World.open({ workflows, config: { queueLimit: 100 } });
  await world.sluice.pause("flow", PAT, "let them queue");
  const dataDir = world.sluice.project.config.dataDir;
  const log = createLog("error");
  const server = await startServer({ sluice: world.sluice, port: 0, host: "127.0.0.1", dataDir, log });
  try {
    const token = (await readCredential(dataDir))?.token ?? "";
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const batch = (): string => JSON.stringify(Array.from({ length: 40 }, () => world.event()));
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => fetch(`${server.url}/v1/events`, { method: "POST", headers, body: batch() })),
    );
    const { queued } = await world.sluice.countRuns({});
    expect(queued).toBeGreaterThanOrEqual(100);
    expect(queued).toBeLessThan(140);
    const refused = answers.filter((answer) => answer.headers.get("retry-after") !== null);
    expect(refused).toHaveLength(22);
    const one = await fetch(`${server.url}/v1/events`, {
      method: "POST",
      headers,
      body: JSON.stringify(world.event()),
    });
    expect([one.status, Number(one.headers.get("retry-after"))]).toEqual([429, 30]);
    await world.sluice.resume("flow", PAT, "go", null);
    await expect.poll(async () => (await world.sluice.countRuns({})).queued, { timeout: 10_000 }).toBe(0);
    const again = await fetch(`${server.url}/v1/events`, {
      method: "POST",
      headers,
      body: JSON.stringify(world.event()),
    });
    expect(again.status).toBe(202);
  } finally {
    await server.close();
  }
});
