import { newId } from "../../src/base/id.ts";
import type { FailureInfo } from "../../src/base/failure.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { Keyring } from "../../src/journal/keyring.ts";
import type { AcceptInput, ClaimedRun, CommitInput, NewReview } from "../../src/journal/ports.ts";
import type { RecordBody, RecordKind, RecordStatus, TraceType } from "../../src/journal/record.ts";
import { deathFingerprint, type RunFailure } from "../../src/journal/run.ts";
import type { Mark } from "../../src/journal/redact.ts";
import { RunJournal } from "../../src/journal/run-journal.ts";
import type { RunCommand } from "../../src/journal/transition.ts";
import { RunVault } from "../../src/journal/vault.ts";
import type { Release } from "../../src/release/release.ts";
import type { Random } from "./random.ts";
import type { Shape } from "./workflows.ts";

const PLANS = ["free", "pro", "starter", "business", "enterprise"];
const CHANNELS = ["email", "web", "chat", "phone"];
const URGENCIES = ["low", "medium", "high"];
const REASONS = [
  "The customer reports two identical charges within a minute.",
  "Ownership of the account is not clear from the message.",
  "Matches the standard terms, nothing unusual.",
  "Kundin ist verärgert und droht mit Kündigung.",
  "The amounts differ by the tax of the second invoice.",
];

/** What becomes of a run, with its share of all. */
const FATES = [
  ["decided", 0.8],
  ["reviewing", 0.03],
  ["reviewed", 0.07],
  ["invalid", 0.025],
  ["tool_failed", 0.025],
  ["rule_failed", 0.02],
  ["timeout", 0.02],
  ["rejected", 0.01],
] as const;
type Fate = (typeof FATES)[number][0];

/** An event of `shape`, as the intake would hand it to the store, and the journal its run goes on with. */
export function newEvent(shape: Shape, n: number, at: number, keyring: Keyring, random: Random): Started {
  const runId = newId("run");
  const eventId = `evt_${shape.idPrefix}_${String(n).padStart(6, "0")}`;
  const { vault, wrappedKey } = RunVault.create(runId, keyring);
  const journal = new RunJournal(runId, vault, keyring);
  const item = {
    id: `${shape.idPrefix}_${n}`,
    subject: random.pick(shape.subjects),
    body: `Message ${n} of the customer, which nobody but the model and a reviewer may read: ${random.pick(REASONS)}`,
    channel: random.skewed(CHANNELS),
  };
  const customer = { id: `cus_${random.whole(1, 8_000)}`, plan: random.skewed(PLANS) };
  const event = {
    event: shape.eventType,
    event_id: eventId,
    created_at: new Date(at).toISOString(),
    [shape.item]: item,
    customer,
  };
  const marks = [{ pointer: `/${shape.item}/body`, kind: "sensitive" }];
  const body: RecordBody = { output: event, detail: { marks, drift: [], contract_version: 1 } };
  const run = { shape, journal, event, n };
  const record = sealed(run, at, { kind: "event", type: "trigger", name: shape.eventType, ms: 0, body }, marks);
  const limits = { priority: 0, concurrencyKey: null, concurrencyLimit: null, deadlineAt: at + 86_400_000 };
  const accept: AcceptInput = {
    eventType: shape.eventType,
    eventId,
    contractVersion: 1,
    bodyMac: keyring.bodyMac(eventId),
    drift: random.chance(0.01) ? ["/customer/region"] : [],
    runs: [{ runId, workflow: shape.workflow, ...limits, wrappedKey, record }],
  };
  return { ...run, accept };
}

interface Seeded {
  shape: Shape;
  journal: RunJournal;
  event: JsonObject;
  n: number;
}

export type Started = Seeded & { accept: AcceptInput };

interface Made {
  kind: RecordKind;
  type: TraceType;
  name: string;
  /** How long it took. */
  ms: number;
  status?: RecordStatus;
  ends?: boolean;
  body: RecordBody;
}

type SealedOf = ReturnType<RunJournal["seal"]>;

function sealed({ journal }: Pick<Seeded, "journal">, at: number, made: Made, marks: readonly Mark[] = []): SealedOf {
  const { kind, type, name, ms, status = "success", ends = status === "success", body } = made;
  const times = { startedAt: at, endedAt: at + ms };
  return journal.seal({ kind, type, name, key: "", attempt: 1, status, ends, ...times, body }, { output: marks });
}

function fateOf(random: Random): Fate {
  let left = random.next();
  for (const [fate, share] of FATES) if ((left -= share) < 0) return fate;
  return "decided";
}

/** One commit that takes a claimed run to where it ends, or waits, and when that is. */
export function advance(
  started: Started,
  claimed: ClaimedRun,
  release: Release,
  random: Random,
): { input: CommitInput; at: number } {
  return new Telling(started, claimed, release, random).told();
}

/** Tells the story of one run, step by step. */
class Telling {
  readonly #run: Started;
  readonly #claimed: ClaimedRun;
  readonly #release: Release;
  readonly #random: Random;
  readonly #records: SealedOf[] = [];
  readonly #facets = new Set<string>();
  readonly #reviews: NewReview[] = [];
  #at: number;
  #cost = 0;

  constructor(run: Started, claimed: ClaimedRun, release: Release, random: Random) {
    [this.#run, this.#claimed, this.#release, this.#random] = [run, claimed, release, random];
    this.#at = claimed.run.startedAt ?? claimed.run.createdAt;
  }

  told(): { input: CommitInput; at: number } {
    const fate = fateOf(this.#random);
    const command = this.#tell(fate);
    const { number, stage, prompts, thresholds, tools, riskThreshold } = this.#release;
    const pins = { release: number, stage, development: false, contractVersion: 1, prompts, thresholds, tools };
    const failure = "failure" in command ? command.failure : null;
    const input: CommitInput = {
      runId: this.#claimed.run.runId,
      epoch: this.#claimed.run.epoch,
      records: this.#records,
      command,
      pins: { release: number, stage, body: JSON.stringify({ ...pins, riskThreshold, code: "seeded" }) },
      facets: [...this.#facets],
      costUsd: this.#cost,
      ...(this.#reviews.length === 0 ? {} : { reviews: this.#reviews }),
      ...(this.#decision === null ? {} : { decision: JSON.stringify(this.#run.journal.redact(this.#decision)) }),
      ...(failure === null ? {} : { fingerprint: deathFingerprint(this.#run.shape.workflow, failure) }),
    };
    return { input, at: this.#at };
  }

  #decision: JsonObject | null = null;

  #tell(fate: Fate): RunCommand {
    const { shape } = this.#run;
    if (fate === "tool_failed") return this.#dieAtTool();
    this.#tool(shape.read, "read", { customer_id: this.#customer }, { known: fate !== "rule_failed" });
    if (fate === "rule_failed") return this.#stop(this.#failure("rule_failed", "rule", "known customer", `Customer ${this.#customer} is not known to the ${shape.team} desk.`)); // prettier-ignore
    this.#rule();
    if (fate === "timeout") return this.#timeout();
    const answer = this.#prompt(fate);
    if (fate === "invalid") return this.#stop(this.#failure("invalid_output", "schema", shape.slot, "The model's answer is invalid, also after one repair: /category is none of the categories.")); // prettier-ignore
    if (fate === "reviewing") return this.#park(answer);
    if (fate === "reviewed") this.#review(answer, "success");
    if (answer["urgency"] === "high") this.#tool(shape.write, "write", { id: `${shape.idPrefix}_${this.#run.n}` }, { filed: true }); // prettier-ignore
    return this.#decide(answer, fate);
  }

  get #customer(): string {
    return (this.#run.event["customer"] as { id: string }).id;
  }

  #add(made: Made): void {
    const { release, stage } = this.#bodyPins();
    this.#records.push(sealed(this.#run, this.#at, { ...made, body: { release, stage, ...made.body } }));
    this.#at += made.ms;
  }

  #bodyPins(): { release: number; stage: string } {
    return { release: this.#release.number, stage: this.#release.stage };
  }

  #rule(): void {
    this.#add({ kind: "rule", type: "rule", name: "known customer", ms: 0, body: { output: true } });
  }

  #tool(tool: string, effect: "read" | "write", input: Json, output: Json): void {
    this.#facets.add(`tool:${tool}`);
    const body: RecordBody = { tool, effect, input, phase: effect === "read" ? "result" : "settle", output };
    const ms = this.#random.whole(8, 400);
    const step: Made = { kind: "tool", type: "tool_call", name: tool.replaceAll("_", " "), ms, body };
    if (effect === "write") this.#add({ ...step, ms: 0, ends: false, body: { tool, effect, input, phase: "claim" } });
    this.#add(step);
  }

  #failure(kind: FailureInfo["class"], code: string, step: string, message: string): RunFailure {
    return { class: kind, code, message, step };
  }

  #dieAtTool(): RunCommand {
    const { read } = this.#run.shape;
    this.#facets.add(`tool:${read}`);
    const step = read.replaceAll("_", " ");
    const [code, message] = this.#random.pick([
      ["http_503", "The desk answered 503 Service Unavailable."],
      ["connection_reset", "The connection to the desk was reset (ECONNRESET)."],
      ["http_500", "The desk answered 500: invoice ledger is locked."],
    ] as const);
    const failure = this.#failure("transient", code, step, message);
    const body: RecordBody = { tool: read, effect: "read", input: { customer_id: this.#customer }, error: failure };
    this.#add({ kind: "tool", type: "tool_call", name: step, ms: 900, status: "error", body });
    return { do: "die", failure };
  }

  #said(): RecordBody {
    const { prompt, slot } = this.#run.shape;
    const grant = this.#release.prompts[slot];
    if (grant === undefined) throw new Error(`The release grants no prompt for ${slot}.`);
    const { version, hash, model } = grant;
    for (const facet of [`prompt:${prompt}`, `prompt_version:${prompt}@${version}`, `model:${model}`])
      this.#facets.add(facet);
    return { prompt, promptVersion: version, promptHash: hash, model };
  }

  #timeout(): RunCommand {
    const { slot } = this.#run.shape;
    const failure = this.#failure("timeout", "model_timeout", slot, "The model did not answer within 30 s.");
    const body: RecordBody = { ...this.#said(), error: failure };
    this.#add({ kind: "prompt", type: "model_call", name: slot, ms: 30_000, status: "error", body });
    return { do: "die", failure };
  }

  #prompt(fate: Fate): JsonObject {
    const { slot, item, category } = this.#run.shape;
    const random = this.#random;
    const sure = fate === "decided" || fate === "invalid";
    const answer = {
      category: fate === "invalid" ? "unheard_of" : random.skewed(category),
      urgency: random.skewed(URGENCIES),
      confidence: Math.round((sure ? 0.75 + random.next() * 0.25 : 0.4 + random.next() * 0.34) * 100) / 100,
      reason: random.pick(REASONS),
    };
    const given = this.#run.event[item] as { subject: string; body: string };
    const usage = { inputTokens: random.whole(180, 420), outputTokens: random.whole(30, 70) };
    const costUsd = (usage.inputTokens * 0.4 + usage.outputTokens * 1.6) / 1e6;
    this.#cost += costUsd;
    const call = { input: { [`${item}.subject`]: given.subject, [`${item}.body`]: given.body }, raw: JSON.stringify(answer), usage, costUsd }; // prettier-ignore
    const named = { kind: "prompt", name: slot } as const;
    this.#add({ ...named, type: "model_call", ms: random.whole(350, 2_400), ends: false, body: { ...this.#said(), ...call, settings: { temperature: 0 } } }); // prettier-ignore
    if (fate !== "invalid") {
      const body: RecordBody = { ...this.#said(), validation: { verdict: "valid" }, output: answer };
      this.#add({ ...named, type: "validation", ms: 0, body });
      return answer;
    }
    const errors = [{ pointer: "/category", message: "is none of the categories" }];
    const refused: RecordBody = { ...this.#said(), validation: { verdict: "invalid", code: "schema", errors } };
    this.#add({ ...named, type: "validation", ms: 0, status: "error", body: refused });
    this.#add({
      ...named,
      type: "repair",
      ms: random.whole(350, 2_400),
      ends: false,
      body: { ...this.#said(), ...call },
    });
    this.#add({ ...named, type: "validation", ms: 0, status: "error", body: refused });
    return answer;
  }

  #stop(failure: RunFailure): RunCommand {
    return { do: "stop", disposition: "stopped", failure };
  }

  #review(answer: JsonObject, status: "waiting" | "success"): void {
    const { shape } = this.#run;
    const waiting = status === "waiting";
    const ms = waiting ? 0 : this.#random.whole(30_000, 3_000_000);
    const detail = { proposal: answer, of: shape.slot, team: shape.team };
    this.#add({ kind: "review", type: "review", name: "low confidence", ms, status, ends: !waiting, body: { detail } });
  }

  #park(answer: JsonObject): RunCommand {
    const { workflow, slot, team } = this.#run.shape;
    this.#review(answer, "waiting");
    const of = { reviewId: newId("rev"), workflow, step: "low confidence", key: "", of: slot, why: "low_confidence" };
    const reason = `The workflow asks for a review of "${slot}": low confidence.`;
    this.#reviews.push({ ...of, reason, team, priority: 0, createdAt: this.#at, expiresAt: null });
    return { do: "park", wait: "review", wakeAt: null, seenSeq: this.#claimed.run.nextSeq - 1 };
  }

  #decide(answer: JsonObject, fate: Fate): RunCommand {
    if (fate === "rejected") return { do: "stop", disposition: "rejected", failure: null };
    this.#decision = answer;
    this.#add({ kind: "decide", type: "decision", name: "decide", ms: 0, body: { output: answer } });
    const { stage } = this.#release;
    const confirmed = fate === "reviewed" ? "reviewed" : "applied";
    const disposition = stage === "shadow" ? "shadowed" : stage === "suggestion" ? "suggested" : confirmed;
    return { do: "complete", disposition };
  }
}
