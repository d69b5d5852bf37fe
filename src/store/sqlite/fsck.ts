import type { DatabaseSync } from "node:sqlite";
import type { Rule } from "./fsck-rule.ts";
import { RULES } from "./fsck-rules.ts";
import { APPLICATION_ID } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/list.ts";

/** One thing that is not as it has to be. */
export interface StoreProblem {
  /** Of the rule that is broken, lower snake case. */
  code: string;
  /** What is wrong, with the ids of at most a few examples. */
  what: string;
  /** What it means for the work, and what to do. */
  meaning: string;
  fix: string;
  /** How many there are. */
  count: number;
  /** Derived from what is whole: `--repair` makes it anew. */
  repairable: boolean;
}

export interface StoreReport {
  problems: StoreProblem[];
  /** Rules that were held against the store. */
  checked: number;
  runs: number;
  records: number;
}

const EXAMPLES = 3;

/** Holds one state of a store against SQLite's own check and every rule there is. Reads only. */
export function examine(db: DatabaseSync, rules: readonly Rule[] = RULES): StoreReport {
  const early = beforeRules(db);
  if (early.length > 0) return { problems: early, checked: 1, runs: 0, records: 0 };
  db.exec("BEGIN");
  try {
    const problems = [...pages(db), ...rules.flatMap((rule) => broken(db, rule))];
    const count = (table: string): number => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"] as number;
    return { problems, checked: rules.length + 2, runs: count("runs"), records: count("records") };
  } finally {
    db.exec("ROLLBACK");
  }
}

function beforeRules(db: DatabaseSync): StoreProblem[] {
  const pragma = (name: string): number => db.prepare(`PRAGMA ${name}`).get()?.[name] as number;
  const base = { count: 1, repairable: false };
  if (pragma("application_id") !== APPLICATION_ID)
    return [
      {
        ...base,
        code: "not_a_store",
        what: "The file is a database of another program.",
        meaning: "Nothing in it is of Sluice.",
        fix: "Name the right data folder with --data.",
      },
    ];
  const version = pragma("user_version");
  if (version === MIGRATIONS.length) return [];
  const newer = version > MIGRATIONS.length;
  return [
    {
      ...base,
      code: newer ? "store_newer" : "store_older",
      what: `Its schema is number ${version}; this version knows ${MIGRATIONS.length}.`,
      meaning: newer ? "A newer Sluice has written it." : "This version has not been started on it yet.",
      fix: newer
        ? "Check it with that version."
        : 'Make a backup, then start this version: "sluice serve" brings it up to date.',
    },
  ];
}

/** SQLite's own: pages, indexes, types. */
function pages(db: DatabaseSync): StoreProblem[] {
  const found = db
    .prepare("PRAGMA integrity_check(20)")
    .all()
    .map((row) => String(row["integrity_check"]));
  if (found.length === 1 && found[0] === "ok") return [];
  return [
    {
      code: "damaged_pages",
      what: `SQLite finds the file damaged: ${found.slice(0, EXAMPLES).join("; ")}.`,
      meaning: "The disk or another program has changed the file; anything in it may be wrong.",
      fix: "Stop the server, move the folder away and restore the newest backup. Check the disk.",
      count: found.length,
      repairable: false,
    },
  ];
}

function broken(db: DatabaseSync, { code, sql, what, meaning, fix, repair }: Rule): StoreProblem[] {
  const examples = db
    .prepare(`SELECT example FROM (${sql}) LIMIT ${EXAMPLES}`)
    .all()
    .map((row) => String(row["example"]));
  if (examples.length === 0) return [];
  const count = db.prepare(`SELECT count(*) AS n FROM (${sql})`).get()?.["n"] as number;
  const more = count > examples.length ? ` and ${count - examples.length} more` : "";
  return [
    { code, what: `${what}: ${examples.join(", ")}${more}.`, meaning, fix, count, repairable: repair !== undefined },
  ];
}

/** Makes anew what is derived and broken, in one transaction; the codes of what was repaired. The journal is never touched. */
export function repairDerived(db: DatabaseSync, problems: readonly StoreProblem[]): string[] {
  const wanted = new Set(problems.filter(({ repairable }) => repairable).map(({ code }) => code));
  const repairs = RULES.filter(({ code, repair }) => wanted.has(code) && repair !== undefined);
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const { repair } of repairs) db.exec(repair as string);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
  return repairs.map(({ code }) => code);
}
