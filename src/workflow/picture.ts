import type { FileProblem } from "../base/failure.ts";
import { DECIDE, TRIGGER } from "../journal/path.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { AnyTool } from "../tool/define.ts";
import type { Workflow } from "./define.ts";
import { detailOf, fallbacksOf, kindOf, toolOf } from "./picture-detail.ts";
import { sketchOf } from "./picture-flow.ts";
import { reviewIdOf } from "./picture-graph.ts";
import type { Picture, PictureEdge, PictureNode } from "./picture-graph.ts";
import { Implied } from "./picture-implied.ts";
import type { Sketch } from "./picture-sketch.ts";
import { shortened } from "./picture-text.ts";
import { FAILS } from "./picture-ways.ts";
import type { Way } from "./picture-ways.ts";
import { readBody } from "./source-body.ts";
import type { WorkflowBody } from "./source-body.ts";
import { lineOf, placeOf } from "./source.ts";
import type { Source } from "./source.ts";

/** Draws a workflow from its source: steps, what decides between them, and where failures go. `sources`: its file first. */
export function drawPicture(workflow: Workflow, sources: readonly Source[], prompts: PromptSet): Picture {
  const [source] = sources;
  const file = source?.file ?? "";
  const body = readBody(sources);
  if (body === undefined) return unseenPicture(workflow, file);
  const sketch = sketchOf(body, sources);
  const tools = toolsOf(sketch, workflow, body);
  const fallbacks = fallbacksIn(sketch, workflow, prompts, body);
  const written = [...sketch.edges()].flatMap(({ from, to, ways }) => edgesOf(from, to, ways));
  const ways = written.map(({ from, to, kind, label, implied: engine }) => ({
    from,
    to,
    label,
    inShadow: engine,
    failing: kind === "failure",
  }));
  const implied = new Implied(sketch, workflow, prompts, tools, ways, fallbacks);
  const edges = merged([
    ...written.map((edge) => ({ ...edge, label: failureWords(edge, implied) })),
    ...implied.edges.map((edge) => ({ ...edge, implied: true, thresholds: [] })),
  ]);
  const ends = ["completed", "dead", "stopped"].filter((end) => edges.some(({ to }) => to === `end:${end}`));
  const nodes = [
    triggerNode(workflow, lineOf(body.definition.call)),
    ...stepNodes(sketch, implied, { workflow, prompts, tools, fallbacks, file, sources }),
    ...ends.map(endNode),
  ];
  markThresholds(nodes, edges, workflow);
  markOptional(nodes, edges);
  return {
    workflow: workflow.name,
    file,
    nodes,
    edges: edges.map(({ id, from, to, kind, label, implied: engine }) => ({
      id,
      from,
      to,
      kind,
      label,
      implied: engine,
    })),
    problems: [...sketch.problems, ...escapesOf(body)],
  };
}

const ELSE = "else";

type Drawn = PictureEdge & { thresholds: readonly string[] };

function unseenPicture(workflow: Workflow, file: string): Picture {
  const message = `The function of ${workflow.name} is not written out in its file, so that its steps cannot be drawn.`;
  const fix = "Write: export default workflow(name, { … }, async (event, ctx) => { … }).";
  return {
    workflow: workflow.name,
    file,
    nodes: [triggerNode(workflow, 1)],
    edges: [],
    problems: [{ file, line: 1, code: "unseen_function", message, fix, severity: "warning" }],
  };
}

function escapesOf(body: WorkflowBody): FileProblem[] {
  return body.escapes.map(({ source, node, into }) => ({
    file: source.file,
    ...placeOf(node),
    code: "context_escapes",
    message: `The context goes into ${into}, so that steps taken there are not drawn.`,
    fix: "Call the verbs here, or in a function of the project that is given ctx by its name.",
    severity: "warning",
  }));
}

function toolsOf(sketch: Sketch, workflow: Workflow, body: WorkflowBody): Map<string, AnyTool> {
  const tools = new Map<string, AnyTool>();
  for (const node of sketch.nodes.values()) {
    const tool = toolOf(node, workflow, body);
    if (tool !== undefined) tools.set(node.id, tool);
  }
  return tools;
}

/** Models or tools a step falls back on, by its node; steps without any are not in it. */
type Fallbacks = ReadonlyMap<string, readonly string[]>;

function fallbacksIn(sketch: Sketch, workflow: Workflow, prompts: PromptSet, body: WorkflowBody): Fallbacks {
  const found = [...sketch.nodes.values()].map(
    (node) => [node.id, fallbacksOf(node, workflow, prompts, body)] as const,
  );
  return new Map(found.filter(([, names]) => names.length > 0));
}

/** The written ways between two nodes: at most one edge that goes on, and one for what fails. */
function edgesOf(from: string, to: string, ways: readonly Way[]): Drawn[] {
  const going = ways.filter(({ failure }) => failure === null);
  const seen = going.filter(({ implied }) => !implied);
  const failing = ways.filter(({ failure }) => failure !== null);
  return [
    ...(going.length === 0 ? [] : [edgeOf(from, to, seen.length > 0 ? seen : going)]),
    ...(failing.length === 0 ? [] : [edgeOf(from, to, failing)]),
  ];
}

function edgeOf(from: string, to: string, ways: readonly Way[]): Drawn {
  const failures = [...new Set(ways.map(({ failure }) => failure).filter((each) => each !== null))];
  const always = ways.some(({ conditions }) => conditions.length === 0);
  const words = [...new Set(ways.map(wordsOf))];
  const conditions = always ? null : words.includes(ELSE) ? ELSE : words.join(" or ");
  const thresholds = [...new Set(ways.flatMap(thresholdsOn))];
  const kind = failures.length > 0 ? "failure" : always ? "flow" : "condition";
  const shown = [conditions === ELSE && failures.length > 0 ? null : conditions, ...failures];
  const label = shown.filter((each) => each !== null).join(": ");
  const implied = ways.every((way) => way.implied);
  return {
    id: `${from} -> ${to}`,
    from,
    to,
    kind,
    label: label === "" ? null : shortened(label, 160),
    implied,
    thresholds: always ? [] : thresholds,
  };
}

/** Those of the conditions that have to hold, or of all where none has to. */
function thresholdsOn({ conditions }: Way): readonly string[] {
  const positive = conditions.filter(({ otherwise }) => !otherwise);
  return (positive.length === 0 ? conditions : positive).flatMap(({ thresholds }) => thresholds);
}

/** What has to hold; what has to fail goes without saying where something has to hold. */
function wordsOf({ conditions }: Way): string {
  const positive = conditions.filter(({ otherwise }) => !otherwise).map(({ text }) => text);
  return positive.length === 0 ? ELSE : positive.join(" · ");
}

function failureWords({ from, label }: Drawn, implied: Implied): string | null {
  return label?.includes(FAILS) === true ? label.replace(FAILS, implied.deadWords(from) || "fails") : label;
}

/** One edge for each pair of nodes and kind: what is written comes first, failures are listed on one. */
function merged(all: readonly (Omit<Drawn, "id"> & { id?: string })[]): Drawn[] {
  const edges = new Map<string, Drawn>();
  for (const edge of all) {
    const failing = edge.kind === "failure";
    const key = `${edge.from} -> ${edge.to}${failing ? " (failure)" : ""}`;
    const known = edges.get(key);
    if (known === undefined) edges.set(key, { ...edge, id: key });
    else if (failing)
      edges.set(key, { ...known, label: listed(known.label, edge.label), implied: known.implied && edge.implied });
    else if (known.implied && !edge.implied) edges.set(key, { ...edge, id: key });
    else if (known.implied) edges.set(key, { ...known, label: listed(known.label, edge.label) });
  }
  return [...edges.values()];
}

function listed(a: string | null, b: string | null): string | null {
  const words = [a, b].filter((each) => each !== null).flatMap((each) => each.split(", "));
  return words.length === 0 ? null : [...new Set(words)].join(", ");
}

function triggerNode({ on }: Workflow, line: number): PictureNode {
  const version = on.version === undefined ? {} : { version: on.version };
  const label = on.version === undefined ? on.type : `${on.type}@${on.version}`;
  return {
    id: TRIGGER,
    kind: "trigger",
    label,
    line,
    detail: { event: on.type, ...version },
    optional: false,
    repeated: false,
  };
}

function stepNodes(
  sketch: Sketch,
  implied: Implied,
  about: {
    workflow: Workflow;
    prompts: PromptSet;
    tools: ReadonlyMap<string, AnyTool>;
    fallbacks: Fallbacks;
    file: string;
    sources: readonly Source[];
  },
): PictureNode[] {
  const { workflow, prompts, tools, fallbacks, file } = about;
  const steps = [...sketch.nodes.values()].map((node): PictureNode => ({
    id: node.id,
    kind: kindOf(node.verb),
    label: node.id === DECIDE ? "decide" : node.name.replaceAll("${…}", "…"),
    line: lineOf(node.call),
    detail: {
      ...detailOf(node, workflow, prompts, tools.get(node.id), about),
      ...(fallbacks.has(node.id) ? { fallbacks: [...(fallbacks.get(node.id) ?? [])] } : {}),
    },
    optional: false,
    repeated: node.repeated,
  }));
  const reviews = [...implied.reviews].map(([id, node]): PictureNode => {
    const decision = node.id === DECIDE;
    return {
      id,
      kind: "review",
      label: decision ? "review of the decision" : `review of ${node.name.replaceAll("${…}", "…")}`,
      line: lineOf(node.call),
      detail: {
        of: decision ? DECIDE : node.name,
        asked_by: "engine",
        ...(node.scope.source.file === file ? {} : { file: node.scope.source.file }),
      },
      optional: true,
      repeated: node.repeated,
    };
  });
  return [...steps, ...reviews];
}

function endNode(end: string): PictureNode {
  return {
    id: `end:${end}`,
    kind: "end",
    label: end,
    line: null,
    detail: {},
    optional: end !== "completed",
    repeated: false,
  };
}

/** A node says which thresholds decide whether it is reached. */
function markThresholds(nodes: readonly PictureNode[], edges: readonly Drawn[], { thresholds }: Workflow): void {
  for (const node of nodes) {
    const named = edges.filter(({ to, label }) => to === node.id && label !== ELSE).flatMap((edge) => edge.thresholds);
    const known = [...new Set(named)].map((name) => [name, thresholds[name] ?? null] as const);
    if (known.length > 0) node.detail["thresholds"] = Object.fromEntries(known);
  }
}

/** Optional is what a run that goes well can do without. */
function markOptional(nodes: readonly PictureNode[], edges: readonly Drawn[]): void {
  const going = edges.filter(({ kind, implied }) => kind !== "failure" && !implied);
  for (const node of nodes) {
    if (node.kind === "trigger" || node.kind === "end") continue;
    node.optional = node.id.startsWith(reviewIdOf("")) || completesWithout(node.id, going);
  }
}

function completesWithout(id: string, edges: readonly Drawn[]): boolean {
  const seen = new Set([TRIGGER]);
  const queue = [TRIGGER];
  for (let at = queue.pop(); at !== undefined; at = queue.pop())
    for (const { from, to } of edges)
      if (from === at && to !== id && !seen.has(to)) {
        seen.add(to);
        queue.push(to);
      }
  return seen.has("end:completed");
}
