import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { contractsQuery } from "../../api/project.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function ContractPage(): ReactNode {
  const { type } = useParams({ from: "/frame/contracts/$type" });
  const query = useQuery(contractsQuery);
  return (
    <Page title={type}>
      <Section title="As deployed">
        <Loaded query={query}>{({ items }) => <JsonView value={items.filter((each) => each.type === type)} />}</Loaded>
      </Section>
    </Page>
  );
}
