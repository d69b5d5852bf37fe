import "@xyflow/react/dist/style.css";
import { ActionIcon } from "@mantine/core";
import { IconMaximize, IconMinus, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { Panel, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef } from "react";
import type { KeyboardEvent, ReactNode } from "react";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { pathThrough, placed } from "./layout.ts";
import type { Box, Placed } from "./layout.ts";
import { NodeCard } from "./node-card.tsx";
import type { CardNode } from "./node-card.tsx";
import type { Picture } from "./picture.ts";
import { filtersOfWay, useRunsBehind } from "./runs-link.tsx";
import { WayEdge } from "./way-edge.tsx";
import type { WayLine } from "./way-edge.tsx";
import css from "./canvas.module.css";

const NODE_TYPES = { card: NodeCard };
const EDGE_TYPES = { way: WayEdge };
const EASE_MS = 150;
/** The width of the panel that lies over the picture, and room around it. */
const PANEL = 372;

interface CanvasProps {
  picture: Picture;
  /** The node whose panel is open. */
  open: string | undefined;
  onOpen: (id: string) => void;
}

/** The picture, to be moved and zoomed; it is laid out anew only when there are other nodes or ways. */
export function Canvas(props: CanvasProps): ReactNode {
  const key = JSON.stringify([
    props.picture.spots.map(({ node, exits }) => [node.id, exits.length]),
    props.picture.ways.map(({ id, label }) => [id, label]),
  ]);
  // oxlint-disable-next-line react/exhaustive-deps -- figures do not move anything
  const layout = useMemo(() => placed(props.picture), [key]);
  return (
    <ReactFlowProvider>
      <Flow key={key} {...props} layout={layout} />
    </ReactFlowProvider>
  );
}

function Flow({ picture, open, onOpen, layout }: CanvasProps & { layout: Placed }): ReactNode {
  const frame = useRef<HTMLElement>(null);
  const navigate = useNavigate();
  const behind = useRunsBehind();
  const nodes = useMemo(() => cardsOf(picture, layout, open, onOpen), [picture, layout, open, onOpen]);
  const edges = useMemo(() => linesOf(picture, layout, onOpen), [picture, layout, onOpen]);
  const look = useLook(frame, layout, open !== undefined);
  useKeys(frame, layout, look);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the nodes are buttons; arrows move among them
    <section
      ref={frame}
      className={css["canvas"]}
      aria-label="Picture"
      onKeyDown={(event) => arrows(event, look, layout)}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        panOnScroll
        minZoom={0.2}
        maxZoom={2}
        onInit={() => look.begin(() => (open === undefined ? undefined : look.at(open)))}
        onEdgeClick={(_, { data }) => {
          if (data === undefined) return;
          if (data.way.members.length > 1) onOpen(data.way.to);
          else void navigate({ to: "/runs", search: behind(filtersOfWay(data.way)) });
        }}
      >
        <Markers />
        <Panel position="bottom-left">
          <Zoom look={look} />
        </Panel>
      </ReactFlow>
    </section>
  );
}

function cardsOf(
  { spots }: Picture,
  layout: Placed,
  open: string | undefined,
  onOpen: (id: string) => void,
): CardNode[] {
  return spots.flatMap((spot) => {
    const box = layout.spots.get(spot.node.id);
    if (box === undefined) return [];
    const { x, y, width, height } = box;
    const { id } = spot.node;
    const data = { spot, isOpen: open === id, onOpen };
    return [{ id, type: "card" as const, position: { x, y }, width, height, data }];
  });
}

function linesOf({ ways }: Picture, layout: Placed, onOpen: (id: string) => void): WayLine[] {
  return ways.flatMap((way) => {
    const line = layout.ways.get(way.id);
    if (line === undefined) return [];
    const data = { way, path: pathThrough(line.points), label: line.label, onOpen };
    return [{ id: way.id, type: "way" as const, source: way.from, target: way.to, data }];
  });
}

interface Look {
  /** Shows where it begins, then goes on with `then`. */
  begin(then: () => void): void;
  all(): void;
  by(factor: number): void;
  /** Brings a node into sight where it is not. */
  at(id: string): void;
}

function useLook(frame: React.RefObject<HTMLElement | null>, layout: Placed, hasPanel: boolean): Look {
  const flow = useReactFlow();
  const roomFor = useCallback(
    () => ({ width: frame.current?.clientWidth ?? 0, height: frame.current?.clientHeight ?? 0 }),
    [frame],
  );
  return useMemo(
    () => ({
      /** The beginning, legible: as much as there is room for. */
      begin(then) {
        const { width } = roomFor();
        const zoom = Math.min(1, Math.max(0.85, width / layout.width));
        const first = [...layout.spots.values()][0];
        const middle = first === undefined ? layout.width / 2 : first.x + first.width / 2;
        const fits = layout.width * zoom <= width;
        const x = fits ? (width - layout.width * zoom) / 2 : width / 2 - middle * zoom;
        void flow.setViewport({ x, y: 0, zoom }).then(then);
      },
      all: () => void flow.fitView({ padding: 0.04, duration: EASE_MS, maxZoom: 1 }),
      by: (factor) => void flow.zoomTo(flow.getZoom() * factor, { duration: EASE_MS }),
      at(id) {
        const box = layout.spots.get(id);
        const room = roomFor();
        if (box === undefined || isSeen(box, flow.getViewport(), room, hasPanel ? PANEL : 0)) return;
        const shift = hasPanel ? PANEL / 2 / flow.getZoom() : 0;
        const [x, y] = [box.x + box.width / 2 + shift, box.y + box.height / 2];
        void flow.setCenter(x, y, { zoom: flow.getZoom(), duration: EASE_MS });
      },
    }),
    [flow, layout, roomFor, hasPanel],
  );
}

function isSeen(
  box: Box,
  view: { x: number; y: number; zoom: number },
  room: { width: number; height: number },
  covered: number,
): boolean {
  const [left, top] = [box.x * view.zoom + view.x, box.y * view.zoom + view.y];
  const [right, bottom] = [left + box.width * view.zoom, top + box.height * view.zoom];
  return left >= 0 && top >= 0 && right <= room.width - covered && bottom <= room.height;
}

function useKeys(frame: React.RefObject<HTMLElement | null>, layout: Placed, look: Look): void {
  useEffect(() => {
    // The panel may lie over the node that it is of.
    const open = frame.current?.querySelector<HTMLElement>('[data-node][aria-expanded="true"]');
    if (open?.dataset["node"] !== undefined) look.at(open.dataset["node"]);
  }, [frame, look]);
  useShortcuts("Picture", [
    { keys: "j", label: "Next node (also ↓)", run: () => step(frame.current, look, layout, 1) },
    { keys: "k", label: "Node before (also ↑)", run: () => step(frame.current, look, layout, -1) },
    { keys: "+", label: "Zoom in", run: () => look.by(1.25) },
    { keys: "-", label: "Zoom out", run: () => look.by(0.8) },
    { keys: "0", label: "Show all of it", run: look.all },
  ]);
}

function arrows(event: KeyboardEvent<HTMLElement>, look: Look, layout: Placed): void {
  const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  step(event.currentTarget, look, layout, by);
}

/** From the node that has the focus to the next one, in the order of reading. */
function step(frame: HTMLElement | null, look: Look, layout: Placed, by: number): void {
  const order = [...layout.spots].toSorted(([, a], [, b]) => a.y - b.y || a.x - b.x).map(([id]) => id);
  const here = document.activeElement?.closest(".react-flow__node")?.querySelector<HTMLElement>("[data-node]");
  const open = frame?.querySelector<HTMLElement>('[data-node][aria-expanded="true"]');
  const at = order.indexOf((here ?? open)?.dataset["node"] ?? "");
  const next = order[at === -1 ? 0 : Math.min(Math.max(at + by, 0), order.length - 1)];
  if (next === undefined) return;
  look.at(next);
  const faces = [...(frame?.querySelectorAll<HTMLElement>("[data-node]") ?? [])];
  faces.find((face) => face.dataset["node"] === next)?.focus({ preventScroll: true });
}

function Zoom({ look }: { look: Look }): ReactNode {
  return (
    <div className={css["zoom"]}>
      <ActionIcon aria-label="Zoom in" onClick={() => look.by(1.25)}>
        <IconPlus size={16} />
      </ActionIcon>
      <ActionIcon aria-label="Zoom out" onClick={() => look.by(0.8)}>
        <IconMinus size={16} />
      </ActionIcon>
      <ActionIcon aria-label="Show all of it" onClick={look.all}>
        <IconMaximize size={16} />
      </ActionIcon>
    </div>
  );
}

/** Heads of the lines, one for each colour. */
function Markers(): ReactNode {
  return (
    <svg className={css["markers"]} aria-hidden="true">
      <defs>
        {(["plain", "bad", "quiet"] as const).map((state) => (
          <marker
            key={state}
            id={`way-${state}`}
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerWidth="14"
            markerHeight="14"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M 0 0.8 L 9 5 L 0 9.2 z" className={css[`head-${state}`]} />
          </marker>
        ))}
      </defs>
    </svg>
  );
}
