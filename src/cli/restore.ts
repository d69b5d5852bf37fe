import { resolve } from "node:path";
import type { Command } from "commander";
import { existingKey } from "../app/key.ts";
import { loadConfig } from "../app/config.ts";
import { resolveOwnName } from "../app/resolve.ts";
import { discardUnfinished, restore } from "../app/restore.ts";
import type { Restored } from "../app/restore.ts";
import { isoTime, systemClock } from "../base/clock.ts";
import { inertLine } from "../base/inert.ts";
import { document } from "./backup.ts";
import { projectFolder } from "./client.ts";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { printJson, printLines } from "./print.ts";

interface RestoreOptions {
  dir?: string;
  data?: string;
  nothingRanSince?: boolean;
  json?: boolean;
}

const INTERRUPTED = 130;

export function define(command: Command, io: Io): void {
  command
    .argument("<file>", "what sluice backup has made")
    .option("--json", "print JSON")
    .option("--dir <folder>", "the project folder (SLUICE_DIR); else this one")
    .option("--data <folder>", "the data folder to make (SLUICE_DATA); else the project's")
    .option("--nothing-ran-since", "no run went on after the backup was made: let them all go on as after any stop");
  withExamples(command, [
    ["sluice restore /backups/sluice-2026-05-29.db", "the project's data folder has to be moved away first"],
    ["sluice restore b.db --data ../look", "beside it, to look at; SLUICE_KEY_FILE names the key"],
  ]).action((file: string, options: RestoreOptions) => run(resolve(io.cwd, file), options, io));
}

async function run(file: string, options: RestoreOptions, io: Io): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      discardUnfinished();
      process.exit(INTERRUPTED);
    });
  resolveOwnName();
  const { config } = await loadConfig(projectFolder(options, io), { env: io.env, flags: { data: options.data } });
  const { dataDir } = config;
  const key = await existingKey(config, io.env);
  const nothingRanSince = options.nothingRanSince === true;
  const restored = await restore({ file, dataDir, key, clock: systemClock, nothingRanSince });
  if (options.json === true) printJson(io, { data: dataDir, ...documentOf(restored) });
  else printLines(io, told(dataDir, restored).map(laidOut));
}

/** Inert, with its indent. */
function laidOut(line: string): string {
  return `${line.startsWith("  ") ? "  " : ""}${inertLine(line)}`;
}

function documentOf({ info, chains, runs, workflows, tokens }: Restored): Record<string, unknown> {
  return { ...document(info), verified_records: chains.records, marked_runs: runs, on_hold: workflows, tokens };
}

function told(dataDir: string, { info, chains, runs, workflows, tokens }: Restored): string[] {
  const made = isoTime(info.madeAt);
  return [
    `${dataDir} is as it was at ${made}: ${chains.runs} runs, ${chains.records} records, every chain holds.`,
    ...(runs === 0
      ? []
      : [
          `${runs} runs had not ended, or are dead. What they did after that is not on record: a write of theirs that is not on record`,
          "is made again only where its tool takes the idempotency key; else its reconcile says, else a person is asked.",
        ]),
    ...workflows.map((name) => `On hold: ${name}. Look at its runs, then: sluice workflow resume ${name} --reason "…"`),
    "Not in it, since it came later:",
    "  events acknowledged after that time: their senders may send them again; those that had effects would have them twice.",
    "  erasures: repeat them (sluice privacy list on the folder from before says which).",
    `  tokens that were revoked: ${tokens} bearer tokens are good again (sluice token list). Everybody at the console signs in anew.`,
  ];
}
