import { inertLine } from "../base/inert.ts";
import type { Json } from "../base/json.ts";
import type { Io } from "./io.ts";
import { dollars, paint, shortTime, table } from "./print.ts";
import type {
  ComparisonDocument,
  EvidenceDocument,
  PreviewDocument,
  ShareDocument,
  VersionDetailDocument,
} from "./prompt-documents.ts";

/** Unchanged lines that are shown around a change. */
const AROUND = 2;
const SHOWN_EXAMPLES = 5;
const SHOWN_ROWS = 25;

export function comparisonLines(compared: ComparisonDocument, io: Io): string[] {
  const { from, to, same, settings, schema, messages, examples } = compared;
  const head = paint(io, "bold", `${inertLine(compared.name)}: ${inertLine(from.version)} → ${inertLine(to.version)}`);
  const evidence = [from, to].flatMap((side) => ["", `Evidence of ${inertLine(side.version)}:`, ...evidenceLines(side.evidence, io)]); // prettier-ignore
  if (same) return [head, "They say the same.", ...evidence];
  return [
    head,
    ...section("Settings", settings.map(changeLine)),
    ...section("Output schema", schema.map(changeLine)),
    ...messages.flatMap(({ index, from: before, to: after, lines }) => [
      "",
      paint(
        io,
        "bold",
        `Message ${index + 1} (${before === after ? before : `${before ?? "none"} → ${after ?? "none"}`})`,
      ),
      ...textLines(lines, io),
    ]),
    ...exampleLines(examples, io),
    ...evidence,
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines];
}

function changeLine({ pointer, from, to }: ComparisonDocument["settings"][number]): string {
  const value = (given: Json | undefined): string => (given === undefined ? "(not set)" : JSON.stringify(given));
  return `  ${inertLine(`${pointer}: ${value(from)} → ${value(to)}`)}`;
}

/** Changed lines with those around them; what is left out between is said. */
function textLines(lines: ComparisonDocument["messages"][number]["lines"], io: Io): string[] {
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - AROUND), i + AROUND + 1).some(({ op }) => op !== "same"),
  );
  return lines.flatMap(({ op, text }, i) => {
    if (near[i] !== true) return near[i - 1] === true || i === 0 ? [paint(io, "dim", "  …")] : [];
    if (op === "added") return [paint(io, "green", `+ ${inertLine(text)}`)];
    return [op === "removed" ? paint(io, "red", `- ${inertLine(text)}`) : `  ${inertLine(text)}`];
  });
}

function exampleLines({ added, removed, kept }: ComparisonDocument["examples"], io: Io): string[] {
  if (added.length + removed.length === 0) return [];
  const shown = (examples: readonly Json[], mark: string, colour: "green" | "red"): string[] => [
    ...examples.slice(0, SHOWN_EXAMPLES).map((each) => paint(io, colour, `${mark} ${inertLine(JSON.stringify(each))}`)),
    ...(examples.length > SHOWN_EXAMPLES ? [`  and ${examples.length - SHOWN_EXAMPLES} more`] : []),
  ];
  const count = `${added.length} added, ${removed.length} removed, ${kept} kept`;
  return ["", `Examples: ${count}`, ...shown(removed, "-", "red"), ...shown(added, "+", "green")];
}

function evidenceLines(evidence: readonly EvidenceDocument[], io: Io): string[] {
  if (evidence.length === 0) return ["  none: no eval has run on this very content"];
  return evidence.map(({ suite, verdict, at, subject, targets }) => {
    const colour = verdict === "PASS" ? "green" : verdict === "FAIL" ? "red" : "yellow";
    const missed = targets.filter(({ status }) => status !== "PASS").map(({ name, status }) => `${name} ${status}`);
    const why = missed.length === 0 ? "" : `: ${missed.join(", ")}`;
    return `  ${paint(io, colour, verdict)} ${inertLine(`${suite} on ${subject.model ?? "?"}, ${shortTime(at)}${why}`)}`;
  });
}

/** What is on record of a version, below what it says. */
export function recordLines(detail: VersionDetailDocument, io: Io): string[] {
  const { published_by: by, published_at: at, reason, approvals, served, usage, risk } = detail;
  const published = by === null ? "not published: served from its file" : `${by}, ${shortTime(at)}: ${reason ?? ""}`;
  const approved = approvals.map((each) => `  ${inertLine(`${each.by}, ${shortTime(each.at)}: ${each.reason}`)}`);
  const dispositions = Object.entries(usage.dispositions).map(([name, count]) => `${count} ${name}`);
  return [
    paint(io, "bold", "On record"),
    inertLine(`Published by ${published}`),
    ...(approved.length === 0
      ? [`Approved by nobody${risk === "high" ? ": somebody has to, as its risk is high" : ""}`]
      : ["Approved by", ...approved]),
    "Evidence",
    ...evidenceLines(detail.evidence, io),
    ...(served.length === 0 ? ["Has served nowhere"] : ["Served", ...served.map((each) => `  ${servedLine(each)}`)]),
    usage.runs === 0
      ? "No run has used it"
      : inertLine(
          `${usage.runs} runs: ${dispositions.join(", ")}; people approved ${usage.reviews.approve}, corrected ${usage.reviews.correct}, rejected ${usage.reviews.reject}`,
        ),
  ];
}

function servedLine({
  workflow,
  as,
  from_release: from,
  to_release: to,
  since,
  until,
}: VersionDetailDocument["served"][number]): string {
  const releases = from === to ? `release ${from}` : `releases ${from} to ${to}`;
  const role = as === "serves" ? "" : ` as ${as} candidate`;
  return inertLine(
    `${workflow}${role}, ${releases}, since ${shortTime(since)}${until === null ? "" : ` until ${shortTime(until)}`}`,
  );
}

export function previewLines(preview: PreviewDocument, io: Io): string[] {
  const { accuracy, automation, skipped, rows, fields } = preview;
  const changed = rows.filter(({ status }) => status !== "same");
  const columns = [
    { title: "RUN" },
    { title: "" },
    { title: "BEFORE" },
    { title: "AFTER" },
    { title: "PERSON", grows: true },
  ];
  const cells = changed.slice(0, SHOWN_ROWS).map((row) => {
    const names = row.changed.length > 0 ? row.changed : fields;
    return [row.run_id, row.status, fieldsText(row.before, names), row.after === null ? (row.note ?? "") : fieldsText(row.after, names), row.person === null ? "" : `${row.person.action}: ${fieldsText(row.person.decision, names)}`]; // prettier-ignore
  });
  const left = skipped.originals_gone + skipped.not_asked;
  return [
    ...(cells.length === 0 ? [] : [...table(io, columns, cells), ""]),
    ...(changed.length > SHOWN_ROWS ? [`and ${changed.length - SHOWN_ROWS} more (--json shows all)`, ""] : []),
    `${preview.done} of ${preview.total} runs, ${preview.changed} decided otherwise (${fields.join(", ") || "nothing to compare"})${left === 0 ? "" : `; ${skipped.originals_gone} left out because their originals are gone, ${skipped.not_asked} never asked it`}`,
    `Automation      ${shareText(automation.before)} → ${shareText(automation.after)}`,
    accuracy.people_decided === 0
      ? "Accuracy        no person has decided any of these runs"
      : `Accuracy        ${shareText(accuracy.before)} → ${shareText(accuracy.after)}, where a person decided: ${shownText(accuracy)}`,
    `Cost            ${dollars(preview.cost_before_usd)} → ${dollars(preview.cost_usd)}${rows.some(({ status }) => status === "failed") ? " (some failed)" : ""}`,
    ...(preview.in_context
      ? ["local/in-context reads the examples and no instructions: changed instructions change nothing here."]
      : []),
  ].map((line) => line.trimEnd());
}

function shownText({ shown, worse, better, p }: PreviewDocument["accuracy"]): string {
  const counts = `${worse} worse, ${better} better, p ${p.toPrecision(2)}`;
  return shown === "nothing" ? `no difference is shown (${counts})` : `${shown}, and shown to be (${counts})`;
}

function shareText({ hits, cases, value, interval }: ShareDocument): string {
  if (value === null || interval === null) return "–";
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return `${percent(value)} (${hits}/${cases}, ${percent(interval.low)} to ${percent(interval.high)})`;
}

function fieldsText(decision: Json, names: readonly string[]): string {
  if (decision === null || typeof decision !== "object" || Array.isArray(decision)) return "–";
  return names.map((name) => scalarText(decision[name])).join(" / ");
}

function scalarText(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
