import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { inertLine } from "../base/inert.ts";
import { databaseFile, openForReading, openForWriting } from "../store/sqlite/database.ts";
import { examine, repairDerived } from "../store/sqlite/fsck.ts";
import type { StoreProblem, StoreReport } from "../store/sqlite/fsck.ts";
import { lockFolder } from "../store/sqlite/lock.ts";
import { defineWords } from "../store/sqlite/migrate.ts";
import { usedDataFolder } from "./client.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { paint, printJson, printLines } from "./print.ts";

interface FsckOptions {
  dir?: string;
  data?: string;
  json?: boolean;
  repair?: boolean;
}

export function define(command: Command, io: Io): void {
  command
    .option("--json", "print JSON")
    .option("--dir <folder>", "the project folder (SLUICE_DIR); else this one")
    .option("--data <folder>", "its data folder (SLUICE_DATA); else the project's")
    .option(
      "--repair",
      "make anew what is derived from the journal: totals, facets, search; the server has to be stopped",
    );
  withExamples(command, [
    ["sluice fsck", "reads only; also while the server runs; exit 1 where something is wrong"],
    ["sluice fsck --repair", "never touches the journal"],
  ]).action((options: FsckOptions) => fsck(options, io));
}

async function fsck(options: FsckOptions, io: Io): Promise<void> {
  const dataDir = await usedDataFolder(options, io);
  const file = databaseFile(dataDir);
  if (!existsSync(file))
    throw new Exit(EXIT.wrongUse, `${dataDir} holds no data: there is nothing to check. Name the folder with --data.`);
  const found = reading(file, examine);
  const repaired = options.repair === true ? repair(dataDir, found.problems) : [];
  const report = repaired.length === 0 ? found : reading(file, examine);
  if (options.json === true) printJson(io, { data: dataDir, ...report, ok: report.problems.length === 0, repaired });
  else printLines(io, told(io, dataDir, report, repaired));
  if (report.problems.length > 0) throw new Exit(EXIT.failed);
}

function reading(file: string, look: (db: DatabaseSync) => StoreReport): StoreReport {
  let db: DatabaseSync | undefined;
  try {
    db = openForReading(file);
    defineWords(db);
    return look(db);
  } catch (error) {
    const said = (error as Error).message;
    throw new Exit(
      EXIT.failed,
      `${file} cannot be read: ${said}. If its file system is read-only, copy the folder elsewhere first; if the disk is well otherwise, restore the newest backup.`,
    );
  } finally {
    db?.close();
  }
}

/** Throws `UsageError` store_in_use where a server is at work. */
function repair(dataDir: string, problems: readonly StoreProblem[]): string[] {
  if (!problems.some(({ repairable }) => repairable)) return [];
  const lock = lockFolder(dataDir, systemClock.now());
  try {
    const db = openForWriting(databaseFile(dataDir));
    try {
      defineWords(db);
      return repairDerived(db, problems);
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}

function told(
  io: Io,
  dataDir: string,
  { problems, checked, runs, records }: StoreReport,
  repaired: string[],
): string[] {
  const lines = problems.flatMap(({ code, what, meaning, fix }) => [
    `${paint(io, "red", code)}  ${inertLine(what)}`,
    `  ${meaning}`,
    `  ${fix}`,
  ]);
  const size = `${runs} runs, ${records} records, ${checked} rules`;
  const verdict = problems.length === 0 ? "nothing is wrong" : `${problems.length} broken`;
  return [
    ...(repaired.length === 0 ? [] : [`Made anew: ${repaired.join(", ")}.`]),
    ...lines,
    `${inertLine(dataDir)}: ${size}: ${verdict}.`,
    ...(problems.length === 0 ? ['That every record is what was written, "sluice audit verify" shows.'] : []),
  ];
}
