import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useRef, useState } from "react";
import { call } from "../../api/client.ts";
import { handOver, unclaim } from "./hold.ts";
import { skippedReviews } from "./kept.ts";
import { queueFilter } from "./queries.ts";
import type { ReviewsSearch } from "./search.ts";
import { openElsewhere } from "./tabs.ts";

/**
 * Goes to the next free review of the same part of the queue, claimed already; where none is left, to the queue. The
 * item itself is not fetched ahead: opening one shows hidden values and puts that on record, and claims it from others.
 */
export function useNext(search: ReviewsSearch): { go(leaving?: string): Promise<void>; isGoing: boolean } {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isGoing, setGoing] = useState(false);
  const going = useRef(false);
  const go = useCallback(
    async (leaving?: string) => {
      if (going.current) return;
      going.current = true;
      setGoing(true);
      const from = location.pathname;
      try {
        const skip = [...skippedReviews(), ...openElsewhere(), ...(leaving === undefined ? [] : [leaving])];
        const found = await call("POST /v1/reviews/next", { body: { ...queueFilter(search), skip } });
        const hasLeft = location.pathname !== from;
        if (found !== null && hasLeft) return unclaim(found.review.review_id);
        if (hasLeft) return;
        if (found === null) {
          notifications.show({
            message: "Nothing that is free is left in this part of the queue.",
            position: "top-center",
          });
          await client.invalidateQueries({ queryKey: ["reviews"] });
          await navigate({ to: "/reviews", search: queueFilter(search) });
          return;
        }
        handOver(found.review);
        const params = { reviewId: found.review.review_id };
        await navigate({ to: "/reviews/$reviewId", params, search: queueFilter(search) });
      } catch (error) {
        notifications.show({ color: "red", title: "The next review could not be fetched", message: String(error) });
      } finally {
        going.current = false;
        setGoing(false);
      }
    },
    [client, navigate, search],
  );
  return { go, isGoing };
}
