import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function Access(): ReactNode {
  const query = useQuery({
    queryKey: ["tokens"],
    queryFn: ({ signal }) => call("GET /v1/tokens", { signal }),
  });
  return (
    <Page title="Access">
      <Section title="Access">
        <Loaded query={query}>{({ items }) => <JsonView value={items} />}</Loaded>
      </Section>
    </Page>
  );
}
