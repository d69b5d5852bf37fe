import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { contractsQuery } from "../../api/project.ts";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function Contracts(): ReactNode {
  const query = useQuery(contractsQuery);
  return (
    <Page title="Contracts">
      <Section title="All">
        <Loaded query={query}>
          {({ items }) => (
            <ul>
              {[...new Set(items.map(({ type }) => type))].map((type) => (
                <li key={type}>
                  <Link to="/contracts/$type" params={{ type: type }}>
                    {type}
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
