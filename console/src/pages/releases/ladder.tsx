import type { ReactNode } from "react";
import { LADDER, compareStages } from "./stages.ts";
import type { Stage } from "./stages.ts";
import css from "./releases.module.css";

/** The six rungs, what each lets the workflow do, and on which one it stands. */
export function Ladder({ stage }: { stage: Stage }): ReactNode {
  return (
    <ol className={css["ladder"]} aria-label="Stages, from nothing to most">
      {LADDER.map(({ stage: rung, reads, writes, decision }) => {
        const place = compareStages(rung, stage);
        return (
          <li
            key={rung}
            className={css["rung"]}
            data-place={place === 0 ? "here" : place < 0 ? "below" : "above"}
            {...(place === 0 ? { "aria-current": "step" as const } : {})}
          >
            <span className={css["rungName"]}>
              {rung}
              {place === 0 && <span className={css["here"]}>present</span>}
            </span>
            <dl>
              <dt>Reads</dt>
              <dd>{reads}</dd>
              <dt>Writes</dt>
              <dd>{writes}</dd>
              <dt>Decision</dt>
              <dd>{decision}</dd>
            </dl>
          </li>
        );
      })}
    </ol>
  );
}

/** The ladder in one line, for lists. */
export function Rungs({ stage }: { stage: Stage }): ReactNode {
  const at = LADDER.findIndex((rung) => rung.stage === stage);
  return (
    <span className={css["rungs"]}>
      <span className={css["marks"]} aria-hidden="true">
        {LADDER.map((rung, index) => (
          <span key={rung.stage} data-filled={index <= at} />
        ))}
      </span>
      {stage}
    </span>
  );
}
