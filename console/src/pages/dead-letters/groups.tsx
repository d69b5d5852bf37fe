import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function DeadLetters(): ReactNode {
  const query = useQuery({
    queryKey: ["runs", "dead"],
    queryFn: ({ signal }) => call("GET /v1/dead-letters", { signal }),
  });
  return (
    <Page title="Dead letters">
      <Section title="Dead letters">
        <Loaded query={query}>{({ items }) => <JsonView value={items} />}</Loaded>
      </Section>
    </Page>
  );
}
