import type { FailureInfo } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { RecordedAnswer, RecordedTools } from "../eval/case.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { JournalStore } from "../journal/ports.ts";
import type { JournalRecord } from "../journal/record.ts";
import { RunJournal } from "../journal/run-journal.ts";

/** What a run called, by step, with the originals of what came back; null where there is no such run, or its originals are gone. */
export async function recordingOf(
  store: Pick<JournalStore, "load" | "blobs">,
  keyring: Keyring,
  runId: string,
): Promise<RecordedTools | null> {
  const loaded = await store.load(runId);
  if (loaded === null || loaded.wrappedKey === null) return null;
  const { records } = await RunJournal.open(loaded, { keyring, store });
  const tools: Record<string, RecordedAnswer[]> = {};
  for (const record of records) {
    const answer = answerOf(record);
    if (answer !== null) (tools[record.name] ??= []).push(answer);
  }
  return tools;
}

function answerOf({ kind, body, status }: JournalRecord): RecordedAnswer | null {
  if (kind !== "tool" && kind !== "code") return null;
  if (body.error !== undefined) return { error: said(body.error) };
  if (status !== "success" && body.phase !== "simulated") return null;
  if (kind === "code" || body.phase === "result") return { result: body.output ?? null };
  // Of a write: what it answered, not what became of it.
  return body.phase === "settle" || body.phase === "simulated" ? { result: resultOf(body.output) } : null;
}

function said({ class: name, message }: FailureInfo): { class: string; message: string } {
  return { class: name, message };
}

function resultOf(output: Json | undefined): Json {
  return isObject(output) ? (output["result"] ?? null) : null;
}
