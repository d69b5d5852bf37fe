import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { RunLink, StatusBadge } from "../../parts/badge.tsx";
import { words } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { RunsLink } from "../../parts/runs-link.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import css from "./tools.module.css";

const NEWEST = 10;

/** The runs that called the tool: how they stand, how they ended, and the newest of them. */
export function ToolRuns({ name }: { name: string }): ReactNode {
  const [since, setSince] = useState("24h");
  const search = { tool: name, ...(since === "all" ? {} : { since }) };
  const facets = useQuery({
    queryKey: ["runs", "facets", search],
    queryFn: ({ signal }) => call("GET /v1/runs/facets", { query: search, signal }),
    placeholderData: keepPreviousData,
  });
  const newest = useQuery({
    queryKey: ["runs", "newest", search],
    queryFn: ({ signal }) => call("GET /v1/runs", { query: { ...search, limit: NEWEST }, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Section
      title="Runs that called it"
      flush
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Runs since"
          value={since}
          onChange={setSince}
          data={[
            { value: "24h", label: "24 hours" },
            { value: "7d", label: "7 days" },
            { value: "all", label: "All time" },
          ]}
        />
      }
    >
      <Loaded query={facets} rows={3}>
        {({ total, facets: by }) => (
          <dl className={css["counts"]}>
            <Count name="runs" n={total} search={search} />
            {by.status.map(({ value, count }) => (
              <Count key={value} name={words(value)} n={count} search={{ ...search, status: value }} />
            ))}
            {by.disposition.map(({ value, count }) => (
              <Count key={value} name={words(value)} n={count} search={{ ...search, disposition: value }} />
            ))}
            {by.failure_class.map(({ value, count }) => (
              <Count
                key={value}
                name={`failed: ${words(value)}`}
                n={count}
                search={{ ...search, failure_class: value }}
              />
            ))}
          </dl>
        )}
      </Loaded>
      <Loaded query={newest} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No run has called it in this time." />
          ) : (
            <Table
              label="Newest runs"
              items={items}
              keyOf={({ run_id: id }) => id}
              columns={[
                { name: "Newest runs", render: ({ run_id: id }) => <RunLink id={id} /> },
                { name: "Workflow", render: ({ workflow }) => workflow },
                {
                  name: "Status",
                  render: ({ status, waiting_for: waitingFor }) => (
                    <StatusBadge status={status} waitingFor={waitingFor} />
                  ),
                },
                { name: "Disposition", render: ({ disposition }) => disposition ?? "–" },
                { name: "Started", render: ({ created_at: at }) => <Time at={at} relative /> },
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  );
}

interface CountProps {
  name: string;
  n: number;
  search: Record<string, string>;
}

function Count({ name, n, search }: CountProps): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <RunsLink n={n} search={search} what={`runs that called it: ${name}`} />
      </dd>
    </div>
  );
}
