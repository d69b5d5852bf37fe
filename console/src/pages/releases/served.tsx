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
  const { data: served } = query;
  const late = served?.workers.filter(({ in_force: isThere }) => !isThere).length ?? 0;
  return (
    <Section
      title="Served now"
      aside={
        <span aria-live="polite">
          {served !== undefined &&
            served.workers.length > 0 &&
            (late === 0 ? (
              <Badge tone="ok">release {served.in_force} is in force on every worker</Badge>
            ) : (
              <Badge tone="wait">
                release {served.in_force} is not yet on {plural(late, "worker")}
              </Badge>
            ))}
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
                { name: "Worker", render: ({ host, pid }) => <Line text={`${host}, process ${pid}`} /> },
                {
                  name: "Serves release",
                  num: true,
                  render: ({ release, in_force: isThere }) => (
                    <>
                      {!isThere && <Badge tone="wait">behind</Badge>} {release}
                    </>
                  ),
                },
                { name: "Since", num: true, render: ({ since }) => <Time at={since} relative /> },
                { name: "Seen", num: true, render: ({ seen_at: at }) => <Time at={at} relative /> },
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  );
}
