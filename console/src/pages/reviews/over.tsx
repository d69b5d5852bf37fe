import { Button } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Json, ReviewItem } from "../../api/schema.gen.ts";
import { RunLink } from "../../parts/badge.tsx";
import { Copy } from "../../parts/copy.tsx";
import { Diff } from "../../parts/diff.tsx";
import { JsonView } from "../../parts/json.tsx";
import { Section } from "../../parts/page.tsx";
import { Keys } from "../../parts/keys.tsx";
import { Block, Line, Pieces } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { EventPanel } from "./event.tsx";
import { changesOf, pointerOf } from "./form/value.ts";
import type { Draft } from "./form/value.ts";
import { discardDraft, keptDraft } from "./kept.ts";
import css from "./review.module.css";

interface OverProps {
  item: ReviewItem;
  me: string;
  next(): void;
  isGoing: boolean;
}

/** A review that nobody can answer any more: what became of it, and on to the next. */
export function Over({ item, me, next, isGoing }: OverProps): ReactNode {
  return (
    <>
      <div className={css["over"]}>
        <output>
          <What item={item} me={me} />
        </output>
        <Button onClick={next} loading={isGoing} rightSection={<Keys keys="n" />}>
          Next review
        </Button>
      </div>
      <div className={css["columns"]}>
        <EventPanel item={item} />
        <div className={css["column"]}>
          {item.answer !== null && <Answer item={item} answer={item.answer} />}
          <Section title="Why it was here">
            <Block text={item.review.reason} shown={600} />
            <p className={css["dim"]}>
              What came of it is in the run <RunLink id={item.review.run_id} />.
            </p>
          </Section>
          <Unsent me={me} id={item.review.review_id} />
        </div>
      </div>
    </>
  );
}

const DID = { approve: "approved", correct: "corrected", reject: "rejected" } as const;

function What({ item: { review }, me }: { item: ReviewItem; me: string }): ReactNode {
  if (review.status === "expired")
    return "This review has expired: nobody answered in time, and its run has been stopped.";
  if (review.status === "withdrawn") return "This review was withdrawn: its run has ended, or went another way.";
  // The answer is on its way; until it is here the review still says what it was.
  if (review.status !== "answered") return "This review is over.";
  return (
    <>
      <strong>{review.answered_by === me ? "You" : <Line text={review.answered_by ?? "Somebody"} max={60} />}</strong>{" "}
      {review.action === null ? "answered" : DID[review.action]} this review <Time at={review.answered_at} relative />.
    </>
  );
}

type Answered = NonNullable<ReviewItem["answer"]>;

function Answer({ item, answer }: { item: ReviewItem; answer: Answered }): ReactNode {
  const { action, by, at, reason, original_output: original, corrected_output: corrected } = answer;
  return (
    <Section
      title={`${DID[action].slice(0, 1).toUpperCase()}${DID[action].slice(1)}`}
      aside={
        <>
          <Line text={by} max={60} /> · <Time at={at} />
        </>
      }
    >
      <div className={css["outcome"]}>
        {reason !== null && reason !== "" && (
          <blockquote className={css["quote"]}>
            <Block text={reason} shown={1_000} />
          </blockquote>
        )}
        {corrected === undefined ? (
          item.proposal !== null && (
            <>
              <h3 className={css["subtitle"]}>The output it was about</h3>
              <JsonView value={item.proposal} />
            </>
          )
        ) : (
          <Corrected original={original ?? null} corrected={corrected} />
        )}
      </div>
    </Section>
  );
}

function Corrected({ original, corrected }: { original: Json; corrected: Json }): ReactNode {
  const changes = changesOf(original, corrected);
  const [isWhole, setWhole] = useState(false);
  return (
    <>
      <table className={css["decision"]}>
        <caption>What was changed</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Original</th>
            <th scope="col">Corrected</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ path, before, after }) => (
            <tr key={pointerOf(path)} data-changed>
              <th scope="row">
                <Pieces text={pointerOf(path) === "" ? "/" : pointerOf(path)} />
              </th>
              <td>
                <Side value={before} />
              </td>
              <td>
                <Side value={after} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Button variant="subtle" size="compact-xs" onClick={() => setWhole(!isWhole)} aria-expanded={isWhole}>
        {isWhole ? "Hide the whole output" : "Show the whole output, side by side"}
      </Button>
      {isWhole && (
        <Diff
          before={JSON.stringify(original, null, 2)}
          after={JSON.stringify(corrected, null, 2)}
          titles={["Original", "Corrected"]}
        />
      )}
    </>
  );
}

function Side({ value }: { value: Draft }): ReactNode {
  return value === undefined ? <em>not given</em> : <JsonView value={value} />;
}

/** What this person had typed when it ended: not sent, and not lost. */
function Unsent({ me, id }: { me: string; id: string }): ReactNode {
  const [typed, setTyped] = useState(() => keptDraft(me, id));
  if (typed.value === undefined && typed.reason === "") return null;
  const text = JSON.stringify({ output: typed.value, reason: typed.reason }, null, 2);
  return (
    <Section
      title="What you had typed"
      aside={
        <>
          <Copy text={text} what="what you typed" />
          <Button
            variant="subtle"
            size="compact-xs"
            onClick={() => {
              discardDraft(me, id);
              setTyped({ unread: {}, reason: "" });
            }}
          >
            Discard
          </Button>
        </>
      }
    >
      <p className={css["dim"]}>It was not sent.</p>
      <JsonView value={{ ...(typed.value === undefined ? {} : { output: typed.value }), reason: typed.reason }} />
    </Section>
  );
}
