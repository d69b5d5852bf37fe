import { connect } from "node:net";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunChanges } from "../app/change-feed.ts";
import type { Sluice } from "../app/sluice.ts";
import { ApiWorld } from "../testing/api-world.ts";
import { EventStream } from "../testing/event-stream.ts";
import { fakeSluice } from "../testing/fake-sluice.ts";
import { frozenClock } from "../testing/frozen-clock.ts";
import type { FrozenClock } from "../testing/frozen-clock.ts";
import { createHttp } from "./app.ts";
import { listen } from "./listen.ts";
import { LiveStream } from "./live-stream.ts";
import type { Listening } from "./listen.ts";

const AS_VIEWER = { authorization: "Bearer viewer" };

/** A server whose changes, time and sign-outs a test decides. */
class World {
  readonly clock: FrozenClock = frozenClock();
  readonly stopping: AbortController = new AbortController();
  readonly watchers: Set<(changes: RunChanges) => void> = new Set();
  readonly listeners: Set<(tokenId: string) => void> = new Set();
  good: () => Promise<boolean> = async () => true;
  server!: Listening;
  #left = Promise.withResolvers<void>();

  async start(): Promise<void> {
    const given: Partial<Sluice> = {
      watch: (tell) => {
        this.watchers.add(tell);
        return () => {
          this.watchers.delete(tell);
          this.#left.resolve();
          this.#left = Promise.withResolvers();
        };
      },
      onRevoked: (listener) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      },
      stillGood: () => this.good(),
    };
    const { clock, stopping } = this;
    const log = pino({ enabled: false });
    const app = createHttp(fakeSluice(given), { log, clock, timers: clock, stopping: stopping.signal });
    this.server = await listen(app, { port: 0, host: "127.0.0.1", graceMs: 1_000 });
  }

  async open(): Promise<EventStream> {
    const stream = await EventStream.open(`${this.server.url}/v1/stream`, AS_VIEWER);
    await stream.nextOf("hello");
    return stream;
  }

  tell(...runIds: string[]): void {
    const runs = runIds.map((runId) => ({ runId, workflow: "triage", status: "running" as const }));
    for (const tell of this.watchers) tell({ runs, more: false, reviews: false });
  }

  /** Resolves when the next stream has ended on this side. */
  get left(): Promise<void> {
    return this.#left.promise;
  }
}

describe("the live stream", () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.start();
  });
  afterEach(async () => {
    world.stopping.abort();
    await world.server.close();
  });

  test("says hello with the server's time, as server-sent events that nobody keeps", async () => {
    const stream = await EventStream.open(`${world.server.url}/v1/stream`, AS_VIEWER);
    const { status, headers } = stream.response;
    expect([status, headers.get("content-type"), headers.get("cache-control"), headers.get("x-accel-buffering")]).toEqual(
      [200, "text/event-stream", "no-store", "no"],
    ); // prettier-ignore
    expect(await stream.next()).toEqual({ event: "hello", data: { server_time: "2026-05-29T14:22:10.000Z" } });
    await stream.close();
  });

  test("tells every open console what has changed", async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => world.open()));
    world.tell("run_1", "run_2");
    for (const stream of streams) {
      const runs = ["run_1", "run_2"].map((runId) => ({ run_id: runId, workflow: "triage", status: "running" }));
      expect(await stream.next()).toEqual({ event: "changes", data: { runs, more: false, reviews: false } });
      await stream.close();
    }
  });

  test("needs a token or a session", async () => {
    const response = await fetch(`${world.server.url}/v1/stream`);
    expect(response.status).toBe(401);
    await response.body?.cancel();
    expect(world.watchers.size).toBe(0);
  });

  test("beats every ten seconds, and ends with signed_out once the caller is no longer let in", async () => {
    const stream = await world.open();
    world.clock.advance(10_000);
    expect(await stream.next()).toEqual({ event: "ping", data: {} });
    world.good = async () => false;
    world.clock.advance(10_000);
    expect(await stream.next()).toEqual({ event: "signed_out", data: {} });
    expect(await stream.next()).toBe(null);
    expect([world.watchers.size, world.listeners.size, world.clock.pending]).toEqual([0, 0, 0]);
  });

  test("ends at once when its own token is revoked, and not for another's", async () => {
    const stream = await world.open();
    world.good = async () => false;
    for (const listener of world.listeners) listener("token_admin");
    world.tell("run_1");
    expect((await stream.next())?.event).toBe("changes");
    for (const listener of world.listeners) listener("token_viewer");
    expect((await stream.next())?.event).toBe("signed_out");
    expect(await stream.next()).toBe(null);
  });

  test("ends without a word of signing out where the store cannot say", async () => {
    const stream = await world.open();
    world.good = () => Promise.reject(new Error("no store"));
    world.clock.advance(10_000);
    expect(await stream.next()).toBe(null);
  });

  test("ends when the server stops, which does not wait for it; nothing new is begun", async () => {
    const stream = await world.open();
    world.stopping.abort();
    expect(await stream.next()).toBe(null);
    const response = await fetch(`${world.server.url}/v1/stream`, { headers: AS_VIEWER });
    expect([response.status, await response.json()]).toEqual([503, expect.objectContaining({ code: "stopping" })]);
    const began = performance.now();
    await world.server.close();
    expect(performance.now() - began).toBeLessThan(900);
  });

  test("holds nothing of a console that has gone", async () => {
    const stream = await world.open();
    const { left } = world;
    await stream.close();
    await left;
    expect([world.watchers.size, world.listeners.size, world.clock.pending]).toEqual([0, 0, 0]);
  });

  test("gives up a console that takes nothing any more, and holds little of what it was told until then", async () => {
    const { port } = new URL(world.server.url);
    const socket = connect(Number(port), "127.0.0.1");
    const gone = new Promise((resolve) => socket.on("close", resolve).on("error", resolve));
    socket.write(`GET /v1/stream HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer viewer\r\n\r\n`);
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    const { left } = world;
    const before = process.memoryUsage().arrayBuffers;
    // Far more than a connection takes in: 200 runs of long names each time, 400 MB in all.
    for (let i = 0; i < 400; i++) {
      const runs = Array.from({ length: 200 }, (_, n) => ({ runId: `run_${n}`, workflow: "w".repeat(5_000), status: "running" as const })); // prettier-ignore
      for (const tell of world.watchers) tell({ runs, more: false, reviews: false });
      await new Promise(setImmediate);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    expect(world.watchers.size).toBe(1);
    world.clock.advance(30_000);
    await left;
    expect([world.watchers.size, world.clock.pending]).toEqual([0, 0]);
    socket.resume();
    await gone;
  });

  test("is not kept open by a HEAD, which nobody reads", async () => {
    const response = await fetch(`${world.server.url}/v1/stream`, { method: "HEAD", headers: AS_VIEWER });
    expect(response.status).toBe(200);
    expect(world.watchers.size).toBe(0);
  });
});

test("changes told to a slow console are put together: how each run stands now, two hundred at most", async () => {
  const world = new World();
  const written: [string, unknown][] = [];
  const taken: (() => void)[] = [];
  let tell: (changes: RunChanges) => void = () => {};
  const stream = new LiveStream({
    sluice: {
      watch: (given) => {
        tell = given;
        return () => {};
      },
      onRevoked: () => () => {},
      stillGood: async () => true,
    },
    caller: { name: "ann", role: "viewer", kind: "session", tokenId: "ses_1", expiresAt: null },
    clock: world.clock,
    timers: world.clock,
    write: (event, data) => {
      written.push([event, data]);
      return new Promise<void>((resolve) => taken.push(resolve));
    },
  });
  const running = stream.run();
  const changed = (from: number, count: number, status: "running" | "dead"): RunChanges => ({
    runs: Array.from({ length: count }, (_, i) => ({ runId: `run_${from + i}`, workflow: "triage", status })),
    more: false,
    reviews: from === 0,
  });
  tell(changed(0, 2, "running"));
  tell(changed(1, 2, "dead"));
  taken.shift()?.();
  await new Promise(setImmediate);
  expect(written[1]).toEqual([
    "changes",
    {
      runs: [
        { run_id: "run_0", workflow: "triage", status: "running" },
        { run_id: "run_1", workflow: "triage", status: "dead" },
        { run_id: "run_2", workflow: "triage", status: "dead" },
      ],
      more: false,
      reviews: true,
    },
  ]);
  for (let i = 1; i < 50; i++) tell(changed(i * 100, 100, "running"));
  taken.shift()?.();
  await new Promise(setImmediate);
  const [event, data] = written[2] as [string, { runs: unknown[]; more: boolean; reviews: boolean }];
  expect([event, data.runs.length, data.more, data.reviews]).toEqual(["changes", 200, true, false]);
  stream.close();
  expect(await running).toBe("over");
});

test("a project at work tells what happens to its runs and reviews", async () => {
  const api = await ApiWorld.start();
  try {
    const headers = { authorization: `Bearer ${api.admin}` };
    const stream = await EventStream.open(`${api.url}/v1/stream`, headers);
    await stream.nextOf("hello");
    type Changes = { runs: { run_id: string; workflow: string; status: string }[]; reviews: boolean };
    /** Listens until a change satisfies. */
    const until = async (what: (changes: Changes) => boolean): Promise<Changes> => {
      for (;;) {
        const changes = (await stream.nextOf("changes")) as Changes;
        if (what(changes)) return changes;
      }
    };
    const stands = (runId: string, status: string) => (changes: Changes) =>
      changes.runs.some((run) => run.run_id === runId && run.status === status);

    const { runId } = await api.decided("billing/low/0.95");
    const done = await until(stands(runId, "completed"));
    expect(done.runs.find((run) => run.run_id === runId)?.workflow).toBe("triage");

    const review = await api.waiting("billing/low/0.4");
    expect((await until(stands(review.runId, "waiting"))).reviews).toBe(true);
    await api.call(`POST ${review.path}/claim`);
    expect((await until(stands(review.runId, "waiting"))).reviews).toBe(true);
    await api.call(`POST ${review.path}/unclaim`);
    expect((await until(stands(review.runId, "waiting"))).reviews).toBe(true);
    await api.call(`POST ${review.path}/decide`, { action: "approve" });
    expect((await until(stands(review.runId, "completed"))).reviews).toBe(true);

    const other = await api.waiting("account/low/0.4");
    await until(stands(other.runId, "waiting"));
    await api.call(`POST /v1/runs/${other.runId}/cancel`, { reason: "enough seen" });
    expect((await until(stands(other.runId, "cancelled"))).reviews).toBe(true);

    await api.sample.breakDesk(true);
    const dead = await api.decided("billing/high/0.95");
    await until(stands(dead.runId, "dead"));
    await api.sample.breakDesk(false);
    const redrive = { filter: { run_id: dead.runId }, reason: "the desk is back" };
    await api.call("POST /v1/dead-letters/redrive", redrive);
    await until(stands(dead.runId, "completed"));

    await stream.close();
  } finally {
    await api.close();
  }
});
