import type { ReactNode } from "react";
import type { EvalReport, SliceTable } from "../../api/schema.gen.ts";
import { InContext } from "../../parts/figures.tsx";
import { count, percent, plural } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import type { Column } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./evals.module.css";
import { figureText, ofCases } from "./words.ts";

type Value = SliceTable["values"][number];

/** The figures within each value of each slice; what is absent is said to be. */
export function Slices({ report }: { report: EvalReport }): ReactNode {
  return report.slices.map((slice) => (
    <Section
      key={slice.by}
      title={
        <>
          By <Line text={slice.by === "kind" ? "kind of dataset" : slice.by} max={80} />
        </>
      }
      aside={report.in_context && <InContext />}
      flush
    >
      <Table
        label={`Figures by ${slice.by}`}
        items={slice.values}
        keyOf={({ value }) => JSON.stringify(value)}
        columns={columnsOf(report)}
      />
      <Notes slice={slice} />
    </Section>
  ));
}

function columnsOf({ targets }: EvalReport): Column<Value>[] {
  return [
    { name: "Value", render: ({ value }) => (value === null ? <em>none</em> : <Line text={value} max={60} />) },
    { name: "Cases", num: true, render: ({ cases }) => count(cases) },
    { name: "All as expected", num: true, render: ({ passing }) => (passing.value === null ? "–" : percent(passing.value, 2)) },
    ...targets.map(({ name, unit, bound }, index) => ({
      name,
      num: true,
      render: ({ targets: figures }: Value) => <Figure figure={figures[index]} unit={unit} bound={bound} />,
    })),
  ]; // prettier-ignore
}

interface FigureProps {
  figure: Value["targets"][number] | undefined;
  unit: string;
  bound: number;
}

function Figure({ figure, unit, bound }: FigureProps): ReactNode {
  if (figure === undefined || figure.value === null) return <span className={css["dim"]}>absent</span>;
  return (
    <span className={css["figure"]} data-status={figure.status}>
      {figureText(unit, figure.value, bound)}{" "}
      <span className={css["dim"]}>{figure.hits === null ? "" : ofCases(figure.hits, figure.cases)}</span>
    </span>
  );
}

function Notes({ slice: { by, absent, others, values } }: { slice: SliceTable }): ReactNode {
  const notes = [
    ...(absent.length > 0 ? [`Absent, no case of them: ${absent.join(", ")}.`] : []),
    ...(values.every(({ value }) => value === null) ? [`Absent: no case has a value at ${by}.`] : []),
    ...(others > 0 ? [`${plural(others, "case")} of further values, for which there is no room.`] : []),
  ];
  return notes.map((note) => (
    <p key={note} className={css["below"]}>
      <Line text={note} max={300} />
    </p>
  ));
}
