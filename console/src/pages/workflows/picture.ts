import type { GraphEdge, GraphNode, Traffic, WorkflowGraph } from "../../api/schema.gen.ts";
import { nodeFinder } from "./match.ts";

type TrafficNode = Traffic["nodes"][number];
type TrafficEdge = Traffic["edges"][number];

/** Figures of one place or way; `p95` is a bound where several names were counted together. */
export interface Figures<T> {
  count: number;
  p95: number | null;
  /** Runs the times are of. */
  sample: number;
  /** As the runs have it: one, or one for each name that was made when it ran. */
  members: T[];
}

/** One way of the picture, with what took it. */
export interface Way extends Figures<TrafficEdge> {
  id: string;
  from: string;
  to: string;
  kind: GraphEdge["kind"];
  /** The condition or what went wrong; null where the way is always taken. */
  label: string | null;
  implied: boolean;
}

/** One node of the picture, with what passed it. */
export interface Spot extends Figures<TrafficNode> {
  node: GraphNode;
  errors: number;
  p50: number | null;
  /** Runs that stand here now, or were cancelled here. */
  here: TrafficEdge[];
  /** Ways from here into an end that is not the wanted one: drawn at the node itself. */
  exits: Way[];
}

export interface Picture {
  spots: Spot[];
  /** Without the exits. */
  ways: Way[];
  /** Seen in runs, not in the present source. */
  strangers: { nodes: TrafficNode[]; ways: TrafficEdge[] };
}

const EXITS: ReadonlySet<string> = new Set(["end:dead", "end:stopped", "end:cancelled"]);

/** The graph with the figures of a window on it; without `traffic` all are zero. */
export function pictureOf(graph: WorkflowGraph, traffic: Traffic | undefined): Picture {
  const find = nodeFinder(graph.nodes.map(({ id }) => id));
  const nodes = grouped(traffic?.nodes ?? [], ({ id }) => find(id));
  const edges = grouped(traffic?.edges ?? [], ({ from, to }) => wayId(find(from), find(to)));
  const all = pairs(graph.edges).map((edge): Way => ({ ...edge, ...figuresOf(edges.get(edge.id) ?? []) }));
  const known = new Set(graph.nodes.map(({ id }) => id));
  const drawn = new Set(all.map(({ id }) => id));
  const spots = graph.nodes
    .filter(({ id }) => !EXITS.has(id))
    .map((node) => spotOf(node, nodes.get(node.id) ?? [], all, traffic, find));
  const isHere = ({ from, to }: TrafficEdge): boolean => isStanding(to) && known.has(find(from));
  return {
    spots,
    // A step that goes on by another model or tool stays where it is; its details say with which.
    ways: all.filter(({ from, to, kind }) => !EXITS.has(to) && !(from === to && kind === "failure")),
    strangers: {
      nodes: (traffic?.nodes ?? []).filter(({ id }) => id.startsWith("step:") && !known.has(find(id))),
      ways: (traffic?.edges ?? []).filter((edge) => !drawn.has(wayId(find(edge.from), find(edge.to))) && !isHere(edge)),
    },
  };
}

function wayId(from: string, to: string): string {
  return `${from} -> ${to}`;
}

function isStanding(id: string): boolean {
  return id.startsWith("now:") || id === "end:cancelled";
}

function spotOf(
  node: GraphNode,
  members: TrafficNode[],
  ways: readonly Way[],
  traffic: Traffic | undefined,
  find: (id: string) => string,
): Spot {
  const { count, p95, sample } = figuresOf(members);
  return {
    node,
    count,
    p95,
    sample,
    members,
    errors: members.reduce((sum, { errors }) => sum + errors, 0),
    p50: members.length === 1 ? (members[0]?.p50_ms ?? null) : null,
    here: (traffic?.edges ?? []).filter(({ from, to }) => isStanding(to) && find(from) === node.id),
    exits: ways.filter(({ from, to }) => from === node.id && EXITS.has(to)),
  };
}

/** Between two nodes the traffic knows one way, whatever its reason: so does the picture. */
function pairs(edges: readonly GraphEdge[]): GraphEdge[] {
  const merged = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const id = wayId(edge.from, edge.to);
    const known = merged.get(id);
    if (known === undefined) {
      merged.set(id, { ...edge, id });
      continue;
    }
    const [goes, fails] = known.kind === "failure" ? [edge, known] : [known, edge];
    const words = [goes.label ?? "always", fails.label].filter((each) => each !== null);
    merged.set(id, { ...goes, id, label: words.join(", or: "), implied: known.implied && edge.implied });
  }
  return [...merged.values()];
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function figuresOf<T extends { count: number; p95_ms: number | null; sample: number }>(members: T[]): Figures<T> {
  const times = members.map(({ p95_ms: ms }) => ms).filter((ms) => ms !== null);
  return {
    count: members.reduce((sum, { count }) => sum + count, 0),
    p95: times.length === 0 ? null : Math.max(...times),
    sample: members.reduce((sum, { sample }) => sum + sample, 0),
    members,
  };
}

/** What is left where the ways that nobody wrote and nobody took are left out, and the nodes that only those lead to. */
export function withoutUntaken({ spots, ways, strangers }: Picture): Picture {
  const isShown = ({ kind, implied, count }: Way): boolean => count > 0 || (kind !== "failure" && !implied);
  const shown = ways.filter(isShown);
  const reached = new Set(shown.map(({ to }) => to));
  const kept = spots
    .filter(({ node, count }) => count > 0 || node.kind === "trigger" || reached.has(node.id))
    .map((spot) => ({ ...spot, exits: spot.exits.filter(isShown) }));
  const there = new Set(kept.map(({ node }) => node.id));
  return { spots: kept, ways: shown.filter(({ from, to }) => there.has(from) && there.has(to)), strangers };
}
