import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function Queue(): ReactNode {
  const query = useQuery({
    queryKey: ["reviews", "list"],
    queryFn: ({ signal }) => call("GET /v1/reviews", { signal }),
  });
  return (
    <Page title="Reviews">
      <Section title="Reviews">
        <Loaded query={query}>{({ items }) => <JsonView value={items} />}</Loaded>
      </Section>
    </Page>
  );
}
