import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import { connect, withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { printJson, printLines } from "./print.ts";

export function define(command: Command, io: Io): void {
  const verifying = withServer(
    command.command("verify").description("recompute every chain of records; exit 1 where one is broken"),
  );
  withExamples(verifying, [["sluice audit verify", "finds a changed or missing record"]]).action(
    (options: ServerOptions) => verify(options, io),
  );
}

async function verify(options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const verdict = await client.get<{
    ok: boolean;
    runs: number;
    records: number;
    problems: string[];
  }>("/v1/audit/verify");
  if (options.json === true) printJson(io, verdict);
  else {
    printLines(io, verdict.problems.map(inertLine));
    const found = verdict.ok ? "every chain holds" : `${verdict.problems.length} broken`;
    printLines(io, [`${verdict.runs} runs, ${verdict.records} records: ${found}.`]);
  }
  if (!verdict.ok) throw new Exit(EXIT.failed);
}
