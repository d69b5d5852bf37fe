import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createSluice } from "../../src/app/create.ts";
import type { CreateOptions } from "../../src/app/create.ts";
import { loadProject } from "../../src/app/project.ts";
import type { Project } from "../../src/app/project.ts";
import type { Actor, Sluice } from "../../src/app/sluice.ts";
import type { Clock } from "../../src/base/clock.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { Timers } from "../../src/base/timers.ts";
import { createKeyring } from "../../src/journal/keyring.ts";
import { TERMINAL } from "../../src/journal/run.ts";
import type { Run } from "../../src/journal/run.ts";
import type { TraceStep } from "../../src/journal/trace.ts";
import { scriptedModel } from "../../src/model/scripted.ts";
import type { Script, ScriptedModel } from "../../src/model/scripted.ts";
import type { Review } from "../../src/review/ports.ts";
import type { Workflow } from "../../src/workflow/define.ts";

/** Another key for each file of tests is not needed: it only has to stay the same over a restart. */
const KEY = randomBytes(32).toString("base64");

/** What a second process needs to read the data of a world. */
export const KEY_ENV = { SLUICE_KEY: KEY };

export const KIM: Actor = { name: "kim", role: "reviewer" };
export const LEE: Actor = { name: "lee", role: "reviewer" };

export const CONTRACT: JsonObject = {
  "x-default": true,
  type: "object",
  required: ["event", "event_id", "created_at", "ticket", "customer"],
  properties: {
    event: { const: "ticket.created" },
    event_id: { type: "string" },
    created_at: { type: "string", format: "date-time" },
    ticket: {
      type: "object",
      required: ["id", "body"],
      properties: { id: { type: "string" }, body: { type: "string", "x-sensitive": true } },
    },
    customer: { type: "object", required: ["id"], properties: { id: { type: "string" } } },
  },
};

export const PROMPT: JsonObject = {
  name: "classifier",
  version: "1",
  owner: "tests",
  model: "scripted/one",
  inputs: ["ticket.body"],
  messages: [{ role: "user", content: "Classify: {{ ticket.body }}" }],
  output_schema: {
    type: "object",
    required: ["category", "urgency", "confidence"],
    properties: {
      category: { enum: ["billing", "account", "other"] },
      urgency: { enum: ["low", "high"] },
      confidence: { type: "number", minimum: 0, maximum: 1 },
    },
  },
};

export interface Setting {
  /** Those of the project's files unless given. */
  workflows?: Workflow | readonly Workflow[];
  script?: Script;
  mode?: CreateOptions["mode"];
  stage?: NonNullable<CreateOptions["stage"]>;
  clock?: Clock;
  /** When changes are told and retention looks; the system's unless given. */
  timers?: Timers;
  probe?: NonNullable<CreateOptions["probe"]>;
  /** Files beside or in place of the usual contract and prompt: path → text. */
  files?: Readonly<Record<string, string>>;
  config?: JsonObject;
  /** Told of every line of the log, where it is written. */
  onLog?: (line: LogLine) => void;
}

export interface LogLine {
  level: string;
  message: string;
  data: Json;
}

/** What the store of a world is opened with by somebody else than its Sluice. */
export const CHAIN_KEY: Uint8Array = createKeyring(Buffer.from(KEY, "base64")).chainKey;

/** One project folder and one data folder, with a Sluice over them that can be stopped and started with other code. */
export class World {
  readonly dir: string;
  sluice!: Sluice;
  model!: ScriptedModel;
  readonly log: LogLine[] = [];
  #setting: Setting;
  #events = 0;

  private constructor(dir: string, setting: Setting) {
    this.dir = dir;
    this.#setting = setting;
  }

  static async open(setting: Setting): Promise<World> {
    const dir = await mkdtemp(join(tmpdir(), "sluice-scenario-"));
    const files: Record<string, string> = {
      "sluice.config.json": JSON.stringify({ drainGrace: 2_000, ...setting.config }),
      "events/ticket.created/1.schema.json": JSON.stringify(CONTRACT),
      "prompts/classifier/1.json": JSON.stringify(PROMPT),
      ...setting.files,
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(dir, path, ".."), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    const world = new World(dir, setting);
    onTestFinished(async () => {
      await world.sluice?.close(200);
      await rm(dir, { recursive: true, force: true });
    });
    await world.#start();
    return world;
  }

  async #start(): Promise<void> {
    const { workflows, script = [], mode = "dev", stage, clock, timers, probe, onLog } = this.#setting;
    const env = { SLUICE_KEY: KEY };
    const loaded = await loadProject(this.dir, { env });
    const listed = workflows === undefined ? [] : Array.isArray(workflows) ? workflows : [workflows as Workflow];
    const entries = listed.map(
      (workflow) => [workflow.name, { workflow, file: "w.ts", code: "0", sources: [] }] as const,
    );
    const project: Project = workflows === undefined ? loaded : { ...loaded, workflows: new Map(entries) };
    this.model = scriptedModel(script);
    this.sluice = await createSluice({
      project,
      mode,
      env,
      scripted: this.model,
      log: (level, message, data) => {
        this.log.push({ level, message, data });
        onLog?.({ level, message, data });
      },
      ...(stage === undefined ? {} : { stage }),
      ...(clock === undefined ? {} : { clock }),
      ...(timers === undefined ? {} : { timers }),
      ...(probe === undefined ? {} : { probe }),
    });
  }

  /** Stops, and starts again over the same data with `change`. */
  async restart(change: Partial<Setting> = {}, graceMs = 2_000): Promise<void> {
    await this.sluice.close(graceMs);
    this.#setting = { ...this.#setting, ...change };
    await this.#start();
  }

  event(over: JsonObject = {}): JsonObject {
    const id = `evt_${++this.#events}`;
    const base = { event: "ticket.created", event_id: id, created_at: "2026-05-29T14:22:10Z" };
    return {
      ...base,
      ticket: { id: `tkt_${this.#events}`, body: "Charged twice." },
      customer: { id: "cus_1" },
      ...over,
    };
  }

  /** Submits one event that is accepted; the id of its first run. */
  async submit(over: JsonObject = {}): Promise<string> {
    const [submission] = await this.sluice.submit([this.event(over)]);
    if (submission?.outcome !== "accepted")
      throw new Error(`The event was not accepted: ${JSON.stringify(submission)}`);
    return (submission.runs[0] as { runId: string }).runId;
  }

  /** The run once `holds` says so of it; looked at again at every change of the store. */
  async until(runId: string, what: string, holds: (run: Run) => boolean): Promise<Run> {
    const deadline = performance.now() + 10_000;
    let run = await this.run(runId);
    while (!holds(run)) {
      if (performance.now() > deadline) throw new Error(`${what} did not come about: ${describe(run)}`);
      run = await this.run(runId);
    }
    return run;
  }

  ended(runId: string): Promise<Run> {
    return this.until(runId, "The run's end", ({ status }) => TERMINAL.includes(status));
  }

  waiting(runId: string, wait: Run["wait"]): Promise<Run> {
    return this.until(runId, `A wait for ${wait}`, (run) => {
      if (TERMINAL.includes(run.status)) throw new Error(`The run has ended: ${describe(run)}`);
      return run.status === "waiting" && run.wait === wait;
    });
  }

  /** The run's one open review, once it waits for it. */
  async review(runId: string): Promise<Review> {
    await this.waiting(runId, "review");
    const { items } = await this.sluice.listReviews({ runId, status: "open" }, { limit: 10 });
    if (items.length !== 1) throw new Error(`The run has ${items.length} open reviews.`);
    return items[0] as Review;
  }

  async run(runId: string): Promise<Run> {
    const run = await this.sluice.run(runId);
    if (run === null) throw new Error(`There is no run ${runId}.`);
    return run;
  }

  async trace(runId: string): Promise<TraceStep[]> {
    return (await this.sluice.trace(runId)) as TraceStep[];
  }

  async steps(runId: string, name: string): Promise<TraceStep[]> {
    return (await this.trace(runId)).filter((step) => step.name === name);
  }

  /** Makes the worker look for due runs now: under a clock that only the test moves, nothing else does. */
  async poke(): Promise<void> {
    await this.sluice.redrive({ filter: { runId: "none" }, limit: 1, dryRun: false, reason: "" }, KIM);
  }

  async redrive(runId: string): Promise<void> {
    const report = await this.sluice.redrive({ filter: { runId }, limit: 1, dryRun: false, reason: "fixed" }, KIM);
    if (report.redriven.length !== 1) throw new Error(`Not redriven: ${JSON.stringify(report)}`);
  }
}

function describe(run: Run): string {
  const { status, wait, disposition, failure, wakeAt } = run;
  return JSON.stringify({ status, wait, disposition, failure, wakeAt });
}

/** A promise and the function that settles it: what a test waits on and what holds a step. */
export function gate<T = void>(): { opened: Promise<T>; open: (value: T) => void; fail: (error: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  return { opened: promise, open: resolve, fail: reject };
}
