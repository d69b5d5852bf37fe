import type { ReactNode } from "react";
import type { FieldTable } from "../../api/schema.gen.ts";
import { InContext } from "../../parts/figures.tsx";
import { count, percent } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import type { Column } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./evals.module.css";

/** More classes than that are a list of what is confused. */
const MATRIX = 24;
const LISTED = 30;

type Row = FieldTable["classes"][number];

const share = (value: number | null): string => (value === null ? "–" : percent(value, 2));

const COLUMNS: readonly Column<Row>[] = [
  { name: "Class", render: ({ value }) => <Line text={value} max={60} /> },
  { name: "Expected", num: true, render: ({ expected }) => count(expected) },
  { name: "Answered", num: true, render: ({ answered }) => count(answered) },
  { name: "Precision", num: true, render: ({ precision }) => share(precision.value) },
  { name: "Recall", num: true, render: ({ recall }) => share(recall.value) },
  { name: "F1", num: true, render: ({ f1 }) => share(f1) },
  { name: "Specificity", num: true, render: ({ specificity }) => share(specificity.value) },
];

/** What was answered where what was expected, of one field. */
export function Confusion({ table, inContext }: { table: FieldTable; inContext: boolean }): ReactNode {
  if (table.classes.length === 0) return null;
  return (
    <Section title={`Classes of ${table.field}`} aside={inContext && <InContext />} flush>
      {table.classes.length <= MATRIX ? <Matrix table={table} /> : <Confused table={table} />}
      <Table label={`Classes of ${table.field}`} items={table.classes} keyOf={({ value }) => value} columns={COLUMNS} />
    </Section>
  );
}

function Matrix({ table: { field, classes, confusion } }: { table: FieldTable }): ReactNode {
  const names: (string | null)[] = classes.map(({ value }) => value);
  const columns = confusion.some(({ answered }) => answered === null) ? [...names, null] : names;
  const counts = new Map(
    confusion.map(({ expected, answered, attempts }) => [JSON.stringify([expected, answered]), attempts]),
  );
  return (
    <table className={css["matrix"]} aria-label={`Confusion matrix of ${field}`}>
      <caption>rows: expected, columns: answered</caption>
      <thead>
        <tr>
          <th scope="col"><span className="visually-hidden">Expected</span></th>
          {columns.map((name) => (
            <th key={JSON.stringify(name)} scope="col">
              {name === null ? "no answer" : <Line text={name} max={24} />}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {classes.map(({ value, expected }) => (
          <tr key={value}>
            <th scope="row">
              <Line text={value} max={24} />
            </th>
            {columns.map((name) => {
              const n = counts.get(JSON.stringify([value, name])) ?? 0;
              return <Cell key={JSON.stringify(name)} n={n} of={expected} isRight={name === value} />;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  ); // prettier-ignore
}

function Cell({ n, of, isRight }: { n: number; of: number; isRight: boolean }): ReactNode {
  const weight = of === 0 ? 0 : Math.round((n / of) * 55);
  return (
    <td
      data-kind={n === 0 ? "zero" : isRight ? "right" : "wrong"}
      style={{ "--weight": `${n === 0 ? 0 : Math.max(8, weight)}%` } as React.CSSProperties}
    >
      {count(n)}
    </td>
  );
}

function Confused({ table }: { table: FieldTable }): ReactNode {
  const pairs = table.confusion
    .filter(({ expected, answered }) => expected !== answered)
    .toSorted((a, b) => b.attempts - a.attempts)
    .slice(0, LISTED);
  if (pairs.length === 0) return null;
  return (
    <ol className={css["confused"]} aria-label="Most frequent confusions">
      {pairs.map(({ expected, answered, attempts }) => (
        <li key={JSON.stringify([expected, answered])}>
          {count(attempts)} × <Line text={expected} max={60} /> → <Line text={answered ?? "no answer"} max={60} />
        </li>
      ))}
    </ol>
  );
}
