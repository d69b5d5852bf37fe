import type { ReactNode } from "react";
import type { EvalReport, TargetRow } from "../../api/schema.gen.ts";
import { Tag } from "../../parts/badge.tsx";
import { Verdict } from "../../parts/figures.tsx";
import { Table } from "../../parts/listing.tsx";
import type { Column } from "../../parts/listing.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./evals.module.css";
import { figureText, intervalText, ofCases } from "./words.ts";

const COLUMNS: readonly Column<TargetRow>[] = [
  {
    name: "Eval",
    render: ({ name, critical }) => (
      <>
        <Line text={name} max={80} /> {critical && <Tag title="Held to the one-sided 95 % bound">critical</Tag>}
      </>
    ),
  },
  { name: "Target", num: true, render: ({ target }) => <Line text={target} max={20} /> },
  {
    name: "Current",
    num: true,
    render: ({ unit, value, bound }) => <strong className="num">{figureText(unit, value, bound)}</strong>,
  },
  { name: "Status", render: ({ status }) => <Verdict verdict={status} /> },
  {
    name: "95 % interval",
    render: ({ interval }) =>
      interval === null ? "–" : <span className={css["figure"]}>{intervalText(interval)}</span>,
  },
  { name: "Cases", num: true, render: ({ hits, cases }) => ofCases(hits, cases) },
  {
    name: "Note",
    render: ({ note }) => (
      <span className={css["note"]}>
        <Line text={note} max={300} />
      </span>
    ),
  },
];

/** What the suite demands and what was shown, with interval and note. */
export function Golden({ report }: { report: EvalReport }): ReactNode {
  return <Table label="Targets" items={report.targets} keyOf={({ name }) => name} columns={COLUMNS} />;
}
