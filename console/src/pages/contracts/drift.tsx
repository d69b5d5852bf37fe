import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { count, plural } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { driftQuery } from "./queries.ts";

/** Properties that came without being declared. */
export function Drift({ type }: { type: string }): ReactNode {
  const query = useQuery(driftQuery);
  const mine = query.data?.items.filter(({ event_type: each }) => each === type) ?? [];
  return (
    <div id="drift">
      <Section
        title="Undeclared properties"
        aside={query.data === undefined ? undefined : plural(mine.length, "property", "properties")}
        flush
      >
        <Loaded query={query} rows={3}>
          {() =>
            mine.length === 0 ? (
              <Empty title="Every event has come as it is declared.">
                What a contract does not declare is taken, counted here, and not passed to the workflow.
              </Empty>
            ) : (
              <Table
                label="Undeclared properties"
                items={[...mine].sort((a, b) => b.count - a.count)}
                keyOf={({ pointer, contract_version: version }) => `${version} ${pointer}`}
                columns={[
                  {
                    name: "Property",
                    render: ({ pointer }) => (
                      <code>
                        <Line text={pointer} />
                      </code>
                    ),
                  },
                  { name: "Version", render: ({ contract_version: version }) => version },
                  { name: "Events", num: true, render: ({ count: n }) => count(n) },
                  { name: "Last seen", render: ({ last_seen_at: at }) => <Time at={at} relative /> },
                ]}
              />
            )
          }
        </Loaded>
      </Section>
    </div>
  );
}
