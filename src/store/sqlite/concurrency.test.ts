import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunCommand } from "../../journal/transition.ts";
import { frozenClock } from "../../testing/frozen-clock.ts";
import { World } from "../../testing/store-conformance/world.ts";
import { openSqliteStore, type SqliteStore } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-keys-"));
const clock = frozenClock();
const chainKey = new Uint8Array(32).fill(3);
let store: SqliteStore;

beforeAll(async () => {
  store = await openSqliteStore({ dataDir: folder, chainKey, clock });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One thing that happens; `at` picks a run among those it can happen to. */
type Happening =
  | { do: "accept"; key: number; limit: number; priority: number }
  | { do: "claim"; limit: number }
  | { do: "complete" | "park" | "yield" | "cancel" | "wake"; at: number };

const someHappening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("accept" as const),
      key: fc.integer({ min: 0, max: 2 }),
      limit: fc.integer({ min: 1, max: 3 }),
      priority: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("claim" as const), limit: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("complete" as const, "park" as const, "yield" as const, "cancel" as const, "wake" as const),
      at: fc.nat(),
    }),
  },
);

interface Live {
  runId: string;
  key: string;
  limit: number;
  status: "queued" | "running" | "waiting";
  epoch: number;
}

/** The store, and what a test knows of the runs in it. */
class Story {
  readonly world = new World(store, clock, chainKey);
  readonly live = new Map<string, Live>();

  async happen(what: Happening): Promise<void> {
    if (what.do === "accept") await this.#accept(what);
    else if (what.do === "claim") await this.claim(what.limit);
    else await this.#move(what.do, what.at);
  }

  async #accept({ key, limit, priority }: Extract<Happening, { do: "accept" }>): Promise<void> {
    const concurrencyKey = `${this.world.workflow} ${key}`;
    const runId = await this.world.submit({ concurrencyKey, concurrencyLimit: limit, priority });
    this.live.set(runId, { runId, key: concurrencyKey, limit, status: "queued", epoch: 0 });
  }

  async claim(limit: number): Promise<number> {
    const claimed = await this.world.claim(limit);
    for (const { run } of claimed) {
      const known = this.live.get(run.runId) as Live;
      expect(known.status).toBe("queued");
      expect(this.#running(known.key)).toBeLessThan(known.limit);
      this.live.set(run.runId, { ...known, status: "running", epoch: run.epoch });
    }
    return claimed.length;
  }

  #running(key: string): number {
    return [...this.live.values()].filter((run) => run.key === key && run.status === "running").length;
  }

  async #move(what: "complete" | "park" | "yield" | "cancel" | "wake", at: number): Promise<void> {
    const wanted = what === "wake" ? "waiting" : what === "cancel" ? null : "running";
    const able = [...this.live.values()].filter(({ status }) => wanted === null || status === wanted);
    const run = able[at % Math.max(1, able.length)];
    if (run === undefined) return;
    if (what === "wake" || what === "cancel") {
      const result = await store.command({ runId: run.runId, command: { do: what }, record: null });
      expect(result).toEqual({ ok: true });
    } else {
      const result = await store.commit({ runId: run.runId, epoch: run.epoch, records: [], command: COMMANDS[what] });
      expect(result.ok).toBe(true);
    }
    if (what === "cancel" || what === "complete") this.live.delete(run.runId);
    else this.live.set(run.runId, { ...run, status: what === "park" ? "waiting" : "queued" });
  }

  /** Claims and ends until nothing is left. Throws where runs are left that nobody can claim. */
  async drain(): Promise<void> {
    while (this.live.size > 0) {
      for (const run of this.live.values()) {
        if (run.status === "waiting") await this.#move("wake", 0);
        if (run.status === "running") await this.#move("complete", 0);
      }
      if (this.live.size > 0) expect(await this.claim(100)).toBeGreaterThan(0);
    }
  }
}

const COMMANDS: Record<"complete" | "park" | "yield", RunCommand> = {
  complete: { do: "complete", disposition: "applied" },
  park: { do: "park", wait: "review", wakeAt: null, seenSeq: 1 },
  yield: { do: "yield" },
};

describe("limits per concurrency key", () => {
  it(
    "are never exceeded, and never leave a run behind, whatever happens in whatever order",
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(someHappening, { maxLength: 50 }), async (happenings) => {
          const story = new Story();
          for (const what of happenings) await story.happen(what);
          await story.drain();
          expect(story.live.size).toBe(0);
        }),
        { numRuns: 40 },
      );
    },
  );
});
