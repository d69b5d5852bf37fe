import { inertLine } from "../base/inert.ts";
import type { Json, Problem } from "../base/json.ts";
import { loadProject } from "../app/project.ts";
import type { Project } from "../app/project.ts";
import { parseEvent } from "../contract/parse.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { printJson, printLines } from "./print.ts";

interface Verdict {
  event_id: string | null;
  valid: boolean;
  /** `type version` of the contract it keeps. */
  contract: string | null;
  workflows: string[];
  undeclared: readonly string[];
  message: string | null;
  errors: readonly Problem[];
}

/** Holds events against the project's contracts, as intake would; nothing is sent or written. */
export async function dryRun(dir: string, events: readonly Json[], json: boolean, io: Io): Promise<void> {
  const project = await loadProject(dir, { env: io.env });
  const verdicts = events.map((event) => judge(project, event));
  if (json) printJson(io, events.length === 1 ? verdicts[0] : verdicts);
  else printLines(io, [...verdicts.flatMap(verdictLines), "Nothing was sent (--dry-run)."]);
  if (verdicts.some(({ valid }) => !valid)) throw new Exit(EXIT.wrongUse);
}

function judge(project: Project, event: Json): Verdict {
  const parsed = parseEvent(project.contracts, event);
  if (!parsed.ok) {
    const { eventId, message, errors } = parsed;
    return { event_id: eventId, valid: false, contract: null, workflows: [], undeclared: [], message, errors };
  }
  const { type, version } = parsed.contract;
  const workflows = [...project.workflows.values()]
    .filter(({ workflow: { on } }) => {
      const wanted = on.version ?? project.contracts.current(type)?.version;
      return on.type === type && wanted !== undefined && project.contracts.reaches(type, version, wanted);
    })
    .map(({ workflow }) => workflow.name);
  return {
    event_id: parsed.eventId,
    valid: workflows.length > 0,
    contract: `${type} ${version}`,
    workflows,
    undeclared: parsed.drift,
    message: workflows.length > 0 ? null : "No workflow takes it.",
    errors: [],
  };
}

function verdictLines({ event_id: id, valid, contract, workflows, undeclared, message, errors }: Verdict): string[] {
  const name = inertLine(id ?? "(no event_id)");
  if (!valid)
    return [
      `${name} would be refused: ${inertLine(message ?? "")}`,
      ...errors.map((each) => `  ${inertLine(`${each.pointer || "the event"} ${each.message}`)}`),
    ];
  const drift =
    undeclared.length === 0 ? [] : [`  not in the contract, and not passed on: ${inertLine(undeclared.join(", "))}`];
  return [`${name} keeps the contract ${contract} and would start ${workflows.join(", ")}`, ...drift];
}
