import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { workflowsQuery } from "../../api/project.ts";
import type { RunFacets, Workflow } from "../../api/schema.gen.ts";
import { StatusBadge } from "../../parts/badge.tsx";
import { count, duration, plural } from "../../parts/format.ts";
import { HoldBanner, PauseButton } from "../../parts/hold.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Affects, EventLink, PromptLinks, ToolLinks, thresholdWords } from "./about.tsx";
import css from "./workflows.module.css";

/** Every workflow that is deployed: what starts it, what it uses, and how its runs of the last day fared. */
export function Workflows(): ReactNode {
  const query = useQuery(workflowsQuery);
  return (
    <Page title="Workflows" about="Each begins with an event and ends with one decision.">
      <Loaded query={query}>{({ items }) => (items.length === 0 ? <None /> : <All workflows={items} />)}</Loaded>
    </Page>
  );
}

function None(): ReactNode {
  return (
    <Empty title="No workflow is deployed.">
      <p className={css["how"]}>
        Write one as <code>workflows/NAME.ts</code>: it exports what{" "}
        <code>workflow(name, {"{ on, decision, … }"}, async (event, ctx) =&gt; …)</code> makes.{" "}
        <code>sluice check</code> says what is missing, and <code>sluice dev</code> takes it up as soon as the file is
        saved.
      </p>
    </Empty>
  );
}

function All({ workflows }: { workflows: readonly Workflow[] }): ReactNode {
  // Counts of a day by workflow: one question each, answered from an index.
  const counts = useQueries({
    queries: workflows.map(({ name }) => ({
      queryKey: ["runs", "facets", "of workflow", name],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call("GET /v1/runs/facets", { query: { workflow: name, since: "24h" }, signal }),
    })),
  });
  return workflows.map((workflow, at) => (
    <Section
      key={workflow.name}
      title={
        <Link to="/workflows/$name" params={{ name: workflow.name }}>
          {workflow.name}
        </Link>
      }
      aside={
        <>
          <code>{workflow.file}</code> <PauseButton workflow={workflow.name} hold={workflow.hold} />
        </>
      }
    >
      <HoldBanner workflow={workflow.name} hold={workflow.hold} />
      <Day workflow={workflow.name} facets={counts[at]?.data} error={counts[at]?.error ?? null} />
      <Facts
        facts={[
          ["Started by", <EventLink key="on" on={workflow.on} />],
          ["Prompts", <PromptLinks key="prompts" prompts={workflow.prompts} />],
          ["Tools", <ToolLinks key="tools" tools={workflow.tools} />],
          ["Thresholds", thresholdWords(workflow.thresholds)],
          ["Deadline", workflow.deadline_ms === null ? "none" : duration(workflow.deadline_ms)],
          ["Affects", <Affects key="affects" affects={workflow.affects} />],
        ]}
      />
    </Section>
  ));
}

/** The runs of the last 24 hours by status; each figure leads to its runs. */
function Day({ workflow, facets, error }: DayProps): ReactNode {
  if (facets === undefined)
    return <p className={css["day"]}>{error === null ? "Counting runs…" : `Not counted: ${error.message}`}</p>;
  if (facets.total === 0) return <p className={css["day"]}>No run in the last 24 hours</p>;
  return (
    <p className={css["day"]}>
      <Link to="/runs" search={{ workflow, since: "24h" }}>
        {plural(facets.total, "run")} in the last 24 hours
      </Link>
      {facets.facets.status.map(({ value, count: n }) => (
        <Link key={value} to="/runs" search={{ workflow, since: "24h", status: value }} className={css["status"]}>
          {count(n)} <StatusBadge status={value} />
        </Link>
      ))}
    </p>
  );
}

interface DayProps {
  workflow: string;
  facets: RunFacets | undefined;
  error: Error | null;
}
