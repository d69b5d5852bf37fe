import { describe, expect, test } from "vitest";
import type { GraphEdge, GraphNode, Traffic, WorkflowGraph } from "../../api/schema.gen.ts";
import { placed } from "./layout.ts";
import type { Box } from "./layout.ts";
import { nodeFinder } from "./match.ts";
import { pictureOf, withoutUntaken } from "./picture.ts";

function node(id: string, kind: GraphNode["kind"] = "code"): GraphNode {
  return { id, kind, label: id, line: 1, detail: {}, optional: false, repeated: false };
}

function edge(from: string, to: string, more: Partial<GraphEdge> = {}): GraphEdge {
  return { id: `${from} -> ${to}`, from, to, kind: "flow", label: null, implied: false, ...more };
}

const GRAPH: WorkflowGraph = {
  workflow: "w",
  file: "workflows/w.ts",
  nodes: [
    node("trigger", "trigger"),
    node("step:item ${…}"),
    node("step:@review:item", "review"),
    node("decide", "decide"),
    node("end:completed", "end"),
    node("end:dead", "end"),
  ],
  edges: [
    edge("trigger", "step:item ${…}"),
    edge("step:item ${…}", "decide", { kind: "condition", label: "ok" }),
    edge("step:item ${…}", "decide", { id: "again", kind: "failure", label: "throws" }),
    edge("step:item ${…}", "step:@review:item", { kind: "failure", label: "denied", implied: true }),
    edge("step:item ${…}", "end:dead", { kind: "failure", label: "timeout", implied: true }),
    edge("decide", "end:completed"),
  ],
  problems: [],
};

type TrafficNode = Traffic["nodes"][number];
type TrafficEdge = Traffic["edges"][number];

function traffic(nodes: Partial<TrafficNode>[], edges: Partial<TrafficEdge>[]): Traffic {
  return {
    since: "2026-05-29T00:00:00Z",
    until: "2026-05-30T00:00:00Z",
    runs: 10,
    unplaced: 0,
    sampled: 10,
    nodes: nodes.map((each) => ({ id: "", count: 1, errors: 0, p50_ms: 1, p95_ms: 2, sample: 1, ...each })),
    edges: edges.map((each) => ({ from: "", to: "", count: 1, p95_ms: 2, sample: 1, ...each })),
  };
}

describe("a workflow's picture", () => {
  test("draws every way before any run, and what ends a run at the node where it ends", () => {
    const { spots, ways, strangers } = pictureOf(GRAPH, undefined);
    expect(ways.map(({ id, count }) => [id, count])).toEqual([
      ["trigger -> step:item ${…}", 0],
      ["step:item ${…} -> decide", 0],
      ["step:item ${…} -> step:@review:item", 0],
      ["decide -> end:completed", 0],
    ]);
    expect(spots.map(({ node: { id } }) => id)).not.toContain("end:dead");
    const step = spots.find(({ node: { id } }) => id === "step:item ${…}");
    expect(step?.exits.map(({ to, label }) => [to, label])).toEqual([["end:dead", "timeout"]]);
    expect(strangers).toEqual({ nodes: [], ways: [] });
  });

  test("draws no way for a step that goes on by another model: it stays where it is", () => {
    const [some] = GRAPH.edges;
    const self = {
      ...(some as (typeof GRAPH.edges)[number]),
      id: "s",
      from: "decide",
      to: "decide",
      kind: "failure" as const,
    };
    const ways = pictureOf({ ...GRAPH, edges: [...GRAPH.edges, self] }, undefined).ways;
    expect(ways.map(({ id }) => id)).toEqual(pictureOf(GRAPH, undefined).ways.map(({ id }) => id));
  });

  test("names both reasons of the one way between two nodes", () => {
    const way = pictureOf(GRAPH, undefined).ways.find(({ to }) => to === "decide");
    expect([way?.kind, way?.label]).toEqual(["condition", "ok, or: throws"]);
  });

  test("counts a step under the name it has in the source, and keeps the names it had in runs", () => {
    const seen = traffic(
      [
        { id: "step:item 1", count: 4, p95_ms: 30 },
        { id: "step:item 2", count: 3, p95_ms: 50, errors: 1 },
      ],
      [
        { from: "trigger", to: "step:item 1", count: 4 },
        { from: "trigger", to: "step:item 2", count: 3 },
      ],
    );
    const { spots, ways, strangers } = pictureOf(GRAPH, seen);
    const step = spots.find(({ node: { id } }) => id === "step:item ${…}");
    expect([step?.count, step?.errors, step?.p95, step?.p50]).toEqual([7, 1, 50, null]);
    expect(ways[0]?.members.map(({ to }) => to)).toEqual(["step:item 1", "step:item 2"]);
    expect(strangers).toEqual({ nodes: [], ways: [] });
  });

  test("lists what runs went through that the source does not have, but not where they stand", () => {
    const seen = traffic(
      [{ id: "step:old" }, { id: "now:waiting" }],
      [
        { from: "trigger", to: "step:old" },
        { from: "step:@review:item", to: "now:waiting", count: 3 },
        { from: "decide", to: "end:cancelled" },
      ],
    );
    const { spots, strangers } = pictureOf(GRAPH, seen);
    expect(strangers.nodes.map(({ id }) => id)).toEqual(["step:old"]);
    expect(strangers.ways.map(({ from, to }) => [from, to])).toEqual([["trigger", "step:old"]]);
    const review = spots.find(({ node: { id } }) => id === "step:@review:item");
    expect(review?.here.map(({ to, count }) => [to, count])).toEqual([["now:waiting", 3]]);
  });

  test("can leave out what nobody wrote and nobody took", () => {
    const quiet = withoutUntaken(pictureOf(GRAPH, undefined));
    expect(quiet.spots.map(({ node: { id }, exits }) => [id, exits.length])).toEqual([
      ["trigger", 0],
      ["step:item ${…}", 0],
      ["decide", 0],
      ["end:completed", 0],
    ]);
    const taken = traffic(
      [{ id: "step:@review:item" }],
      [
        { from: "step:item 1", to: "step:@review:item" },
        { from: "step:item 1", to: "end:dead" },
      ],
    );
    const { spots } = withoutUntaken(pictureOf(GRAPH, taken));
    expect(spots.map(({ node: { id } }) => id)).toContain("step:@review:item");
    expect(spots.find(({ node: { id } }) => id === "step:item ${…}")?.exits.length).toBe(1);
  });
});

describe("a step's name that is made when it runs", () => {
  const find = nodeFinder(["step:item ${…}", "step:item 9", "step:${…}", "step:${…} of ${…}!", "decide"]);
  test.each([
    ["step:item 9", "step:item 9"],
    ["step:item 10", "step:item ${…}"],
    ["step:one of two!", "step:${…} of ${…}!"],
    ["step:anything", "step:${…}"],
    ["step:@review:anything", "step:@review:anything"],
    ["now:waiting", "now:waiting"],
  ])("%s is found at %s", (name, id) => expect(find(name)).toBe(id));
});

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe("the layout", () => {
  const names = Array.from({ length: 60 }, (_, i) => `step:${i}`);
  const large: WorkflowGraph = {
    ...GRAPH,
    nodes: [node("trigger", "trigger"), ...names.map((id) => node(id)), node("end:completed", "end")],
    edges: [
      edge("trigger", "step:0"),
      ...names
        .slice(1)
        .map((id, i) => edge(`step:${Math.floor(i / 2)}`, id, { kind: "condition", label: `x === ${i}` })),
      edge("step:59", "step:3", { label: "for each item of items", kind: "condition" }),
      edge("step:7", "step:7", { label: "again", kind: "condition" }),
      edge("step:58", "end:completed"),
    ],
  };
  const picture = pictureOf(large, undefined);
  const layout = placed(picture);

  test("places sixty nodes, loops included, so that no node and no label lies on another", () => {
    const labels = [...layout.ways.values()].map(({ label: { x, y, width, height } }) => ({
      x: x - width / 2,
      y: y - height / 2,
      width,
      height,
    }));
    const boxes = [...layout.spots.values(), ...labels];
    expect(boxes.length).toBe(picture.spots.length + picture.ways.length);
    const crossing = boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => overlaps(a, b)));
    expect(crossing).toEqual([]);
  });

  test("does not depend on what passed", () => {
    const busy = pictureOf(large, traffic([{ id: "step:0", count: 9_000_000 }], [{ from: "trigger", to: "step:0" }]));
    expect(placed(busy)).toEqual(layout);
  });
});
