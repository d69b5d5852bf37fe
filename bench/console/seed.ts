import { createKeyring, type Keyring } from "../../src/journal/keyring.ts";
import type { ClaimedRun } from "../../src/journal/ports.ts";
import type { PromptSet } from "../../src/prompt/set.ts";
import type { Release } from "../../src/release/release.ts";
import { openSqliteStore, type SqliteStore } from "../../src/store/sqlite/open.ts";
import { loadKey } from "../../src/app/key.ts";
import { loadProject } from "../../src/app/project.ts";
import { Random } from "./random.ts";
import { advance, newEvent, type Started } from "./run.ts";
import { releasesOf, SHAPES, type Shape } from "./workflows.ts";

const BATCH = 250;
const DAY = 86_400_000;
const CLAIM = {
  worker: "seed",
  leaseMs: DAY,
  limit: 1,
  workflows: SHAPES.map(({ workflow }) => ({ name: workflow, limit: null })),
};
/** Runs at the end that nobody has worked on yet. */
const QUEUED = 5;

export interface SeedOptions {
  /** A project folder as `writeProject` leaves it. */
  dir: string;
  runs: number;
  /** The runs are spread evenly over so many days, the last one ending now. */
  days: number;
  progress?: (done: number) => void;
}

/** Fills the data folder of a project through the store itself: sealed, chained, redacted as everything else in it. */
export async function seed({ dir, runs, days, progress }: SeedOptions): Promise<void> {
  const project = await loadProject(dir, { env: {} });
  const keyring = createKeyring(await loadKey(project.config, {}));
  const clock = { at: Date.now() - days * DAY, now: (): number => Math.round(clock.at) };
  const store = await openSqliteStore({ dataDir: project.config.dataDir, chainKey: keyring.chainKey, clock });
  try {
    const seeding = new Seeding(store, keyring, project.prompts, clock);
    const each = (days * DAY) / runs;
    for (let done = 0; done < runs; done += BATCH) {
      await seeding.batch(Math.min(BATCH, runs - done), each, done / runs, done + BATCH >= runs ? QUEUED : 0);
      progress?.(Math.min(runs, done + BATCH));
    }
  } finally {
    await store.close();
  }
}

class Seeding {
  readonly #store: SqliteStore;
  readonly #keyring: Keyring;
  readonly #prompts: PromptSet;
  readonly #clock: { at: number };
  readonly #random = new Random(20260529);
  readonly #releases = new Map<string, Release>();
  #made = 0;

  constructor(store: SqliteStore, keyring: Keyring, prompts: PromptSet, clock: { at: number }) {
    [this.#store, this.#keyring, this.#prompts, this.#clock] = [store, keyring, prompts, clock];
  }

  /** `age`: how far into the whole time this batch is, 0 to 1, which says what is released by now. */
  async batch(count: number, eachMs: number, age: number, leave: number): Promise<void> {
    for (const shape of SHAPES) await this.#release(shape, age);
    const started = new Map<string, Started>();
    const asked: Promise<ClaimedRun[]>[] = [];
    // The store does what it is asked for in order, so a claim finds the run that was accepted before it.
    for (let i = 0; i < count; i++) {
      this.#clock.at += eachMs;
      const event = newEvent(this.#shape(), ++this.#made, Math.round(this.#clock.at), this.#keyring, this.#random);
      started.set(event.journal.runId, event);
      const accepted = this.#store.accept([event.accept]);
      if (i < count - leave)
        asked.push(
          accepted.then(() => []),
          this.#store.claim(CLAIM),
        );
    }
    const reached = this.#clock.at;
    const claimed = (await Promise.all(asked)).flat();
    const written = claimed.map((run) => this.#commit(started.get(run.run.runId) as Started, run));
    this.#clock.at = reached;
    await Promise.all(written);
  }

  async #commit(started: Started, claimed: ClaimedRun): Promise<void> {
    const release = this.#releases.get(started.shape.workflow) as Release;
    const { input, at } = advance(started, claimed, release, this.#random);
    this.#clock.at = at;
    const result = await this.#store.commit(input);
    if (!result.ok) throw new Error(`Run ${claimed.run.runId} could not be written: ${result.why}.`);
  }

  #shape(): Shape {
    let left = this.#random.next();
    for (const shape of SHAPES) if ((left -= shape.share) < 0) return shape;
    return SHAPES[0] as Shape;
  }

  async #release(shape: Shape, age: number): Promise<void> {
    const { workflow } = shape;
    const plan = releasesOf(shape);
    const wanted = Math.min(plan.length, 1 + Math.floor(age * plan.length));
    for (let number = (this.#releases.get(workflow)?.number ?? 0) + 1; number <= wanted; number++) {
      const release = this.#releaseOf(shape, plan[number - 1] as (typeof plan)[number]);
      const row = { workflow, number, body: JSON.stringify(release), createdAt: Math.round(this.#clock.at) };
      if (!(await this.#store.publish(row, number - 1)))
        throw new Error(`${workflow} is released already. Seed a folder that has no data yet.`);
      this.#releases.set(workflow, release);
    }
  }

  #releaseOf(shape: Shape, { number, stage, version: at }: ReturnType<typeof releasesOf>[number]): Release {
    const { workflow, prompt, slot, read, write } = shape;
    const { version, model } = shape.versions[at] as Shape["versions"][number];
    const { hash } = this.#prompts.get(prompt, version);
    return {
      workflow,
      number,
      stage,
      development: false,
      whenOff: "hold",
      share: 1,
      salt: workflow,
      assignBy: "/event_id",
      scope: null,
      automation: null,
      sample: 0,
      prompts: { [slot]: { prompt, version, hash, model } },
      thresholds: { review_below: 0.75 },
      tools: [read, write],
      revoked: [],
      riskThreshold: "low",
      createdBy: "seed",
      reason: "The benchmark's history.",
      evidence: [],
      approvals: [],
    };
  }
}
