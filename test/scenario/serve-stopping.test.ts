import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import { readCredential } from "../../src/http/credential.ts";
import { startChild } from "../../src/testing/crash/child.ts";
import type { Child } from "../../src/testing/crash/child.ts";
import { Peer } from "./peer.ts";
import { CONTRACT, gate } from "./world.ts";

const BIN = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));

const WORKFLOW = `
import { event, tool, workflow } from "sluice";
const step = tool("step", {
  effect: "write", risk: "low", idempotent: true,
  args: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
  failures: { transient: { attempts: 1 } },
  run: async ({ name }, { signal, idempotencyKey }) => {
    const response = await fetch(process.env.PEER_URL + "/" + name, {
      method: "POST", signal, headers: { "idempotency-key": idempotencyKey }, body: JSON.stringify({ name }),
    });
    if (!response.ok) throw new Error("the peer answered " + response.status);
    return response.json();
  },
});
export default workflow(
  "flow",
  { on: event("ticket.created"), success: "metric:none", deadline: "1h", tools: { step } },
  async (_event, ctx) => {
    await ctx.tool("first", step, { name: "first" }, { required: true });
    await ctx.tool("second", step, { name: "second" }, { required: true });
    return ctx.decide({ ok: true });
  },
);
`;

/** A project of two writes, served by the command itself. */
class Served {
  readonly dir: string;
  readonly peer: Peer;
  child!: Child;
  #events = 0;

  private constructor(dir: string, peer: Peer) {
    this.dir = dir;
    this.peer = peer;
  }

  static async make(config: JsonObject = {}): Promise<Served> {
    const dir = await mkdtemp(join(tmpdir(), "sluice-stopping-"));
    const served = new Served(dir, await Peer.start());
    onTestFinished(async () => {
      await served.child.kill();
      await rm(dir, { recursive: true });
    });
    const files = {
      "sluice.config.json": JSON.stringify({ developmentStage: "expanded", ...config }),
      "events/ticket.created/1.schema.json": JSON.stringify(CONTRACT),
      "workflows/flow.ts": WORKFLOW,
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(dir, path, ".."), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    return served;
  }

  /** Resolves once it listens, or is gone. */
  async start(): Promise<void> {
    this.begin();
    if ((await this.child.says(/^Sluice listens on/)) === null) throw new Error(this.child.errors());
  }

  begin(): void {
    const args = [BIN, "dev", "--no-watch", "--dir", this.dir, "--port", "0"];
    this.child = startChild(args, { PEER_URL: this.peer.url, SLUICE_LOG: "error" });
  }

  async call(method: string, path: string, body?: JsonObject): Promise<{ status: number; body: JsonObject }> {
    const found = await readCredential(join(this.dir, ".sluice"));
    if (found === null) throw new Error("No server runs.");
    const response = await fetch(found.url + path, {
      method,
      headers: { authorization: `Bearer ${found.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  }

  async send(wait = ""): Promise<JsonObject> {
    const event = {
      event: "ticket.created",
      event_id: `evt_${++this.#events}`,
      created_at: "2026-05-29T14:22:10Z",
      ticket: { id: "tkt_1", body: "Charged twice." },
      customer: { id: "cus_1" },
    };
    const { body } = await this.call("POST", `/v1/events${wait}`, event);
    return body;
  }

  /** The run as it is once it has this status. */
  async until(runId: unknown, status: string): Promise<JsonObject> {
    const deadline = performance.now() + 15_000;
    for (;;) {
      const { body } = await this.call("GET", `/v1/runs/${String(runId)}`);
      if (body["status"] === status) return body;
      if (performance.now() > deadline) throw new Error(`${status} did not come about: ${JSON.stringify(body)}`);
    }
  }
}

describe("sluice, told to stop by a signal", { timeout: 60_000 }, () => {
  test("claims no further run, lets the step under way end and begins no other; the next process goes on", async () => {
    const served = await Served.make({ concurrency: 1 });
    const [arrived, answer] = [gate(), gate()];
    served.peer.next(async () => (arrived.open(), await answer.opened, { status: 200 }));
    await served.start();
    const first = await served.send();
    const queued = await served.send();
    await arrived.opened;
    const stopped = served.child.stop();
    // It is told by then: what is heard on the way to the end shows that it waits for the answer.
    await expect.poll(() => served.child.errors(), { timeout: 10_000 }).toContain("letting running steps end");
    answer.open();
    expect(await stopped).toBe("0");
    expect(served.peer.received.map(({ path }) => path)).toEqual(["/first"]);
    await served.start();
    for (const run of [first, queued]) await served.until(run["run_id"], "completed");
    expect(served.peer.count("/first")).toBe(2);
    expect(served.peer.count("/second")).toBe(2);
  });

  test("gives back what does not end in time, and that counts as no death", async () => {
    const served = await Served.make({ drainGrace: "300ms" });
    const arrived = gate();
    served.peer.next(async () => (arrived.open(), await gate().opened, { status: 200 }));
    await served.start();
    const { run_id: runId } = await served.send();
    await arrived.opened;
    expect(await served.child.stop()).toBe("0");
    await served.start();
    await served.until(runId, "completed");
    // The write that was cut off may be repeated under its key: the tool says so.
    const keys = served.peer.received.filter(({ path }) => path === "/first").map(({ key }) => key);
    expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
    const { body } = await served.call("GET", `/v1/runs/${String(runId)}/trace`);
    expect(JSON.stringify(body)).not.toContain("worker_died");
  });

  test("answers the calls it has taken", async () => {
    const served = await Served.make();
    const [arrived, answer] = [gate(), gate()];
    served.peer.next(async () => (arrived.open(), await answer.opened, { status: 200 }));
    await served.start();
    const waiting = served.send("?wait=20s");
    await arrived.opened;
    const stopped = served.child.stop();
    const receipt = await waiting;
    expect(receipt).toMatchObject({ duplicate: false, status: expect.stringMatching(/queued|running|completed/) });
    answer.open();
    expect(await stopped).toBe("0");
  });

  test("ends at the second signal with 130 and loses nothing", async () => {
    const served = await Served.make();
    const arrived = gate();
    served.peer.next(async () => (arrived.open(), await gate().opened, { status: 200 }));
    await served.start();
    const { run_id: runId } = await served.send();
    await arrived.opened;
    void served.child.stop();
    await expect.poll(() => served.child.errors(), { timeout: 10_000 }).toContain("letting running steps end");
    expect(await served.child.stop()).toBe("130");
    await served.start();
    await served.until(runId, "completed");
  });

  test("stops cleanly while it is still starting, and leaves the data folder free", async () => {
    const served = await Served.make();
    await served.start();
    const { run_id: runId } = await served.send();
    await served.until(runId, "completed");
    expect(await served.child.stop()).toBe("0");
    for (const after of [0, 60, 150, 300, 600]) {
      served.begin();
      // At different points of the start; wherever it is, it ends, by the signal or with 0.
      await new Promise((resolve) => setTimeout(resolve, after));
      expect(["0", "SIGTERM"]).toContain(await served.child.stop());
    }
    await served.start();
    expect((await served.call("GET", "/v1/runs/counts")).body).toMatchObject({ completed: 1 });
  });
});

describe("sluice, killed in the middle of a redrive", { timeout: 60_000 }, () => {
  test("goes on with it where it was: each run is redriven once, no settled write is repeated", async () => {
    const served = await Served.make();
    const broken = (): { status: number } => ({ status: 500 });
    const runs: unknown[] = [];
    await served.start();
    for (let i = 0; i < 8; i++) {
      served.peer.next({ status: 200 }, broken);
      const { run_id: runId } = await served.send();
      await served.until(runId, "dead");
      runs.push(runId);
    }
    const request = { filter: { workflow: "flow" }, reason: "mended", canary: 2, rate: "240/min" };
    const { status, body } = await served.call("POST", "/v1/dead-letters/redrive", request);
    expect([status, body["state"]]).toEqual([202, "running"]);
    const path = `/v1/redrives/${String(body["redrive_id"])}`;
    const redriven = async (): Promise<number> =>
      ((await served.call("GET", path)).body["counts"] as { redriven: number }).redriven;
    await expect.poll(redriven, { timeout: 10_000 }).toBeGreaterThan(2);
    await served.child.kill();
    await served.start();
    await expect.poll(async () => (await served.call("GET", path)).body["state"], { timeout: 15_000 }).toBe("done");
    expect((await served.call("GET", path)).body["counts"]).toMatchObject({ total: 8, redriven: 8, died: 0 });
    for (const runId of runs) {
      await served.until(runId, "completed");
      const { body: trace } = await served.call("GET", `/v1/runs/${String(runId)}/trace`);
      expect(JSON.stringify(trace).match(/"name":"@redrive"/g)).toHaveLength(1);
    }
    expect(served.peer.count("/first")).toBe(8);
  });
});
