import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { contractsQuery, workflowsQuery } from "../../api/project.ts";
import type { Contract, RunCounts, Workflow } from "../../api/schema.gen.ts";
import { Command } from "../../parts/copy.tsx";
import { plural } from "../../parts/format.ts";
import { usePreferences, zoneOf } from "../../parts/preferences.ts";
import { Empty } from "../../parts/states.tsx";
import { useNow } from "../../parts/time.tsx";
import { asked, filterKey } from "./ask.ts";
import { shellWord } from "./cohort-text.ts";
import { chipsOf } from "./labels.ts";
import type { Chip } from "./labels.ts";
import { sampleEvent } from "./sample.ts";
import { withFilters } from "./search.ts";
import type { Filters } from "./use-filters.ts";
import css from "./no-runs.module.css";

/** Nothing to list: because nothing matches, or because nothing has happened yet. */
export function NoRuns({ filters }: { filters: Filters }): ReactNode {
  const zone = zoneOf(usePreferences());
  const chips = chipsOf(filters.filters, zone);
  return chips.length === 0 ? <FirstEvent /> : <NothingMatches filters={filters} chips={chips} />;
}

/** How many there would be without each of the filters. */
function NothingMatches({ filters, chips }: { filters: Filters; chips: readonly Chip[] }): ReactNode {
  const without = chips.map(({ names }) =>
    withFilters(filters.filters, Object.fromEntries(names.map((name) => [name, undefined]))),
  );
  const counts = useQueries({
    queries: without.map((search) => ({
      queryKey: ["runs", "counts", filterKey(search)],
      queryFn: ({ signal }: { signal: AbortSignal }) => call("GET /v1/runs/counts", { query: asked(search), signal }),
    })),
  });
  return (
    <Empty title="No run matches all of these filters.">
      <ul className={css["ways"]}>
        {chips.map((chip, index) => {
          const found = counts[index]?.data;
          const n = found === undefined ? undefined : sum(found);
          return (
            <li key={chip.label}>
              <button type="button" disabled={n === 0} onClick={() => filters.set(removal(chip))}>
                Without {chip.label.toLowerCase()} <b>{chip.value}</b>
              </button>
              <span className={css["count"]}>{n === undefined ? "…" : plural(n, "run")}</span>
            </li>
          );
        })}
      </ul>
      {chips.length > 1 && (
        <button type="button" className={css["clear"]} onClick={filters.clear}>
          Clear all filters
        </button>
      )}
    </Empty>
  );
}

function removal({ names }: Chip): Record<string, undefined> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

function sum(counts: RunCounts): number {
  return Object.values(counts).reduce((total, n) => total + n, 0);
}

/** Nothing has happened: how to make something happen. */
function FirstEvent(): ReactNode {
  const workflows = useQuery(workflowsQuery);
  const contracts = useQuery(contractsQuery);
  if (workflows.data === undefined || contracts.data === undefined) return <Empty title="There are no runs yet." />;
  const [workflow] = workflows.data.items;
  const contract = contracts.data.items.find((each) => isOf(each, workflow));
  if (workflow === undefined || contract === undefined)
    return (
      <Empty title="There are no runs yet, and no workflow that an event could start.">
        <p>A small project to start from, with a workflow, its event and its prompt:</p>
        <Command text="sluice init my-project" />
      </Empty>
    );
  return <HowToSend workflow={workflow} contract={contract} />;
}

function isOf({ type, version, default: isDefault }: Contract, workflow: Workflow | undefined): boolean {
  if (workflow === undefined || type !== workflow.on.type) return false;
  return workflow.on.version === undefined ? isDefault : version === workflow.on.version;
}

function HowToSend({ workflow, contract }: { workflow: Workflow; contract: Contract }): ReactNode {
  const now = useNow();
  const event = JSON.stringify(sampleEvent(contract, Math.floor(now / 60_000) * 60_000));
  const lines = [
    `curl "${location.origin}/v1/events?wait=20s"`,
    '-H "authorization: Bearer $SLUICE_TOKEN"',
    '-H "content-type: application/json"',
    `-d ${shellWord(event)}`,
  ];
  return (
    <Empty title="There are no runs yet.">
      <div className={css["how"]}>
        <p>
          An event{" "}
          <Link to="/contracts/$type" params={{ type: contract.type }}>
            {contract.type}
          </Link>{" "}
          starts the workflow{" "}
          <Link to="/workflows/$name" params={{ name: workflow.name }}>
            {workflow.name}
          </Link>
          ; its run shows here as soon as it is taken. In the project&apos;s folder:
        </p>
        <Command text={`echo ${shellWord(event)} | sluice trigger - --wait 20s`} />
        <p>Or over HTTP, with a token of the role operator or above:</p>
        <Command text={lines.join(" ")} />
      </div>
    </Empty>
  );
}
