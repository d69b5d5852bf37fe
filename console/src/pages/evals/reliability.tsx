import type { ReactNode } from "react";
import type { Calibration } from "../../api/schema.gen.ts";
import { InContext, Proportion } from "../../parts/figures.tsx";
import { count, percent, plural } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import type { Column } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import css from "./evals.module.css";

const SIZE = 260;
const EDGE = 30;

type Bin = Calibration["bins"][number];

const COLUMNS: readonly Column<Bin>[] = [
  { name: "Confidence", render: ({ low, high }) => `${percent(low, 0)} to ${percent(high, 0)}` },
  { name: "Answers", num: true, render: ({ attempts }) => count(attempts) },
  { name: "Mean", num: true, render: ({ confidence }) => (confidence === null ? "–" : percent(confidence, 2)) },
  {
    name: "Right",
    render: ({ accuracy: { value, interval, cases } }) =>
      value === null ? "–" : <Proportion value={value} interval={interval} cases={cases} what="answer" />,
  },
];

/** How often answers of a confidence are right; on the dashed line confidence is what it says. The table says the same. */
export function Reliability({ calibration, inContext }: { calibration: Calibration; inContext: boolean }): ReactNode {
  const { ece, bins, without } = calibration;
  if (ece === null) return null;
  return (
    <Section
      title="Calibration"
      aside={
        <>
          expected calibration error {percent(ece, 2)}
          {without > 0 && `, ${plural(without, "attempt")} without a confidence`} {inContext && <InContext />}
        </>
      }
    >
      <div className={css["beside"]}>
        <Plot bins={bins} />
        <div className={css["grow"]}>
          <Table label="Calibration" items={bins} keyOf={({ low }) => String(low)} columns={COLUMNS} />
        </div>
      </div>
    </Section>
  );
}

const at = (share: number): number => EDGE + share * (SIZE - 2 * EDGE);
const up = (share: number): number => SIZE - at(share);

function Plot({ bins }: { bins: readonly Bin[] }): ReactNode {
  return (
    <svg className={css["reliability"]} viewBox={`0 0 ${SIZE} ${SIZE}`} width={SIZE} height={SIZE} aria-hidden="true">
      <rect className={css["frame"]} x={EDGE} y={EDGE} width={SIZE - 2 * EDGE} height={SIZE - 2 * EDGE} />
      <line className={css["even"]} x1={at(0)} y1={up(0)} x2={at(1)} y2={up(1)} />
      {bins.map((bin) => (
        <Point key={bin.low} bin={bin} />
      ))}
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <text x={at(share)} y={SIZE - EDGE + 14} textAnchor="middle">
            {percent(share, 0)}
          </text>
          <text x={EDGE - 4} y={up(share) + 3} textAnchor="end">
            {share * 100}
          </text>
        </g>
      ))}
      <text x={SIZE / 2} y={SIZE - 2} textAnchor="middle">
        confidence
      </text>
      <text x={EDGE} y={EDGE - 10}>
        right, %
      </text>
    </svg>
  );
}

function Point({ bin: { confidence, attempts, accuracy } }: { bin: Bin }): ReactNode {
  const { value, interval } = accuracy;
  if (confidence === null || value === null || interval === null) return null;
  return (
    <>
      <line
        className={css["span"]}
        x1={at(confidence)}
        x2={at(confidence)}
        y1={up(interval.low)}
        y2={up(interval.high)}
      />
      <circle className={css["point"]} cx={at(confidence)} cy={up(value)} r={4}>
        <title>{plural(attempts, "answer")}</title>
      </circle>
    </>
  );
}
