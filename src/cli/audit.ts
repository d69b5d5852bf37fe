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
  const heading = withServer(command.command("head").description("the newest link of the audit chain"));
  withExamples(heading, [["sluice audit head --json", "to be kept where nobody here can change it"]]).action(
    (options: ServerOptions) => head(options, io),
  );
}

interface Head {
  index: number;
  run_id: string;
  last_seq: number;
  link: string;
}

async function head(options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { head: last } = await client.get<{ head: Head | null }>("/v1/audit/head");
  if (options.json === true) printJson(io, { head: last });
  else if (last === null) printLines(io, ["The chain has no link yet: no run has ended."]);
  else printLines(io, [`${last.index}  ${inertLine(last.run_id)} up to record ${last.last_seq}  ${last.link}`]);
}

async function verify(options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const verdict = await client.get<{
    ok: boolean;
    runs: number;
    records: number;
    tombstones: number;
    keyless: number;
    problems: string[];
  }>("/v1/audit/verify");
  if (options.json === true) printJson(io, verdict);
  else {
    printLines(io, verdict.problems.map(inertLine));
    const found = verdict.ok ? "every chain holds" : `${verdict.problems.length} broken`;
    printLines(io, [`${verdict.runs} runs, ${verdict.records} records: ${found}.`, ...forgotten(verdict)]);
  }
  if (!verdict.ok) throw new Exit(EXIT.failed);
}

/** What retention and erasure have left. */
function forgotten({ tombstones, keyless }: { tombstones: number; keyless: number }): string[] {
  return [
    ...(tombstones === 0 ? [] : [`${tombstones} records are tombstones of values that retention took.`]),
    ...(keyless === 0 ? [] : [`${keyless} runs have no originals any more.`]),
  ];
}
