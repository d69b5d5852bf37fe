import type { ReactNode } from "react";
import { Tag } from "./badge.tsx";
import { IntervalText, Verdict, metricText } from "./figures.tsx";
import type { Interval } from "./figures.tsx";
import { count, plural } from "./format.ts";
import { Table } from "./listing.tsx";
import { Line } from "./text.tsx";

/** How one target of a suite was met. */
export interface TargetRow {
  name: string;
  metric: string;
  target: string;
  critical: boolean;
  value: number | null;
  interval: Interval | null;
  hits: number | null;
  cases: number;
  status: string;
  note: string;
  needed: number | null;
}

/** The golden table: each target with what was measured, its interval, how many cases, and what is missing. */
export function Targets({ targets, label }: { targets: readonly TargetRow[]; label: string }): ReactNode {
  return (
    <Table
      label={label}
      items={targets}
      keyOf={({ name }) => name}
      columns={[
        {
          name: "Target",
          render: ({ name, critical }) => (
            <>
              <Line text={name} /> {critical && <Tag title="Its lower bound has to hold too">critical</Tag>}
            </>
          ),
        },
        { name: "Wanted", num: true, render: ({ target }) => target },
        {
          name: "Measured",
          num: true,
          render: ({ metric, value, hits, interval }) =>
            value === null ? "–" : metricText(metric, value, hits !== null || interval !== null),
        },
        {
          name: "95 % interval",
          num: true,
          render: ({ interval }) => (interval === null ? "–" : <IntervalText interval={interval} />),
        },
        {
          name: "Cases",
          num: true,
          render: ({ hits, cases }) => (hits === null ? count(cases) : `${count(hits)} of ${count(cases)}`),
        },
        { name: "Verdict", render: ({ status }) => <Verdict verdict={status} /> },
        {
          name: "Note",
          render: ({ note, needed }) => (
            <>
              <Line text={note} max={240} />
              {needed !== null && needed > 0 && <> {plural(needed, "more case")} would decide.</>}
            </>
          ),
        },
      ]}
    />
  );
}
