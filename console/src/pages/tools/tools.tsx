import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { toolsQuery } from "../../api/project.ts";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function Tools(): ReactNode {
  const query = useQuery(toolsQuery);
  return (
    <Page title="Tools">
      <Section title="All">
        <Loaded query={query}>
          {({ items }) => (
            <ul>
              {[...new Set(items.map(({ name }) => name))].map((name) => (
                <li key={name}>
                  <Link to="/tools/$name" params={{ name: name }}>
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
