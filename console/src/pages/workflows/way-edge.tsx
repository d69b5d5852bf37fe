import { BaseEdge, EdgeLabelRenderer } from "@xyflow/react";
import type { Edge, EdgeProps } from "@xyflow/react";
import { memo, useContext } from "react";
import type { MemoExoticComponent, ReactNode } from "react";
import { Pieces } from "../../parts/text.tsx";
import type { Box } from "./layout.ts";
import type { Way } from "./picture.ts";
import { LookedAt, RunsLink, filtersOfWay } from "./runs-link.tsx";
import { figureWords, nameOf, sampleWords } from "./words.ts";
import css from "./canvas.module.css";

export type WayLine = Edge<{ way: Way; path: string; label: Box; onOpen: (id: string) => void }, "way">;

/** A way of the picture: as wide as its share of the runs, with its condition and figures in the room kept for them. */
export const WayEdge: MemoExoticComponent<(props: EdgeProps<WayLine>) => ReactNode> = memo(function WayLineOf({
  data,
}) {
  const { runs } = useContext(LookedAt);
  if (data === undefined) return null;
  const { way, path, label, onOpen } = data;
  const state = runs > 0 && way.count === 0 ? "quiet" : way.kind === "failure" ? "bad" : "plain";
  const share = runs === 0 ? 0 : Math.min(1, way.count / runs);
  return (
    <>
      <g data-kind={way.kind} data-implied={way.implied || undefined} data-state={state} className={css["way"]}>
        <BaseEdge
          path={path}
          markerEnd={`url(#way-${state})`}
          interactionWidth={18}
          style={{ strokeWidth: 1.25 + 3.25 * share }}
        />
      </g>
      <EdgeLabelRenderer>
        <div
          className={`nopan ${css["wayLabel"]}`}
          data-kind={way.kind}
          data-state={state}
          style={{
            width: label.width,
            transform: `translate(-50%, -50%) translate(${label.x}px, ${label.y}px)`,
          }}
        >
          <Words way={way} runs={runs} onOpen={onOpen} />
        </div>
      </EdgeLabelRenderer>
    </>
  );
});

function Words({ way, runs, onOpen }: { way: Way; runs: number; onOpen: (id: string) => void }): ReactNode {
  const figures = figureWords(way, runs);
  const name = `Runs from ${nameOf(way.from)} to ${nameOf(way.to)}`;
  const label = [name, way.label ?? "", figures].filter((each) => each !== "").join(", ");
  const inside = (
    <>
      {way.label !== null && (
        <span className={css["condition"]}>
          <bdi>
            <Pieces text={way.label} />
          </bdi>
        </span>
      )}
      {figures !== "" && <span className={css["wayFigures"]}>{figures}</span>}
    </>
  );
  if (way.label === null && figures === "") return null;
  // The runs know it by several names: the node it leads to lists them.
  if (way.members.length > 1)
    return (
      <button type="button" aria-label={label} title={sampleWords(way)} onClick={() => onOpen(way.to)}>
        {inside}
      </button>
    );
  return (
    <RunsLink filters={filtersOfWay(way)} label={label} title={runs === 0 ? (way.label ?? "") : sampleWords(way)}>
      {inside}
    </RunsLink>
  );
}
