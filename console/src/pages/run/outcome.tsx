import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Review, Run, RunFailure, TraceStep } from "../../api/schema.gen.ts";
import { JsonView } from "../../parts/json.tsx";
import { words } from "../../parts/format.ts";
import { Problems } from "../../parts/states.tsx";
import { Block, Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { meaningOf } from "../../parts/failure-classes.ts";
import { seenMarks } from "./originals.ts";
import type { Originals } from "./originals.ts";
import css from "./run.module.css";
import { stepName } from "./step-words.ts";

interface OutcomeProps {
  run: Run;
  trace: readonly TraceStep[];
  reviews: readonly Review[];
  originals: Originals | null;
}

/** What it came to: the decision, the failure, or what it waits for. */
export function Outcome({ run, trace, reviews, originals }: OutcomeProps): ReactNode {
  const open = reviews.filter(({ status }) => status === "open");
  return (
    <div className={css["outcome"]}>
      {run.failure !== null && <FailureCard run={run} failure={run.failure} trace={trace} />}
      {open.map((review) => (
        <OpenReview key={review.review_id} review={review} />
      ))}
      <WaitsForCode run={run} />
      {open.length === 0 && <StandsStill run={run} />}
      {run.decision !== null && <Decision run={run} reviews={reviews} originals={originals} />}
      {run.decision === null && <Answered reviews={reviews} />}
    </div>
  );
}

function FailureCard({
  run,
  failure,
  trace,
}: {
  run: Run;
  failure: RunFailure;
  trace: readonly TraceStep[];
}): ReactNode {
  const { means, next } = meaningOf(failure);
  const { class: failureClass, code, step, message, errors } = failure;
  const failed = step === null ? undefined : trace.findLast(({ name, status }) => name === step && status === "error");
  return (
    <section className={`${css["card"]} ${css["bad"]}`}>
      <h2>
        {run.status === "dead" ? "Dead" : "Ended"}: {words(failureClass)} <code>{code}</code>
        {step !== null && <span className={css["dim"]}>at step {stepName({ name: step })}</span>}
      </h2>
      <Block text={message} shown={1_000} />
      {errors !== undefined && errors.length > 0 && <Problems errors={errors} />}
      <p className={css["dim"]}>
        {means} {next}
      </p>
      <div className={css["links"]}>
        {failed !== undefined && (
          <Link to="." search={{ step: failed.step }} resetScroll={false}>
            Step {failed.step}, where it failed
          </Link>
        )}
        {run.status === "dead" && (
          <Link to="/dead-letters/$runId" params={{ runId: run.run_id }}>
            Dead letter
          </Link>
        )}
        {run.fingerprint !== null && (
          <Link to="/runs" search={{ fingerprint: run.fingerprint }}>
            All runs that died alike
          </Link>
        )}
      </div>
    </section>
  );
}

function OpenReview({ review }: { review: Review }): ReactNode {
  const { review_id: id, why, reason, team, created_at: createdAt, expires_at: expiresAt, claimed_by: by } = review;
  return (
    <section className={`${css["card"]} ${css["wait"]}`}>
      <h2>
        Waits for a person: {words(why)}
        {team !== null && <span className={css["dim"]}>team {team}</span>}
      </h2>
      <Block text={reason} shown={600} />
      <p className={css["dim"]}>
        Asked <Time at={createdAt} relative />
        {by !== null && <>, taken by {by}</>}
        {expiresAt !== null && (
          <>
            , expires <Time at={expiresAt} relative />
          </>
        )}
        .
      </p>
      <div className={css["links"]}>
        <Button component={Link} to={`/reviews/${encodeURIComponent(id)}`}>
          Answer the review
        </Button>
      </div>
    </section>
  );
}

const STANDS: Readonly<Record<string, string>> = {
  sleep: "It sleeps until then.",
  retry: "Its last attempt failed; the next one comes then.",
  event: "It waits for another event.",
  hold: "It is held: its workflow is switched off. It goes on when the workflow is switched on.",
  review: "It waits for a person.",
};

/** What the run waits for where that is no review. */
function StandsStill({ run }: { run: Run }): ReactNode {
  if (run.status !== "waiting" || run.waiting_for === null) return null;
  return (
    <section className={`${css["card"]} ${css["wait"]}`}>
      <h2>
        Waits: {words(run.waiting_for)}
        {run.wake_at !== null && <Time at={run.wake_at} relative />}
      </h2>
      {STANDS[run.waiting_for]}
      <EventWaits run={run} />
    </section>
  );
}

/** A pinned run that the workers here leave alone. */
function WaitsForCode({ run: { waits_for_code: wait } }: { run: Run }): ReactNode {
  if (wait === null) return null;
  return (
    <section className={`${css["card"]} ${css["wait"]}`}>
      <h2>Waits for a worker with its code</h2>
      <p>
        It is pinned to code <code>{wait.pinned.slice(0, 12)}</code>;{" "}
        {wait.present === null ? (
          "the project has no such workflow any more."
        ) : (
          <>
            the workers here have <code>{wait.present.slice(0, 12)}</code>.
          </>
        )}{" "}
        Start a worker with the code it began under, or restart it without its pin.
      </p>
    </section>
  );
}

function EventWaits({ run }: { run: Run }): ReactNode {
  const waits = run.waits_for_events ?? [];
  if (waits.length === 0) return null;
  return (
    <ul>
      {waits.map(({ step, key, event, until }) => (
        <li key={`${step} ${key}`}>
          <code>{event}</code> in step {stepName({ name: step, key })}
          {until !== null && (
            <>
              , at most until <Time at={until} relative />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Decision({ run, reviews, originals }: Omit<OutcomeProps, "trace">): ReactNode {
  const shown = originals?.decision ?? run.decision;
  return (
    <section className={`${css["card"]} ${css["ok"]}`}>
      <h2>Decision</h2>
      <DecisionValue hidden={run.decision} value={shown} />
      <ReviewLinks reviews={reviews} />
    </section>
  );
}

/** In one line where it is flat, else as a tree. */
function DecisionValue({ hidden, value }: { hidden: unknown; value: unknown }): ReactNode {
  const marks = seenMarks(hidden, value);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = isObject ? Object.entries(value) : [];
  const flat = entries.every(([, each]) => typeof each !== "object" || each === null);
  if (!isObject || !flat || marks.size > 0) return <JsonView value={value} marks={marks} />;
  return (
    <dl className={css["decision"]}>
      {entries.map(([name, each]) => (
        <div key={name}>
          <dt>
            <Line text={name} />
          </dt>
          <dd>{typeof each === "string" ? <Line text={each} max={160} /> : String(each)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The answered reviews of a run that has no decision yet, or never came to one. */
function Answered({ reviews }: { reviews: readonly Review[] }): ReactNode {
  if (!reviews.some(({ status }) => status !== "open")) return null;
  return (
    <section className={css["card"]}>
      <h2>Reviews</h2>
      <ReviewLinks reviews={reviews} />
    </section>
  );
}

const ACTIONS: Readonly<Record<string, string>> = { approve: "approved", correct: "corrected", reject: "rejected" };

function ReviewLinks({ reviews }: { reviews: readonly Review[] }): ReactNode {
  const over = reviews.filter(({ status }) => status !== "open");
  if (over.length === 0) return null;
  return (
    <div className={css["links"]}>
      {over.map(({ review_id: id, why, status, action, answered_by: by, answered_at: at }) => (
        <Link key={id} to="/reviews/$reviewId" params={{ reviewId: id }}>
          Review ({words(why)}): {action === null ? status : ACTIONS[action]}
          {by !== null && <> by {by}</>}
          {at !== null && (
            <>
              , <Time at={at} relative />
            </>
          )}
        </Link>
      ))}
    </div>
  );
}
