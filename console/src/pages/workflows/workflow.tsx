import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { workflowsQuery } from "../../api/project.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function WorkflowPage(): ReactNode {
  const { name } = useParams({ from: "/frame/workflows/$name" });
  const query = useQuery(workflowsQuery);
  return (
    <Page title={name}>
      <Section title="As deployed">
        <Loaded query={query}>{({ items }) => <JsonView value={items.filter((each) => each.name === name)} />}</Loaded>
      </Section>
    </Page>
  );
}
