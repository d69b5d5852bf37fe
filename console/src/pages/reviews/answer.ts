import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import type { Json, Outcome, ReviewItem } from "../../api/schema.gen.ts";
import { plural } from "../../parts/format.ts";
import type { Desk, Preview } from "./desk.ts";
import { reviewIn } from "./hold.ts";
import { discardDraft, keepReason } from "./kept.ts";
import { itemQuery } from "./queries.ts";
import { tellAnswered } from "./tabs.ts";

type Action = "approve" | "correct" | "reject";
const PAST: Readonly<Record<Action, string>> = { approve: "Approved", correct: "Corrected", reject: "Rejected" };

interface AnswerInput {
  item: ReviewItem;
  me: string;
  desk: Desk;
  preview: Preview;
  heard(review: ReviewItem["review"]): void;
  /** The next one is on its way: this one is not answered any more. */
  isLeaving: boolean;
  /** It is answered: on to the next one. */
  then(): void;
}

export interface Answering {
  /** Sends what the mode says; tells by `block` why it could not. */
  submit(): void;
  isSending: boolean;
  /** Why nothing was sent, for the reviewer to act on. */
  block: string | null;
  clear(): void;
}

/** Sends an answer once, bound to the outcome that was on the page. */
export function useAnswer({ item, me, desk, preview, heard, isLeaving, then }: AnswerInput): Answering {
  const client = useQueryClient();
  const id = item.review.review_id;
  const [block, setBlock] = useState<string | null>(null);
  const sending = useRef(false);
  const look = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: itemQuery(id).queryKey, exact: true });
    if (desk.mode === "correct") await preview.again();
  };
  const decide = useMutation({
    mutationFn: (action: Action) => {
      const reason = desk.reason.trim();
      const outcome = action === "correct" ? preview.outcome : action === "approve" ? item.outcome : null;
      const body = {
        action,
        ...(reason === "" ? {} : { correction_reason: reason }),
        ...(action === "correct" ? { corrected_output: desk.value as Json } : {}),
        ...(outcome === null ? {} : { outcome_hash: outcome.outcome_hash }),
      };
      return call("POST /v1/reviews/{id}/decide", { params: { id }, body });
    },
    onSuccess: ({ review, outcome }, action) => {
      discardDraft(me, id);
      if (action === "correct" || desk.reason.trim() !== "") keepReason(me, desk.reason.trim());
      tellAnswered(id);
      heard(review);
      // One at a time: who answers quickly is not to look through a pile of them.
      notifications.clean();
      const message = following(action, outcome);
      notifications.show({ title: PAST[action], message, color: "accent", position: "top-center" });
      then();
    },
    onError: async (error) => {
      const review = reviewIn(error);
      if (review !== undefined) heard(review);
      setBlock(error instanceof ApiError ? refusalOf(error) : String(error));
      if (error instanceof ApiError && ["outcome_changed", "stale", "invalid_correction"].includes(error.code))
        await look();
    },
    onSettled: () => {
      sending.current = false;
    },
  });
  const submit = (): void => {
    if (desk.mode === "look" || sending.current || isLeaving) return;
    const hindrance = hindranceOf(item, desk, preview);
    setBlock(hindrance);
    if (hindrance !== null) {
      if (isReasonMissing(item, desk)) document.querySelector<HTMLElement>("[data-review-bar] textarea")?.focus();
      return;
    }
    sending.current = true;
    decide.mutate(desk.mode);
  };
  return { submit, isSending: decide.isPending, block, clear: () => setBlock(null) };
}

/** The server's words; where none came, what became of the answer. */
function refusalOf(error: ApiError): string {
  return error.status === 0
    ? `${error.message} What you typed is kept: send it again when the line is back.`
    : error.message;
}

function isReasonMissing(item: ReviewItem, desk: Desk): boolean {
  const isAsked = desk.mode === "correct" || (desk.mode === "approve" && item.approval === "needs_reason");
  return isAsked && desk.reason.trim() === "";
}

/** What has to be done before this answer can be sent. */
function hindranceOf(item: ReviewItem, desk: Desk, preview: Preview): string | null {
  const hasReason = desk.reason.trim() !== "";
  if (desk.mode === "approve" && item.approval === "needs_reason" && !hasReason)
    return "This overrides a rule that does not hold: say why.";
  if (desk.mode !== "correct") return null;
  if (desk.changes.length === 0 && item.approval === "possible") return "Nothing is changed: approve it instead.";
  if (desk.isUnfinished) return "A field holds something that is no value yet.";
  if (preview.state === "invalid") return "The output does not hold yet: see the fields.";
  if (preview.state !== "ready") return "What would follow is being worked out: look at it, then send.";
  return hasReason ? null : "Say why it is corrected: it goes on record, and teaches the next prompt.";
}

/** What happens now, for the toast. */
export function following(action: Action, outcome: Outcome | null): string {
  if (action === "reject") return "The run ends here; none of its proposed writes is made.";
  if (outcome === null) return "The run goes on.";
  if (outcome.incomplete_at !== null) return `The run goes on to “${outcome.incomplete_at}”.`;
  const made = outcome.writes.length === 0 ? "no write" : plural(outcome.writes.length, "write");
  return `The run goes on to its decision, with ${made}.`;
}
