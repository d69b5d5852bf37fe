import type { JournalRecord } from "./record.ts";
import { REVIEW_OF } from "./names.ts";

/** Name of the record that a restart puts into the journal. */
export const RESTART = "@restart";

/** What a restart says of itself (`body.detail` of its record). */
export interface Restart {
  by: string;
  reason: string;
  /** The step it goes back to; null: it sets nothing aside. */
  from: string | null;
  key: string;
  /** Number of the first record that is set aside; null: none is. */
  cut: number | null;
  /** Whether the run had died: what it died of is tried anew, too. */
  redrives: boolean;
  /** The step it had died of; null where it did not, or outside any step. */
  step: string | null;
  /** Whether the run was pinned to its code until then. */
  unpinned: boolean;
}

type Passed = Pick<JournalRecord, "seq" | "kind" | "name" | "key" | "ends" | "body">;

export function isRestart({ kind, name }: Pick<JournalRecord, "kind" | "name">): boolean {
  return kind === "override" && name === RESTART;
}

export function restartOf(record: Pick<JournalRecord, "body">): Restart {
  return record.body.detail as unknown as Restart;
}

/**
 * The records that a restart has set aside, by number, each with the number of that restart: they stay on record, and a
 * replay passes them over. Never among them: the event, commands of people, and all that is on record of a write that was
 * claimed, with the answers of people to it; what may have happened outside cannot be set aside.
 */
export function setAside(records: readonly Passed[]): ReadonlyMap<number, number> {
  const aside = new Map<number, number>();
  for (const restart of records.filter(isRestart)) {
    const { cut } = restartOf(restart);
    if (cut === null) continue;
    const before = records.filter(({ seq }) => seq < restart.seq && !aside.has(seq));
    for (const { seq } of takenBack(before, cut)) aside.set(seq, restart.seq);
  }
  return aside;
}

/** Which of these records a restart at `cut` takes back. */
function takenBack<R extends Passed>(standing: readonly R[], cut: number): R[] {
  const writes = new Set(standing.filter(({ body }) => body.phase === "claim").map(idOf));
  const answered = new Set(standing.filter(({ kind, ends }) => kind === "review" && ends).map(reviewId));
  const stays = (record: R): boolean => {
    if (record.kind === "event" || (record.kind === "override" && record.name.startsWith("@"))) return true;
    if (writes.has(idOf(record))) return true;
    return record.kind === "review" && writes.has(reviewedStep(record)) && answered.has(reviewId(record));
  };
  const taken = standing.filter((record) => record.seq >= cut && !stays(record));
  // A question whose answer is taken back is asked anew.
  const reopened = new Set(taken.filter(({ kind, ends }) => kind === "review" && ends).map(reviewId));
  const asked = standing.filter(
    (record) => record.seq < cut && record.kind === "review" && reopened.has(reviewId(record)),
  );
  return [...taken, ...asked];
}

/** Reviews that are open on record among these, by id. */
export function openReviewIds(records: readonly Passed[]): string[] {
  const reviews = records.filter(({ kind }) => kind === "review");
  const answered = new Set(reviews.filter(({ ends }) => ends).map(reviewId));
  return [...new Set(reviews.map(reviewId))].filter((id) => id !== "" && !answered.has(id));
}

function idOf({ name, key }: Pick<Passed, "name" | "key">): string {
  return `${name}\n${key}`;
}

/** The step that a review of the runtime's own is about; what authors name themselves is about no write. */
function reviewedStep({ name, key }: Passed): string {
  return name.startsWith(REVIEW_OF) ? `${name.slice(REVIEW_OF.length)}\n${key}` : "";
}

function reviewId({ body }: Passed): string {
  return (body.detail as { reviewId?: string } | undefined)?.reviewId ?? "";
}
