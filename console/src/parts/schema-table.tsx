import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import type { ReactNode } from "react";
import { count } from "./format.ts";
import { JsonView } from "./json.tsx";
import { schemaRows } from "./schema-rows.ts";
import type { SchemaRow } from "./schema-rows.ts";
import css from "./schema-table.module.css";
import { Block, Line } from "./text.tsx";

/** Fewer fields are found by looking. */
const FILTER_FROM = 12;
const SHOWN = 400;

/** A JSON Schema as a table of its fields, or as it is written. `label` names it. */
export function SchemaTable({ schema, label }: { schema: unknown; label: string }): ReactNode {
  const { rows, cut } = useMemo(() => schemaRows(schema), [schema]);
  const [raw, setRaw] = useState("table");
  const [q, setQ] = useState("");
  const found = rows.filter(({ path, description }) =>
    `${path} ${description ?? ""}`.toLowerCase().includes(q.trim().toLowerCase()),
  );
  return (
    <div>
      <div className={css["bar"]}>
        <SegmentedControl
          size="xs"
          aria-label={`${label}: how it is shown`}
          value={raw}
          onChange={setRaw}
          data={[
            { value: "table", label: "Table" },
            { value: "raw", label: "Raw" },
          ]}
        />
        {raw === "table" && rows.length >= FILTER_FROM && (
          <TextInput
            aria-label={`${label}: filter fields`}
            placeholder={`Filter ${count(rows.length)} fields`}
            value={q}
            onChange={(event) => setQ(event.currentTarget.value)}
          />
        )}
      </div>
      {raw === "raw" ? (
        <div className={css["raw"]}>
          <JsonView value={schema} />
        </div>
      ) : (
        <Fields rows={found} label={label} flat={q.trim() !== ""} />
      )}
      {raw === "table" && cut && (
        <p className={css["note"]}>It unfolds to more than is shown here. The raw schema has all of it.</p>
      )}
    </div>
  );
}

interface FieldsProps {
  rows: readonly SchemaRow[];
  label: string;
  /** Whole paths instead of names beneath each other. */
  flat: boolean;
}

function Fields({ rows, label, flat }: FieldsProps): ReactNode {
  const [shown, setShown] = useState(SHOWN);
  if (rows.length === 0) return <p className={css["note"]}>No field has these words.</p>;
  return (
    <>
      <table className={css["table"]} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col">What holds</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row, index) => (
            <Field key={`${index} ${row.path}`} row={row} flat={flat} />
          ))}
        </tbody>
      </table>
      {rows.length > shown && (
        <div className={css["note"]}>
          <Button variant="default" onClick={() => setShown(shown * 4)}>
            Show more of the {count(rows.length - shown)} that follow
          </Button>
        </div>
      )}
    </>
  );
}

function Field({ row, flat }: { row: SchemaRow; flat: boolean }): ReactNode {
  return (
    <tr>
      <td>
        <div className={css["name"]} style={flat ? {} : { paddingLeft: row.depth * 18 }}>
          <Line text={flat ? row.path : row.name} />
          {!row.required && <span className={css["optional"]}>optional</span>}
          {row.sensitive !== null && (
            <span className={css["sensitive"]} title="Redacted in everything that is kept or shown">
              sensitive{row.sensitive === "sensitive" ? "" : `: ${row.sensitive}`}
            </span>
          )}
        </div>
      </td>
      <td className={css["type"]}>
        <Block text={row.type} shown={400} />
      </td>
      <td>
        {row.constraints.length > 0 && (
          <ul className={css["constraints"]}>
            {row.constraints.map((text) => (
              <li key={text}>
                <Block text={text} shown={400} />
              </li>
            ))}
          </ul>
        )}
        {row.description !== null && (
          <div className={css["description"]}>
            <Block text={row.description} shown={400} />
          </div>
        )}
      </td>
    </tr>
  );
}
