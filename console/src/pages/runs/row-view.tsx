import { memo } from "react";
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import { StatusBadge, Tag } from "../../parts/badge.tsx";
import { duration, usd, words } from "../../parts/format.ts";
import { Pieces } from "../../parts/text.tsx";
import { Time, useNow } from "../../parts/time.tsx";
import { tookMs } from "./row.ts";
import type { Row } from "./row.ts";
import css from "./table.module.css";

export interface RowProps {
  row: Row;
  /** Pixels from the beginning of the list. */
  top: number;
  /** From 1. */
  position: number;
  selected: boolean;
  /** All that match are selected, so that none can be taken out. */
  fixed: boolean;
  onOpen(event: MouseEvent<HTMLAnchorElement>, id: string): void;
  onPick(id: string, range: boolean): void;
  onKey(event: KeyboardEvent): void;
  /** Whether somebody is at this row with the keyboard. */
  onReading(isReading: boolean): void;
}

/** One run: a link to it, as wide as the list. */
export const RowView: (props: RowProps) => ReactNode = memo(function RowView(props: RowProps): ReactNode {
  const { row, top, position, selected, fixed, onOpen, onPick, onKey, onReading } = props;
  return (
    <tr
      aria-rowindex={position}
      aria-selected={selected}
      className={css["row"]}
      data-left={row.left}
      data-run={row.id}
      style={{ transform: `translateY(${top}px)` }}
    >
      <td className={css["pick"]}>
        <input
          type="checkbox"
          aria-label={`Select ${row.eventId}`}
          checked={selected}
          disabled={fixed}
          onChange={() => undefined}
          onClick={(event) => onPick(row.id, event.shiftKey)}
        />
      </td>
      <Status row={row} />
      <td className={css["subject"]}>
        <span className={css["top"]}>
          <a
            href={`/runs/${encodeURIComponent(row.id)}`}
            className={css["link"]}
            title={row.eventId}
            onClick={(event) => onOpen(event, row.id)}
            onKeyDown={onKey}
            onFocus={() => onReading(true)}
            onBlur={() => onReading(false)}
          >
            <bdi>
              <Pieces text={row.eventId} />
            </bdi>
          </a>
          <span className={css["workflow"]}>{row.workflow}</span>
        </span>
        <Gist row={row} />
      </td>
      <Pinned row={row} />
      <Figures row={row} />
      <td className={css["right"]}>
        <Time at={row.createdAt} relative />
      </td>
    </tr>
  );
});

function Status({ row }: { row: Row }): ReactNode {
  return (
    <td className={css["status"]}>
      <StatusBadge status={row.status} waitingFor={row.waitingFor} />
      {row.left === true ? (
        <span className={css["under"]}>no longer matches</span>
      ) : row.failure === null ? (
        <span className={css["under"]}>{row.disposition === row.status ? "" : row.disposition}</span>
      ) : (
        <span className={`${css["under"]} ${row.status === "dead" ? css["bad"] : ""}`}>{words(row.failure.class)}</span>
      )}
    </td>
  );
}

/** What became of it: the decision's fields, or why it failed. */
function Gist({ row }: { row: Row }): ReactNode {
  if (row.failure !== null)
    return (
      <bdi className={css["gist"]} title={row.failure.message}>
        <Pieces text={row.failure.message} />
      </bdi>
    );
  if (row.decision.length === 0) return <span className={css["gist"]}>{row.eventType}</span>;
  return (
    <span className={css["gist"]}>
      {row.decision.map(({ name, value }) => (
        <bdi key={name} className={css["field"]}>
          {name !== "" && (
            <span className={css["name"]}>
              <Pieces text={name} />{" "}
            </span>
          )}
          <Pieces text={value} />
        </bdi>
      ))}
    </span>
  );
}

/** What decided: the stage and release it was pinned to, and the version of the prompt. */
function Pinned({ row: { stage, release, prompts } }: { row: Row }): ReactNode {
  const [first, ...others] = prompts;
  return (
    <td className={css["pinned"]}>
      <span className={css["stage"]}>
        {stage !== null && <Tag>{stage}</Tag>}
        <span className={css["under"]}>{release === null ? "not pinned yet" : `release ${release}`}</span>
      </span>
      <span className={css["version"]} title={prompts.join("\n")}>
        <span className={css["under"]}>{first?.slice(0, first.indexOf("@")) ?? "no prompt"}</span>
        <span>
          {first?.slice(first.indexOf("@"))}
          {others.length > 0 && ` +${others.length}`}
        </span>
      </span>
    </td>
  );
}

function Figures({ row }: { row: Row }): ReactNode {
  const now = useNow();
  const took = tookMs(row, now);
  return (
    <td className={css["right"]}>
      {took === null ? "–" : <span data-going={row.endedAt === null}>{duration(rounded(took, row))}</span>}
      <span className={css["under"]} title={row.cost === null ? "The price of a model is not known" : undefined}>
        {row.cost === null ? "cost unknown" : usd(row.cost)}
      </span>
    </td>
  );
}

/** Of a run that goes on, whole seconds: it is looked at once a second. */
function rounded(ms: number, { endedAt }: Row): number {
  return endedAt === null ? Math.floor(ms / 1_000) * 1_000 : ms;
}
