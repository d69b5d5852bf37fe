import { styleText } from "node:util";
import type { DeskCounts } from "../desk/desk.ts";
import type { Release, Served } from "./api.ts";
import type { SeenRun } from "./flow.ts";
import { type Tally, isDecided, settledKeys } from "./tally.ts";
import type { Check } from "./verify.ts";

const LABEL = 22;

function row(label: string, value: string): string {
  return `  ${styleText("gray", label.padEnd(LABEL))}${value}`;
}

/** What happened, in lines for a person. */
export function summary(tally: Tally, desk: DeskCounts, seconds: number): string {
  const failed = [...tally.failedClosed.values()].reduce((sum, count) => sum + count, 0);
  return [
    "",
    styleText("bold", `What happened (${seconds.toFixed(1)} s)`),
    row("accepted", `${tally.accepted}${tally.refused === 0 ? "" : `, ${tally.refused} refused`}`),
    row("duplicates", `${tally.duplicates} re-sent, no new run`),
    row("decided", `${tally.decided} without a person`),
    row("waiting for review", `${tally.waiting}${listed(tally.waitingFor)}`),
    row("escalated", String(tally.escalated)),
    row("repaired", `${tally.repaired} answers`),
    row("failed closed", `${failed}${listed(tally.failedClosed)}`),
    row("retried", `${tally.retriedCalls} tool calls; the desk made up ${desk.injected} failures`),
    row("accepted to decided", `p50 ${duration(tally.p50)}, p95 ${duration(tally.p95)}, queueing included`),
    row("cost", tally.costUsd === null ? "unknown (a price is missing)" : `$${tally.costUsd.toFixed(4)}`),
    row("right by the labels", rightness(tally)),
    row(
      "",
      styleText(
        "gray",
        "local/in-context: it copies the nearest few-shot example; a figure for the path, not for a model",
      ),
    ),
    row("at the desk", deskLine(desk)),
    "",
  ].join("\n");
}

function listed(counts: ReadonlyMap<string, number>): string {
  return counts.size === 0 ? "" : ` (${[...counts].map(([why, count]) => `${count} ${why}`).join(", ")})`;
}

function rightness({ right, decided }: Tally): string {
  const of = (count: number): string =>
    `${count}/${decided} (${decided === 0 ? "–" : ((count / decided) * 100).toFixed(1)} %)`;
  return `of those decided: category ${of(right.category)}, urgency ${of(right.urgency)}, both ${of(right.both)}`;
}

function deskLine({ escalations, replies, accounts }: DeskCounts): string {
  return [
    `${escalations.distinct} escalations from ${escalations.requests} requests`,
    `${replies.distinct} replies sent`,
    `${accounts.requests} account look-ups (${accounts.unknown} of unknown customers)`,
  ].join(", ");
}

function duration(ms: number | null): string {
  if (ms === null) return "–";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

/** Under which release it happened. */
export function releaseLine(release: Release, { workers }: Served): string {
  const { number, stage, development, prompts } = release;
  const serving = Object.entries(prompts).map(([slot, { prompt, version }]) => `${slot} = ${prompt}@${version}`);
  const agreeing = workers.filter((worker) => worker.release === number).length;
  return [
    styleText("bold", "In force"),
    row("release", `${number}, stage ${stage}${development ? "; a development release, made without the gate" : ""}`),
    row("serves", serving.join(", ")),
    row("on", `${agreeing} of ${workers.length} live ${workers.length === 1 ? "process" : "processes"}`),
    "",
  ].join("\n");
}

/** What is worth trying next: a version that must not get through. */
function forTheWorse(): string[] {
  const command = (text: string): string => `  ${styleText("cyan", text)}`;
  const version = "support_ticket_classifier@2026-11-24.1";
  return [
    styleText("bold", "Change a prompt for the worse, and see that it cannot be released"),
    command("npx sluice prompt push examples/support-triage/demo/worse/2026-11-24.1.yaml --reason shorter"),
    command(`npx sluice eval run support_ticket_classifier_regression --prompt ${version}`),
    command("npx sluice release promote support_triage --prompt classify=2026-11-24.1 --reason shorter"),
    "  What is behind it: examples/support-triage/README.md",
    "",
  ];
}

/** Where the server is. `link`: opens its console once, signed in. */
export interface Reach {
  url: string;
  link: string;
  dataDir: string;
}

/** Commands to copy, with ids that exist, and the way into the console. */
export function howToLook(runs: readonly SeenRun[], { url, link, dataDir }: Reach): string {
  const escalated = runs.filter((run) => isDecided(run) && settledKeys(run.steps, "create_escalation").length > 0);
  const shown = escalated[0] ?? runs.find(isDecided) ?? runs[0];
  const review = runs.flatMap(({ reviews }) => reviews)[0];
  const command = (text: string): string => `  ${styleText("cyan", text)}`;
  return [
    styleText("bold", "Look at it"),
    command(`export SLUICE_DIR=examples/support-triage SLUICE_DATA=${dataDir}`),
    ...(shown === undefined ? [] : [command(`npx sluice why ${shown.run_id}`)]),
    command("npx sluice runs list --status waiting"),
    command("npx sluice review list"),
    ...(review === undefined
      ? []
      : [
          command(`npx sluice review show ${review.review_id}`),
          command(`npx sluice review approve ${review.review_id}`),
        ]),
    "",
    ...forTheWorse(),
    styleText("bold", "In a browser"),
    command(link),
    `  It signs you in once, within 15 minutes; ${styleText("cyan", "npx sluice login")} prints another.`,
    "",
    `The server answers on ${url} until Ctrl-C.`,
    "",
  ].join("\n");
}

export function checkLines(checks: readonly Check[]): string {
  const line = ({ holds, what }: Check): string =>
    `  ${holds ? styleText("green", "held") : styleText("red", "BROKEN")}  ${what}`;
  return [styleText("bold", "Compared from outside"), ...checks.map(line), ""].join("\n");
}
