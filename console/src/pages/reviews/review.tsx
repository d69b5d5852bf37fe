import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { JsonView } from "../../parts/json.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";

export function ReviewPage(): ReactNode {
  const { reviewId } = useParams({ from: "/frame/reviews/$reviewId" });
  const query = useQuery({
    queryKey: ["reviews", reviewId],
    queryFn: ({ signal }) => call("GET /v1/reviews/{id}", { params: { id: reviewId }, signal }),
  });
  return (
    <Page title={reviewId}>
      <Section title="On record">
        <Loaded query={query}>{(found) => <JsonView value={found} />}</Loaded>
      </Section>
    </Page>
  );
}
