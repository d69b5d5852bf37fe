import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function RunPage(): ReactNode {
  const { runId } = useParams({ from: "/frame/runs/$runId" });
  const query = useQuery({
    queryKey: ["run", runId],
    queryFn: ({ signal }) => call("GET /v1/runs/{id}", { params: { id: runId }, signal }),
  });
  return (
    <Page title={runId}>
      <Section title="On record">
        <Loaded query={query}>{(found) => <JsonView value={found} />}</Loaded>
      </Section>
    </Page>
  );
}
