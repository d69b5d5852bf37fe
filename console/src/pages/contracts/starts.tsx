import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { counted, lastDayQuery } from "../../api/last-day.ts";
import type { Workflow } from "../../api/schema.gen.ts";
import { RunsLink } from "../../parts/runs-link.tsx";
import css from "./contracts.module.css";

interface StartsProps {
  type: string;
  workflows: readonly Workflow[] | undefined;
}

/** The workflows that an event of this type starts, and the version each wants where it names one. */
export function Starts({ type, workflows }: StartsProps): ReactNode {
  if (workflows === undefined) return "…";
  const started = workflows.filter(({ on }) => on.type === type);
  if (started.length === 0) return <span className={css["dim"]}>no workflow</span>;
  return (
    <ul className={css["plain"]}>
      {started.map(({ name, on }) => (
        <li key={name}>
          <Link to="/workflows/$name" params={{ name }}>
            {name}
          </Link>
          {on.version !== undefined && <span className={css["dim"]}> version {on.version}</span>}
        </li>
      ))}
    </ul>
  );
}

/** How many runs such events have started of late, by workflow. */
export function LastDay({ type, workflows }: StartsProps): ReactNode {
  const { data: day } = useQuery(lastDayQuery);
  const started = workflows?.filter(({ on }) => on.type === type) ?? [];
  if (started.length === 0) return "–";
  return started.map(({ name }) => (
    <div key={name}>
      <RunsLink
        n={counted(day?.facets.workflow, (value) => value === name)}
        search={{ workflow: name, since: "24h" }}
        what={`runs of ${name} in the last 24 hours`}
      />
    </div>
  ));
}
