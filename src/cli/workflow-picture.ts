import { inertLine } from "../base/inert.ts";
import type { Json } from "../base/json.ts";
import { DECISION } from "../journal/names.ts";
import { reviewIdOf } from "../workflow/picture-graph.ts";
import type { Picture, PictureNode } from "../workflow/picture-graph.ts";
import type { Io } from "./io.ts";
import { clip, paint } from "./print.ts";

/**
 * A workflow as text: the steps every completing run takes stand on the main line, the others beside it; below each, where
 * it leads on and under which condition, then where its failures go.
 */
export function pictureLines(picture: Picture, io: Io): string[] {
  const shown = picture.nodes.filter(({ id, kind }) => kind !== "end" && !id.startsWith(reviewIdOf("")));
  const last = shown.findIndex(({ id }) => id === "decide");
  // What is decided comes last, wherever the first decision stands in the source.
  if (last >= 0) shown.push(...shown.splice(last, 1));
  const writer = new PictureWriter(picture, io);
  return [
    `${paint(io, "bold", inertLine(picture.workflow))}  ${paint(io, "dim", inertLine(picture.file))}`,
    "",
    ...shown.flatMap((node, i) => writer.node(node, shown[i + 1]?.id)),
  ];
}

class PictureWriter {
  readonly #picture: Picture;
  readonly #io: Io;
  readonly #labels: ReadonlyMap<string, string>;
  constructor(picture: Picture, io: Io) {
    this.#picture = picture;
    this.#io = io;
    this.#labels = new Map(picture.nodes.map(({ id, label }) => [id, inertLine(label)]));
  }

  /** `next`: what is printed below it. */
  node(node: PictureNode, next: string | undefined): string[] {
    const rail = next === undefined ? " " : paint(this.#io, "dim", "│");
    const indent = node.optional ? `${rail}  ` : "";
    const inner = next === undefined && !node.optional ? " " : paint(this.#io, "dim", "│");
    const mark = node.optional ? "○" : "●";
    const facts = [paint(this.#io, "cyan", node.kind), ...factsOf(node).map((each) => paint(this.#io, "dim", each))];
    return [
      this.#cut(`${indent}${mark} ${paint(this.#io, "bold", inertLine(node.label))}  ${facts.join("  ")}`),
      ...this.#ways(node, next).map((line) => this.#cut(`${indent}${paint(this.#io, "dim", line.mark)} ${line.text}`)),
      ...this.#failures(node).map((line) => this.#cut(`${indent}${inner}    ${line}`)),
      ...(next === undefined ? [] : [rail]),
    ];
  }

  /** Colours do not count, so a line in colour is cut a little early at most. */
  #cut(line: string): string {
    return this.#io.colour ? line : clip(line, this.#io.width);
  }

  #ways({ id }: PictureNode, next: string | undefined): { mark: string; text: string }[] {
    const ways = this.#picture.edges.filter(({ from, kind, implied }) => from === id && kind !== "failure" && !implied);
    const [only] = ways;
    if (ways.length === 1 && only?.label === null && only.to === next) return [];
    return ways.map(({ label, to }, i) => ({
      mark: i === ways.length - 1 && next === undefined ? "└─" : "├─",
      text: `${label === null ? "" : `${inertLine(label)} `}→ ${this.#name(to)}`,
    }));
  }

  #failures(node: PictureNode): string[] {
    const out = this.#picture.edges.filter(({ from }) => from === node.id);
    const written = out.filter(({ kind, implied }) => kind === "failure" && !implied);
    const ended = out.filter(({ kind, implied, to }) => kind === "failure" && implied && to.startsWith("end:"));
    const review = node.id === "decide" ? reviewIdOf(DECISION) : reviewIdOf(node.id.replace(/^step:/, ""));
    const onward = out.filter(({ to, kind }) => kind === "failure" && to === node.id);
    return [
      ...onward.map(({ label }) =>
        paint(
          this.#io,
          "red",
          `✗ ${inertLine(label ?? "")} → ${list(node.detail["fallbacks"]).map(inertLine).join(", then ")}`,
        ),
      ),
      ...this.#asked(node, review),
      ...[...written, ...ended].map(({ label, to }) =>
        paint(this.#io, "red", `✗ ${inertLine(label ?? "")} → ${this.#name(to)}`),
      ),
    ];
  }

  /** What makes the runtime ask a person here, and what follows from the answer. */
  #asked({ id }: PictureNode, review: string): string[] {
    const into = this.#picture.edges.filter(
      ({ to, from }) => to === review && (id === "decide" || from === id || from !== review),
    );
    if (into.length === 0) return [];
    const why = [...new Set(into.flatMap(({ label }) => (label ?? "").split(", ")))].join(", ");
    const answers = new Map<string, string[]>();
    for (const { from, to, label } of this.#picture.edges)
      if (from === review && to !== "end:dead") answers.set(label ?? "", [...(answers.get(label ?? "") ?? []), to]);
    const told = [...answers].map(([label, to]) => this.#answer(label, to, id));
    const after = told.length === 0 ? "" : ` (${told.join("; ")})`;
    return [paint(this.#io, "yellow", `? ${inertLine(why)} → a person${after}`)];
  }

  #answer(label: string, to: readonly string[], id: string): string {
    const names = to.map((each) => (each !== id ? this.#name(each) : id === "decide" ? "decided" : "again"));
    return `${inertLine(label)} → ${names.join(", ")}`;
  }

  #name(id: string): string {
    if (id === reviewIdOf(DECISION)) return "a person";
    return this.#labels.get(id) ?? id;
  }
}

function factsOf({ kind, detail, line, repeated }: PictureNode): string[] {
  const facts = kind === "trigger" ? [] : [describe(kind, detail)];
  const place = typeof detail["file"] === "string" ? `${detail["file"]}:${line ?? 1}` : `line ${line ?? 1}`;
  return [...facts, ...(repeated ? ["repeated"] : []), place].filter((fact) => fact !== "").map(inertLine);
}

function describe(kind: PictureNode["kind"], detail: PictureNode["detail"]): string {
  switch (kind) {
    case "prompt":
      return `${text(detail["prompt"])}@${list(detail["versions"]).at(-1) ?? "?"} gives ${list(detail["output"]).join(", ") || "nothing listed"}`;
    case "tool":
      if (detail["tool"] === null) return "a tool that is chosen when it runs";
      return [
        detail["effect"],
        detail["tool"],
        `risk ${text(detail["risk"])}`,
        detail["kind"] === "other" ? null : detail["kind"],
        detail["required"] === true ? "required" : null,
      ]
        .filter((each) => typeof each === "string")
        .join(" · ");
    case "rule":
      return text(detail["holds"]);
    case "review":
      return [
        `of ${text(detail["of"])}`,
        detail["team"] === null ? "" : `by ${text(detail["team"])}`,
        detail["expires_in"] === null ? "" : `within ${text(detail["expires_in"])}`,
      ]
        .filter((each) => each !== "")
        .join(", ");
    case "sleep":
      return text(detail["duration"]);
    case "wait":
      return [
        `for ${text(detail["event"])}`,
        list(detail["where"]).length === 0 ? "" : `by ${list(detail["where"]).join(", ")}`,
        detail["timeout"] === null ? "" : `at most ${text(detail["timeout"])}`,
      ]
        .filter((each) => each !== "")
        .join(", ");
    case "decide":
      return list(detail["fields"]).join(", ");
    default:
      return "";
  }
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "?";
}

function list(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
