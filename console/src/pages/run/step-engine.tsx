import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { duration, words } from "../../parts/format.ts";
import { Block, Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import css from "./panel.module.css";
import type { StepBodyProps } from "./step-body-props.ts";
import { Part, ValuePart } from "./step-parts.tsx";
import { detailOf, textIn } from "./step-words.ts";

/** The event the run began with. */
export function EventBody({ run, step, hidden }: StepBodyProps): ReactNode {
  const drift = detailOf(step)["drift"];
  const undeclared = Array.isArray(drift) ? drift : [];
  return (
    <>
      <ValuePart
        title="Event"
        about={
          <>
            As it was accepted, under version {run.contract_version} of{" "}
            <Link
              to="/contracts/$type"
              params={{ type: run.event_type }}
              search={{ version: String(run.contract_version) }}
            >
              {run.event_type}
            </Link>
            .
          </>
        }
        hidden={hidden.output}
        value={step.output}
      />
      {undeclared.length > 0 && (
        <ValuePart
          title="Drift"
          about="Properties the contract does not declare: counted, and not passed to the workflow."
          hidden={undeclared}
          value={undeclared}
        />
      )}
    </>
  );
}

/** A condition the run rests on. */
export function RuleBody({ step }: StepBodyProps): ReactNode {
  const { holds, overridden } = detailOf(step);
  if (step.error !== undefined) return null;
  return (
    <p className={css["phase"]}>
      {overridden === true
        ? "It does not hold, and a person has overridden it with a reason; see the review."
        : `It ${holds === false ? "does not hold" : "holds"}.`}
    </p>
  );
}

/** A question to a person, or the answer. */
export function ReviewBody({ step, hidden }: StepBodyProps): ReactNode {
  const id = textIn(step, "reviewId");
  const link = id !== undefined && (
    <Link to="/reviews/$reviewId" params={{ reviewId: id }}>
      Open the review
    </Link>
  );
  return (
    <>
      {step.status === "waiting" ? <Asked step={step} /> : <Answered step={step} />}
      <p className={css["aboutPart"]}>{link}</p>
      <ReviewValues step={step} hidden={hidden} />
    </>
  );
}

function Asked({ step }: Pick<StepBodyProps, "step">): ReactNode {
  const { expiresAt, escalated } = detailOf(step);
  return (
    <Part title={`Asked: ${words(textIn(step, "why") ?? "")}`}>
      <Block text={textIn(step, "reason") ?? ""} shown={1_000} />
      {escalated === true && <p className={css["aboutPart"]}>Nobody answered in time, so it was escalated.</p>}
      {typeof expiresAt === "number" && (
        <p className={css["aboutPart"]}>
          Expires <Time at={expiresAt} />.
        </p>
      )}
    </Part>
  );
}

const ANSWERS: Readonly<Record<string, string>> = { approve: "Approved", correct: "Corrected", reject: "Rejected" };

function Answered({ step }: Pick<StepBodyProps, "step">): ReactNode {
  const reason = textIn(step, "reason");
  return (
    <Part title={`${ANSWERS[textIn(step, "action") ?? ""] ?? "Answered"} by ${textIn(step, "by") ?? "somebody"}`}>
      <p className={css["aboutPart"]}>After {duration(step.latency_ms)}.</p>
      {reason !== undefined && <Block text={reason} shown={1_000} />}
    </Part>
  );
}

const REVIEW_VALUES: readonly (readonly [string, string])[] = [
  ["proposal", "What was proposed"],
  ["decision", "The decision it was about"],
  ["writes", "Writes it was about, with their exact payloads"],
];

function ReviewValues({ step, hidden }: Pick<StepBodyProps, "step" | "hidden">): ReactNode {
  const [values, before] = [detailOf(step), detailOf(hidden)];
  return (
    <>
      {REVIEW_VALUES.filter(([name]) => values[name] !== undefined).map(([name, title]) => (
        <ValuePart key={name} title={title} hidden={before[name]} value={values[name]} />
      ))}
      {step.status === "success" && step.output !== null && (
        <ValuePart title="What it stands for from here on" hidden={hidden.output} value={step.output} />
      )}
    </>
  );
}

/** A wait for a time. */
export function SleepBody({ step }: StepBodyProps): ReactNode {
  const { until } = detailOf(step);
  return (
    <p className={css["phase"]}>
      {typeof until === "number" ? (
        <>
          Sleeps until <Time at={until} />, without a process that waits.
        </>
      ) : (
        `Slept ${duration(step.latency_ms)}.`
      )}
    </p>
  );
}

/** What a person put in the place of an output, or did to the run. */
export function OverrideBody({ step, hidden }: StepBodyProps): ReactNode {
  const isCommand = step.name.startsWith("@");
  const by = textIn(step, "reviewer_id") ?? textIn(step, "by") ?? "somebody";
  const reason = textIn(step, "correction_reason") ?? textIn(step, "reason");
  const reviewId = textIn(step, "review_id");
  const before = detailOf(step)["original_output"];
  return (
    <>
      <Part title={`By ${by}`}>
        {reason === undefined ? (
          <span className={css["dim"]}>No reason was given.</span>
        ) : (
          <Block text={reason} shown={1_000} />
        )}
      </Part>
      {reviewId !== undefined && (
        <p className={css["aboutPart"]}>
          <Link to="/reviews/$reviewId" params={{ reviewId }}>
            <Line text={reviewId} />
          </Link>
        </p>
      )}
      {!isCommand && <ValuePart title="Corrected output" hidden={hidden.output} value={step.output} />}
      {before !== undefined && before !== null && (
        <ValuePart title="Original output" hidden={detailOf(hidden)["original_output"]} value={before} />
      )}
    </>
  );
}
