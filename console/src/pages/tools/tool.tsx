import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { toolsQuery } from "../../api/project.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function ToolPage(): ReactNode {
  const { name } = useParams({ from: "/frame/tools/$name" });
  const query = useQuery(toolsQuery);
  return (
    <Page title={name}>
      <Section title="As deployed">
        <Loaded query={query}>{({ items }) => <JsonView value={items.filter((each) => each.name === name)} />}</Loaded>
      </Section>
    </Page>
  );
}
