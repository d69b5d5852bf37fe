import { existsSync } from "node:fs";
import type { Command } from "commander";
import { isoTime, systemClock } from "../base/clock.ts";
import { UsageError } from "../base/failure.ts";
import { inertLine } from "../base/inert.ts";
import { databaseFile } from "../store/sqlite/database.ts";
import { erasuresOf } from "../store/sqlite/erase.ts";
import { lockFolder } from "../store/sqlite/lock.ts";
import { connect, usedDataFolder, withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { printJson, printLines, shortTime, table } from "./print.ts";
import { filterQuery, withRunFilters } from "./runs.ts";
import type { FilterOptions } from "./runs.ts";

type EraseOptions = FilterOptions & ServerOptions & Asked;

interface Asked {
  run?: string;
  event?: string;
  cancel?: boolean;
  dryRun?: boolean;
  reason: string;
}

export function define(command: Command, io: Io): void {
  const erasing = withServer(
    command.command("erase").description("destroy the originals of runs at once: nobody can bring them back"),
  )
    .option("--run <run>", "of this run")
    .option("--event <id>", "of the runs of this event, and what else is kept of it");
  withRunFilters(erasing)
    .option("--cancel", "cancel runs that have not ended, so that they can be erased")
    .option("--dry-run", "count only")
    .requiredOption("--reason <text>", "on record; name nobody in it");
  withExamples(erasing, [
    ['sluice privacy erase --event evt_1188 --reason "request 4711" --dry-run', "what it would be"],
    ['sluice privacy erase --event evt_1188 --cancel --reason "request 4711"', "also runs that have not ended"],
    [
      'sluice privacy erase --workflow support_triage --until 2026-05-01T00:00:00Z --reason "project over"',
      "by filter",
    ],
  ]).action((options: EraseOptions) => erase(options, io));
  withExamples(withServer(command.command("list").description("what was erased, when, by whom and why")), [
    ["sluice privacy list", "the newest first"],
  ]).action((options: ServerOptions) => list(options, io));
}

interface Report {
  matched: number;
  unfinished: number;
  erased: number;
  cancelled: number;
  erased_before: number;
  quarantined: number;
  kept_events: number;
  refused: { run_id: string; why: string }[];
  swept: boolean;
  not_covered: string[];
}

async function erase(options: EraseOptions, io: Io): Promise<void> {
  const { release, ...words } = filterQuery(options);
  const filter = { ...words, ...(release === undefined ? {} : { release: Number(release) }) };
  const named = [options.run, options.event].filter((each) => each !== undefined).length;
  if (named + (Object.keys(filter).length > 0 ? 1 : 0) !== 1)
    throw new Exit(EXIT.wrongUse, "Say which runs: --run, --event, or filters such as --workflow; one of the three.");
  const client = await connect(options, io);
  const report = await client.post<Report>("/v1/privacy/erase", {
    ...(options.run === undefined ? {} : { run_id: options.run }),
    ...(options.event === undefined ? {} : { event_id: options.event }),
    ...(Object.keys(filter).length === 0 ? {} : { filter }),
    cancel: options.cancel === true,
    dry_run: options.dryRun === true,
    reason: options.reason,
  });
  if (options.json === true) printJson(io, report);
  else printLines(io, options.dryRun === true ? wouldBe(report) : done(report));
  if (report.refused.length > 0) throw new Exit(EXIT.failed);
}

function wouldBe({ matched, unfinished, erased_before: before, quarantined, kept_events: kept }: Report): string[] {
  const first = unfinished === 0 ? "" : `, ${unfinished} of them not ended: they need --cancel`;
  return [
    `${runs(matched)} would be erased${first}${before === 0 ? "" : `; ${before} were before`}.`,
    ...(quarantined + kept === 0 ? [] : [`Also ${quarantined} quarantined and ${kept} kept for runs that wait.`]),
    "Nothing was done (--dry-run).",
  ];
}

function done(report: Report): string[] {
  const { erased, cancelled, erased_before: before, quarantined, kept_events: kept } = report;
  return [
    `The originals of ${runs(erased)} are destroyed${cancelled === 0 ? "" : `; ${cancelled} were cancelled for it`}.`,
    ...(before === 0 ? [] : [`${runs(before)} had none any more.`]),
    ...(quarantined + kept === 0 ? [] : [`Removed: ${quarantined} quarantined and ${kept} kept events.`]),
    ...report.refused.map(({ run_id: run, why }) => inertLine(`${run}: not erased, ${why}`)),
    report.swept
      ? "No file of the store holds them any more."
      : "Somebody reads the store just now; its log gives them up within a minute or so.",
    "What this cannot reach:",
    ...report.not_covered.map((line) => `  ${inertLine(line)}`),
  ];
}

function runs(count: number): string {
  return count === 1 ? "1 run" : `${count} runs`;
}

interface Erased {
  at: string;
  by: string;
  reason: string;
  asked: unknown;
  done: { erased?: number; finished?: boolean };
}

async function list(options: ServerOptions, io: Io): Promise<void> {
  const items = (await whileStopped(options, io)) ?? (await asked(options, io));
  if (options.json === true) return printJson(io, { items });
  if (items.length === 0) return printLines(io, ["Nothing was erased."]);
  const columns = [{ title: "AT" }, { title: "BY" }, { title: "RUNS", right: true }, { title: "WHY", grows: true }];
  const rows = items.map(({ at, by, reason, done: did }) => [
    shortTime(at),
    by,
    did.finished === false ? "unfinished" : String(did.erased ?? 0),
    reason,
  ]);
  printLines(io, table(io, columns, rows));
}

async function asked(options: ServerOptions, io: Io): Promise<Erased[]> {
  const client = await connect(options, io);
  return (await client.get<{ items: Erased[] }>("/v1/privacy/erasures")).items;
}

const LISTED = 200;

/** Read from the folder itself where no server is at work on it: a folder from before a restore must not be served again. */
async function whileStopped(options: ServerOptions, io: Io): Promise<Erased[] | null> {
  if ((options.url ?? io.env["SLUICE_URL"]) !== undefined) return null;
  const dataDir = await usedDataFolder(options, io);
  const file = databaseFile(dataDir);
  if (!existsSync(file)) return null;
  try {
    const lock = lockFolder(dataDir, systemClock.now());
    try {
      return erasuresOf(file, LISTED).map(({ at, by, reason, asked: what, done: did }) => ({
        at: isoTime(at),
        by,
        reason,
        asked: JSON.parse(what) as unknown,
        done: JSON.parse(did) as Erased["done"],
      }));
    } finally {
      lock.release();
    }
  } catch (error) {
    if (error instanceof UsageError && error.code === "store_in_use") return null;
    if (error instanceof UsageError) throw error;
    throw new Exit(EXIT.failed, `${dataDir} cannot be read: ${(error as Error).message}.`);
  }
}
