import type { FailureInfo } from "../base/failure.ts";
import { canonicalJson, isObject } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import { newId } from "../base/id.ts";
import type { EventWaitStore } from "../journal/event-waits.ts";
import type { ClaimedRun, JournalStore, LoadedRun } from "../journal/ports.ts";
import { RecentJournals } from "../journal/recent.ts";
import { TERMINAL } from "../journal/run.ts";
import type { RunStatus } from "../journal/run.ts";
import type { JournalRecord } from "../journal/record.ts";
import { RunJournal } from "../journal/run-journal.ts";
import { traceOf } from "../journal/trace.ts";
import { elapsed } from "../model/turn.ts";
import { confidenceOf } from "../prompt/check.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { ReleaseStore } from "../release/ports.ts";
import type { PromptGrant, Release } from "../release/release.ts";
import { AwaitedTypes } from "../workflow/awaited.ts";
import type { Engine } from "../workflow/engine.ts";
import { Controls } from "../workflow/controls.ts";
import { Holds } from "../workflow/holds.ts";
import { submitEvents } from "../workflow/intake.ts";
import { openFrame } from "../workflow/open.ts";
import type { Deployed } from "../workflow/open.ts";
import { advance } from "../workflow/replay.ts";
import type { CaseAnswer, CaseAsker } from "./asking.ts";
import type { PlacedCase, RecordedTools } from "./case.ts";
import { RecordedWorld, UNRECORDED } from "./stand-ins.ts";
import { OVER_BUDGET } from "./meter.ts";

export type IsolatedStore = JournalStore & EventWaitStore & Pick<ReleaseStore, "publish"> & { close(): Promise<void> };

export interface PathParts {
  /** Of the process: models on the meter, rates, prompts, contracts. Its store is not used. */
  engine: Engine;
  deployed: Deployed;
  prompts: Readonly<Record<string, PromptGrant>>;
  thresholds: Readonly<Record<string, number>>;
  /** Hash of each tool's definition. */
  tools: Readonly<Record<string, string>>;
  /** An empty store of its own, away from the journal of the project; gone once it is closed. */
  openStore(): Promise<IsolatedStore>;
  /** What a run on record called, by step; null where its originals are gone. */
  recording(runId: string): Promise<RecordedTools | null>;
}

/** Cases that one store takes before another is opened: what a case leaves behind is of no use. */
const CASES_A_STORE = 1_000;
/** Nobody else claims in such a store. */
const LEASE_MS = 24 * 60 * 60_000;

/**
 * Asks a whole workflow: the case's event goes through intake, the engine and the real steps, over a store of its own. Tools and
 * the author's own code are answered from what the case records; what is not recorded fails the case; nothing is written outside.
 */
export function pathAsker(parts: PathParts): CaseAsker {
  return new PathAsker(parts);
}

class PathAsker implements CaseAsker {
  readonly #parts: PathParts;
  readonly #about: string;
  #room: Promise<Room> | null = null;
  readonly #rooms = new Set<Promise<Room>>();

  constructor(parts: PathParts) {
    this.#parts = parts;
    const { deployed, prompts, thresholds, tools, engine } = parts;
    const origins = Object.values(prompts).map(({ model }) => engine.models.origin(engine.models.resolve(model)));
    this.#about = `path ${canonicalJson([deployed.code, prompts, thresholds, tools, origins] as unknown as Json)}`;
  }

  identity({ input, tools, source }: PlacedCase, repeat: number): string {
    return `${this.#about}\n${repeat}\n${canonicalJson([input, (tools ?? null) as Json, source ?? null])}`;
  }

  async ask(placed: PlacedCase, _repeat: number, signal: AbortSignal): Promise<CaseAnswer> {
    const tools = await this.#toolsOf(placed);
    if ("failure" in tools) return failed(tools.failure);
    const room = await this.#enter();
    try {
      return await room.take(placed, tools.tools, signal);
    } finally {
      await this.#left(room);
    }
  }

  async #toolsOf({ tools = {}, source }: PlacedCase): Promise<{ tools: RecordedTools } | { failure: FailureInfo }> {
    if (source === undefined) return { tools };
    const recorded = await this.#parts.recording(source);
    if (recorded !== null) return { tools: { ...recorded, ...tools } };
    if (Object.keys(tools).length > 0) return { tools };
    const message = `The recording of ${source}, which this case comes from, is gone; give the case its "tools".`;
    return { failure: { class: "denied", code: UNRECORDED, message } };
  }

  async #enter(): Promise<Room> {
    if (this.#room === null) {
      this.#room = openRoom(this.#parts);
      this.#rooms.add(this.#room);
    }
    const opening = this.#room;
    const room = await opening;
    room.inside++;
    if (++room.taken >= CASES_A_STORE && this.#room === opening) this.#room = null;
    return room;
  }

  async #left(room: Room): Promise<void> {
    room.inside--;
    if (room.inside > 0 || room.taken < CASES_A_STORE) return;
    for (const each of this.#rooms) if ((await each) === room) this.#rooms.delete(each);
    await room.store.close();
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#rooms].map(async (room) => (await room).store.close()));
  }
}

async function openRoom(parts: PathParts): Promise<Room> {
  const store = await parts.openStore();
  const { workflow } = parts.deployed;
  const release = releaseOf(parts);
  const row = {
    workflow: workflow.name,
    number: 1,
    body: JSON.stringify(release),
    createdAt: parts.engine.clock.now(),
  };
  await store.publish(row, 0);
  return new Room(parts, store);
}

/** Under shadow nothing is written outside; whether a person would be asked, the stand-ins leave to the code. */
function releaseOf({ deployed: { workflow }, prompts, thresholds }: PathParts): Release {
  return {
    workflow: workflow.name,
    number: 1,
    stage: "shadow",
    development: true,
    whenOff: "hold",
    share: 1,
    salt: "",
    assignBy: "/event_id",
    scope: null,
    automation: null,
    sample: 0,
    prompts,
    thresholds,
    tools: Object.values(workflow.tools).map(({ name }) => name),
    revoked: [],
    riskThreshold: "low",
    createdBy: "eval",
    reason: "For the cases of an eval.",
    evidence: [],
    approvals: [],
  };
}

/** One isolated store with the cases that are in it. */
class Room {
  readonly store: IsolatedStore;
  inside = 0;
  taken = 0;
  readonly #engine: Engine;
  readonly #deployed: Deployed;
  readonly #world = new RecordedWorld();
  readonly #claimed = new Map<string, (run: ClaimedRun) => void>();

  constructor({ engine, deployed }: PathParts, store: IsolatedStore) {
    this.store = store;
    const { workflow } = deployed;
    const alone = { ...workflow, concurrency: null, priority: () => 0, deadlineMs: null, pinned: false };
    this.#deployed = { ...deployed, workflow: alone };
    this.#engine = {
      ...engine,
      store,
      standIns: this.#world,
      awaited: new AwaitedTypes([alone], engine.contracts, []),
      recent: new RecentJournals(),
      holds: new Holds(),
      controls: new Controls(),
      log: () => {},
      probe: () => {},
    };
  }

  async take(placed: PlacedCase, tools: RecordedTools, signal: AbortSignal): Promise<CaseAnswer> {
    const accepted = await this.#accept(placed);
    if ("failure" in accepted) return failed(accepted.failure);
    const { runId } = accepted;
    this.#world.enter(runId, tools);
    try {
      const end = await this.#advance(runId, signal);
      return await this.#answer(runId, end, this.#world.leave(runId)?.info ?? null);
    } finally {
      this.#world.leave(runId);
      const message = { do: "cancel" } as const;
      await this.store.command({ runId, command: message, record: null }).catch(() => {});
    }
  }

  /** Under an id of its own: two cases, or two attempts at one, may be the same event. */
  async #accept({ input }: PlacedCase): Promise<{ runId: string } | { failure: FailureInfo }> {
    const eventId = newId("evt");
    const { keyring, clock, contracts, awaited, recent, probe } = this.#engine;
    const store = {
      accept: (inputs: Parameters<JournalStore["accept"]>[0]) =>
        this.store.accept(inputs.map((each) => ({ ...each, eventId }))),
      quarantine: () => Promise.resolve(),
    };
    const deps = {
      store,
      keyring,
      clock,
      contracts,
      awaited,
      recent,
      probe,
      workflows: [this.#deployed],
      keepEventsMs: 0,
    };
    const [result] = await submitEvents(deps, [input]);
    if (result?.outcome === "accepted" && result.runs[0] !== undefined) return { runId: result.runs[0].runId };
    const refused = result?.outcome === "refused" ? result : null;
    const message = refused?.message ?? "The event of this case starts no run.";
    const errors = refused === null ? {} : { errors: refused.errors };
    return { failure: { class: "bug", code: refused?.code ?? "no_run", message, ...errors } };
  }

  /** Until the run has ended, or waits for what no case can give. Sleeping takes no time. */
  async #advance(runId: string, signal: AbortSignal): Promise<RunStatus> {
    let skippedMs = 0;
    const { clock } = this.#engine;
    const engine = { ...this.#engine, clock: { now: () => clock.now() + skippedMs } };
    for (;;) {
      const frame = await openFrame(engine, this.#deployed, await this.#claim(runId));
      const stop = (): void => frame.fence();
      signal.addEventListener("abort", stop, { once: true });
      const status = await advance(frame).finally(() => signal.removeEventListener("abort", stop));
      signal.throwIfAborted();
      if (status === null || TERMINAL.includes(status)) return status ?? "dead";
      const run = status === "waiting" ? await this.store.run(runId) : null;
      if (run?.wait === "review" || run?.wait === "event") return "waiting";
      const ms = (run?.wakeAt ?? 0) - clock.now() - skippedMs;
      if (run?.wait === "sleep") skippedMs += Math.max(0, ms);
      else if (ms > 0) await elapsed(ms, signal);
      if (run !== null) await this.store.command({ runId, command: { do: "wake" }, record: null });
    }
  }

  /** Each claim gives one run that is due to whoever waits for it: as many are due as ask. */
  async #claim(runId: string): Promise<ClaimedRun> {
    const mine = Promise.withResolvers<ClaimedRun>();
    this.#claimed.set(runId, mine.resolve);
    const workflows = [{ name: this.#deployed.workflow.name, limit: null }];
    const claimed = await this.store.claim({ worker: "eval", leaseMs: LEASE_MS, limit: 1, workflows });
    if (claimed.length === 0) throw new Error(`Run ${runId} of a case cannot be claimed.`);
    for (const each of claimed) {
      this.#claimed.get(each.run.runId)?.(each);
      this.#claimed.delete(each.run.runId);
    }
    return await mine.promise;
  }

  async #answer(runId: string, status: RunStatus, unrecorded: FailureInfo | null): Promise<CaseAnswer> {
    const loaded = (await this.store.load(runId)) as LoadedRun;
    const { keyring } = this.#engine;
    const { records } = await RunJournal.open(loaded, { keyring, store: this.store });
    const { run } = loaded;
    const error = unrecorded ?? run.failure ?? (run.wait === "event" ? WAITS : null);
    const outcome = outcomeOf(run.wait === "event" ? "dead" : status, error);
    const output =
      outcome === "answered" ? lastOutput(records, "decide") : outcome === "review" ? proposalOf(records) : null;
    return {
      outcome,
      output,
      confidence: confidence(records, this.#engine.prompts),
      ...aboutModels(records),
      error,
      trace: traceOf(run, records),
    };
  }
}

const WAITS: FailureInfo = {
  class: "bug",
  code: "waits_for_event",
  message: "The path waits for another event, which a case cannot give.",
};

function outcomeOf(status: RunStatus, error: FailureInfo | null): CaseAnswer["outcome"] {
  if (error?.code === UNRECORDED || error?.code === OVER_BUDGET) return "failed";
  if (status === "completed") return "answered";
  if (status === "waiting") return "review";
  if (error?.class === "timeout") return "timed_out";
  if (error?.class === "invalid_output") return "invalid";
  if (error?.class === "refused") return "refused";
  // What stops in shadow would have gone to a person; what dies would not.
  return status === "stopped" && error?.code !== "shadow_incomplete" ? "review" : "failed";
}

function failed(error: FailureInfo): CaseAnswer {
  const nothing = { confidence: null, validJson: null, validFirst: null, repaired: false, latencyMs: null };
  const none = { inputTokens: null, outputTokens: null, costUsd: 0 };
  return { outcome: "failed", output: null, ...nothing, ...none, error, trace: [] };
}

function lastOutput(records: readonly JournalRecord[], kind: JournalRecord["kind"]): Json {
  return records.findLast((record) => record.kind === kind && record.status === "success")?.body.output ?? null;
}

/** What a reviewer would have been shown. */
function proposalOf(records: readonly JournalRecord[]): Json {
  const asked = records.findLast(({ kind }) => kind === "review")?.body.detail;
  if (!isObject(asked)) return null;
  return asked["proposal"] ?? asked["decision"] ?? null;
}

/** Of the last prompt step that gave a valid output. */
function confidence(records: readonly JournalRecord[], prompts: PromptSet): number | null {
  const last = records.findLast(
    ({ kind, type, status }) => kind === "prompt" && type === "validation" && status === "success",
  );
  const { prompt, promptVersion, output } = last?.body ?? {};
  if (prompt === undefined || promptVersion === undefined || output === undefined) return null;
  const spec = prompts.find(prompt, promptVersion);
  return spec === undefined ? null : confidenceOf(spec, output);
}

type AboutModels = Pick<
  CaseAnswer,
  "validJson" | "validFirst" | "repaired" | "latencyMs" | "inputTokens" | "outputTokens" | "costUsd"
>;

/** Over all prompt steps of the path; of time, what its model calls took. */
function aboutModels(records: readonly JournalRecord[]): AboutModels {
  const calls = records.filter(
    ({ type, status }) => (type === "model_call" || type === "repair") && status === "success",
  );
  const firsts = records.filter(
    (record) => record.type === "validation" && hopBefore(records, record) === "model_call",
  );
  const json = firsts.filter(({ body }) => body.validation?.verdict !== "refused");
  const none = calls.length === 0;
  return {
    validJson: json.length === 0 ? null : json.every(({ body }) => isJson(body.validation)),
    validFirst: firsts.length === 0 ? null : firsts.every(({ body }) => body.validation?.verdict === "valid"),
    repaired: records.some(({ type }) => type === "repair"),
    latencyMs: none ? null : sum(calls.map(({ startedAt, endedAt }) => endedAt - startedAt)),
    inputTokens: none ? null : sumKnown(calls.map(({ body }) => body.usage?.inputTokens ?? null)),
    outputTokens: none ? null : sumKnown(calls.map(({ body }) => body.usage?.outputTokens ?? null)),
    costUsd: sumKnown(calls.map(({ body }) => body.costUsd ?? null)),
  };
}

/** What of the same step stands before it. */
function hopBefore(records: readonly JournalRecord[], { kind, name, key, seq }: JournalRecord): string | undefined {
  return records.findLast((each) => each.seq < seq && each.kind === kind && each.name === name && each.key === key)
    ?.type;
}

function isJson(validation: JournalRecord["body"]["validation"]): boolean {
  return validation?.verdict === "valid" || validation?.code === "schema" || validation?.code === "rule";
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** Unknown as soon as one is. */
function sumKnown(values: readonly (number | null)[]): number | null {
  return values.some((value) => value === null) ? null : sum(values as number[]);
}
