import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { ReactNode } from "react";
import type { Review } from "../../api/schema.gen.ts";
import { Badge } from "../../parts/badge.tsx";
import { words } from "../../parts/format.ts";
import { Line } from "../../parts/text.tsx";
import { Time, useNow } from "../../parts/time.tsx";
import { holdOf } from "./hold.ts";
import css from "./queue.module.css";
import type { ReviewsSearch } from "./search.ts";

interface TableProps {
  rows: readonly Review[];
  selected: string | null;
  setSelected(id: string): void;
  canReview: boolean;
  search: ReviewsSearch;
  status: string;
  me: string | undefined;
  hasMore: boolean;
  more(): void;
}

const ROW = 40;
const PHONE_ROW = 76;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 30;

/** The queue's rows, of which only those on the screen are drawn. */
export function QueueTable(props: TableProps): ReactNode {
  const { rows, selected, hasMore, more } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const isPhone = matchMedia("(max-width: 48em)").matches;
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes here
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isPhone ? PHONE_ROW : ROW),
    overscan: 12,
    getItemKey: (index) => rows[index]?.review_id ?? index,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - AHEAD) more();
  });
  const at = rows.findIndex(({ review_id: id }) => id === selected);
  useEffect(() => {
    if (at === -1 || selected === null) return;
    virtual.scrollToIndex(at, { align: "auto" });
    // The row may come into being only with the scrolling.
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-review="${CSS.escape(selected)}"] a`)?.focus(),
    );
  }, [at, selected, virtual]);
  return (
    <div className={css["scroller"]} ref={scroller}>
      <table className={css["table"]} aria-label="Reviews" aria-rowcount={hasMore ? -1 : rows.length + 1}>
        <Heads status={props.status} />
        <tbody className={css["rows"]} style={{ height: virtual.getTotalSize() }}>
          {shown.map(({ index, key, start }) => (
            <Row key={key} {...props} review={rows[index] as Review} index={index} start={start} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Heads({ status }: { status: string }): ReactNode {
  const heads = [
    "Priority",
    "Why",
    "Workflow",
    "Team",
    "Asked",
    status === "open" ? "Expires" : "Ended",
    status === "open" ? "With" : "By",
  ];
  return (
    <thead className={css["head"]}>
      <tr className={`${css["row"]} ${css["heads"]}`} aria-rowindex={1}>
        {heads.map((head) => (
          <th key={head} scope="col">
            {head}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Row({ review, index, start, selected, setSelected, canReview, search, me }: RowProps): ReactNode {
  const id = review.review_id;
  const step = review.step.replace(/^@review:@?/, "");
  const why = <Line text={words(review.why)} max={60} />;
  return (
    <tr
      className={css["row"]}
      aria-rowindex={index + 2}
      data-review={id}
      data-selected={selected === id || undefined}
      style={{ transform: `translateY(${start}px)` }}
      onMouseDown={() => setSelected(id)}
    >
      <td className="num" data-high={review.priority > 0 || undefined}>
        {review.priority}
      </td>
      <td className={css["why"]}>
        {canReview ? (
          <Link
            to="/reviews/$reviewId"
            params={{ reviewId: id }}
            search={search}
            preload={false}
            className={css["open"]}
            aria-current={selected === id ? "true" : undefined}
          >
            {why}
          </Link>
        ) : (
          <Link to="/runs/$runId" params={{ runId: review.run_id }} className={css["open"]} title="The run behind it">
            {why}
          </Link>
        )}
        {step !== words(review.why) && (
          <span className={css["step"]}>
            <Line text={step} max={60} />
          </span>
        )}
      </td>
      <td>
        <Line text={review.workflow} max={60} />
      </td>
      <td>{review.team === null ? <span className={css["none"]}>–</span> : <Line text={review.team} />}</td>
      <td className={css["when"]}>
        <Time at={review.created_at} relative />
      </td>
      <td className={css["when"]}>
        <Ends review={review} />
      </td>
      <td className={css["who"]}>
        <With review={review} me={me} />
      </td>
    </tr>
  );
}

interface RowProps extends TableProps {
  review: Review;
  index: number;
  start: number;
}

/** Less than this is left: it is marked. */
const SOON_MS = 3_600_000;

function Ends({ review }: { review: Review }): ReactNode {
  const now = useNow();
  if (review.status === "answered") return <Time at={review.answered_at} relative />;
  if (review.status !== "open") return <Badge tone="off">{review.status}</Badge>;
  if (review.expires_at === null) return <span className={css["none"]}>never</span>;
  const isSoon = Date.parse(review.expires_at) - now < SOON_MS;
  const time = <Time at={review.expires_at} relative />;
  return isSoon ? <Badge tone="bad">{time}</Badge> : time;
}

const DID = { approve: "approved", correct: "corrected", reject: "rejected" } as const;

function With({ review, me }: { review: Review; me: string | undefined }): ReactNode {
  const now = useNow();
  if (review.status === "answered")
    return (
      <>
        <Line text={review.answered_by ?? ""} max={40} />{" "}
        <span className={css["none"]}>{review.action === null ? "" : DID[review.action]}</span>
      </>
    );
  const hold = holdOf(review, me ?? "", now);
  if (hold.state === "mine") return <Badge tone="ok">you</Badge>;
  if (hold.state === "held")
    return (
      <Badge tone="wait">
        <Line text={hold.by} max={40} />
      </Badge>
    );
  return <span className={css["none"]}>–</span>;
}
