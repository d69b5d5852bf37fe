import { paced } from "../../journal/hold.ts";
import { POISON_DEATHS } from "../../journal/transition.ts";
import type { Database } from "./database.ts";
import { liftHold } from "./holds.ts";

/** A run that stands for claim. */
export interface Candidate {
  run_no: number;
  priority: number;
  concurrency_key: string | null;
  concurrency_limit: number | null;
  updated_at: number;
  /** 1 where its next death at the same place would make it poison. */
  suspect: number;
}

/** A hold that is being released at a rate. */
interface Releasing {
  hold_no: number;
  workflow: string;
  per_minute: number;
  /** The runs up to `boundary` that have stood in the queue since `released_at` are started, one after another. */
  released_at: number;
  boundary: number;
  next_at: number;
}

/** What holds back the runs of some workflows: nothing of theirs is looked at, however many there are. */
export interface Holding {
  held: ReadonlySet<string>;
  releasing: Map<string, Releasing>;
}

export function holdingNow(db: Database): Holding {
  const rows = db.all<Releasing & { state: string }>(
    "SELECT hold_no, workflow, state, per_minute, released_at, boundary, next_at FROM holds WHERE state <> 'over'",
  );
  const held = rows.filter(({ state }) => state === "held").map(({ workflow }) => workflow);
  const releasing = rows.filter(({ state }) => state === "releasing").map((row) => [row.workflow, { ...row }] as const);
  return { held: new Set(held), releasing: new Map(releasing) };
}

export const SUSPECT: string = `(deaths >= ${POISON_DEATHS - 1} AND death_seq = next_seq)`;

const QUEUED = "runs INDEXED BY runs_ready WHERE status = 'queued' AND ready = 1 AND workflow = ? AND code_pin = ?";
const CANDIDATE = `SELECT run_no, priority, concurrency_key, concurrency_limit, updated_at, ${SUSPECT} AS suspect FROM ${QUEUED}`;

/** Whose line: a workflow's, and of its pinned runs those of the worker's own code. */
interface Whose {
  name: string;
  code: string | undefined;
}

interface Situation {
  /** A suspect is on trial: no other one may start. */
  onTrial: boolean;
  holding: Holding;
  now: number;
}

/** The next of a workflow's line that may start now. */
export function firstOf(db: Database, whose: Whose, { onTrial, holding, now }: Situation): Candidate | undefined {
  if (holding.held.has(whose.name)) return undefined;
  const release = holding.releasing.get(whose.name);
  if (release !== undefined) {
    const first = foremostOf(whose, (code) => firstReleased(db, release, code, onTrial));
    if (first !== undefined)
      return first.updated_at > release.released_at || release.next_at <= now ? first : undefined;
    const left = onTrial && foremostOf(whose, (code) => firstReleased(db, release, code, false)) !== undefined;
    if (left || keepsBack(db, release, whose)) return undefined;
    liftHold(db, release.hold_no, now);
    holding.releasing.delete(whose.name);
  }
  return foremostOf(
    whose,
    (code) =>
      db.get(
        `${CANDIDATE}${onTrial ? ` AND NOT ${SUSPECT}` : ""} ORDER BY priority DESC, run_no LIMIT 1`,
        whose.name,
        code,
      ) as Candidate | undefined,
  );
}

/** Runs that any worker may claim stand under "". */
function foremostOf({ code }: Whose, first: (code: string) => Candidate | undefined): Candidate | undefined {
  const free = first("");
  const pinned = code === undefined ? undefined : first(code);
  if (free === undefined || pinned === undefined) return free ?? pinned;
  return before(pinned, free) ? pinned : free;
}

export function before(a: Candidate, b: Candidate): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.run_no < b.run_no);
}

/**
 * The first up to the boundary, by priority and age: one to be released, or one that had been started and goes on. Each
 * priority is asked for by itself, so that what has come in since is never gone through.
 */
function firstReleased(
  db: Database,
  { workflow, boundary }: Releasing,
  code: string,
  onTrial: boolean,
): Candidate | undefined {
  let above: number | null = null;
  for (;;) {
    const next = db.get(
      `SELECT priority FROM ${QUEUED}${above === null ? "" : " AND priority < ?"} ORDER BY priority DESC LIMIT 1`,
      workflow,
      code,
      ...(above === null ? [] : [above]),
    ) as { priority: number } | undefined;
    if (next === undefined) return undefined;
    const found = db.get(
      `${CANDIDATE} AND priority = ? AND run_no <= ?${onTrial ? ` AND NOT ${SUSPECT}` : ""} ORDER BY run_no LIMIT 1`,
      workflow,
      code,
      next.priority,
      boundary,
    );
    if (found !== undefined) return found as unknown as Candidate;
    above = next.priority;
  }
}

/** Whether runs to be released stand behind others of their concurrency key. */
function keepsBack(db: Database, { boundary, released_at: since }: Releasing, { name, code }: Whose): boolean {
  const found = db.get(
    "SELECT 1 FROM runs INDEXED BY runs_kept_back WHERE status = 'queued' AND ready = 0 AND workflow = ?" +
      " AND run_no <= ? AND updated_at <= ? AND code_pin IN ('', ?) LIMIT 1",
    name,
    boundary,
    since,
    code ?? "",
  );
  return found !== undefined;
}

/** Notes that `started` was claimed: where it was to be released, the next one is due later. */
export function noteStart(
  db: Database,
  workflow: string,
  started: Candidate,
  { releasing }: Holding,
  now: number,
): void {
  const release = releasing.get(workflow);
  if (release === undefined || started.updated_at > release.released_at) return;
  release.next_at = paced(release.next_at, now, release.per_minute);
  db.change(
    "UPDATE holds SET started = started + 1, next_at = ? WHERE hold_no = ?",
    Math.ceil(release.next_at),
    release.hold_no,
  );
}
