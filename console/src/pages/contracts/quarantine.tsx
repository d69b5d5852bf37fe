import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { plural } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { Empty, Failed, Loading, Problems } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import css from "./contracts.module.css";
import { quarantinePages } from "./queries.ts";

/** Events that were refused, and what is wrong with each; what they held is not shown. */
export function Quarantine({ type }: { type: string }): ReactNode {
  const { data: session } = useQuery(sessionQuery);
  return (
    <div id="quarantine">
      {atLeast(session, "operator") ? (
        <Kept type={type} />
      ) : (
        <Section title="Quarantine">
          <Empty title="Events that were refused are shown to operators.">
            You are signed in as {session?.role ?? "a viewer"}. An admin can make you a link for another role.
          </Empty>
        </Section>
      )}
    </div>
  );
}

function Kept({ type }: { type: string }): ReactNode {
  const query = useInfiniteQuery(quarantinePages);
  const mine = query.data?.pages.flatMap(({ items }) => items.filter(({ event_type: each }) => each === type));
  return (
    <Section title="Quarantine" aside={mine === undefined ? undefined : plural(mine.length, "refused event")} flush>
      {query.isError && <Failed error={query.error} again={() => void query.refetch()} />}
      {query.isPending && <Loading rows={3} />}
      {mine?.length === 0 && (
        <Empty title="No event of this type has been refused.">
          An event that breaks its contract is answered with 422 and kept here, to be fixed and sent again.
        </Empty>
      )}
      {mine !== undefined && mine.length > 0 && (
        <Table
          label="Quarantine"
          items={mine}
          keyOf={({ quarantine_id: id }) => id}
          columns={[
            { name: "Received", render: ({ received_at: at }) => <Time at={at} /> },
            {
              name: "Event",
              render: ({ event_id: id }) => <code>{id === null ? "no event_id" : <Line text={id} />}</code>,
            },
            { name: "What is wrong", render: ({ errors }) => <Problems errors={errors} /> },
          ]}
        />
      )}
      {query.hasNextPage && (
        <div className={css["more"]}>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Look further back
          </Button>
        </div>
      )}
    </Section>
  );
}
