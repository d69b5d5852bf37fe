import { useId } from "react";
import type { ReactNode } from "react";
import { percent } from "../../parts/format.ts";
import { bandPath, linePath, scaleOf } from "./curve-scale.ts";
import type { Point } from "./curve-scale.ts";
import css from "./releases.module.css";

interface CurvePlotProps {
  points: readonly Point[];
  present: number;
  chosen: number;
  name: string;
  onChoose(value: number): void;
}

const WIDTH = 800;
const HEIGHT = 220;
const LINES = [0, 0.25, 0.5, 0.75, 1];

/** Both shares over the threshold, each with its band, above the slider that chooses. */
export function CurvePlot({ points, present, chosen, name, onChoose }: CurvePlotProps): ReactNode {
  const id = useId();
  const scale = scaleOf(points, WIDTH, HEIGHT);
  const steps = points.map(({ value }) => value);
  const at = Math.max(0, steps.indexOf(nearestOf(steps, chosen)));
  return (
    <figure className={css["plot"]}>
      <figcaption>
        <span className={css["keyAutomated"]}>decided without a person</span>
        <span className={css["keyAccuracy"]}>right, where people decided</span>
        <span>bands: 95 % intervals</span>
      </figcaption>
      <div className={css["axes"]}>
        <div className={css["shares"]} aria-hidden="true">
          {LINES.toReversed().map((share) => (
            <span key={share}>{percent(share, 0)}</span>
          ))}
        </div>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {LINES.map((share) => (
            <line key={share} className={css["grid"]} x1={0} x2={WIDTH} y1={scale.y(share)} y2={scale.y(share)} />
          ))}
          <path className={css["bandAutomated"]} d={bandPath(points, "automation", scale)} />
          <path className={css["bandAccuracy"]} d={bandPath(points, "accuracy", scale)} />
          <path className={css["lineAutomated"]} d={linePath(points, "automation", scale)} />
          <path className={css["lineAccuracy"]} d={linePath(points, "accuracy", scale)} />
          <line className={css["presentLine"]} x1={scale.x(present)} x2={scale.x(present)} y1={0} y2={HEIGHT} />
          <line className={css["chosenLine"]} x1={scale.x(chosen)} x2={scale.x(chosen)} y1={0} y2={HEIGHT} />
        </svg>
        <label htmlFor={id}>{name}</label>
        <input
          id={id}
          type="range"
          min={0}
          max={steps.length - 1}
          step={1}
          value={at}
          aria-valuetext={String(chosen)}
          onChange={({ currentTarget }) => onChoose(steps[Number(currentTarget.value)] ?? chosen)}
        />
        <div className={css["ends"]} aria-hidden="true">
          <span>{scale.low}</span>
          <output htmlFor={id}>{chosen}</output>
          <span>{scale.high}</span>
        </div>
      </div>
    </figure>
  );
}

function nearestOf(steps: readonly number[], value: number): number {
  return steps.reduce((best, each) => (Math.abs(each - value) < Math.abs(best - value) ? each : best), steps[0] ?? 0);
}
