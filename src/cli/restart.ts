import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import { isObject } from "../base/json.ts";
import { calledAs, quoted } from "./called-as.ts";
import { connect, withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { printJson, printLines } from "./print.ts";

interface RestartOptions extends ServerOptions {
  from?: string;
  key?: string;
  unpin?: boolean;
  dryRun?: boolean;
  reason: string;
}

interface ReportDocument {
  set_aside: string[];
  kept: { step: string; tool: string; settled: boolean }[];
  withdrawn_reviews: string[];
  unpinned: boolean;
}

/** `sluice runs restart`. */
export function defineRestart(command: Command, io: Io): void {
  withExamples(
    withServer(command.command("restart <run>").description("send a dead or waiting run back to a step"))
      .option("--from <step>", "the step to go back to: it and what came after it are asked for anew")
      .option("--key <key>", "of the step, where it was called more than once")
      .option("--unpin", "any code may resume a pinned run from here on")
      .option("--dry-run", "say what would be set aside, and do nothing")
      .requiredOption("--reason <text>", "on record"),
    [
      ['sluice runs restart run_01k… --from classify --reason "deployed 2.4"', "after a divergence"],
      ['sluice runs restart run_01k… --unpin --reason "old code is gone"', "a pinned run goes on with present code"],
    ],
  ).action((run: string, options: RestartOptions) => restart(run, options, io));
}

async function restart(runId: string, options: RestartOptions, io: Io): Promise<void> {
  const { from, key, unpin = false, dryRun = false, reason } = options;
  if (from === undefined && !unpin) throw new Exit(EXIT.wrongUse, "Say which step: --from STEP (or --unpin alone).");
  const client = await connect(options, io);
  const request = { from, key, unpin, dry_run: dryRun, reason };
  const report = await client.post<ReportDocument>(`/v1/runs/${encodeURIComponent(runId)}/restart`, request);
  if (options.json === true) return printJson(io, report);
  printLines(io, reportLines(runId, report, dryRun));
}

function reportLines(runId: string, report: ReportDocument, dryRun: boolean): string[] {
  const { set_aside: aside, kept, withdrawn_reviews: withdrawn, unpinned } = report;
  const steps = aside.length === 0 ? "Nothing is set aside" : inertLine(`Set aside: ${aside.join(", ")}`);
  return [
    `${inertLine(runId)} ${dryRun ? "would go" : "goes"} back to the queue. ${steps}.`,
    ...kept.map(
      ({ step, tool, settled }) =>
        `  "${inertLine(step)}" (${inertLine(tool)}) ${settled ? "has happened and stays" : "was claimed: what came of it is found out first"}; it is not repeated.`,
    ),
    ...(withdrawn.length === 0 ? [] : [`  Reviews withdrawn: ${withdrawn.join(", ")}.`]),
    ...(unpinned ? ["  It is no longer pinned to its code."] : []),
    ...(dryRun ? ["Nothing was done (--dry-run)."] : []),
  ];
}

/** The command that sends a run past its divergence; null where a restart is no way out. */
export function restartCommand(
  run: { run_id: string; status: string; failure: unknown },
  io: Pick<Io, "env" | "cwd">,
): string | null {
  const detail = isObject(run.failure) ? run.failure["detail"] : undefined;
  const found = isObject(detail) ? detail["divergence"] : undefined;
  if (run.status !== "dead" || !isObject(found) || found["part"] === "renamed_write") return null;
  const key = typeof found["key"] === "string" ? ` --key ${quoted(found["key"])}` : "";
  return `${calledAs(io)} runs restart ${run.run_id} --from ${quoted(String(found["step"]))}${key} --reason "…"`;
}
