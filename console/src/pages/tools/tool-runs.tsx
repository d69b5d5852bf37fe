import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
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
  const { since = "24h" } = useSearch({ from: "/frame/tools/$name" });
  const navigate = useNavigate({ from: "/tools/$name" });
  const search = { tool: name, ...(since === "all" ? {} : { since }) };
  return (
    <Section
      title="Runs that called it"
      flush
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Runs since"
          value={since}
          onChange={(value) => void navigate({ search: { since: value }, replace: true })}
          data={[
            { value: "24h", label: "24 hours" },
            { value: "7d", label: "7 days" },
            { value: "all", label: "All time" },
          ]}
        />
      }
    >
      <Counts search={search} />
      <Newest search={search} />
    </Section>
  );
}

interface Which {
  search: { tool: string; since?: string };
}

function Counts({ search }: Which): ReactNode {
  const query = useQuery({
    queryKey: ["runs", "facets", search],
    queryFn: ({ signal }) => call("GET /v1/runs/facets", { query: search, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={query} rows={2}>
      {({ total, facets: by }) => (
        <dl className={css["counts"]}>
          <Count name="runs" n={total} search={search} />
          {(["status", "disposition", "failure_class"] as const).flatMap((facet) =>
            by[facet].map(({ value, count }) => (
              <Count
                key={`${facet} ${value}`}
                name={facet === "failure_class" ? `failed: ${words(value)}` : words(value)}
                n={count}
                search={{ ...search, [facet]: value }}
              />
            )),
          )}
        </dl>
      )}
    </Loaded>
  );
}

function Newest({ search }: Which): ReactNode {
  const query = useQuery({
    queryKey: ["runs", "newest", search],
    queryFn: ({ signal }) => call("GET /v1/runs", { query: { ...search, limit: NEWEST }, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={query} rows={4}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="No run has called it in this time.">A workflow that names it may never have come so far.</Empty>
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
