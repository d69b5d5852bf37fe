import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function Runs(): ReactNode {
  const query = useQuery({
    queryKey: ["runs", "list"],
    queryFn: ({ signal }) => call("GET /v1/runs", { signal }),
  });
  return (
    <Page title="Runs">
      <Section title="Runs">
        <Loaded query={query}>{({ items }) => <JsonView value={items} />}</Loaded>
      </Section>
    </Page>
  );
}
