import { Button, Menu, Textarea } from "@mantine/core";
import { IconCheck, IconHistory, IconPencil, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { ReactNode } from "react";
import type { ReviewItem } from "../../api/schema.gen.ts";
import { plural } from "../../parts/format.ts";
import { Keys } from "../../parts/keys.tsx";
import { Line } from "../../parts/text.tsx";
import { following } from "./answer.ts";
import type { Answering } from "./answer.ts";
import type { Desk, Mode, Preview } from "./desk.ts";
import { recentReasons } from "./kept.ts";
import css from "./review.module.css";

export interface BarProps {
  item: ReviewItem;
  me: string;
  desk: Desk;
  preview: Preview;
  answering: Answering;
  enter(mode: Mode): void;
  /** It is answered, and the next one on its way. */
  isSent: boolean;
  skip(): void;
}

/** What can be answered, always at hand: pick an answer, then send it. */
export function ActionBar(props: BarProps): ReactNode {
  const { desk } = props;
  return (
    <section className={css["bar"]} data-review-bar aria-label="Your answer">
      {desk.mode === "look" ? <Picking {...props} /> : <Sending {...props} />}
    </section>
  );
}

function Picking({ item, enter, isSent }: BarProps): ReactNode {
  const isImpossible = item.approval === "impossible";
  return (
    <>
      {isImpossible && <p className={css["barText"]}>Nothing here can be approved: the model gave no valid output.</p>}
      <div className={css["picks"]}>
        <Button
          disabled={isImpossible || isSent}
          leftSection={<IconCheck size={16} />}
          rightSection={<Keys keys="a" />}
          onClick={() => enter("approve")}
        >
          Approve
        </Button>
        {item.correctable && (
          <Button
            variant="default"
            disabled={isSent}
            leftSection={<IconPencil size={16} />}
            rightSection={<Keys keys="c" />}
            onClick={() => enter("correct")}
          >
            Correct
          </Button>
        )}
        <Button
          variant="default"
          disabled={isSent}
          leftSection={<IconX size={16} />}
          rightSection={<Keys keys="r" />}
          onClick={() => enter("reject")}
        >
          Reject
        </Button>
      </div>
    </>
  );
}

const SEND = { approve: "Approve", correct: "Send the correction", reject: "Reject" } as const;

function Sending({ item, me, desk, preview, answering, enter, isSent }: BarProps): ReactNode {
  const mode = desk.mode as keyof typeof SEND;
  const isAsked = mode !== "approve" || item.approval === "needs_reason";
  const isBusy = answering.isSending || isSent;
  return (
    <form
      className={css["sending"]}
      onSubmit={(event) => {
        event.preventDefault();
        answering.submit();
      }}
    >
      <p className={css["barText"]} tabIndex={-1} data-summary>
        {summaryOf(item, desk, preview)}
      </p>
      {isAsked && <Reason {...{ me, desk }} isRequired={mode !== "reject"} what={PLACEHOLDER[mode]} />}
      {answering.block !== null && (
        <p className={css["block"]} role="alert">
          <Line text={answering.block} max={400} />
        </p>
      )}
      <div className={css["picks"]}>
        <Button type="submit" data-submit loading={isBusy} rightSection={<Keys keys="mod+enter" />}>
          {SEND[mode]}
        </Button>
        <Button variant="default" disabled={isBusy} rightSection={<Keys keys="escape" />} onClick={() => enter("look")}>
          Back
        </Button>
      </div>
    </form>
  );
}

const PLACEHOLDER = {
  approve: "Why the rule may be overridden here",
  correct: "Why it is corrected",
  reject: "Why it is rejected",
} as const;

/** The answer in one line, before it is final. */
function summaryOf(item: ReviewItem, desk: Desk, preview: Preview): string {
  const final = "An answer is final.";
  if (desk.mode === "reject") return `${following("reject", null)} ${final}`;
  if (desk.mode === "approve") {
    const unused = desk.changes.length > 0 && desk.original !== undefined;
    const note = unused ? ` Your ${plural(desk.changes.length, "change")} in the form will not be used.` : "";
    return `${following("approve", item.outcome)}${note} ${final}`;
  }
  if (preview.state === "ready") return `${following("correct", preview.outcome)} ${final}`;
  if (preview.state === "invalid") return `${plural(preview.problems.length, "thing")} to mend in the form.`;
  return desk.changes.length === 0 ? "Change the form, then say why." : "What would follow is being worked out…";
}

interface ReasonProps {
  me: string;
  desk: Desk;
  isRequired: boolean;
  what: string;
}

/** Free words, and those this reviewer used lately. */
function Reason({ me, desk, isRequired, what }: ReasonProps): ReactNode {
  const [recent] = useState(() => recentReasons(me));
  return (
    <div className={css["reason"]}>
      <Textarea
        label={isRequired ? what : `${what} (optional)`}
        required={isRequired}
        withAsterisk={false}
        value={desk.reason}
        onChange={(event) => desk.setReason(event.currentTarget.value)}
        maxLength={10_000}
        autosize
        minRows={1}
        maxRows={5}
      />
      {recent.length > 0 && (
        <Menu position="top-end" width={320} withinPortal>
          <Menu.Target>
            <Button variant="default" leftSection={<IconHistory size={14} />}>
              Recent
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>What you said before</Menu.Label>
            {recent.map((reason) => (
              <Menu.Item key={reason} onClick={() => desk.setReason(reason)}>
                <Line text={reason} max={80} />
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
