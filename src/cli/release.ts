import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import type { JsonObject } from "../base/json.ts";
import { connect, withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { paint, printJson, printLines, table } from "./print.ts";
import { act, wordsOf } from "./release-act.ts";
import type { ActOptions } from "./release-act.ts";
import { changeFrom, share, withChange } from "./release-change.ts";
import type { ChangeOptions } from "./release-change.ts";
import type {
  DifferenceDocument,
  PlanDocument,
  PresentDocument,
  ProposalDocument,
  ReleaseDocument,
  ServedDocument,
} from "./release-documents.ts";
import {
  differenceLines,
  historyLines,
  presentLines,
  proposalLines,
  requirementLines,
  servedLines,
} from "./release-print.ts";

type Looking = ServerOptions;
type RollbackOptions = ActOptions & {
  to?: string;
  slot?: string;
  version?: string;
  fallback?: true;
  inFlight?: string;
};

/** `sluice release show|history|plan|promote|demote|rollback|off|on|traffic|served|proposals|approve|reject`. */
export function define(command: Command, io: Io): void {
  command.addHelpText(
    "after",
    '\nExamples:\n  $ sluice release show support_triage\n  $ sluice release promote support_triage --stage suggestion --reason "a week in shadow"\n  $ sluice release rollback support_triage --reason "billing is missed"',
  );
  defineLooking(command, io);
  defineRaises(command, io);
  defineLowerings(command, io);
  defineProposals(command, io);
}

function defineLooking(command: Command, io: Io): void {
  withExamples(withServer(command.command("show [workflow]").description("the present release: of all, or of one")), [
    ["sluice release show", "every workflow"],
    ["sluice release show support_triage", "with its evidence, and what could be raised next"],
  ]).action((workflow: string | undefined, options: Looking) => show(workflow, options, io));
  withExamples(
    withServer(command.command("history <workflow>").description("every release: who, when, why, what it changed")),
    [["sluice release history support_triage", "newest first"]],
  ).action((workflow: string, options: Looking) => history(workflow, options, io));
  withExamples(withServer(command.command("served <workflow>").description("what each live worker serves now")), [
    ["sluice release served support_triage", "after a rollback: whether all have it"],
  ]).action((workflow: string, options: Looking) => served(workflow, options, io));
  const planning = withChange(
    withServer(command.command("plan <workflow>").description("what a change would do, and what the gate asks for")),
  );
  withExamples(planning, [
    ["sluice release plan support_triage --stage partial", "exit 0: it would be let through; 1: something is missing"],
    ["sluice release plan support_triage --prompt classify=2026-06-01.1", "another prompt version"],
  ]).action((workflow: string, options: Looking & ChangeOptions) => plan(workflow, options, io));
}

/** The options of everything that may be a raise. */
function mayRaise(command: Command): Command {
  return withReason(command)
    .option("--override", "past what the gate asks for; another person has to agree")
    .option("--solo", "nobody else is there to agree: at once, and on record");
}

function withReason(command: Command): Command {
  return withServer(command)
    .requiredOption("--reason <text>", "on record")
    .option("--expected-release <number>", "refuse where another release is in force by now");
}

function defineRaises(command: Command, io: Io): void {
  const promoting = withChange(
    mayRaise(command.command("promote <workflow>").description("change a release: every raise goes through the gate")),
  );
  withExamples(promoting, [
    ['sluice release promote support_triage --stage suggestion --reason "a week in shadow"', "a higher stage"],
    ['sluice release promote support_triage --prompt classify=2026-06-01.1 --reason "fewer misses"', "another version"],
    [
      'sluice release promote support_triage --candidate classify=2026-06-01.1,shadow,1 --reason "try"',
      "beside the runs",
    ],
  ]).action((workflow: string, options: ActOptions & ChangeOptions) => promote(workflow, options, io));
  withExamples(
    mayRaise(
      command.command("traffic <workflow> <share>").description("the share of the keys that the stage applies to"),
    ),
    [
      ['sluice release traffic support_triage 5% --reason "careful"', "less is in force at once"],
      ['sluice release traffic support_triage 50% --reason "it holds"', "more goes through the gate"],
    ],
  ).action((workflow: string, of: string, options: ActOptions) =>
    act(path(workflow, "traffic"), { share: share(of, "The share"), ...wordsOf(options) }, options, io),
  );
  withExamples(
    mayRaise(command.command("on <workflow>").description("switch on again, at the stage it had: through the gate")),
    [['sluice release on support_triage --reason "the desk is back"', "as it was before off"]],
  ).action((workflow: string, options: ActOptions) => act(path(workflow, "on"), wordsOf(options), options, io));
}

function defineLowerings(command: Command, io: Io): void {
  withExamples(
    withChange(
      withReason(command.command("demote <workflow>").description("let it do less; one stage down unless said")),
    ),
    [
      ['sluice release demote support_triage --reason "too many corrections"', "one stage down"],
      ['sluice release demote support_triage --stage suggestion --reason "odd answers"', "a person decides everything"],
    ],
  ).action((workflow: string, options: ActOptions & ChangeOptions) => demote(workflow, options, io));
  withExamples(
    withReason(command.command("off <workflow>").description("switch it off")).option(
      "--when-off <what>",
      "hold (unless set otherwise before) or review: what becomes of its events",
    ),
    [['sluice release off support_triage --when-off review --reason "incident 12"', "events go to people"]],
  ).action((workflow: string, options: ActOptions & { whenOff?: string }) =>
    act(
      path(workflow, "off"),
      { ...wordsOf(options), ...(options.whenOff === undefined ? {} : { when_off: options.whenOff }) },
      options,
      io,
    ),
  );
  const back = mayRaise(
    command
      .command("rollback <workflow>")
      .description("go back to earlier prompt versions and models, and nothing more"),
  )
    .option("--to <number>", "those of this release; else those before the present ones")
    .option("--slot <slot>", "only this prompt slot")
    .option("--version <version>", "a version of the slot's prompt")
    .option("--fallback", "the slot's first fallback model in place of its model")
    .option("--in-flight <what>", "review (unless said) or finish: runs that have used it and not decided");
  withExamples(back, [
    ['sluice release rollback support_triage --reason "billing is missed"', "the versions before these"],
    ['sluice release rollback support_triage --to 7 --reason "as it was"', "those of release 7"],
    ['sluice release rollback support_triage --fallback --reason "the provider is down"', "the fallback model first"],
  ]).action((workflow: string, options: RollbackOptions) => rollback(workflow, options, io));
}

function defineProposals(command: Command, io: Io): void {
  withExamples(
    withServer(command.command("proposals <workflow>").description("changes that wait for a second person")).option(
      "--all",
      "closed ones too",
    ),
    [["sluice release proposals support_triage", "newest first"]],
  ).action((workflow: string, options: Looking & { all?: true }) => proposals(workflow, options, io));
  const reasoned = (name: string, summary: string): Command =>
    withServer(command.command(`${name} <workflow> <proposal>`).description(summary)).requiredOption(
      "--reason <text>",
      "on record",
    );
  withExamples(reasoned("approve", "agree to a proposal of somebody else: it is in force then"), [
    ['sluice release approve support_triage prp_01k… --reason "looked at the cases"', ""],
  ]).action((workflow: string, id: string, options: ActOptions) =>
    act(path(workflow, `proposals/${encodeURIComponent(id)}/approve`), { reason: options.reason }, options, io),
  );
  withExamples(reasoned("reject", "refuse a proposal"), [
    ['sluice release reject support_triage prp_01k… --reason "wait for Monday"', ""],
  ]).action((workflow: string, id: string, options: ActOptions) => reject(workflow, id, options, io));
}

function path(workflow: string, what = ""): string {
  return `/v1/releases/${encodeURIComponent(workflow)}${what === "" ? "" : `/${what}`}`;
}

async function show(workflow: string | undefined, options: Looking, io: Io): Promise<void> {
  const client = await connect(options, io);
  if (workflow !== undefined) {
    const release = await client.get<PresentDocument>(path(workflow));
    return options.json === true ? printJson(io, release) : printLines(io, presentLines(release, io));
  }
  const { items } = await client.get<{ items: ReleaseDocument[] }>("/v1/releases");
  if (options.json === true) return printJson(io, { items });
  if (items.length === 0) return printLines(io, ["No workflow is under a release yet."]);
  const columns = [
    { title: "WORKFLOW" },
    { title: "RELEASE", right: true },
    { title: "STAGE" },
    { title: "SHARE", right: true },
    { title: "PROMPTS", grows: true },
  ];
  const rows = items.map(({ workflow: name, number, stage, share: of, prompts, development }) => [
    name,
    String(number),
    `${stage}${development ? " (dev)" : ""}`,
    `${Number((of * 100).toFixed(2))} %`,
    Object.values(prompts).map(({ prompt, version }) => `${prompt}@${version}`).join(", "),
  ]); // prettier-ignore
  printLines(io, table(io, columns, rows));
}

async function history(workflow: string, options: Looking, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { items } = await client.get<{ items: { release: ReleaseDocument; changes: DifferenceDocument[] }[] }>(
    path(workflow, "history"),
  );
  if (options.json === true) return printJson(io, { items });
  printLines(io, historyLines(items, io));
}

async function served(workflow: string, options: Looking, io: Io): Promise<void> {
  const client = await connect(options, io);
  const answer = await client.get<ServedDocument>(path(workflow, "served"));
  if (options.json === true) return printJson(io, answer);
  printLines(io, servedLines(answer, io));
}

function changeNamed(options: ChangeOptions, command: string): JsonObject {
  const change = changeFrom(options);
  if (Object.keys(change).length > 0) return change;
  throw new Exit(
    EXIT.wrongUse,
    `Say what is to change: sluice release ${command} WORKFLOW --stage …; --help lists it all.`,
  );
}

async function plan(workflow: string, options: Looking & ChangeOptions, io: Io): Promise<void> {
  const change = changeNamed(options, "plan");
  const client = await connect(options, io);
  const planned = await client.post<PlanDocument>(path(workflow, "plan"), { change });
  if (options.json === true) printJson(io, planned);
  else printLines(io, planLines(planned, workflow, io));
  if (planned.outcome === "refused") throw new Exit(EXIT.failed);
}

function planLines({ present, changes, requirements, outcome }: PlanDocument, workflow: string, io: Io): string[] {
  const said: Readonly<Record<PlanDocument["outcome"], string>> = {
    nothing: "It is so already.",
    release: present.development
      ? "It would be in force at once: this is a development release, without the gate."
      : paint(io, "green", "It would be in force at once."),
    proposal: paint(io, "yellow", "It would be a proposal: a second person has to agree."),
    refused: paint(io, "red", "The gate is closed."),
  };
  return [
    `${inertLine(workflow)}, release ${present.number}:`,
    ...differenceLines(changes, io),
    ...requirementLines(requirements, io),
    said[outcome],
  ];
}

async function promote(workflow: string, options: ActOptions & ChangeOptions, io: Io): Promise<void> {
  const change = changeNamed(options, "promote");
  await act(path(workflow, "promote"), { change, ...wordsOf(options) }, options, io);
}

async function demote(workflow: string, options: ActOptions & ChangeOptions, io: Io): Promise<void> {
  const change = changeFrom(options);
  const body = { ...wordsOf(options), ...(Object.keys(change).length === 0 ? {} : { change }) };
  await act(path(workflow, "demote"), body, options, io);
}

async function rollback(workflow: string, options: RollbackOptions, io: Io): Promise<void> {
  const { to, slot, version, fallback, inFlight } = options;
  if (to !== undefined && !/^[1-9]\d*$/.test(to))
    throw new Exit(EXIT.wrongUse, `--to takes the number of a release, not "${to}"; a version goes with --version.`);
  const body = {
    ...wordsOf(options),
    ...(to === undefined ? {} : { to: Number(to) }),
    ...(slot === undefined ? {} : { slot }),
    ...(version === undefined ? {} : { version }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(inFlight === undefined ? {} : { in_flight: inFlight }),
  };
  await act(path(workflow, "rollback"), body, options, io);
}

async function proposals(workflow: string, options: Looking & { all?: true }, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { items } = await client.get<{ items: ProposalDocument[] }>(path(workflow, "proposals"));
  const wanted = options.all === true ? items : items.filter(({ state }) => state === "open");
  if (options.json === true) return printJson(io, { items: wanted });
  if (wanted.length === 0) return printLines(io, ["Nothing waits for a second person."]);
  printLines(
    io,
    wanted.flatMap((proposal) => proposalLines(proposal, io)),
  );
}

async function reject(workflow: string, id: string, options: ActOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const rejected = await client.post<ProposalDocument>(path(workflow, `proposals/${encodeURIComponent(id)}/reject`), {
    reason: options.reason,
  });
  if (options.json === true) return printJson(io, rejected);
  printLines(io, proposalLines(rejected, io));
}
