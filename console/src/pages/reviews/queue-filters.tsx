import { Select } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { count, words } from "../../parts/format.ts";
import { countsQuery, queueFilter } from "./queries.ts";
import css from "./queue.module.css";
import type { ReviewsSearch } from "./search.ts";

const TABS = [
  ["open", "Open"],
  ["answered", "Answered"],
  ["any", "All"],
] as const;

/** Which part of the queue is looked at: it stands in the address. */
export function QueueFilters({ search }: { search: ReviewsSearch }): ReactNode {
  const { data } = useQuery({ ...countsQuery(queueFilter(search)), placeholderData: keepPreviousData });
  const status = search.status ?? "open";
  return (
    <div className={css["filters"]}>
      <nav className={css["tabs"]} aria-label="Which reviews">
        {TABS.map(([value, label]) => (
          <Link
            key={value}
            to="/reviews"
            search={value === "open" ? queueFilter(search) : { ...queueFilter(search), status: value }}
            className={css["tab"]}
            activeOptions={{ exact: true, includeSearch: true }}
            data-picked={status === value || undefined}
          >
            {label}
            {value === "open" && data !== undefined && <span className={css["n"]}>{count(data.open)}</span>}
          </Link>
        ))}
      </nav>
      <Narrow name="workflow" label="Workflow" search={search} values={data?.by_workflow} />
      <Narrow name="team" label="Team" search={search} values={data?.by_team} />
      <Narrow name="why" label="Why" search={search} values={data?.by_why} />
    </div>
  );
}

interface NarrowProps {
  name: "workflow" | "team" | "why";
  label: string;
  search: ReviewsSearch;
  values: readonly { value: string | null; count: number }[] | undefined;
}

function Narrow({ name, label, search, values = [] }: NarrowProps): ReactNode {
  const navigate = useNavigate();
  const present = search[name];
  const named = values.filter((each): each is { value: string; count: number } => each.value !== null);
  const data = named.map(({ value, count: n }) => ({
    value,
    label: `${name === "why" ? words(value) : value} (${count(n)})`,
  }));
  // What is picked stays there to be seen, also where nothing is left of it.
  if (present !== undefined && !named.some(({ value }) => value === present))
    data.push({ value: present, label: name === "why" ? words(present) : present });
  return (
    <Select
      aria-label={label}
      placeholder={`Any ${label.toLowerCase()}`}
      data={data}
      value={present ?? null}
      clearable
      searchable
      className={css["narrow"] ?? ""}
      onChange={(value) => {
        const { [name]: _gone, ...rest } = search;
        void navigate({ to: "/reviews", search: value === null ? rest : { ...rest, [name]: value } });
      }}
    />
  );
}
