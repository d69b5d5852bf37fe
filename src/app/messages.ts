import { Failure, UsageError } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import type { LoadedRun } from "../journal/ports.ts";
import type { JournalRecord } from "../journal/record.ts";
import { RunJournal, redactedRecords } from "../journal/run-journal.ts";
import { recordOfStep } from "../journal/trace.ts";
import type { Message } from "../model/port.ts";
import { promptFromDocument } from "../prompt/load.ts";
import { renderValues } from "../prompt/render.ts";
import { repairMessagesShown } from "../prompt/repair.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import { assertValues } from "./removed.ts";
import type { Parts } from "./parts.ts";
import type { StepMessages } from "./sluice.ts";

type From = Pick<Parts, "store" | "engine" | "project">;

/**
 * What the model was sent in one step, rendered again from the recorded inputs, redacted as they are on record, and the
 * prompt version with the recorded hash. Null where there is no such run. Throws `UsageError`: `unknown_step` (404),
 * `values_removed` (410), `not_a_model_call`, `prompt_version_gone`, `not_rendered` (409).
 */
export async function messagesOf(from: From, runId: string, step: number): Promise<StepMessages | null> {
  const loaded = await from.store.load(runId);
  if (loaded === null) return null;
  assertValues(loaded.run);
  const found = recordOfStep(await redactedRecords(loaded.records, from.store), step);
  if (found === null) throw new UsageError("unknown_step", `Run ${runId} has no step ${step}.`, { status: 404 });
  const { record, before } = found;
  const call = record.type === "repair" ? callBefore(record, before) : record;
  const values = call?.body.input;
  if (call?.type !== "model_call" || !isObject(values))
    throw conflict(
      "not_a_model_call",
      `Step ${step} of run ${runId} is a ${record.type}; no messages were sent in it.`,
    );

  const { spec, present } = await versionOf(from, call);
  const first = messagesFrom(spec, values);
  const repair = record.type === "repair" ? repairOf(record, call) : null;
  const notes = [
    ...(present ? [] : [otherContent(spec, call)]),
    ...((await asSent(from, loaded, call, values)) && (repair === null || !holdsToken(repair)) ? [] : [REDACTED]),
  ];
  return {
    step,
    messages: repair === null ? first : repairMessagesShown(first, repair.answer, repair.errors),
    exact: notes.length === 0,
    note: notes.length === 0 ? null : notes.join(" "),
  };
}

const REDACTED = "Sensitive values are shown redacted; the model was sent the originals.";

/** The call whose answer was to be repaired. */
function callBefore({ kind, name, key }: JournalRecord, before: readonly JournalRecord[]): JournalRecord | undefined {
  return before.findLast(
    (record) =>
      record.kind === kind && record.name === name && record.key === key && record.type === "model_call" &&
      record.body.input !== undefined,
  ); // prettier-ignore
}

/** The version with the recorded hash, of the project or as it was first used; else what bears its name now. */
async function versionOf(
  { project, store }: From,
  { body }: JournalRecord,
): Promise<{ spec: PromptSpec; present: boolean }> {
  const { prompt = "", promptVersion = "", promptHash } = body;
  const named = project.prompts.find(prompt, promptVersion);
  if (named !== undefined && named.hash === promptHash) return { spec: named, present: true };
  const known = (await store.versions("prompt")).find(({ hash }) => hash === promptHash);
  if (known !== undefined) return { spec: promptFromDocument(JSON.parse(known.body) as JsonObject), present: true };
  if (named !== undefined) return { spec: named, present: false };
  const hash = promptHash?.slice(0, 12) ?? "unknown";
  throw conflict(
    "prompt_version_gone",
    `Prompt ${prompt}@${promptVersion} (${hash}), which was sent then, is in neither the project nor the store any more.`,
  );
}

function otherContent({ name, version }: PromptSpec, { body }: JournalRecord): string {
  const hash = body.promptHash?.slice(0, 12) ?? "unknown";
  return `Prompt ${name}@${version} had other content when this was sent (${hash}); this is its present content.`;
}

function messagesFrom(spec: PromptSpec, values: JsonObject): Message[] {
  try {
    return renderValues(spec, values);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw conflict("not_rendered", `The messages cannot be rendered from what is on record. ${error.info.message}`);
  }
}

interface Repair {
  answer: string;
  errors: Problem[];
}

function repairOf(repair: JournalRecord, call: JournalRecord): Repair {
  const { answer = call.body.output ?? "", errors = [] } = (repair.body.input ?? {}) as {
    answer?: Json;
    errors?: Json;
  };
  return { answer: String(answer), errors: errors as unknown as Problem[] };
}

/** Whether the inputs on record are those that were rendered: nothing in them was hidden on the way to the record. */
async function asSent({ store, engine }: From, loaded: LoadedRun, call: JournalRecord, values: Json): Promise<boolean> {
  if (!holdsToken(values)) return true;
  // The prompt's own `redact: true` shows the model the token: only the fingerprint tells that from what was hidden later.
  const { journal } = await RunJournal.open(loaded, { keyring: engine.keyring, store });
  return journal.vault.fingerprint(values) === call.body.inputHash;
}

function holdsToken(value: unknown): boolean {
  return JSON.stringify(value).includes("[redacted:");
}

function conflict(code: string, message: string): UsageError {
  return new UsageError(code, message, { status: 409 });
}
