import { Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import type { ReviewItem } from "../../api/schema.gen.ts";
import { Badge, RunLink, Tag } from "../../parts/badge.tsx";
import { duration, words } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { Keys } from "../../parts/keys.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Line } from "../../parts/text.tsx";
import { Time, useNow } from "../../parts/time.tsx";
import { ActionBar } from "./action-bar.tsx";
import type { BarProps } from "./action-bar.tsx";
import { useAnswer } from "./answer.ts";
import { useDesk, usePreview } from "./desk.ts";
import type { Mode } from "./desk.ts";
import { EventPanel } from "./event.tsx";
import type { Hold, useHold } from "./hold.ts";
import { skipReview } from "./kept.ts";
import { useNext } from "./next.ts";
import { OutcomePanel } from "./outcome.tsx";
import { Over } from "./over.tsx";
import { ProposalPanel } from "./proposal.tsx";
import { queueFilter } from "./queries.ts";
import css from "./review.module.css";
import type { ReviewsSearch } from "./search.ts";

interface ItemPageProps {
  item: ReviewItem;
  held: ReturnType<typeof useHold>;
  me: string;
  search: ReviewsSearch;
}

/** One review: what came in, what is proposed, what would follow, and the answer. */
export function ItemPage({ item, held, me, search }: ItemPageProps): ReactNode {
  const id = item.review.review_id;
  const navigate = useNavigate();
  const next = useNext(search);
  const [isSent, setSent] = useState(false);
  const { hold, heard, letGo } = held;
  const isMine = hold.state === "mine" && !isSent;
  const desk = useDesk(item, me);
  const preview = usePreview(item, desk, isMine);
  const answering = useAnswer({
    item,
    me,
    desk,
    preview,
    heard,
    isLeaving: next.isGoing,
    then: () => {
      setSent(true);
      letGo();
      // Where the next one cannot be had, this one shows what became of it.
      void next.go(id).finally(() => setSent(false));
    },
  });
  const isOver = !isSent && (hold.state === "over" || item.review.status !== "open");
  const enter = useFocusByMode(id, answering.clear, desk.setMode);
  const leave = (): void => void navigate({ to: "/reviews", search: queueFilter(search) });
  const skip = (): void => {
    if (hold.state === "mine") skipReview(id);
    void next.go(id);
  };
  useKeys({
    item,
    hold,
    isMine: isMine && !next.isGoing,
    mode: desk.mode,
    enter,
    submit: answering.submit,
    take: held.take,
    skip,
    leave,
  });
  return (
    <Page
      title={`Review: ${words(item.review.why)}`}
      heading={<Heading key={id} item={item} />}
      about={<About item={item} hold={hold} />}
      actions={<Ways isSkip={isMine} isGoing={next.isGoing} skip={skip} search={search} />}
    >
      <div className={css["desk"]}>
        {isOver ? (
          <Over item={item} me={me} next={() => void next.go(id)} isGoing={next.isGoing} />
        ) : (
          <Open {...{ item, me, desk, preview, answering, enter, isSent, skip, isMine }} hold={hold} take={held.take} />
        )}
      </div>
    </Page>
  );
}

type OpenProps = BarProps & { isMine: boolean; hold: Hold; take(): void };

/** What has to be seen to answer, and the answer. */
function Open({ isMine, hold, take, ...bar }: OpenProps): ReactNode {
  const { item, desk, preview, isSent } = bar;
  return (
    <>
      <HoldNotice hold={isSent ? { state: "asking" } : hold} take={take} hasDraft={desk.changes.length > 0} />
      <div className={css["columns"]}>
        <EventPanel item={item} />
        <ProposalPanel item={item} desk={desk} preview={preview} isMine={isMine} />
        <OutcomePanel item={item} mode={desk.mode} preview={preview} />
      </div>
      {isMine || isSent ? <ActionBar {...bar} /> : null}
    </>
  );
}

interface KeysInput {
  item: ReviewItem;
  hold: Hold;
  isMine: boolean;
  mode: Mode;
  enter(mode: Mode): void;
  submit(): void;
  take(): void;
  skip(): void;
  leave(): void;
}

/** While an answer is written only what sends it or leaves it is a key: a letter beside its field must not answer or skip. */
function useKeys({ item, hold, isMine, mode, enter, submit, take, skip, leave }: KeysInput): void {
  const picks = [
    ...(item.approval === "impossible" ? [] : [{ keys: "a", label: "Approve", run: () => enter("approve") }]),
    ...(item.correctable ? [{ keys: "c", label: "Correct", run: () => enter("correct") }] : []),
    { keys: "r", label: "Reject", run: () => enter("reject") },
    { keys: "s", label: "Skip: put it aside and take the next", run: skip },
  ];
  useShortcuts("Review", [
    ...(isMine && mode === "look" ? picks : []),
    ...(isMine ? [{ keys: "mod+enter", label: "Send the answer", run: submit, whileTyping: true }] : []),
    ...(isMine && mode === "approve" ? [{ keys: "enter", label: "Approve it", run: submit }] : []),
    ...(hold.state === "free" ? [{ keys: "t", label: "Take it", run: take }] : []),
    ...(mode === "look" || !isMine ? [{ keys: "n", label: "Next free review", run: skip }] : []),
    {
      keys: "escape",
      label: "Back out: of the field, the answer, the review",
      run: () => backOut(mode, enter, leave),
      whileTyping: true,
    },
  ]);
}

function backOut(mode: Mode, enter: (mode: Mode) => void, leave: () => void): void {
  const at = document.activeElement;
  const isInField = at instanceof HTMLElement && at.closest("[data-review-form]") !== null;
  if (mode !== "look") enter("look");
  else if (isInField) at.blur();
  else leave();
}

/** Each mode begins at the place where its work is. */
function useFocusByMode(id: string, clear: () => void, setMode: (mode: Mode) => void): (mode: Mode) => void {
  return (mode) => {
    clear();
    setMode(mode);
    // The bar of the new mode is there after the next paint.
    requestAnimationFrame(() => {
      const place = firstOf(placesOf(id)[mode]);
      place?.focus({ preventScroll: true });
      place?.closest("label, div")?.scrollIntoView({ block: mode === "correct" ? "center" : "nearest" });
    });
  };
}

/** Where each mode's work begins, the better place first. Never on the button that sends: a space would send. */
function placesOf(id: string): Readonly<Record<Mode, readonly string[]>> {
  const bar = ["[data-review-bar] textarea", "[data-review-bar] [data-summary]"];
  const form = ["input:checked, input:not([type=radio]), textarea", "input, button"];
  return {
    look: [`#review-${CSS.escape(id)}`],
    approve: bar,
    correct: form.map((field) => `[data-review-form] :is(${field})`),
    reject: bar,
  };
}

function firstOf(places: readonly string[]): HTMLElement | null {
  return places.map((each) => document.querySelector<HTMLElement>(each)).find((found) => found !== null) ?? null;
}

/** Takes the focus when another review comes, so that it is read out and the keys work from its top. */
function Heading({ item }: { item: ReviewItem }): ReactNode {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    document.querySelector("#content")?.scrollTo(0, 0);
    place.current?.focus();
  }, []);
  const { review } = item;
  return (
    <>
      <span id={`review-${review.review_id}`} ref={place} tabIndex={-1} className={css["heading"]}>
        {words(review.why)}
      </span>
      <Tag title="Workflow">{review.workflow}</Tag>
      {review.priority !== 0 && <Tag title="Priority">priority {review.priority}</Tag>}
    </>
  );
}

function About({ item, hold }: { item: ReviewItem; hold: Hold }): ReactNode {
  const { review } = item;
  return (
    <div className={css["about"]}>
      <HoldBadge hold={hold} />
      {review.team !== null && <span>for {review.team}</span>}
      <span>
        asked <Time at={review.created_at} relative />
      </span>
      {review.expires_at !== null && review.status === "open" && (
        <span>
          expires <Time at={review.expires_at} relative />
          {review.escalated_at === null ? "" : " (escalated once)"}
        </span>
      )}
      <span>
        run <RunLink id={review.run_id} />
      </span>
    </div>
  );
}

/** A claim that has less than this left is said to end. */
const ENDING_MS = 120_000;

function HoldBadge({ hold }: { hold: Hold }): ReactNode {
  const now = useNow();
  switch (hold.state) {
    case "mine":
      return hold.until - now < ENDING_MS ? (
        <Badge tone="wait">
          yours for {duration(Math.max(0, Math.floor((hold.until - now) / 1_000) * 1_000))} more
        </Badge>
      ) : (
        <Badge tone="ok" title="Nobody else can answer while you are at it">
          yours
        </Badge>
      );
    case "held":
      return <Badge tone="wait">with {hold.by}</Badge>;
    case "free":
      return <Badge tone="off">free</Badge>;
    case "asking":
      return <Badge tone="off">taking it…</Badge>;
    case "over":
      return <Badge tone="off">over</Badge>;
  }
}

/** Whose it is when it is not ours, told when it changes. */
function HoldNotice({ hold, take, hasDraft }: { hold: Hold; take: () => void; hasDraft: boolean }): ReactNode {
  const kept = hasDraft ? " What you typed is kept." : "";
  return (
    <output className={css["notice"]} data-shown={hold.state === "held" || hold.state === "free" || undefined}>
      {hold.state === "held" && (
        <>
          <span>
            <Line text={hold.by} max={60} /> has this review. You can read along; it becomes yours when it is given
            back.
            {kept}
          </span>
        </>
      )}
      {hold.state === "free" && (
        <>
          <span>Nobody has this review at the moment.{kept}</span>
          <Button onClick={take} rightSection={<Keys keys="t" />} size="xs">
            Take it
          </Button>
        </>
      )}
      {hold.state === "mine" && <span className="visually-hidden">This review is yours.</span>}
    </output>
  );
}

function Ways({ isSkip, isGoing, skip, search }: WaysProps): ReactNode {
  return (
    <>
      <Button variant="default" onClick={skip} loading={isGoing} rightSection={<Keys keys={isSkip ? "s" : "n"} />}>
        {isSkip ? "Skip" : "Next"}
      </Button>
      <Button
        variant="default"
        renderRoot={(props) => <Link to="/reviews" search={queueFilter(search)} {...props} />}
        rightSection={<Keys keys="escape" />}
      >
        Queue
      </Button>
    </>
  );
}

interface WaysProps {
  isSkip: boolean;
  isGoing: boolean;
  skip(): void;
  search: ReviewsSearch;
}
