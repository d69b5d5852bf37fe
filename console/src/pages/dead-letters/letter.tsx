import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function DeadLetter(): ReactNode {
  const { runId } = useParams({ from: "/frame/dead-letters/$runId" });
  const query = useQuery({
    queryKey: ["run", runId, "dead"],
    queryFn: ({ signal }) => call("GET /v1/dead-letters/{run_id}", { params: { run_id: runId }, signal }),
  });
  return (
    <Page title={runId}>
      <Section title="On record">
        <Loaded query={query}>{(found) => <JsonView value={found} />}</Loaded>
      </Section>
    </Page>
  );
}
