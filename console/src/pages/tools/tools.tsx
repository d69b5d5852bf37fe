import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { counted, lastDayQuery } from "../../api/last-day.ts";
import { toolsQuery, workflowsQuery } from "../../api/project.ts";
import type { Tool } from "../../api/schema.gen.ts";
import { Tag } from "../../parts/badge.tsx";
import { Command } from "../../parts/copy.tsx";
import { words } from "../../parts/format.ts";
import { Listing } from "../../parts/listing.tsx";
import { Page } from "../../parts/page.tsx";
import { RunsLink } from "../../parts/runs-link.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./tools.module.css";
import { UsedBy } from "./used-by.tsx";

export function Tools(): ReactNode {
  const query = useQuery(toolsQuery);
  return (
    <Page title="Tools" about="What workflows may read and change outside of themselves.">
      <Loaded query={query}>{({ items }) => (items.length === 0 ? <NoTools /> : <List tools={items} />)}</Loaded>
    </Page>
  );
}

function List({ tools }: { tools: readonly Tool[] }): ReactNode {
  const { q } = useSearch({ from: "/frame/tools" });
  const navigate = useNavigate({ from: "/tools" });
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: day } = useQuery(lastDayQuery);
  return (
    <Listing
      label="Tools"
      what="tool"
      items={tools}
      keyOf={({ name }) => name}
      words={({ name, description, effect, kind, risk }) => `${name} ${description ?? ""} ${effect} ${kind} ${risk}`}
      q={q}
      onFilter={(next) => void navigate({ search: next === undefined ? {} : { q: next }, replace: true })}
      columns={[
        {
          name: "Tool",
          render: ({ name, description }) => (
            <div className={css["named"]}>
              <Link to="/tools/$name" params={{ name }}>
                {name}
              </Link>
              {description !== null && <Line text={description} max={140} />}
            </div>
          ),
        },
        { name: "Effect", render: ({ effect }) => <Tag>{effect}</Tag> },
        { name: "Kind", render: ({ kind }) => words(kind) },
        { name: "Risk", render: ({ risk }) => risk },
        { name: "Used by", render: ({ name }) => <UsedBy tool={name} workflows={workflows?.items} /> },
        {
          name: "Runs, last 24 h",
          num: true,
          render: ({ name }) => (
            <RunsLink
              n={counted(day?.facets.tool, (value) => value === name)}
              search={{ tool: name, since: "24h" }}
              what={`runs of the last 24 hours that called ${name}`}
            />
          ),
        },
      ]}
    />
  );
}

const EXAMPLE = `import { tool } from "sluice";

export const loadAccount = tool("load_account", {
  effect: "read",
  description: "The customer's plan.",
  args: { type: "object", required: ["id"], properties: { id: { type: "string" } } },
  run: async ({ id }, { signal }) => (await fetch(\`https://crm.example/\${id}\`, { signal })).json(),
});`;

function NoTools(): ReactNode {
  return (
    <Empty title="No workflow has tools yet.">
      <p>
        Tools are TypeScript in a folder of their own: <Command text="tools/crm.ts" />
      </p>
      <pre className={css["example"]}>{EXAMPLE}</pre>
      <p>
        A workflow names those it uses: <code>{"tools: { loadAccount }"}</code>
      </p>
    </Empty>
  );
}
