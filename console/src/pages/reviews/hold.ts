import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { ApiError, call } from "../../api/client.ts";
import type { Review } from "../../api/schema.gen.ts";
import { useNow } from "../../parts/time.tsx";
import { standingKey, standingOf } from "./queries.ts";
import { onAnsweredElsewhere, openElsewhere, openHere } from "./tabs.ts";

/** Who has a review in hand. */
export type Hold =
  | { state: "asking" }
  | { state: "mine"; until: number }
  | { state: "held"; by: string; until: number }
  | { state: "free" }
  | { state: "over" };

/** A claim in use is renewed at most this often. */
const RENEW_MS = 60_000;
/** Who has not moved for this long is away. */
const AWAY_MS = 60_000;
/** What shows that somebody is at work here. */
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"] as const;

/** Reviews that came claimed, by `POST /v1/reviews/next`, and need no claim of their own. */
const handedOver = new Map<string, Review>();

export function handOver(review: Review): void {
  handedOver.set(review.review_id, review);
}

export function holdOf(review: Review | undefined, me: string, now: number): Hold {
  if (review === undefined) return { state: "asking" };
  if (review.status !== "open") return { state: "over" };
  const until = review.claim_until === null ? 0 : Date.parse(review.claim_until);
  if (review.claimed_by === null || until <= now) return { state: "free" };
  return review.claimed_by === me ? { state: "mine", until } : { state: "held", by: review.claimed_by, until };
}

interface Held {
  /** As it stands now, kept live. */
  standing: Review | undefined;
  hold: Hold;
  /** Why it could not be claimed, where that is not somebody else's claim. */
  error: unknown;
  take(): void;
  /** What a call said of how the review stands. */
  heard(review: Review): void;
  /** Leaves without giving back: it was answered. */
  letGo(): void;
}

/**
 * Claims the review while it is open on the page, keeps the claim as long as somebody is at work, and gives it back when
 * they leave. A review that another person holds is taken as soon as it is free and somebody is here.
 */
export function useHold(id: string, me: string): Held {
  const client = useQueryClient();
  const heard = useCallback(
    (review: Review) => {
      void client.cancelQueries({ queryKey: standingKey(id) });
      client.setQueryData(standingKey(id), review);
    },
    [client, id],
  );
  const claim = useMutation({
    mutationFn: async () => (await call("POST /v1/reviews/{id}/claim", { params: { id } })).review,
    onSuccess: heard,
    onError: (error) => {
      const review = reviewIn(error);
      if (review !== undefined) heard(review);
    },
  });
  const { data: standing } = useQuery<Review>({
    queryKey: standingKey(id),
    queryFn: ({ signal }) => standingOf(id, client.getQueryData<Review>(standingKey(id))?.run_id ?? "", signal),
    enabled: (query) => query.state.data !== undefined,
    staleTime: 10_000,
    gcTime: 0,
  });
  const now = useNow();
  const hold = holdOf(standing, me, now);
  const { mutate: take, isPending } = claim;
  const gone = useRef(false);
  useEffect(() => {
    const given = handedOver.get(id);
    handedOver.delete(id);
    if (given === undefined) take();
    else heard(given);
  }, [id, take, heard]);
  useAtWork(hold, isPending, gone, take);
  useGiveBack(id, hold, gone, take);
  useEffect(
    () =>
      onAnsweredElsewhere((review) => {
        if (review === id) void client.invalidateQueries({ queryKey: standingKey(id) });
      }),
    [client, id],
  );
  const letGo = useCallback(() => {
    gone.current = true;
  }, []);
  return { standing, hold, error: standing === undefined ? claim.error : null, take, heard, letGo };
}

/** How the review stands, as a refusal tells it. */
export function reviewIn(error: unknown): Review | undefined {
  return error instanceof ApiError ? (error.problem["review"] as Review | undefined) : undefined;
}

/** Renews the claim with the work, and takes what has become free. */
function useAtWork(hold: Hold, isPending: boolean, gone: { readonly current: boolean }, take: () => void): void {
  const state = useRef({ hold, isPending, renewed: 0, seen: 0 });
  useEffect(() => {
    Object.assign(state.current, { hold, isPending });
  });
  useEffect(() => {
    // Opening the page is a sign, and claims it.
    Object.assign(state.current, { renewed: Date.now(), seen: Date.now() });
  }, []);
  useEffect(() => {
    const present = state.current;
    const at = Date.now();
    const isHere = document.visibilityState === "visible" && at - present.seen < AWAY_MS;
    if (hold.state === "free" && isHere && !gone.current && !present.isPending) take();
  }, [hold.state, gone, take]);
  useEffect(() => {
    const sign = (): void => {
      const present = state.current;
      const at = Date.now();
      present.seen = at;
      if (document.visibilityState !== "visible" || gone.current || present.isPending) return;
      const due = present.hold.state === "mine" ? at - present.renewed > RENEW_MS : present.hold.state === "free";
      if (!due) return;
      present.renewed = at;
      present.isPending = true;
      take();
    };
    for (const name of SIGNS) addEventListener(name, sign, { passive: true, capture: true });
    return () => {
      for (const name of SIGNS) removeEventListener(name, sign, { capture: true });
    };
  }, [gone, take]);
}

/** Gives the review back when the page is left, unless it is open in another tab of the same person. */
function useGiveBack(id: string, hold: Hold, gone: { current: boolean }, take: () => void): void {
  const state = useRef(hold.state);
  useEffect(() => {
    state.current = hold.state;
  });
  useEffect(() => {
    const close = openHere(id);
    const giveBack = (): void => {
      const isMine = state.current === "mine" || state.current === "asking";
      if (isMine && !gone.current && !openElsewhere().includes(id)) unclaim(id);
      gone.current = true;
    };
    const back = ({ persisted }: PageTransitionEvent): void => {
      if (!persisted) return;
      gone.current = false;
      take();
    };
    addEventListener("pagehide", giveBack);
    addEventListener("pageshow", back);
    return () => {
      removeEventListener("pagehide", giveBack);
      removeEventListener("pageshow", back);
      close();
      giveBack();
    };
  }, [id, gone, take]);
}

/** Outlives the page: a review must not stay held by a tab that is closed. Where it fails, the claim lapses by itself. */
export function unclaim(id: string): void {
  const path = `/v1/reviews/${encodeURIComponent(id)}/unclaim`;
  fetch(path, { method: "POST", keepalive: true, credentials: "same-origin" }).catch(() => undefined);
}
