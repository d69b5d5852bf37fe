import { inertLine } from "../base/inert.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { isObject } from "../base/json.ts";
import type { Client } from "./client.ts";
import { connect } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { paint, printJson, printLines } from "./print.ts";
import type {
  ChangedDocument,
  DifferenceDocument,
  ProposalDocument,
  RequirementDocument,
} from "./release-documents.ts";
import { differenceLines, proposalLines, releaseLines, requirementLines } from "./release-print.ts";

export interface ActOptions extends ServerOptions {
  reason: string;
  override?: true;
  solo?: true;
  expectedRelease?: string;
}

/** What every act says besides what it is about. */
export function wordsOf({ reason, override, solo, expectedRelease }: ActOptions): JsonObject {
  if (expectedRelease !== undefined && !/^[1-9]\d*$/.test(expectedRelease))
    throw new Exit(EXIT.wrongUse, `--expected-release takes the number of a release, not "${expectedRelease}".`);
  return {
    reason,
    ...(override === undefined ? {} : { override }),
    ...(solo === undefined ? {} : { solo }),
    ...(expectedRelease === undefined ? {} : { expected_release: Number(expectedRelease) }),
  };
}

/** Asks the server for an act and says what came of it. Exit 1 where the gate is closed. */
export async function act(path: string, body: JsonObject, options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { status, body: answer } = await sent(client, path, body, options, io);
  if (options.json === true) return printJson(io, answer);
  if (status === 202) return proposed(answer as ProposalDocument, io);
  const release = answer as ChangedDocument;
  const { changes } = release;
  if (changes.length === 0)
    return printLines(io, [`It is so already; nothing was changed.`, ...releaseLines(release, io)]);
  printLines(io, [...releaseLines(release, io), ...differenceLines(changes, io)]);
}

function proposed(proposal: ProposalDocument, io: Io): void {
  printLines(io, [
    `${paint(io, "yellow", "Proposed")}: nothing is in force yet, a second person has to agree.`,
    ...proposalLines(proposal, io),
  ]);
}

async function sent(
  client: Client,
  path: string,
  body: JsonObject,
  options: ServerOptions,
  io: Io,
): Promise<{ status: number; body: Json }> {
  const answer = await client.send("POST", path, body, [409]);
  if (answer.status !== 409 || !isObject(answer.body)) return answer;
  const { code, detail } = answer.body as { code: string; detail: string };
  if (options.json === true && (code === "gate_closed" || code === "release_moved")) {
    printJson(io, answer.body);
    throw new Exit(EXIT.failed);
  }
  if (code === "gate_closed") throw gateClosed(answer.body, io);
  if (code === "release_moved") throw new Exit(EXIT.failed, inertLine(detail));
  throw new Exit(EXIT.wrongUse, inertLine(detail));
}

function gateClosed(problem: JsonObject, io: Io): Exit {
  const { requirements, changes } = problem as unknown as {
    requirements: RequirementDocument[];
    changes: DifferenceDocument[];
  };
  return new Exit(
    EXIT.failed,
    [
      `${paint(io, "red", "The gate is closed.")} Nothing was changed.`,
      ...differenceLines(changes, io),
      ...requirementLines(requirements, io),
      'Past it, with another person: --override --reason "…"',
    ].join("\n"),
  );
}
