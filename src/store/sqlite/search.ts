import type { Json } from "../../base/json.ts";
import type { RecordBody, SealedRecord } from "../../journal/record.ts";
import { askedWords, searchWords } from "../../journal/search-words.ts";
import type { AskedWord } from "../../journal/search-words.ts";
import type { Database } from "./database.ts";

/**
 * Each run has two texts in the index: its event, under twice its number, and what came of it, under the number after that.
 * So the end of a run need not read its event again, and nothing of the index is rewritten.
 */
const INSERT = "INSERT INTO search (rowid, words) VALUES (?, ?)";

/** Puts the words of a run's event, as the record holds it, into the index. */
export function indexEvent(db: Database, runNo: number, { body, blobs }: Pick<SealedRecord, "body" | "blobs">): void {
  const words = eventWords(
    body,
    blobs.map(({ text }) => text),
  );
  if (words !== "") db.insert(INSERT, runNo * 2, words);
}

/** The same of the decision and failure of a run that has ended. */
export function indexOutcome(db: Database, runNo: number): void {
  const row = db.get("SELECT decision, failure FROM run_outcomes WHERE run_no = ?", runNo);
  const words = outcomeWords((row?.["decision"] ?? null) as string | null, (row?.["failure"] ?? null) as string | null);
  if (words !== "") db.insert(INSERT, runNo * 2 + 1, words);
}

/** Takes that out again: the run goes on. */
export function forgetOutcome(db: Database, runNo: number): void {
  db.change("DELETE FROM search WHERE rowid = ?", runNo * 2 + 1);
}

/** Words of an event record's body and of the long texts that stand outside of it, with spaces between. */
export function eventWords(body: string, texts: readonly string[]): string {
  const { output } = JSON.parse(body) as RecordBody;
  return searchWords([output ?? null, ...texts]).join(" ");
}

/** Words of a run's decision and failure, both JSON text. */
export function outcomeWords(decision: string | null, failure: string | null): string {
  const { code, message } = (failure === null ? {} : JSON.parse(failure)) as { code?: string; message?: string };
  const decided = decision === null ? null : (JSON.parse(decision) as Json);
  return searchWords([decided, code ?? null, message ?? null]).join(" ");
}

/** Numbers of the runs that hold a word which begins so. */
const HOLDS = "SELECT rowid >> 1 FROM search WHERE search MATCH ?";

/** SQL that is true of runs `r` in which each word of `question` begins a word; null where it has none. */
export function holdsWords(question: string): { sql: string; values: string[] } | null {
  const values = askedWords(question).map(asMatch);
  if (values.length === 0) return null;
  return { sql: values.map(() => `r.run_no IN (${HOLDS})`).join(" AND "), values };
}

/** Numbers of runs that hold all words, at most `limit`. */
export function someHolding(db: Database, question: string, limit: number): number[] {
  const [first, ...others] = askedWords(question).map(asMatch);
  if (first === undefined) return [];
  const too = others.map(() => ` AND rowid >> 1 IN (${HOLDS})`).join("");
  const rows = db.all<{ run_no: number }>(
    `SELECT DISTINCT rowid >> 1 AS run_no FROM search WHERE search MATCH ?${too} LIMIT ?`,
    first,
    ...others,
    limit,
  );
  return rows.map(({ run_no }) => run_no);
}

/** A quoted string of the index's own language: nothing in it is an operator. */
function asMatch({ text, whole }: AskedWord): string {
  return `"${text.replaceAll('"', '""')}"${whole ? "" : "*"}`;
}
