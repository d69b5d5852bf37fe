import { UsageError } from "../base/failure.ts";
import { newId } from "../base/id.ts";
import { didYouMean } from "../base/suggest.ts";
import { exactInterval, pairedTest, pairedVerdict } from "../eval/statistics.ts";
import { LOCAL_MODEL } from "../model/port.ts";
import { checkDocument } from "../prompt/document.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import { asDrafted, checkedDraft } from "./drafts.ts";
import type { Parts } from "./parts.ts";
import { AnswerCache, previewOne } from "./preview-run.ts";
import type { Trial } from "./preview-run.ts";
import type { Preview, PreviewRequest, PreviewRow, Previewing, Share } from "./previewing.ts";
import { invalid } from "./prompts.ts";
import type { Actor } from "./actor.ts";

/** Runs under way at once in one preview. */
const CONCURRENCY = 8;
/** Previews under way at once; each has a person in front of it. */
const MAX_RUNNING = 4;
const MAX_KEPT = 20;
const KEPT_ANSWERS = 5_000;
/** Of one run: a model that is slower than that is told of as a failure. */
const RUN_MS = 120_000;
const PAGE = 100;

/** Previews of prompt versions on recorded runs, in memory: they are gone with the process. */
export class Previews implements Previewing {
  readonly #parts: Parts;
  readonly #cache = new AnswerCache(KEPT_ANSWERS);
  /** Oldest first. */
  readonly #jobs = new Map<string, PreviewJob>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  startPreview = async (request: PreviewRequest, actor: Actor): Promise<Preview> => {
    const spec = await this.#specOf(request);
    const trial = { ...trialOf(this.#parts, request, spec), cache: this.#cache };
    const { name, workflow } = request;
    const running = [...this.#jobs.values()].filter(({ running: now }) => now);
    for (const job of running) if (job.isAbout(name, workflow, actor.name)) job.cancel();
    if (running.filter((job) => job.running).length >= MAX_RUNNING) throw tooMany();
    const job = new PreviewJob(this.#parts, trial, request, actor);
    this.#keep(job);
    void job.run();
    return job.preview();
  };

  promptPreview = async (name: string, previewId: string): Promise<Preview> => this.#job(name, previewId).preview();

  cancelPreview = async (name: string, previewId: string): Promise<Preview> => {
    const job = this.#job(name, previewId);
    job.cancel();
    return job.preview();
  };

  async close(): Promise<void> {
    for (const job of this.#jobs.values()) job.cancel();
    await Promise.all([...this.#jobs.values()].map((job) => job.ended));
  }

  #keep(job: PreviewJob): void {
    this.#jobs.set(job.previewId, job);
    for (const [id, { running }] of this.#jobs) if (this.#jobs.size > MAX_KEPT && !running) this.#jobs.delete(id);
  }

  #job(name: string, previewId: string): PreviewJob {
    const job = this.#jobs.get(previewId);
    if (job?.name === name) return job;
    const message = `There is no preview ${JSON.stringify(previewId)} of ${name}; previews are kept while the server runs, the latest ${MAX_KEPT}.`;
    throw new UsageError("unknown_preview", message, { status: 404 });
  }

  async #specOf({ name, what }: PreviewRequest): Promise<PromptSpec> {
    const { prompts } = this.#parts;
    if ("version" in what) return prompts.get(name, what.version);
    const given = "document" in what ? what.document : (await checkedDraft(this.#parts, name, what.draftId)).document;
    const { spec, problems } = checkDocument(asDrafted(given, name), name, []);
    if (spec === undefined) throw invalid(name, problems);
    return spec;
  }
}

function tooMany(): UsageError {
  const message = `${MAX_RUNNING} previews are under way; wait for one to end, or cancel one.`;
  return new UsageError("too_many_previews", message, { status: 429 });
}

/** Throws `UsageError`: unknown_workflow, unknown_slot, model_not_usable. */
function trialOf(parts: Parts, request: PreviewRequest, spec: PromptSpec): Omit<Trial, "cache"> {
  const { workflows, engine } = parts;
  const deployed = workflows.get(request.workflow);
  if (deployed === undefined) {
    const near = didYouMean(request.workflow, workflows.keys());
    const message = `There is no workflow ${JSON.stringify(request.workflow)}. ${near}`.trimEnd();
    throw new UsageError("unknown_workflow", message, { status: 404 });
  }
  const own = Object.entries(deployed.workflow.prompts).filter(([, prompt]) => prompt === request.name);
  const slots = own.map(([slot]) => slot).filter((slot) => request.slot === undefined || slot === request.slot);
  if (slots.length === 0) {
    const message = `${request.workflow} has no slot ${request.slot === undefined ? "" : `"${request.slot}" `}for the prompt ${request.name}.`;
    throw new UsageError("unknown_slot", message, { status: 404 });
  }
  const [problem] = engine.models.problems(spec.model);
  if (problem !== undefined) throw new UsageError("model_not_usable", problem.message, { status: 409 });
  return { spec, model: engine.models.resolve(spec.model), deployed, slots, fields: request.fields ?? null };
}

class PreviewJob {
  readonly previewId: string = newId("pvw");
  readonly name: string;
  ended: Promise<void> = Promise.resolve();
  readonly #parts: Parts;
  readonly #trial: Trial;
  readonly #request: PreviewRequest;
  readonly #actor: Actor;
  readonly #stop = new AbortController();
  readonly #startedAt: number;
  readonly #rows: PreviewRow[] = [];
  readonly #fields = new Set<string>();
  readonly #skipped = { originalsGone: 0, notAsked: 0 };
  #status: Preview["status"] = "running";
  #failure: string | null = null;
  #total = 0;
  #done = 0;
  #endedAt: number | null = null;

  constructor(parts: Parts, trial: Trial, request: PreviewRequest, actor: Actor) {
    this.#parts = parts;
    this.#trial = trial;
    this.#request = request;
    this.#actor = actor;
    this.name = request.name;
    this.#startedAt = parts.engine.clock.now();
  }

  get running(): boolean {
    return this.#status === "running";
  }

  isAbout(name: string, workflow: string, by: string): boolean {
    return this.name === name && this.#request.workflow === workflow && this.#actor.name === by;
  }

  cancel(): void {
    if (!this.running) return;
    this.#end("cancelled");
    this.#stop.abort(new Error("The preview was cancelled."));
  }

  run(): Promise<void> {
    this.ended = this.#work().then(
      () => this.#end("done"),
      (error: unknown) => {
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#end("failed");
      },
    );
    return this.ended;
  }

  #end(status: Preview["status"]): void {
    if (!this.running) return;
    this.#status = status;
    this.#endedAt = this.#parts.engine.clock.now();
  }

  async #work(): Promise<void> {
    const queue = await this.#runIds();
    this.#total = queue.length;
    const next = async (): Promise<void> => {
      for (let id = queue.shift(); id !== undefined && this.running; id = queue.shift()) await this.#one(id);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, next));
  }

  /** The latest runs that have used the prompt. */
  async #runIds(): Promise<string[]> {
    const { workflow, name, runs } = this.#request;
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = { limit: Math.min(PAGE, runs - found.length), ...(cursor === undefined ? {} : { cursor }) };
      const { items, next } = await this.#parts.store.list({ workflow, prompt: name }, page);
      found.push(...items.map(({ runId }) => runId));
      cursor = next ?? undefined;
    } while (cursor !== undefined && found.length < runs && this.running);
    return found;
  }

  async #one(runId: string): Promise<void> {
    const limit = AbortSignal.timeout(RUN_MS);
    try {
      const signal = AbortSignal.any([this.#stop.signal, limit]);
      const outcome = await previewOne(this.#parts, this.#trial, runId, signal);
      if (!this.running) return;
      if (outcome === "originals_gone") this.#skipped.originalsGone++;
      else if (outcome === "not_asked") this.#skipped.notAsked++;
      else this.#take(outcome.row, outcome.fields);
    } catch (error) {
      if (!limit.aborted || !this.running) throw error;
      this.#take(await this.#late(runId), []);
    }
    this.#done++;
  }

  /** A run whose model did not answer in time is a failure of the version, like any other. */
  async #late(runId: string): Promise<PreviewRow> {
    const run = await this.#parts.store.run(runId);
    return {
      runId,
      createdAt: run?.createdAt ?? this.#startedAt,
      status: "failed",
      before: null,
      after: null,
      beforeAsks: true,
      afterAsks: true,
      person: null,
      changed: [],
      beforeRight: null,
      afterRight: null,
      costUsd: null,
      costBeforeUsd: null,
      cached: false,
      note: `No answer within ${RUN_MS / 1_000} s.`,
    };
  }

  #take(row: PreviewRow, fields: readonly string[]): void {
    for (const field of fields) this.#fields.add(field);
    const at = this.#rows.findIndex(({ createdAt, runId }) => newer(row, { createdAt, runId }));
    if (at === -1) this.#rows.push(row);
    else this.#rows.splice(at, 0, row);
  }

  preview(): Preview {
    const { spec, model, deployed } = this.#trial;
    const rows = [...this.#rows];
    return {
      previewId: this.previewId,
      name: this.name,
      version: spec.version,
      hash: spec.hash,
      model: `${model.provider}/${model.model}`,
      workflow: deployed.workflow.name,
      by: this.#actor.name,
      status: this.#status,
      failure: this.#failure,
      done: this.#done,
      total: this.#total,
      skipped: { ...this.#skipped },
      inContext: isInContext(this.#parts, `${model.provider}/${model.model}`),
      fields: [...this.#fields],
      changed: rows.filter(({ status }) => status === "changed").length,
      costUsd: total(rows.map(({ costUsd }) => costUsd)),
      costBeforeUsd: total(rows.map(({ costBeforeUsd }) => costBeforeUsd)),
      accuracy: accuracyOf(rows),
      automation: {
        before: share(rows, ({ beforeAsks }) => !beforeAsks),
        after: share(rows, ({ afterAsks }) => !afterAsks),
      },
      rows,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
    };
  }
}

function newer(a: Pick<PreviewRow, "createdAt" | "runId">, b: Pick<PreviewRow, "createdAt" | "runId">): boolean {
  return a.createdAt === b.createdAt ? a.runId > b.runId : a.createdAt > b.createdAt;
}

/** `provider/model`. A server of somebody's own under that name is a model like any other. */
export function isInContext({ project }: Parts, model: string): boolean {
  return model === `local/${LOCAL_MODEL}` && project.config.providers["local"] === undefined;
}

function total(costs: readonly (number | null)[]): number | null {
  return costs.reduce((sum, cost) => (sum === null || cost === null ? null : sum + cost), 0);
}

/** Runs that the new version leaves undecided for want of a record are left out on both sides. */
function accuracyOf(rows: readonly PreviewRow[]): Preview["accuracy"] {
  const judged = rows.filter(({ beforeRight, afterRight }) => beforeRight !== null && afterRight !== null);
  const worse = judged.filter(({ beforeRight, afterRight }) => beforeRight === true && afterRight === false).length;
  const better = judged.filter(({ beforeRight, afterRight }) => beforeRight === false && afterRight === true).length;
  return {
    before: share(judged, ({ beforeRight }) => beforeRight === true),
    after: share(judged, ({ afterRight }) => afterRight === true),
    peopleDecided: judged.length,
    worse,
    better,
    p: pairedTest(worse, better),
    shown: pairedVerdict(worse, better),
  };
}

export function share<T>(items: readonly T[], holds: (item: T) => boolean): Share {
  const cases = items.length;
  const hits = items.filter(holds).length;
  if (cases === 0) return { hits, cases, value: null, interval: null };
  return { hits, cases, value: hits / cases, interval: exactInterval(hits, cases) };
}
