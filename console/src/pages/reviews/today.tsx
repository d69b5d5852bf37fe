import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Review } from "../../api/schema.gen.ts";
import { count, plural } from "../../parts/format.ts";
import { Empty } from "../../parts/states.tsx";
import { useNow } from "../../parts/time.tsx";
import { answeredQuery, queueFilter } from "./queries.ts";
import css from "./queue.module.css";
import type { ReviewsSearch } from "./search.ts";

/** The queue, or the part of it that is looked at, has nothing: what to do, and what was done today. */
export function NothingWaits({ search, me }: { search: ReviewsSearch; me: string | undefined }): ReactNode {
  const isNarrow = Object.keys(queueFilter(search)).length > 0;
  const status = search.status ?? "open";
  const title = status === "open" ? "Nothing waits for a person." : "There are no such reviews.";
  return (
    <Empty title={isNarrow ? "Nothing here matches the filters." : title}>
      {isNarrow ? (
        <Button variant="default" renderRoot={(props) => <Link to="/reviews" search={{ status }} {...props} />}>
          Show all of them
        </Button>
      ) : (
        <p>
          Runs come here where the model is unsure, a check fails, or a write needs a yes. New ones appear by
          themselves.
        </p>
      )}
      <Today me={me} />
    </Empty>
  );
}

/** More are not counted here. */
const MOST = 500;

function Today({ me }: { me: string | undefined }): ReactNode {
  const midnight = new Date(useNow()).setHours(0, 0, 0, 0);
  const { data } = useQuery(answeredQuery(midnight));
  if (data === undefined || data.length === 0) return null;
  const mine = data.filter(({ answered_by: by }) => by === me);
  return (
    <p className={css["today"]}>
      Answered today: {data.length === MOST ? `${count(MOST)} or more` : plural(data.length, "review")}, {said(data)}.{" "}
      {mine.length > 0 && mine.length < data.length && (
        <>
          By you: {count(mine.length)}, {said(mine)}.
        </>
      )}
      {mine.length === data.length && "All of them by you."}{" "}
      <Link to="/reviews" search={{ status: "answered" }}>
        Look at them
      </Link>
    </p>
  );
}

function said(reviews: readonly Review[]): string {
  const of = (wanted: Review["action"]): number => reviews.filter(({ action }) => action === wanted).length;
  return `${count(of("approve"))} approved, ${count(of("correct"))} corrected, ${count(of("reject"))} rejected`;
}
