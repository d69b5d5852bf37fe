import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import type { EvalComparison } from "../../api/schema.gen.ts";
import { Badge } from "../../parts/badge.tsx";
import type { Tone } from "../../parts/badge.tsx";
import { InContext } from "../../parts/figures.tsx";
import { count, plural } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import type { Column } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./evals.module.css";
import { figureText, ofCases, pText, valueText } from "./words.ts";

type Target = EvalComparison["targets"][number];
type Row = EvalComparison["rows"][number];

const TONE: Readonly<Record<Target["shown"], Tone>> = { worse: "bad", better: "ok", nothing: "off" };

function Side({ unit, side: { value, hits, cases } }: { unit: string; side: Target["before"] }): ReactNode {
  return (
    <>
      <strong className="num">{figureText(unit, value)}</strong>{" "}
      <span className={css["dim"]}>{hits === null ? "" : ofCases(hits, cases)}</span>
    </>
  );
}

const TARGET_COLUMNS: readonly Column<Target>[] = [
  { name: "Eval", render: ({ name }) => <Line text={name} max={80} /> },
  { name: "Before", num: true, render: ({ unit, before }) => <Side unit={unit} side={before} /> },
  { name: "After", num: true, render: ({ unit, after }) => <Side unit={unit} side={after} /> },
  { name: "Worse", num: true, render: ({ worse }) => (worse === null ? "–" : count(worse)) },
  { name: "Better", num: true, render: ({ better }) => (better === null ? "–" : count(better)) },
  { name: "p", num: true, render: ({ p }) => (p === null ? "–" : pText(p)) },
  {
    name: "Shown",
    render: ({ shown }) => <Badge tone={TONE[shown]}>{shown === "nothing" ? "no difference shown" : shown}</Badge>,
  },
  {
    name: "Note",
    render: ({ note }) => (
      <span className={css["note"]}>
        <Line text={note} max={200} />
      </span>
    ),
  },
];

function rowColumns(after: string): Column<Row>[] {
  const cell = (value: Row["before"]): ReactNode => (
    <div className={css["value"]}>
      <code>{value === null ? "no answer" : valueText(value).slice(0, 240)}</code>
    </div>
  );
  return [
    { name: "Change", render: ({ change }) => <Badge tone={TONE[change]}>{change}</Badge> },
    {
      name: "Case",
      render: ({ case_id: id, dataset }) => (
        <Link to="/evals/$evalId" params={{ evalId: after }} search={{ case: id, dataset }} className={css["mono"]}>
          <Line text={id} max={60} />
        </Link>
      ),
    },
    { name: "Expected", render: ({ expected }) => cell(expected) },
    { name: "Before", render: ({ before }) => cell(before) },
    { name: "After", render: ({ after: answer }) => cell(answer) },
  ];
}

interface ComparisonProps {
  comparison: EvalComparison;
  inContext: boolean;
}

/** What moved between two eval runs, target by target and case by case. */
export function Comparison({ comparison, inContext }: ComparisonProps): ReactNode {
  const { cases, only_before: before, only_after: after, changed, targets, rows, rows_total: all } = comparison;
  const left = [
    ...(before > 0 ? [`${count(before)} only before`] : []),
    ...(after > 0 ? [`${count(after)} only after`] : []),
    ...(changed > 0 ? [`${count(changed)} with other content`] : []),
  ];
  return (
    <>
      <Section
        title="Compared"
        aside={
          <>
            {plural(cases, "case")} on both sides{left.length > 0 && `; not compared: ${left.join(", ")}`}.{" "}
            {inContext && <InContext />}
          </>
        }
        flush
      >
        <Table label="Compared targets" items={targets} keyOf={({ name }) => name} columns={TARGET_COLUMNS} />
        <p className={css["below"]}>
          p is of the exact paired test, two-sided. A difference counts as shown from p ≤ 0.05 on.
        </p>
      </Section>
      <Section title="Cases that changed" aside={all > rows.length ? `the first ${count(rows.length)} of ${count(all)}` : count(all)} flush>
        {rows.length === 0 ? (
          <Empty title="No case passes on one side only." />
        ) : (
          <Table
            label="Cases that changed"
            items={rows}
            keyOf={({ dataset, case_id: id }) => JSON.stringify([dataset, id])}
            columns={rowColumns(comparison.after)}
          />
        )}
      </Section>
    </>
  ); // prettier-ignore
}
