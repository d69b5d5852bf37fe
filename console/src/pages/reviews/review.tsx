import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import type { ReactNode } from "react";
import { ApiError } from "../../api/client.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { Command } from "../../parts/copy.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Failed, Loading } from "../../parts/states.tsx";
import { useHold } from "./hold.ts";
import { ItemPage } from "./item.tsx";
import { itemQuery } from "./queries.ts";

export function ReviewPage(): ReactNode {
  const { reviewId } = useParams({ from: "/frame/reviews/$reviewId" });
  const { data: session } = useQuery(sessionQuery);
  if (session === undefined) return <Loading />;
  if (!atLeast(session, "reviewer")) return <OnlyReviewers name={session.name} role={session.role} />;
  return <Item key={reviewId} id={reviewId} me={session.name} />;
}

function Item({ id, me }: { id: string; me: string }): ReactNode {
  const search = useSearch({ from: "/frame/reviews/$reviewId" });
  const client = useQueryClient();
  const held = useHold(id, me);
  const query = useQuery(itemQuery(id));
  const { data: item } = query;
  const standing = held.standing?.status;
  useEffect(() => {
    // Once it is over there is an answer to show, and nothing to approve.
    if (item !== undefined && standing !== undefined && standing !== item.review.status)
      void client.invalidateQueries({ queryKey: itemQuery(id).queryKey, exact: true });
  }, [client, id, item, standing]);
  const error = held.error ?? (item === undefined ? query.error : null);
  if (error !== null) return <NoItem error={error} again={() => void query.refetch()} />;
  if (item === undefined)
    return (
      <Page title="Review">
        <Loading rows={12} />
      </Page>
    );
  return <ItemPage item={item} held={held} me={me} search={search} />;
}

function NoItem({ error, again }: { error: unknown; again: () => void }): ReactNode {
  if (error instanceof ApiError && error.status === 404)
    return (
      <Empty title="There is no such review.">
        It may belong to a workflow that is not deployed any more. <Link to="/reviews">Go to the queue</Link>
      </Empty>
    );
  return <Failed error={error} again={again} />;
}

/** An item shows what is hidden from others; opening one is an act of its own. */
function OnlyReviewers({ name, role }: { name: string; role: string }): ReactNode {
  return (
    <Empty title={`You are signed in as ${role}: only reviewers can open a review.`}>
      <p>The queue is open to you; the run behind each review is, too. To review, ask an admin for another link:</p>
      <Command text={`sluice login --name ${name} --role reviewer`} />
      <p>
        <Link to="/reviews">Back to the queue</Link>
      </p>
    </Empty>
  );
}
