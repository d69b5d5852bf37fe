import { isoTime } from "../base/clock.ts";
import type { Json } from "../base/json.ts";
import type { JournalRecord } from "../journal/record.ts";
import type { Run } from "../journal/run.ts";
import { failureDocument } from "../journal/trace.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import type { Evidence } from "../release/evidence.ts";
import type { Pins } from "../release/release.ts";

/** One of the seven questions about a decision. */
export interface WhyAnswer {
  id: "prompt" | "input" | "tools" | "validation" | "evals" | "rollback" | "corrections";
  question: string;
  /** False where nothing on record answers it; `answer` then says what is missing. */
  answered: boolean;
  /** One fact per line. Redacted. */
  answer: string[];
  /** Commands that show more or act. */
  commands: string[];
}

/** The seven questions, answered for one run. */
export interface Why {
  run_id: string;
  workflow: string;
  event_id: string;
  status: string;
  disposition: string | null;
  stage: string | null;
  release: number | null;
  decision: Json | null;
  failure: Json | null;
  questions: WhyAnswer[];
}

/** `evidence`: of the prompt versions that were used, newest first. */
export function whyOf(
  run: Run,
  records: readonly JournalRecord[],
  prompts: PromptSet,
  evidence: readonly Evidence[],
): Why {
  const used = promptsUsed(records, prompts);
  return {
    run_id: run.runId,
    workflow: run.workflow,
    event_id: run.eventId,
    status: run.status,
    disposition: run.disposition,
    stage: run.stage,
    release: run.release,
    decision: run.decision,
    failure: run.failure === null ? null : { ...failureDocument(run.failure), step: run.failure.step },
    questions: [
      whichPrompt(run, used, [...switches(records), ...assignment(run)]),
      whatTheModelSaw(run, records),
      whichTools(run, records),
      whetherValid(records),
      whichEvals(used, evidence),
      howToRollBack(run, used),
      howCorrected(run, records),
    ],
  };
}

/** Where a model gave no answer and the step went on with another. */
function switches(records: readonly JournalRecord[]): string[] {
  return records
    .filter(({ kind, body }) => kind === "prompt" && body.fallback !== undefined)
    .map(
      ({ name, body }) => `${name}: ${body.model} gave no answer (${body.error?.code}); went on with ${body.fallback}`,
    );
}

/** How share and experiments of its release have fallen out for this run. */
function assignment({ pins: body, release }: Run): string[] {
  const pins = JSON.parse(body ?? "null") as Pins | null;
  if (pins === null) return [];
  const candidates = Object.entries(pins.assigned ?? {}).map(([slot, { mode, version, instead }]) =>
    mode === "live"
      ? `${slot}: ${version} is a live candidate, in place of ${instead}`
      : `${slot}: ${version} is a shadow candidate, asked beside it without effect`,
  );
  const outside = pins.inShare === false ? [`its key is outside the traffic share of release ${release}`] : [];
  return [...candidates, ...outside];
}

interface PromptUse {
  slot: string;
  prompt: string;
  version: string;
  hash: string;
  models: string[];
  spec: PromptSpec | undefined;
}

function promptsUsed(records: readonly JournalRecord[], prompts: PromptSet): PromptUse[] {
  const uses = new Map<string, PromptUse>();
  for (const { name, body } of records) {
    const { prompt, promptVersion: version, promptHash: hash = "", model } = body;
    if (prompt === undefined || version === undefined) continue;
    const known = uses.get(name) ?? {
      slot: name,
      prompt,
      version,
      hash,
      models: [],
      spec: prompts.find(prompt, version),
    };
    if (model !== undefined && !known.models.includes(model)) known.models.push(model);
    uses.set(name, known);
  }
  return [...uses.values()];
}

function whichPrompt(run: Run, used: readonly PromptUse[], switched: readonly string[]): WhyAnswer {
  const lines = used.map(
    ({ slot, prompt, version, hash, models }) =>
      `${slot}: ${prompt}@${version} (${hash.slice(0, 12)}) on ${models.join(", ")}`,
  );
  return {
    id: "prompt",
    question: "Which prompt version made it?",
    answered: lines.length > 0,
    answer:
      lines.length > 0
        ? [...lines, ...switched, `release ${run.release ?? "none"}, stage ${run.stage ?? "none"}`]
        : ["No prompt has run yet."],
    commands: used.map(({ prompt, version }) => `sluice prompt show ${prompt}@${version}`),
  };
}

function whatTheModelSaw(run: Run, records: readonly JournalRecord[]): WhyAnswer {
  if (run.valuesRemovedAt !== null) return removed(run, "input", "What did the model see?");
  const calls = records.filter(({ type, body }) => type === "model_call" && body.input !== undefined);
  const last = calls.at(-1);
  const lines = Object.entries((last?.body.input ?? {}) as Record<string, Json>).map(
    ([path, value]) => `${path}: ${oneLine(value)}`,
  );
  return {
    id: "input",
    question: "What did the model see?",
    answered: last !== undefined,
    answer: [...(last === undefined ? ["No model was called."] : lines), ...whatItWaitedFor(records)],
    commands: [`sluice runs show ${run.runId} --trace`],
  };
}

function removed({ valuesRemovedAt }: Run, id: WhyAnswer["id"], question: string): WhyAnswer {
  const answer = [`Removed by retention on ${isoTime(valuesRemovedAt as number)}.`];
  return { id, question, answered: false, answer, commands: [] };
}

/** Events that came while the run was under way are part of what it decided on. */
function whatItWaitedFor(records: readonly JournalRecord[]): string[] {
  return records
    .filter(({ kind, ends }) => kind === "wait" && ends)
    .map(({ name, key, body }) => {
      const { event } = (body.input ?? {}) as { event?: string };
      const { event_id: id } = (body.detail ?? {}) as { event_id?: string };
      const step = key === "" ? `"${name}"` : `"${name}" (${key})`;
      return id === undefined ? `${step}: no ${event} came in time` : `${step} waited for ${event}: ${id} came`;
    });
}

function oneLine(value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const flat = text.replace(/\s+/g, " ");
  return flat.length > 160 ? `${flat.slice(0, 157)}…` : flat;
}

function whichTools(run: Run, records: readonly JournalRecord[]): WhyAnswer {
  const settledNames = new Set(
    records.filter(({ body }) => body.phase === "settle").map(({ name, key }) => `${name}\n${key}`),
  );
  const shown = records.filter(
    ({ kind, name, key, body }) => kind === "tool" && !(body.phase === "claim" && settledNames.has(`${name}\n${key}`)),
  );
  const lines = shown.map(({ name, attempt, status, body }) => {
    const wentOn = body.fallback === undefined ? "" : `; went on with ${body.fallback}`;
    const why =
      body.error?.message ?? (body.guard === undefined || body.guard.reason === "ok" ? "" : body.guard.reason);
    return `${name} (${body.tool ?? "?"}, ${body.effect ?? "?"}): ${toolWord(body.phase, status)}${attempt > 1 ? `, attempt ${attempt}` : ""}${why === "" ? "" : ` · ${why}`}${wentOn}`;
  });
  lines.push(...shown.filter(({ body }) => body.phase === "claim").map(claimLine));
  return {
    id: "tools",
    question: "Which tools were called?",
    answered: true,
    answer: lines.length > 0 ? lines : ["None."],
    commands: lines.length > 0 ? [`sluice runs show ${run.runId} --trace`] : [],
  };
}

/** What is known of a call whose outcome is not. */
function claimLine({ name, attempt, epoch, endedAt, body }: JournalRecord): string {
  const { worker } = (body.detail ?? {}) as { worker?: string | null };
  const by = `${worker ?? "a worker"}, lease ${epoch}, attempt ${attempt}`;
  return `${name}: claimed ${isoTime(endedAt)} by ${by} under the key ${body.idempotencyKey ?? "?"}, payload ${oneLine(body.input ?? null)}`;
}

function toolWord(phase: string | undefined, status: string): string {
  if (status === "error") return "failed";
  if (phase === "claim") return "claimed, outcome not known yet";
  if (phase === "settle" || phase === "result") return "done";
  return phase ?? status;
}

function whetherValid(records: readonly JournalRecord[]): WhyAnswer {
  const verdicts = records.filter(({ type }) => type === "validation" || type === "repair" || type === "rule");
  const lines = verdicts.map(({ type, name, status, body }) => {
    if (type === "repair") return `${name}: one repair call`;
    if (type === "rule") return `rule "${name}": ${status === "success" ? "holds" : "does not hold"}`;
    const errors = body.validation?.errors ?? [];
    const first = errors[0] === undefined ? "" : ` · ${errors[0].pointer} ${errors[0].message}`;
    return `${name}: ${body.validation?.verdict ?? status}${body.validation?.code === undefined ? "" : ` (${body.validation.code})`}${first}`;
  });
  return {
    id: "validation",
    question: "Did validation pass?",
    answered: lines.length > 0,
    answer: lines.length > 0 ? lines : ["Nothing has been validated yet."],
    commands: [],
  };
}

/** Content hash of each prompt version that records name, with its name: what evidence is looked for. */
export function versionsUsed(records: readonly JournalRecord[]): { prompt: string; hash: string }[] {
  const used = new Map<string, { prompt: string; hash: string }>();
  for (const { body } of records)
    if (body.prompt !== undefined && body.promptHash !== undefined)
      used.set(`${body.prompt} ${body.promptHash}`, { prompt: body.prompt, hash: body.promptHash });
  return [...used.values()];
}

function whichEvals(used: readonly PromptUse[], evidence: readonly Evidence[]): WhyAnswer {
  const answer: string[] = [];
  const commands: string[] = [];
  for (const { prompt, version, hash, models, spec } of used)
    for (const model of models) {
      const found = evidence.find(
        ({ subject }) => subject.kind === "prompt" && subject.hash === hash && subject.model === model,
      );
      const named = `${prompt}@${version} on ${model}`;
      if (found !== undefined) {
        answer.push(`${named}: ${found.verdict} of suite ${found.suite}, ${found.cases} cases, ${isoTime(found.at)}`);
        commands.push(`sluice eval show ${found.evidenceId}`);
      } else if (spec?.evalSuite === undefined) answer.push(`${named} names no suite.`);
      else {
        answer.push(`${named}: suite ${spec.evalSuite} was never run for exactly this.`);
        commands.push(`sluice eval run ${spec.evalSuite} --prompt ${prompt}@${version} --model ${model}`);
      }
    }
  return {
    id: "evals",
    question: "Which evals protect it?",
    answered: answer.some((line) => line.includes(" of suite ")),
    answer: answer.length === 0 ? ["No prompt has run yet."] : answer,
    commands: [...new Set(commands)],
  };
}

function howToRollBack({ workflow, release, stage }: Run, used: readonly PromptUse[]): WhyAnswer {
  const back = used.flatMap(({ slot, prompt, version, spec }) =>
    spec?.rollbackVersion === undefined ? [] : [{ slot, prompt, version, to: spec.rollbackVersion }],
  );
  const decided =
    release === null
      ? "It has not been claimed yet."
      : `Decided under release ${release}, at stage ${stage ?? "none"}; going back is in force within two seconds.`;
  return {
    id: "rollback",
    question: "How is it rolled back?",
    answered: release !== null,
    answer: [
      ...back.map(({ prompt, version, to }) => `${prompt}@${version} names ${to} as its rollback version`),
      decided,
    ],
    commands: [
      `sluice release rollback ${workflow} --reason "…"`,
      ...back.map(({ slot, to }) => `sluice release rollback ${workflow} --slot ${slot} --version ${to} --reason "…"`),
      `sluice release demote ${workflow} --reason "…"`,
      `sluice release history ${workflow}`,
    ],
  };
}

function howCorrected(run: Run, records: readonly JournalRecord[]): WhyAnswer {
  const reviews = records.filter(({ kind, ends }) => kind === "review" && ends);
  const overrides = records.filter(({ kind, name }) => kind === "override" && !name.startsWith("@"));
  const lines = [
    ...reviews.map(({ body }) => {
      const given = (body.detail ?? {}) as { action?: string; by?: string; reason?: string | null };
      const { action = "answered", by = "nobody on record", reason = null } = given;
      return `${action} by ${by}${reason === null ? "" : `: ${reason}`}`;
    }),
    ...overrides.map(
      ({ name, body }) =>
        `"${name}" corrected to ${body.removed === undefined ? oneLine(body.output ?? null) : "a value that retention removed"}`,
    ),
  ];
  const waiting = run.status === "waiting" && run.wait === "review";
  return {
    id: "corrections",
    question: "How do corrections feed back?",
    answered: lines.length > 0,
    answer: lines.length > 0 ? lines : [waiting ? "It waits for a reviewer." : "Nobody has reviewed this run."],
    commands: waiting ? [`sluice review list --run ${run.runId}`] : [],
  };
}
