import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { workflowsQuery } from "../../api/project.ts";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function Workflows(): ReactNode {
  const query = useQuery(workflowsQuery);
  return (
    <Page title="Workflows">
      <Section title="All">
        <Loaded query={query}>
          {({ items }) => (
            <ul>
              {[...new Set(items.map(({ name }) => name))].map((name) => (
                <li key={name}>
                  <Link to="/workflows/$name" params={{ name: name }}>
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </Section>
    </Page>
  );
}
