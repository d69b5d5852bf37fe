import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { promptsQuery } from "../../api/project.ts";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function Prompts(): ReactNode {
  const query = useQuery(promptsQuery);
  return (
    <Page title="Prompts">
      <Section title="All">
        <Loaded query={query}>
          {({ items }) => (
            <ul>
              {[...new Set(items.map(({ name }) => name))].map((name) => (
                <li key={name}>
                  <Link to="/prompts/$name" params={{ name: name }}>
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
