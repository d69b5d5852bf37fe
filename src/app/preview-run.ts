import { createHash } from "node:crypto";
import { canonicalJson } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { JournalRecord } from "../journal/record.ts";
import { RunJournal } from "../journal/run-journal.ts";
import type { Run } from "../journal/run.ts";
import type { ModelName } from "../model/registry.ts";
import { ask } from "../prompt/ask.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import type { InsteadOf } from "../workflow/instead.ts";
import type { Deployed } from "../workflow/open.ts";
import { personSaid, recompute } from "../workflow/recompute.ts";
import type { Recomputed } from "../workflow/recompute.ts";
import { changedFields, decisiveFields } from "./decision-fields.ts";
import type { DeclaredFields } from "./decision-fields.ts";
import type { Parts } from "./parts.ts";
import type { PreviewRow, RowStatus } from "./previewing.ts";

/** What a version was asked for one step of one run. */
export interface KeptAnswer {
  answer: { output: Json } | { why: string; failed: string | null };
  costUsd: number | null;
}

/** Answers by everything that determines them; the oldest go first. */
export class AnswerCache {
  readonly #kept = new Map<string, KeptAnswer>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): KeptAnswer | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found;
  }

  set(key: string, answer: KeptAnswer): void {
    this.#kept.set(key, answer);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#limit) break;
      this.#kept.delete(oldest);
    }
  }
}

/** What is tried, and on what. */
export interface Trial {
  spec: PromptSpec;
  model: ModelName;
  deployed: Deployed;
  slots: readonly string[];
  fields: readonly string[] | null;
  cache: AnswerCache;
}

export type RowOutcome = { row: PreviewRow; fields: string[] } | "originals_gone" | "not_asked";

/** A recorded run with its originals; null where they are gone. */
export interface OpenRun {
  run: Run;
  journal: RunJournal;
  records: JournalRecord[];
}

export async function openRun(parts: Parts, runId: string, deployed: Deployed): Promise<OpenRun | null> {
  const { store, engine } = parts;
  const loaded = await store.load(runId);
  if (loaded === null || loaded.wrappedKey === null || loaded.run.valuesRemovedAt !== null) return null;
  const { vocabulary } = deployed;
  const { journal, records } = await RunJournal.open(loaded, { keyring: engine.keyring, store, vocabulary });
  return { run: loaded.run, journal, records };
}

/** One recorded run under the version it was decided with and under another one. */
export async function previewOne(parts: Parts, trial: Trial, runId: string, signal: AbortSignal): Promise<RowOutcome> {
  const open = await openRun(parts, runId, trial.deployed);
  if (open === null) return "originals_gone";
  const calls = open.records.filter(({ kind, name, body }) => {
    return kind === "prompt" && trial.slots.includes(name) && body.prompt === trial.spec.name;
  });
  if (calls.length === 0) return "not_asked";
  const given = { engine: parts.engine, deployed: trial.deployed, ...open, signal };
  const before = asRecorded(open, await recompute(given));
  const asking = new Asking(parts, trial, open.run, signal);
  const prompts = new Map(trial.slots.map((slot) => [slot, asking.instead]));
  const after = await recompute({ ...given, prompts });
  return rowOf(trial, open, { before, after, asking, costBeforeUsd: costOf(calls) });
}

/** Code or files that have changed since may not replay what was decided; where no person was asked, the record says it. */
function asRecorded({ run, journal, records }: OpenRun, before: Recomputed): Recomputed {
  if (before.failure === null || run.decision === null || personSaid(records) !== null) return before;
  return { ...before, failure: null, decision: journal.vault.restore(run.decision) as JsonObject };
}

/** Asks the version for the steps of one run. */
class Asking {
  costUsd: number | null = 0;
  /** True where nothing had to be asked. */
  cached = true;
  /** Why the model gave no answer. */
  failed: string | null = null;
  readonly #parts: Parts;
  readonly #trial: Trial;
  readonly #run: Run;
  readonly #signal: AbortSignal;

  constructor(parts: Parts, trial: Trial, run: Run, signal: AbortSignal) {
    this.#parts = parts;
    this.#trial = trial;
    this.#run = run;
    this.#signal = signal;
  }

  get instead(): InsteadOf {
    return { spec: this.#trial.spec, ask: (slot, key, given, rules) => this.#answer(slot, key, given, rules) };
  }

  async #answer(
    slot: string,
    key: string,
    given: Json,
    rules: Parameters<InsteadOf["ask"]>[3],
  ): Promise<{ output: Json } | { why: string }> {
    const { cache } = this.#trial;
    const cacheKey = this.#cacheKey(slot, key, given);
    const kept = cache.get(cacheKey);
    if (kept === undefined) this.cached = false;
    const { answer, costUsd } = kept ?? (await this.#ask(`${slot}\n${key}`, given, rules));
    // What failed may do better the next time.
    if (kept === undefined && !("failed" in answer && answer.failed !== null)) cache.set(cacheKey, { answer, costUsd });
    if (kept === undefined) this.costUsd = this.costUsd === null || costUsd === null ? null : this.costUsd + costUsd;
    if ("failed" in answer) this.failed ??= answer.failed;
    return "output" in answer ? answer : { why: answer.why };
  }

  async #ask(step: string, inputs: Json, rules: Parameters<InsteadOf["ask"]>[3]): Promise<KeptAnswer> {
    const { engine } = this.#parts;
    const { spec, model } = this.#trial;
    const owner = `preview ${spec.hash}\n${this.#run.runId}\n${step}`;
    const told = await ask(engine, { spec, inputs, model, rules, owner }, this.#signal);
    const { outcome, output, costUsd, error } = told;
    if (outcome === "answered") return { answer: { output }, costUsd };
    if (outcome === "invalid") return { answer: { why: "invalid_output", failed: null }, costUsd };
    if (outcome === "refused") return { answer: { why: "refused", failed: null }, costUsd };
    return { answer: { why: outcome, failed: error?.message ?? outcome }, costUsd };
  }

  /** The rules of the step are the run's code over what the run has read: they are the same for the same run and code. */
  #cacheKey(slot: string, key: string, given: Json): string {
    const { spec, model, deployed } = this.#trial;
    const parts = [spec.hash, `${model.provider}/${model.model}`, deployed.code, this.#run.runId, slot, key];
    return createHash("sha256")
      .update(JSON.stringify([...parts, canonicalJson(given)]))
      .digest("base64url");
  }
}

interface Computed {
  before: Recomputed;
  after: Recomputed;
  asking: Asking;
  costBeforeUsd: number | null;
}

function rowOf(trial: Trial, open: OpenRun, computed: Computed): RowOutcome {
  const { before, after, asking, costBeforeUsd } = computed;
  const person = personOf(open);
  const decisions = [before.decision, after.decision, person?.decision ?? null].filter((each) => each !== null);
  const fields = trial.fields ?? decisiveFields(declaredBy(trial), decisions);
  const both = before.decision !== null && after.decision !== null;
  const changed = both ? changedFields(fields, before.decision, after.decision) : [];
  const right = (decision: JsonObject | null): boolean | null =>
    (person?.decision ?? null) === null
      ? null
      : decision !== null && changedFields(fields, decision, person?.decision ?? null).length === 0;
  const status = statusOf(before.decision, after, asking.failed, changed);
  const note = noteOf(after, asking.failed);
  const row: PreviewRow = {
    runId: open.run.runId,
    createdAt: open.run.createdAt,
    status,
    before: shown(trial, open, before.decision),
    after: shown(trial, open, after.decision),
    beforeAsks: asksPerson(before),
    afterAsks: asksPerson(after),
    person: person === null ? null : { ...person, decision: shown(trial, open, person.decision) },
    changed,
    beforeRight: right(before.decision),
    afterRight: status === "incomplete" ? null : right(after.decision),
    costUsd: asking.costUsd,
    costBeforeUsd,
    cached: asking.cached,
    note: note === null ? null : open.journal.redactText(note),
  };
  return { row, fields: [...fields] };
}

function declaredBy({ deployed, spec }: Trial): DeclaredFields {
  const { outputSchema: schema, confidence } = spec;
  return { decision: deployed.workflow.decision?.source ?? null, outputs: [{ schema, confidence }] };
}

/** A run that comes to no decision by itself needs somebody, whatever it stopped at. */
export function asksPerson({ decision, asked }: Recomputed): boolean {
  return decision === null || asked.length > 0;
}

function statusOf(
  before: JsonObject | null,
  after: Recomputed,
  failed: string | null,
  changed: readonly string[],
): RowStatus {
  if (failed !== null || after.failure !== null) return "failed";
  if (after.incompleteAt !== null) return "incomplete";
  if (after.decision === null) return "asks";
  return before === null || changed.length > 0 ? "changed" : "same";
}

function noteOf(after: Recomputed, failed: string | null): string | null {
  if (failed !== null || after.failure !== null) return failed ?? after.failure;
  if (after.incompleteAt !== null)
    return `With this answer the run needs step "${after.incompleteAt}" with other input than it was recorded with.`;
  const last = after.asked.at(-1);
  return after.decision === null && last !== undefined ? `A person is asked at "${last.step}" (${last.why}).` : null;
}

/** What a person decided; null where nobody has, or the run did not get to a decision all the same. */
export function personOf({ run, journal, records }: OpenRun): PreviewRow["person"] {
  const said = personSaid(records);
  if (said === null) return null;
  if (said.action === "reject") return { ...said, decision: null };
  return run.decision === null ? null : { ...said, decision: journal.vault.restore(run.decision) as JsonObject };
}

function shown({ deployed }: Trial, { journal }: OpenRun, decision: JsonObject | null): JsonObject | null {
  if (decision === null) return null;
  const marks = deployed.workflow.decision?.sensitive(decision) ?? [];
  return (journal.redactBody({ output: decision }, { output: marks }).output ?? null) as JsonObject | null;
}

function costOf(calls: readonly JournalRecord[]): number | null {
  return calls.reduce<number | null>((sum, { body: { costUsd } }) => {
    if (costUsd === undefined || sum === null) return sum;
    return costUsd === null ? null : sum + costUsd;
  }, 0);
}
