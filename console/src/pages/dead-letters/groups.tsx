import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { workflowsQuery } from "../../api/project.ts";
import type { DeadLetterGroup, Operations } from "../../api/schema.gen.ts";
import { sessionQuery, atLeast } from "../../api/session.ts";
import { plural, words } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { Redrive } from "../../parts/redrive.tsx";
import { Redrives } from "../../parts/redrive-job.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import css from "./dead-letters.module.css";
import { Group } from "./group.tsx";
import { deadSearch } from "./search.ts";
import type { DeadSearch } from "./search.ts";

const CLASSES = [
  "transient",
  "rate_limited",
  "timeout",
  "bug",
  "poison",
  "invalid_output",
  "rule_failed",
  "tool_drift",
  "denied",
  "budget",
  "refused",
];
const WINDOWS = [
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
];

/** The address holds what the server knows by these names, or refuses. */
type DeadQuery = Operations["GET /v1/dead-letters"]["query"];

/** Runs that ended as dead letters, in groups that died alike: the biggest first. */
export function DeadLetters(): ReactNode {
  // Here, because what came of it is still to be read when the group is gone.
  const [redriven, setRedriven] = useState<DeadLetterGroup | null>(null);
  const search = useSearch({ from: "/frame/dead-letters" });
  const query = useQuery({
    queryKey: ["runs", "dead", search],
    queryFn: ({ signal }) => call("GET /v1/dead-letters", { query: search as DeadQuery, signal }),
  });
  return (
    <Page
      title="Dead letters"
      about="Runs that cannot go on by themselves. Nothing is lost: each waits at the step that failed."
    >
      <Redrives />
      <Filters search={search} />
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <None filtered={Object.keys(search).length > 0} />
          ) : (
            <Groups groups={items} search={search} onRedrive={setRedriven} />
          )
        }
      </Loaded>
      {redriven !== null && (
        <Redrive
          filter={{ fingerprint: redriven.fingerprint, ...(search.since === undefined ? {} : { since: search.since }) }}
          expected={redriven.count}
          onClose={() => setRedriven(null)}
        />
      )}
    </Page>
  );
}

function Filters({ search }: { search: DeadSearch }): ReactNode {
  const navigate = useNavigate({ from: "/dead-letters" });
  const { data: workflows } = useQuery(workflowsQuery);
  const set = (name: keyof DeadSearch, value: string | null): void =>
    void navigate({
      search: (before) => deadSearch({ ...before, [name]: value }),
      replace: true,
    });
  return (
    <div className={css["filters"]}>
      <Select
        aria-label="Workflow"
        placeholder="Every workflow"
        clearable
        data={workflows?.items.map(({ name }) => name) ?? []}
        value={search.workflow ?? null}
        onChange={(value) => set("workflow", value)}
      />
      <Select
        aria-label="Failure class"
        placeholder="Every class"
        clearable
        data={CLASSES.map((each) => ({ value: each, label: words(each) }))}
        value={search.failure_class ?? null}
        onChange={(value) => set("failure_class", value)}
      />
      <Select
        aria-label="Started within"
        placeholder="Any time"
        clearable
        data={WINDOWS}
        value={search.since ?? null}
        onChange={(value) => set("since", value)}
      />
    </div>
  );
}

function None({ filtered }: { filtered: boolean }): ReactNode {
  if (filtered)
    return (
      <Empty title="No dead letter matches.">
        <Link to="/dead-letters">Show all of them</Link>
      </Empty>
    );
  return (
    <Empty title="No dead letters.">
      A run ends here when a step fails for good and no person can decide it instead.{" "}
      <Link to="/runs">See the runs</Link>
    </Empty>
  );
}

interface GroupsProps {
  groups: readonly DeadLetterGroup[];
  search: DeadSearch;
  onRedrive(group: DeadLetterGroup): void;
}

function Groups({ groups, search, onRedrive }: GroupsProps): ReactNode {
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery);
  const mayAct = atLeast(session, "operator");
  const [at, setAt] = useState(0);
  const here = groups[Math.min(at, groups.length - 1)];
  const move = (by: number): void => {
    const next = Math.min(Math.max(at + by, 0), groups.length - 1);
    setAt(next);
    document.querySelector<HTMLElement>(`#group-${next}`)?.focus();
  };
  useShortcuts("Dead letters", [
    { keys: "j", label: "Next group", run: () => move(1) },
    { keys: "k", label: "Group before", run: () => move(-1) },
    {
      keys: "o",
      label: "Open its example",
      run: () =>
        here !== undefined && void navigate({ to: "/dead-letters/$runId", params: { runId: here.example_run_id } }),
    },
    {
      keys: "l",
      label: "List its runs",
      run: () =>
        here !== undefined && void navigate({ to: "/runs", search: { fingerprint: here.fingerprint, status: "dead" } }),
    },
    ...(mayAct ? [{ keys: "r", label: "Redrive it", run: () => here !== undefined && onRedrive(here) }] : []),
  ]);
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <p className={css["total"]}>
        {plural(total, "dead run")} in {plural(groups.length, "group")}
      </p>
      <ul className={css["groups"]}>
        {groups.map((group, index) => (
          <Group
            key={group.fingerprint}
            id={`group-${index}`}
            group={group}
            since={search.since}
            isHere={index === Math.min(at, groups.length - 1)}
            onFocus={() => setAt(index)}
            {...(mayAct ? { onRedrive: () => onRedrive(group) } : {})}
          />
        ))}
      </ul>
    </>
  );
}
