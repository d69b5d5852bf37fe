import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { isDeepStrictEqual } from "node:util";
import type { Answer } from "../prompt/ask.ts";
import { ask } from "../prompt/ask.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import type { ModelRates } from "../model/rates.ts";
import type { CandidateAnswer } from "../release/candidates.ts";
import type { Candidate, Pins } from "../release/release.ts";
import { History } from "../workflow/history.ts";
import type { InsteadOf } from "../workflow/instead.ts";
import type { Deployed } from "../workflow/open.ts";
import { recompute } from "../workflow/recompute.ts";
import { changedFields, decisiveFields } from "./decision-fields.ts";
import { openRun } from "./preview-run.ts";
import type { OpenRun } from "./preview-run.ts";
import type { Parts } from "./parts.ts";

/** Why a candidate was not asked. */
export type Skipped = "originals_gone" | "version_gone" | "not_served" | "not_reached" | "budget";

/** A shadow candidate that a run has pinned. */
export interface PinnedCandidate {
  slot: string;
  prompt: string;
  candidate: Candidate;
}

export function shadowCandidates(pins: Pins): PinnedCandidate[] {
  return Object.entries(pins.prompts).flatMap(([slot, { prompt, candidate }]) =>
    candidate?.mode === "shadow" ? [{ slot, prompt, candidate }] : [],
  );
}

/** Places in front of a model are left to whoever comes meanwhile: a run never waits behind what nobody waits for. */
function yieldingRates(rates: ModelRates): ModelRates {
  const YIELD_MS = 1_000;
  return {
    async turn(asked) {
      const turn = await rates.turn(asked);
      if (turn.begin) return turn;
      await rates.forget(asked.owner);
      return { begin: false, at: turn.at + YIELD_MS };
    },
    settle: (ticket, tokens) => rates.settle(ticket, tokens),
    giveBack: (ticket) => rates.giveBack(ticket),
    pause: (model, until) => rates.pause(model, until),
    forget: (owner) => rates.forget(owner),
    recall: (model, at, tokens) => rates.recall(model, at, tokens),
  };
}

/** One run with one candidate, and who may be asked about it. */
export interface ShadowQuestion {
  parts: Parts;
  deployed: Deployed;
  runId: string;
  pinned: PinnedCandidate;
  /** Keys of the calls that have an answer already. */
  known: ReadonlySet<string>;
  signal: AbortSignal;
}

/**
 * Asks a candidate what the run asked the version that served it: the workflow's function goes over the record once more, and at
 * each call of the slot the candidate is given the very inputs and rules. The run's own answer goes on from there, so that later
 * calls see what they saw. Nothing is executed, nothing of the run is changed.
 */
export async function shadowAnswers(question: ShadowQuestion): Promise<CandidateAnswer[]> {
  const { parts, deployed, runId, pinned, known, signal } = question;
  const open = await openRun(parts, runId, deployed);
  const run = open?.run ?? (await parts.store.run(runId));
  if (run === null) return [];
  const about = aboutOf(question, (JSON.parse(run.pins ?? "null") as Pins | null)?.release ?? 0);
  if (open === null) return [skipped(about, "", "originals_gone")];
  const spec = parts.prompts.find(pinned.prompt, pinned.candidate.version);
  if (spec === undefined || spec.hash !== pinned.candidate.hash) return [skipped(about, "", "version_gone")];
  const made: CandidateAnswer[] = [];
  const history = new History(open.records);
  const instead: InsteadOf = {
    spec,
    async ask(slot, key, inputs, rules) {
      const served = servedOutput(history, slot, key);
      if (!known.has(key)) {
        const { engine } = parts;
        const deps = { models: engine.models, rates: yieldingRates(engine.rates), clock: engine.clock };
        const owner = `candidate ${spec.hash}\n${runId}\n${slot}\n${key}`;
        const model = engine.models.resolve(pinned.candidate.model);
        const answer = await ask(deps, { spec, inputs, model, rules, owner }, signal);
        made.push(answered(open, spec, { ...about, key }, served, answer));
      }
      const stands = served.person ?? served.model;
      return stands === null ? { why: "no_output" } : { output: stands };
    },
  };
  await recompute({ engine: parts.engine, deployed, ...open, prompts: new Map([[pinned.slot, instead]]), signal });
  const calls = callKeys(history, pinned.slot);
  const reached = new Set([...known, ...made.map(({ key }) => key)]);
  return [...made, ...calls.filter((key) => !reached.has(key)).map((key) => skipped(about, key, "not_reached"))];
}

type About = Pick<
  CandidateAnswer,
  "runId" | "workflow" | "slot" | "release" | "prompt" | "version" | "hash" | "model"
> & {
  askedAt: number;
};

export function aboutOf({ parts, deployed, runId, pinned }: ShadowQuestion, release: number): About {
  const { slot, prompt, candidate } = pinned;
  const { version, hash, model } = candidate;
  const askedAt = parts.engine.clock.now();
  return { runId, workflow: deployed.workflow.name, slot, release, prompt, version, hash, model, askedAt };
}

const NOTHING = {
  repaired: false,
  output: null,
  agrees: null,
  agreesWithPerson: null,
  servedAgreesWithPerson: null,
  fields: null,
  costUsd: null,
  latencyMs: null,
  inputTokens: null,
  outputTokens: null,
} as const;

export function skipped(about: About, key: string, code: Skipped): CandidateAnswer {
  return { ...about, ...NOTHING, key, status: "skipped", code };
}

/** What the model gave the run, and what a person said it has to be; null each where there is none. */
interface Served {
  model: Json | null;
  person: Json | null;
}

function servedOutput(history: History, slot: string, key: string): Served {
  const ended = history.step(slot, key)?.records.findLast(({ ends, status }) => ends && status === "success");
  const model = ended?.body.output ?? null;
  const override = history.override(slot, key)?.output;
  if (override !== undefined) return { model, person: override };
  const confirmed = history.answers.some(({ action }) => action !== "reject");
  return { model, person: confirmed ? model : null };
}

function callKeys(history: History, slot: string): string[] {
  const calls = history.standing.filter(({ kind, name }) => kind === "prompt" && name === slot);
  return [...new Set(calls.map(({ key }) => key))];
}

const STATUS = {
  answered: "valid",
  invalid: "invalid",
  refused: "invalid",
  failed: "failed",
  timed_out: "failed",
} as const;

function answered(
  open: OpenRun,
  spec: PromptSpec,
  about: About & { key: string },
  served: Served,
  answer: Answer,
): CandidateAnswer {
  const given = answer.outcome === "answered" ? answer.output : null;
  const same = (a: Json | null, b: Json | null): boolean | null =>
    a === null || b === null ? null : differing(spec, a, b).length === 0;
  const { repaired, costUsd, latencyMs, inputTokens, outputTokens } = answer;
  const shown = open.journal.redactBody(
    { output: given },
    { output: given === null ? [] : spec.output.sensitive(given) },
  );
  return {
    ...about,
    status: STATUS[answer.outcome],
    code: answer.error?.code ?? null,
    repaired,
    output: given === null ? null : JSON.stringify(shown.output),
    agrees: same(given, served.model),
    // Where a person decided, no valid answer is a wrong one.
    agreesWithPerson: served.person === null ? null : (same(given, served.person) ?? false),
    servedAgreesWithPerson: served.person === null ? null : (same(served.model, served.person) ?? false),
    fields: given === null || served.model === null ? null : fieldsOf(spec, given, served.model),
    costUsd,
    latencyMs,
    inputTokens,
    outputTokens,
  };
}

function fieldsOf(spec: PromptSpec, a: Json, b: Json): Record<string, boolean> | null {
  if (!isObject(a) || !isObject(b)) return null;
  const changed = new Set(changedFields(decisive(spec, a, b), a, b));
  return Object.fromEntries(decisive(spec, a, b).map((name) => [name, !changed.has(name)]));
}

function differing(spec: PromptSpec, a: Json, b: Json): string[] {
  if (isObject(a) && isObject(b)) return changedFields(decisive(spec, a, b), a, b);
  return isDeepStrictEqual(a, b) ? [] : [""];
}

function decisive(spec: PromptSpec, a: JsonObject, b: JsonObject): string[] {
  const outputs = [{ schema: spec.outputSchema, confidence: spec.confidence }];
  return decisiveFields({ decision: null, outputs }, [a, b]);
}
