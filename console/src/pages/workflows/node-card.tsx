import {
  IconBolt,
  IconClockPause,
  IconCode,
  IconDatabaseSearch,
  IconFlagFilled,
  IconGavel,
  IconHourglass,
  IconPencil,
  IconRepeat,
  IconShieldCheck,
  IconSparkles,
  IconUserCheck,
} from "@tabler/icons-react";
import { Handle, Position } from "@xyflow/react";
import type { Node, NodeProps } from "@xyflow/react";
import { memo, useContext } from "react";
import type { ComponentType, ReactNode } from "react";
import type { GraphNode } from "../../api/schema.gen.ts";
import { count, plural } from "../../parts/format.ts";
import { Line } from "../../parts/text.tsx";
import type { Spot, Way } from "./picture.ts";
import { LookedAt, RunsLink, filtersOfWay } from "./runs-link.tsx";
import { KIND_WORDS, essenceOf, figureWords, hereWords, nameOf, p95Words, sampleWords } from "./words.ts";
import css from "./canvas.module.css";

export type CardNode = Node<{ spot: Spot; isOpen: boolean; onOpen: (id: string) => void }, "card">;

const ICONS: Readonly<Record<GraphNode["kind"], ComponentType<{ size: number }>>> = {
  trigger: IconBolt,
  prompt: IconSparkles,
  tool: IconDatabaseSearch,
  code: IconCode,
  rule: IconShieldCheck,
  review: IconUserCheck,
  sleep: IconClockPause,
  wait: IconHourglass,
  decide: IconGavel,
  end: IconFlagFilled,
};

/** A node of the picture: what it is, its figures, and the ways that end the run here. */
export const NodeCard: ComponentType<NodeProps<CardNode>> = memo(function Card({ data }) {
  const { spot, isOpen, onOpen } = data;
  const { node } = spot;
  const { runs } = useContext(LookedAt);
  const Icon = node.detail["effect"] === "write" ? IconPencil : ICONS[node.kind];
  const quiet = runs > 0 && spot.count === 0;
  return (
    <div className={css["card"]} data-kind={node.kind} data-open={isOpen || undefined} data-quiet={quiet || undefined}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <button
        type="button"
        className={css["face"]}
        data-node={node.id}
        aria-expanded={isOpen}
        onClick={() => onOpen(node.id)}
      >
        <span className={css["name"]}>
          <span className={css["icon"]}>
            <Icon size={15} />
          </span>
          <span className={css["label"]}>
            <Said>{`${KIND_WORDS[node.kind]} `}</Said>
            <Line text={node.label} max={60} />
          </span>
          {node.repeated && (
            <span className={css["repeat"]} title="May be taken several times in one run">
              <IconRepeat size={13} />
            </span>
          )}
        </span>
        <span className={css["essence"]} title={essenceOf(node)}>
          {essenceOf(node)}
        </span>
        {node.kind !== "end" && <FiguresLine spot={spot} runs={runs} />}
        {node.kind === "end" && runs > 0 && <span className={css["figures"]}>{plural(spot.count, "run")}</span>}
      </button>
      {spot.exits.length > 0 && (
        <ul className={css["exits"]}>
          {spot.exits.map((exit) => (
            <Exit key={exit.id} exit={exit} runs={runs} />
          ))}
        </ul>
      )}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
});

function FiguresLine({ spot, runs }: { spot: Spot; runs: number }): ReactNode {
  if (runs === 0) return <span className={css["figures"]} />;
  const p95 = p95Words(spot);
  return (
    <span className={css["figures"]} title={sampleWords(spot)}>
      {count(spot.count)}
      <Said>{spot.count === 1 ? " run" : " runs"}</Said>
      {p95 !== "" && ` · ${p95}`}
      {spot.errors > 0 && <span className={css["bad"]}> · {count(spot.errors)} failed</span>}
      {spot.here.map((edge) => (
        <span key={`${edge.from} ${edge.to}`} className={css["wait"]}>
          {" "}
          · {count(edge.count)} {hereWords(edge.to)}
        </span>
      ))}
    </span>
  );
}

/** Said, not shown: what the place on the screen tells those who see it. */
function Said({ children }: { children: string }): ReactNode {
  return <span className="visually-hidden">{children}</span>;
}

/** A way that ends the run: too many lead to the same ends to be drawn there. */
function Exit({ exit, runs }: { exit: Way; runs: number }): ReactNode {
  const figures = figureWords(exit, runs);
  const end = nameOf(exit.to);
  const why = exit.label ?? "always";
  return (
    <li data-implied={exit.implied || undefined} data-taken={exit.count > 0 || undefined}>
      <RunsLink
        filters={filtersOfWay(exit)}
        className={css["exit"]}
        title={`${end}: ${why}${figures === "" ? "" : `. ${figures}. ${sampleWords(exit)}`}`}
      >
        <span className={css["exitEnd"]}>
          <Said>Runs that ended </Said>
          {end}
        </span>
        <span className={css["exitWhy"]}>
          <Said>{`from ${nameOf(exit.from)}: `}</Said>
          {why}
        </span>
        {exit.count > 0 && <span className={css["exitCount"]}>{count(exit.count)}</span>}
      </RunsLink>
    </li>
  );
}
