import { inertLine } from "../base/inert.ts";
import type { Json } from "../base/json.ts";
import { isStage } from "../base/stage.ts";
import { formatFigure, styleOf } from "../eval/figures.ts";
import { unitOf } from "../eval/metrics.ts";
import { casesText, statusWord } from "../eval/report-words.ts";
import { readTarget } from "../eval/target-text.ts";
import { lowerForShare } from "../release/assign.ts";
import type { TargetResult } from "../release/evidence.ts";
import type { Io } from "./io.ts";
import { age, paint, shortTime, table } from "./print.ts";
import type { Colour } from "./print.ts";
import type {
  DifferenceDocument,
  PresentDocument,
  ProposalDocument,
  ReleaseDocument,
  RequirementDocument,
  ServedDocument,
} from "./release-documents.ts";

const DIRECTION: Readonly<Record<DifferenceDocument["direction"], { word: string; colour: Colour }>> = {
  raise: { word: "raises", colour: "yellow" },
  lower: { word: "lowers", colour: "green" },
  same: { word: "changes", colour: "dim" },
};

export function differenceLines(changes: readonly DifferenceDocument[], io: Io): string[] {
  return changes.map(({ what, from, to, direction }) => {
    const { word, colour } = DIRECTION[direction];
    return `  ${paint(io, colour, word.padEnd(7))} ${inertLine(`${what}: ${shown(from)} → ${shown(to)}`)}`;
  });
}

/** A value as people write it: none, bare words, and JSON for the rest. */
function shown(value: Json): string {
  if (value === null) return "none";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(shown).join(", ");
  if (typeof value !== "object") return String(value);
  const { version, share, mode } = value;
  return typeof version === "string" ? `${version}, ${share as number} ${mode as string}` : JSON.stringify(value);
}

/** Each requirement with a mark, and what to do where it is not met. */
export function requirementLines(requirements: readonly RequirementDocument[], io: Io): string[] {
  return requirements.flatMap(({ met, message, fix, evidence }) => [
    `  ${met ? paint(io, "green", "met    ") : paint(io, "red", "missing")} ${inertLine(message)}`,
    ...(met || evidence === null ? [] : targetLines(evidence.targets, io)),
    ...(fix === null ? [] : [`          ${paint(io, "dim", inertLine(fix))}`]),
  ]);
}

/** The table that something falls short of. */
function targetLines(targets: readonly TargetResult[], io: Io): string[] {
  // Evidence that passes but is out of date falls short of nothing in it.
  if (targets.every(({ status }) => status === "PASS")) return [];
  const columns = [
    { title: "Eval" },
    { title: "Target" },
    { title: "Current" },
    { title: "Status" },
    { title: "Cases" },
  ];
  const rows = targets.map((target) => [
    target.critical ? `${target.name} (critical)` : target.name,
    target.target,
    currentFigure(target),
    statusWord(target.status),
    casesText(target.hits, target.cases),
  ]);
  return table(io, columns, rows).map((line) => `          ${line}`);
}

function currentFigure({ metric, target, value }: TargetResult): string {
  const unit = unitOf(metric);
  const read = readTarget(target, unit);
  return formatFigure(value, styleOf({ unit, target }), "bound" in read ? [read.bound] : []);
}

export function releaseLines(release: ReleaseDocument, io: Io): string[] {
  const { workflow, number, stage, share, development, when_off: whenOff } = release;
  const others = isStage(stage) ? lowerForShare(stage) : stage;
  const of = [
    ...(share < 1 ? [`for ${percent(share)} of the keys by ${release.assign_by}, the others at ${others}`] : []),
    ...(stage === "off" ? [whenOff === "hold" ? "events are held" : "events go to review"] : []),
    ...(development ? ["a development release, made without the gate"] : []),
  ];
  const head = `${paint(io, "bold", inertLine(workflow))}  release ${number}, stage ${paint(io, "cyan", stage)}`;
  return [
    `${head}${of.length === 0 ? "" : `; ${inertLine(of.join("; "))}`}`,
    ...slotLines(release),
    ...settingLines(release),
    `  made      ${inertLine(`${shortTime(release.created_at)} by ${release.created_by}: ${release.reason}`)}`,
    ...release.approvals.map(
      ({ by, at, reason }) => `  agreed    ${inertLine(`${shortTime(at)} by ${by}: ${reason}`)}`,
    ),
    ...overrideLines(release, io),
  ];
}

function slotLines({ prompts }: ReleaseDocument): string[] {
  return Object.entries(prompts).flatMap(([slot, { prompt, version, model, fallbacks, candidate }]) => {
    const then = fallbacks.length === 0 ? "" : `, then ${fallbacks.join(", ")}`;
    const tried =
      candidate === null
        ? []
        : [
            `            ${inertLine(`${candidate.mode} candidate ${candidate.version} on ${candidate.model}, ${percent(candidate.share)} of the keys`)}`,
          ];
    return [`  ${inertLine(slot).padEnd(9)} ${inertLine(`${prompt}@${version} on ${model}${then}`)}`, ...tried];
  });
}

function settingLines({
  scope,
  automation,
  sample,
  thresholds,
  tools,
  revoked,
  risk_threshold: risk,
}: ReleaseDocument): string[] {
  const granted = tools.filter((tool) => !revoked.includes(tool));
  const named = Object.entries(thresholds).map(([name, value]) => `${name} ${value}`);
  return [
    ["scope", scope ?? "everything"],
    ["automates", automation ?? "whatever the workflow decides"],
    ...(sample === 0 ? [] : [["sample", `${percent(sample)} of automated decisions go to review`]]),
    ...(named.length === 0 ? [] : [["limits", named.join(", ")]]),
    ["tools", `${granted.join(", ") || "none"}; writes up to ${risk} risk`],
    ...(revoked.length === 0 ? [] : [["revoked", revoked.join(", ")]]),
  ].map(([label, value]) => `  ${(label as string).padEnd(9)} ${inertLine(value as string)}`);
}

function overrideLines({ override }: ReleaseDocument, io: Io): string[] {
  if (override === null) return [];
  const how = override.solo ? "by one person alone" : "by two people";
  return [
    `  ${paint(io, "red", "FORCED")}    past the gate, ${how}. What was missing:`,
    ...override.missing.map(({ message }) => `            ${inertLine(message)}`),
  ];
}

export function presentLines(release: PresentDocument, io: Io): string[] {
  const rests = release.rests_on.map(({ subject, suite, verdict, cases, evidence_id: id }) => {
    const named =
      subject.version === null ? subject.name : `${subject.name}@${subject.version} on ${subject.model ?? ""}`;
    return `  evidence  ${inertLine(`${named}: ${verdict} of ${suite}, ${cases} cases (${id})`)}`;
  });
  const outcomes: Readonly<Record<string, string>> = {
    release: "nothing is missing",
    proposal: "a second person has to agree",
    refused: "something is missing",
  };
  const raises = release.raises.map(
    ({ what, to, outcome }) =>
      `  next      ${inertLine(`${what} ${shown(to)}: ${outcomes[outcome] ?? outcome}; sluice release plan ${release.workflow} --${what} ${shown(to)}`)}`,
  );
  return [...releaseLines(release, io), ...rests, ...raises];
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

export function historyLines(
  items: readonly { release: ReleaseDocument; changes: DifferenceDocument[] }[],
  io: Io,
): string[] {
  const columns = [
    { title: "RELEASE", right: true },
    { title: "WHEN" },
    { title: "BY" },
    { title: "STAGE" },
    { title: "CHANGED" },
    { title: "WHY", grows: true },
  ];
  const rows = items.map(({ release, changes }) => [
    String(release.number),
    shortTime(release.created_at),
    [release.created_by, ...release.approvals.map(({ by }) => by)].join(" + "),
    `${release.stage}${release.development ? " (dev)" : ""}`,
    changes.map(({ what }) => what).join(", ") || "-",
    `${release.override === null ? "" : "FORCED: "}${release.reason}`,
  ]);
  return table(io, columns, rows);
}

export function servedLines({ in_force: inForce, workers }: ServedDocument, io: Io): string[] {
  if (workers.length === 0) return [`Release ${inForce} is in force; no live worker has said what it serves.`];
  const columns = [
    { title: "WORKER" },
    { title: "HOST" },
    { title: "PID", right: true },
    { title: "RELEASE", right: true },
    { title: "SINCE" },
    { title: "SEEN" },
  ];
  const rows = workers.map(({ worker, host, pid, release, since, seen_at: seen, in_force: current }) => [
    worker,
    host,
    String(pid),
    `${release}${current ? "" : " (not yet the present one)"}`,
    shortTime(since),
    `${age(seen)} ago`,
  ]);
  return [`Release ${inForce} is in force.`, ...table(io, columns, rows)];
}

export function proposalLines(proposal: ProposalDocument, io: Io): string[] {
  const { proposal_id: id, workflow, base, by, reason, created_at: at, state, missing, override } = proposal;
  const closed = proposal.closed_by === null ? "" : ` by ${proposal.closed_by}: ${proposal.closed_reason ?? ""}`;
  const became = proposal.release === null ? "" : `, as release ${proposal.release}`;
  return [
    `${paint(io, "bold", inertLine(id))}  ${inertLine(`${workflow}, of release ${base}, ${shortTime(at)} by ${by}: ${reason}`)}`,
    ...differenceLines(proposal.changes, io),
    ...(override ? [`  ${paint(io, "red", "goes past the gate")}; missing:`] : []),
    ...(override ? missing.map(({ message }) => `    ${inertLine(message)}`) : []),
    state === "open"
      ? `  open: sluice release approve ${inertLine(`${workflow} ${id}`)} --reason "…"`
      : inertLine(`  ${state}${closed}${became}`),
  ];
}
