import { Graph, layout as arrange } from "@dagrejs/dagre";
import type { Picture, Spot, Way } from "./picture.ts";

export interface Point {
  x: number;
  y: number;
}
export interface Box extends Point {
  width: number;
  height: number;
}
export interface Placed {
  /** By node id; `x`, `y`: the upper left corner. */
  spots: ReadonlyMap<string, Box>;
  /** By way id. `label`: the middle of the room kept for it. */
  ways: ReadonlyMap<string, { points: Point[]; label: Box }>;
  width: number;
  height: number;
}

const EXIT_HEIGHT = 22;
const WIDTH = 232;
const END_WIDTH = 148;
const HEIGHT = 78;
const LINE = 16;
const LABEL_WIDTH = 190;
/** Mean width of a character of an edge's label, generously. */
const CHARACTER = 6.4;

/** Room is kept for the figures before there are any: nothing moves when they come. */
export function placed({ spots, ways }: Picture): Placed {
  const graph = new Graph({ directed: true, multigraph: false });
  graph.setGraph({ rankdir: "TB", nodesep: 36, edgesep: 20, ranksep: 26, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const spot of spots) graph.setNode(spot.node.id, sizeOf(spot));
  for (const way of ways)
    graph.setEdge(way.from, way.to, { ...labelSize(way), labelpos: "c", weight: weightOf(way), minlen: 1 });
  arrange(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    spots: new Map(spots.map(({ node }) => [node.id, cornered(graph.node(node.id) as Box)])),
    ways: new Map(
      ways.map(({ id, from, to }) => {
        const { points, x, y, width: w, height: h } = graph.edge(from, to) as Box & { points: Point[] };
        return [id, { points, label: { x, y, width: w, height: h } }];
      }),
    ),
    width,
    height,
  };
}

function cornered({ x, y, width, height }: Box): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

function sizeOf({ node, exits }: Spot): { width: number; height: number } {
  if (node.kind === "end") return { width: END_WIDTH, height: HEIGHT };
  return { width: WIDTH, height: HEIGHT + (exits.length === 0 ? 0 : exits.length * EXIT_HEIGHT + 7) };
}

function labelSize({ label }: Way): { width: number; height: number } {
  const characters = label?.length ?? 0;
  const width = characters === 0 ? 110 : Math.max(110, Math.min(LABEL_WIDTH, characters * CHARACTER + 12));
  const perLine = Math.max(1, Math.floor((LABEL_WIDTH - 12) / CHARACTER) - 3);
  const lines = Math.min(4, Math.ceil(characters / perLine));
  return { width, height: (lines + 1) * LINE + 4 };
}

/** What was written stays straight; what the runtime does by itself goes around it. */
function weightOf({ kind, implied }: Way): number {
  if (implied) return 1;
  return kind === "flow" ? 12 : kind === "condition" ? 5 : 2;
}

/** A soft line through the points, which begins and ends in them. */
export function pathThrough(points: readonly Point[]): string {
  const [first, ...others] = points;
  const last = others.pop();
  if (first === undefined || last === undefined) return "";
  const bends = others.map((point, i) => {
    const next = others[i + 1];
    const on = next === undefined ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q ${round(point.x)} ${round(point.y)} ${round(on.x)} ${round(on.y)}`;
  });
  const end = others.length === 0 ? `L ${round(last.x)} ${round(last.y)}` : "";
  return `M ${round(first.x)} ${round(first.y)} ${bends.join(" ")} ${end}`.trim();
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
