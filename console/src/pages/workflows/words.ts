import type { GraphNode, Json } from "../../api/schema.gen.ts";
import { count, duration, plural, words } from "../../parts/format.ts";
import type { Way } from "./picture.ts";

/** What of a node is worth a line before it is opened. */
export function essenceOf({ kind, detail }: GraphNode): string {
  switch (kind) {
    case "trigger":
      return "starts a run";
    case "prompt":
      return promptEssence(detail);
    case "tool":
      return detail["effect"] === "write" ? `write · ${text(detail["risk"])} risk` : "read";
    case "code":
      return "code";
    case "rule":
      return text(detail["holds"]) || "rule";
    case "review":
      return detail["asked_by"] === "engine" ? "asked by the runtime" : reviewEssence(detail);
    case "sleep":
      return text(detail["duration"]) || "sleep";
    case "wait":
      return [text(detail["event"]) || "an event", text(detail["timeout"])].filter((each) => each !== "").join(" · ");
    case "decide":
      return listOf(detail["fields"]).join(", ") || "the decision";
    default:
      return "the run ends";
  }
}

function promptEssence(detail: GraphNode["detail"]): string {
  const versions = listOf(detail["versions"]);
  const latest = versions.at(-1);
  if (latest === undefined) return "no version of its prompt";
  return versions.length === 1 ? latest : `${latest} + ${versions.length - 1} older`;
}

function reviewEssence(detail: GraphNode["detail"]): string {
  const team = text(detail["team"]);
  return [team === "" ? "a person" : `team ${team}`, text(detail["expires_in"])]
    .filter((each) => each !== "")
    .join(" · ");
}

export function text(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export function listOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map((each) => text(each)).filter((each) => each !== "") : [];
}

export const KIND_WORDS: Readonly<Record<GraphNode["kind"], string>> = {
  trigger: "Event",
  prompt: "Prompt",
  tool: "Tool",
  code: "Code",
  rule: "Rule",
  review: "Review",
  sleep: "Sleep",
  wait: "Wait",
  decide: "Decision",
  end: "End",
};

/** `p95 579 ms`; a bound where several names are counted together; nothing where no run was timed. */
export function p95Words({ p95, members }: { p95: number | null; members: readonly unknown[] }): string {
  return p95 === null ? "" : `p95 ${members.length > 1 ? "≤ " : ""}${duration(p95)}`;
}

export function sampleWords({ p95, sample }: { p95: number | null; sample: number }): string {
  return p95 === null ? "No time yet: no run has passed on from here." : `p95 of ${plural(sample, "run")}`;
}

/** A node as it is spoken of where there is no picture: `classify`, `completed`, `waiting now`. */
export function nameOf(id: string): string {
  if (id.startsWith("now:")) return `${id.slice(4)} now`;
  if (id === "step:@review:@decision") return "review of the decision";
  if (id.startsWith("step:@review:")) return `review of ${id.slice("step:@review:".length)}`;
  return id.replace(/^(step|end):/, "").replaceAll("${…}", "…");
}

/** `1,240 · p95 3.2 s`, and nothing before there were any runs. */
export function figureWords(way: Way, runs: number): string {
  // That nobody took what nobody wrote goes without saying.
  if (runs === 0 || (way.implied && way.count === 0)) return "";
  const p95 = p95Words(way);
  return p95 === "" ? count(way.count) : `${count(way.count)} · ${p95}`;
}

/** The standing of runs that have not gone on: `253 waiting`. */
export function hereWords(to: string): string {
  return words(to.replace(/^(now|end):/, ""));
}
