import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Badge } from "../../parts/badge.tsx";
import { plural } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { servedQuery } from "./queries.ts";

/** What each worker serves at this moment: whether a change has arrived everywhere. */
export function Served({ workflow }: { workflow: string }): ReactNode {
  const query = useQuery(servedQuery(workflow));
  const inForce = query.data?.in_force;
  return (
    <Section
      title="Served now"
      aside={
        <span aria-live="polite">
          {inForce === undefined ? (
            ""
          ) : inForce ? (
            <Badge tone="ok">in force on every worker</Badge>
          ) : (
            <Badge tone="wait">not yet everywhere</Badge>
          )}
        </span>
      }
      flush
    >
      <Loaded query={query} rows={2}>
        {({ workers }) =>
          workers.length === 0 ? (
            <Empty title="No worker is at work.">
              Events are accepted and wait. Start one with <code>sluice serve</code>.
            </Empty>
          ) : (
            <Table
              label={plural(workers.length, "worker")}
              items={workers}
              keyOf={({ worker }) => worker}
              columns={[
                { name: "Worker", render: ({ worker }) => <Line text={worker} /> },
                { name: "Release", num: true, render: ({ release }) => release },
                { name: "Seen", num: true, render: ({ seen_at: at }) => <Time at={at} relative /> },
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  );
}
