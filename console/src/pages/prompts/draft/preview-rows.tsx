import { Switch } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import type { PreviewRow, PromptPreview } from "../../../api/schema.gen.ts";
import { Badge, RunLink } from "../../../parts/badge.tsx";
import { count, usd } from "../../../parts/format.ts";
import { Line } from "../../../parts/text.tsx";
import { decisionWords, fieldChanges } from "./changed.ts";
import css from "./draft.module.css";

/** The runs, those that would be decided otherwise first; each leads to its run. */
export function PreviewRows({ preview: { rows } }: { preview: PromptPreview }): ReactNode {
  const [all, setAll] = useState(false);
  const same = rows.filter((row) => staysAsItIs(row));
  const news = rows.filter((row) => !staysAsItIs(row));
  const first = news.filter(({ status }) => status === "changed");
  const shown = [...first, ...news.filter(({ status }) => status !== "changed"), ...(all ? same : [])];
  return (
    <>
      <div className={css["which"]}>
        <Switch
          size="xs"
          label={`Also those that stay as they are (${count(same.length)})`}
          checked={all}
          onChange={({ currentTarget }) => setAll(currentTarget.checked)}
        />
      </div>
      {shown.length === 0 ? (
        <p className={css["none"]}>No decision changes so far.</p>
      ) : (
        <ol className={css["rows"]} aria-label="Runs, changed decisions first">
          {shown.map((row) => (
            <Row key={row.run_id} row={row} />
          ))}
        </ol>
      )}
    </>
  );
}

/** The same decision, or a person is asked as a person was before. */
function staysAsItIs({ status, before, before_asks: asked }: PreviewRow): boolean {
  return status === "same" || (status === "asks" && (asked || before === null));
}

const SAYS: Readonly<Record<PreviewRow["status"], string | null>> = {
  same: null,
  changed: null,
  asks: "would ask a person",
  incomplete: "cannot be told",
  failed: "failed",
};

function Row({ row }: { row: PreviewRow }): ReactNode {
  const { run_id: id, before, after, status, changed, cost_usd: cost, note, after_right: right, person } = row;
  const differences = fieldChanges(before, after).filter(({ field }) => field === "" || changed.includes(field));
  const says = SAYS[status];
  return (
    <li data-changed={!staysAsItIs(row)} aria-label={`Run ${id}`}>
      <div className={css["rowHead"]}>
        <RunLink id={id} />
        <span className={css["marks"]}>
          {says !== null && <Badge tone={status === "failed" ? "bad" : "wait"}>{says}</Badge>}
          {right !== null && <Badge tone={right ? "ok" : "bad"}>{right ? "right" : "wrong"}</Badge>}
          <span className={css["dim"]}>{usd(cost)}</span>
        </span>
      </div>
      {status === "changed" ? (
        <ul>
          {differences.map(({ field, before: was, after: is }) => (
            <li key={field}>
              {field !== "" && <code>{field}</code>} <Line text={was} max={80} /> →{" "}
              <strong>
                <Line text={is} max={80} />
              </strong>
            </li>
          ))}
        </ul>
      ) : (
        <Line text={decisionWords(before)} max={160} />
      )}
      {note !== null && (
        <p className={css["dim"]}>
          <Line text={note} max={300} />
        </p>
      )}
      {person !== null && (
        <p className={css["dim"]}>
          <Line text={person.by} max={40} /> said <Line text={decisionWords(person.decision)} max={160} />
        </p>
      )}
    </li>
  );
}
