import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { promptsQuery } from "../../api/project.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function PromptPage(): ReactNode {
  const { name } = useParams({ from: "/frame/prompts/$name" });
  const query = useQuery(promptsQuery);
  return (
    <Page title={name}>
      <Section title="As deployed">
        <Loaded query={query}>{({ items }) => <JsonView value={items.filter((each) => each.name === name)} />}</Loaded>
      </Section>
    </Page>
  );
}
