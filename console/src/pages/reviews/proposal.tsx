import { useQuery } from "@tanstack/react-query";
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { workflowsQuery } from "../../api/project.ts";
import type { ReviewItem } from "../../api/schema.gen.ts";
import { Badge, Tag } from "../../parts/badge.tsx";
import { plural, words } from "../../parts/format.ts";
import { JsonView } from "../../parts/json.tsx";
import { Section } from "../../parts/page.tsx";
import { Problems } from "../../parts/states.tsx";
import { Block } from "../../parts/text.tsx";
import type { Desk, Preview } from "./desk.ts";
import { CutOff } from "./cut-off.tsx";
import { CorrectionForm } from "./form/form.tsx";
import css from "./review.module.css";

interface ProposalProps {
  item: ReviewItem;
  desk: Desk;
  preview: Preview;
  isMine: boolean;
}

/** Why a person is asked, what is proposed, and the form that corrects it. */
export function ProposalPanel({ item, desk, preview, isMine }: ProposalProps): ReactNode {
  const { review } = item;
  return (
    <div className={css["column"]}>
      <Section title="Why it is here" aside={<Badge tone="wait">{words(review.why)}</Badge>}>
        <Block text={review.reason} shown={600} />
        <Validation item={item} />
      </Section>
      <CutOff item={item} />
      <Section title={titleOf(item)} aside={<Confidence item={item} />}>
        {item.correctable ? (
          <Correction item={item} desk={desk} preview={preview} isMine={isMine} />
        ) : (
          <NothingToCorrect item={item} />
        )}
      </Section>
    </div>
  );
}

function titleOf({ review, unknown_outcome: cutOff }: ReviewItem): string {
  if (review.of !== null) return `Proposal of “${review.of}”`;
  return cutOff === null ? "What is asked" : "Its result, if it did happen";
}

function Validation({ item: { validation } }: { item: ReviewItem }): ReactNode {
  if (validation === null) return null;
  const { verdict, code, errors = [] } = validation;
  return (
    <div className={css["validation"]}>
      <Badge tone={verdict === "valid" ? "ok" : "bad"}>
        {verdict === "valid" ? "holds its schema" : `${verdict}${code === undefined ? "" : `: ${words(code)}`}`}
      </Badge>
      {errors.length > 0 && <Problems errors={errors} />}
    </div>
  );
}

function Confidence({ item }: { item: ReviewItem }): ReactNode {
  const { data } = useQuery(workflowsQuery);
  const thresholds = data?.items.find(({ name }) => name === item.review.workflow)?.thresholds ?? {};
  if (item.confidence === null) return null;
  return (
    <span className={css["confidence"]}>
      confidence <strong>{Number(item.confidence.toFixed(3))}</strong>
      {Object.entries(thresholds).map(([name, value]) => (
        <Tag key={name} title="A threshold of the workflow, unless its release says otherwise">
          {words(name)} {value}
        </Tag>
      ))}
    </span>
  );
}

function NothingToCorrect({ item }: { item: ReviewItem }): ReactNode {
  return (
    <>
      {item.proposal === null ? null : <JsonView value={item.proposal} />}
      <p className={css["dim"]}>There is no output of a prompt here that could be corrected: approve or reject.</p>
    </>
  );
}

function Correction({ item, desk, preview, isMine }: ProposalProps): ReactNode {
  const { approval, draft, proposal, output_schema: schema } = item;
  const changed = desk.original === undefined ? 0 : desk.changes.length;
  return (
    <>
      {approval === "impossible" && (
        <div className={css["unusable"]}>
          <p>
            {draft === null
              ? "The model gave nothing that could be read; the form starts empty. It said:"
              : "The model's answer does not hold; the form starts from what could be read of it. It said:"}
          </p>
          <Block text={typeof proposal === "string" ? proposal : JSON.stringify(proposal)} mono shown={600} />
        </div>
      )}
      <fieldset className={css["form"]} data-review-form disabled={!isMine}>
        <legend className="visually-hidden">The output, to correct</legend>
        <CorrectionForm
          root={schema ?? true}
          original={desk.original}
          value={desk.value}
          set={desk.set}
          unread={desk.unread}
          setUnread={desk.setUnread}
          problems={preview.problems}
        />
      </fieldset>
      {(changed > 0 || Object.keys(desk.unread).length > 0) && (
        <div className={css["changed"]}>
          <span>{changed > 0 ? `${plural(changed, "change")} to the proposal` : "Something is half typed"}</span>
          <Button variant="subtle" size="compact-xs" onClick={desk.restore} disabled={!isMine}>
            Undo all of it
          </Button>
        </div>
      )}
    </>
  );
}
