import type { ReactNode } from "react";
import type { Failure, Guard, TraceStep } from "../../api/schema.gen.ts";
import { words } from "../../parts/format.ts";
import { Problems } from "../../parts/states.tsx";
import { Block } from "../../parts/text.tsx";
import { meaningOf } from "../../parts/failure-classes.ts";
import { Time } from "../../parts/time.tsx";
import css from "./panel.module.css";
import type { StepBodyProps } from "./step-body-props.ts";
import { EventBody, OverrideBody, ReviewBody, RuleBody, SleepBody } from "./step-engine.tsx";
import { ModelBody, RepairBody, ValidationBody } from "./step-model.tsx";
import { Part, RawPart, ValuePart } from "./step-parts.tsx";

const BODIES: Readonly<Record<TraceStep["type"], (props: StepBodyProps) => ReactNode>> = {
  trigger: EventBody,
  model_call: ModelBody,
  validation: ValidationBody,
  repair: RepairBody,
  rule: RuleBody,
  tool_call: ToolBody,
  agent_step: PlainBody,
  code: PlainBody,
  review: ReviewBody,
  wait: SleepBody,
  decision: PlainBody,
  override: OverrideBody,
};

/** What a step of its type has on record. */
export function StepBody(props: StepBodyProps): ReactNode {
  const Body = BODIES[props.step.type];
  const { error, values_removed_at: removedAt } = props.step;
  return (
    <>
      {removedAt !== undefined && (
        <p className={css["aboutPart"]}>
          Retention removed the values of this step <Time at={removedAt} />. What is left is how it was made.
        </p>
      )}
      {error !== undefined && <ErrorPart error={error} />}
      <Body {...props} />
    </>
  );
}

function ErrorPart({ error }: { error: Failure }): ReactNode {
  const { means, next } = meaningOf(error);
  return (
    <Part title={`Failed: ${words(error.class)}, ${error.code}`} copy={error}>
      <div className={css["error"]}>
        <Block text={error.message} shown={1_500} />
        {error.errors !== undefined && error.errors.length > 0 && <Problems errors={error.errors} />}
      </div>
      <p className={css["aboutPart"]}>
        {means} {next}
        {error.retry_after_ms !== undefined && ` It asked to wait ${error.retry_after_ms} ms.`}
      </p>
    </Part>
  );
}

function PlainBody({ step, hidden }: StepBodyProps): ReactNode {
  return (
    <>
      {step.input !== null && <ValuePart title="Input" hidden={hidden.input} value={step.input} />}
      {step.status === "success" && <ValuePart title="Output" hidden={hidden.output} value={step.output} />}
      <RawPart hidden={hidden.raw} raw={step.raw} />
      {step.detail !== undefined && (
        <ValuePart title="What it says about itself" hidden={hidden.detail} value={step.detail} />
      )}
    </>
  );
}

const PHASES: Readonly<Record<NonNullable<TraceStep["phase"]>, string>> = {
  result: "A read: it answered, and nothing outside was changed.",
  settle: "A write: it was claimed on disk, sent under its idempotency key, and answered. It is never sent again.",
  claim:
    "The outcome is unknown. The write was claimed and may have been sent, and no answer is on record. It is not repeated blindly: it is looked up, sent again under the same idempotency key where the other side honours it, or put before a person.",
  proposed: "Not sent. This is the exact payload that goes out if a person approves it.",
  blocked:
    "Not sent, and nothing will be: at this stage writes are only recorded. This is the payload it would have been.",
  denied: "Not sent: the guard refused it. The checks below say why.",
  simulated: "Not sent: the tool's own simulation answered in its place, and the run went on with that.",
};

function ToolBody({ step, hidden }: StepBodyProps): ReactNode {
  const { phase, guard } = step;
  return (
    <>
      {phase !== undefined && (
        <p className={`${css["phase"]} ${phase === "claim" ? css["unknown"] : ""}`}>{PHASES[phase]}</p>
      )}
      <ValuePart title={phase === "result" ? "Arguments" : "Payload"} hidden={hidden.input} value={step.input} />
      {guard !== undefined && <GuardPart guard={guard} />}
      {(phase === "result" || phase === "settle" || phase === "simulated") && (
        <ValuePart title="Answer" hidden={hidden.output} value={step.output} />
      )}
      <RawPart hidden={hidden.raw} raw={step.raw} />
    </>
  );
}

const GUARD_WORDS: Readonly<Record<Guard["verdict"], string>> = {
  execute: "It may happen.",
  propose: "It may happen once a person approves it.",
  block: "It may not happen at this stage; the payload is recorded.",
  deny: "It may not happen.",
};

/** The checks in the order they were made. */
function GuardPart({ guard: { verdict, reason, checks } }: { guard: Guard }): ReactNode {
  return (
    <Part title="Guard" about={`${GUARD_WORDS[verdict]}${reason === "ok" ? "" : ` Reason: ${words(reason)}.`}`}>
      <ul className={css["checks"]}>
        {checks.map(({ check, passed, detail }) => (
          <li key={check}>
            <span className={passed ? css["passed"] : css["stopped"]}>{passed ? "passed" : "stopped"}</span>
            <span>{words(check)}</span>
            {detail !== undefined && (
              <span className={css["dim"]}>
                <Block text={detail} shown={400} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}
