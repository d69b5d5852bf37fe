import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { count, duration, usd } from "../../parts/format.ts";
import { Line, Pieces } from "../../parts/text.tsx";
import type { Axis } from "./axis.ts";
import type { Row } from "./rows.ts";
import { spanOf, stepName, tokensOf, typeWord, verdictOf } from "./step-words.ts";
import css from "./waterfall.module.css";

interface WaterfallRowProps {
  row: Row;
  /** Nothing more of its group follows. */
  last: boolean;
  axis: Axis;
  stripes: string;
  isOpen: boolean;
  top: number;
  index: number;
  of: number;
}

/** One attempt or hop of a step, which leads to what is on record of it. */
export function WaterfallRow({ row, last, axis, stripes, isOpen, top, index, of }: WaterfallRowProps): ReactNode {
  const { step } = row;
  const { start, end } = shownSpan(row, axis);
  const { tone } = verdictOf(step);
  const tokens = tokensOf(step);
  const left = axis.place(start) * 100;
  const width = axis.place(end) * 100 - left;
  return (
    <li
      className={css["item"]}
      style={{ transform: `translateY(${top}px)` }}
      aria-setsize={of}
      aria-posinset={index + 1}
    >
      <Link
        to="."
        search={{ step: step.step }}
        replace
        resetScroll={false}
        preload={false}
        className={`${css["grid"]} ${css["row"]} ${isOpen ? css["open"] : ""} ${step.set_aside_by === undefined ? "" : css["aside"]}`}
        data-step={step.step}
      >
        <span className={css["index"]}>{step.step}</span>
        <Name row={row} last={last} />
        <span className={css["track"]} style={{ backgroundImage: stripes }}>
          <span
            className={`${css["bar"]} ${css[tone]} ${isStill(step.type) ? css["still"] : ""}`}
            style={{ left: `min(${left}%, 100% - 3px)`, width: `${width}%` }}
          />
        </span>
        <span className={css["number"]}>{end > start || step.latency_ms === 0 ? duration(end - start) : ""}</span>
        <span className={css["number"]}>{tokens === undefined ? "" : count(tokens)}</span>
        <span className={css["number"]}>{step.cost_usd === undefined ? "" : usd(step.cost_usd)}</span>
      </Link>
    </li>
  );
}

function Name({ row: { step, first }, last }: { row: Row; last: boolean }): ReactNode {
  const { tone, word } = verdictOf(step);
  const type = typeWord(step);
  const name = stepName(step);
  return (
    <span className={`${css["name"]} ${first ? "" : css["hop"]} ${last ? css["lastHop"] : ""}`}>
      <span className={css["title"]}>{first ? <Line text={name} max={80} /> : type}</span>
      <span className={css["about"]}>
        <span className={`${css["dot"]} ${css[tone]}`} aria-hidden="true" />
        {first && name !== type && `${type} · `}
        <bdi>
          <Pieces text={word} />
        </bdi>
        {step.set_aside_by !== undefined && ` · set aside by ${step.set_aside_by}`}
        {step.attempt > 1 && ` · attempt ${step.attempt}`}
      </span>
    </span>
  );
}

function isStill(type: Row["step"]["type"]): boolean {
  return type === "review" || type === "wait";
}

/** A wait reaches from where it was asked to the next thing on record of it; what it says at its end is a moment. */
function shownSpan({ step, group }: Row, axis: Axis): { start: number; end: number } {
  const { start, end } = spanOf(step);
  if (step.type === "override") return { start: end, end };
  const waits = isStill(step.type) || step.phase === "claim";
  if (!waits) return { start, end };
  if (step.status !== "waiting") return { start: end, end };
  const next = group.steps[group.steps.indexOf(step) + 1];
  return { start, end: next === undefined ? axis.end : spanOf(next).end };
}
