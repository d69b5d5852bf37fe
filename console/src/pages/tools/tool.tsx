import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { toolsQuery, workflowsQuery } from "../../api/project.ts";
import type { Tool } from "../../api/schema.gen.ts";
import { Tag } from "../../parts/badge.tsx";
import { Id } from "../../parts/copy.tsx";
import { words } from "../../parts/format.ts";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { SchemaTable } from "../../parts/schema-table.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Block } from "../../parts/text.tsx";
import { ToolRuns } from "./tool-runs.tsx";
import { UsedBy } from "./used-by.tsx";

/** One tool: what it takes and gives, what it may change, and the runs that called it. */
export function ToolPage(): ReactNode {
  const { name } = useParams({ from: "/frame/tools/$name" });
  const query = useQuery(toolsQuery);
  const tool = query.data?.items.find((each) => each.name === name);
  if (tool !== undefined) return <Known tool={tool} />;
  return (
    <Page title={name}>
      <Loaded query={query}>
        {() => (
          <Empty title="No tool of this name is deployed.">
            <Link to="/tools">See all tools</Link>, or{" "}
            <Link to="/runs" search={{ tool: name }}>
              the runs that called it
            </Link>
          </Empty>
        )}
      </Loaded>
    </Page>
  );
}

const EFFECTS = {
  read: "It only looks: a repeated call does no harm.",
  write: "It changes something outside. A call is claimed first, so that it is never made twice.",
} as const;

function Known({ tool }: { tool: Tool }): ReactNode {
  const { data: workflows } = useQuery(workflowsQuery);
  return (
    <Page title={tool.name} about={tool.description === null ? undefined : <Block text={tool.description} />}>
      <Section title="As deployed" aside={EFFECTS[tool.effect]}>
        <Facts
          facts={[
            ["Effect", <Tag key="effect">{tool.effect}</Tag>],
            ["Kind", words(tool.kind)],
            ["Risk", tool.risk],
            ["Used by", <UsedBy key="used" tool={tool.name} workflows={workflows?.items} />],
            ["Hash", <Id key="hash" id={tool.hash.slice(0, 16)} what="the beginning of the hash" />],
            ["File", <Id key="file" id={tool.file} what="file" />],
          ]}
        />
      </Section>
      <ToolRuns name={tool.name} />
      <Section title="Takes" flush>
        <SchemaTable schema={tool.args} label="Arguments" />
      </Section>
      <Section title="Gives" flush={tool.result !== null}>
        {tool.result === null ? (
          "It declares no result: whatever it answers is taken."
        ) : (
          <SchemaTable schema={tool.result} label="Result" />
        )}
      </Section>
    </Page>
  );
}
