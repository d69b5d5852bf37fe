import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { promptsQuery } from "../../api/project.ts";
import type { Run, TraceStep, WhyAnswer } from "../../api/schema.gen.ts";
import { Command } from "../../parts/copy.tsx";
import { Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";
import { Block, Pieces } from "../../parts/text.tsx";
import css from "./panel.module.css";
import { reviewsQuery, whyQuery } from "./queries.ts";
import { stepName, typeWord } from "./step-words.ts";

/** The seven questions about a decision: what is on record, where it can be seen, and what to do about it. */
export function SevenQuestions({ run, trace }: { run: Run; trace: readonly TraceStep[] }): ReactNode {
  const query = useQuery(whyQuery(run.run_id));
  return (
    <div className={css["panel"]}>
      <Section title="Seven questions">
        <Loaded query={query} rows={14}>
          {({ questions }) => (
            <ol className={css["questions"]}>
              {questions.map((question) => (
                <Question key={question.id} question={question} run={run} trace={trace} />
              ))}
            </ol>
          )}
        </Loaded>
      </Section>
    </div>
  );
}

interface QuestionProps {
  question: WhyAnswer;
  run: Run;
  trace: readonly TraceStep[];
}

function Question({ question: { id, question, answered, answer, commands }, run, trace }: QuestionProps): ReactNode {
  return (
    <li>
      <h3>
        {question}
        {!answered && <span className={css["unanswered"]}>not answered</span>}
      </h3>
      <ul className={css["answer"]}>
        {answer.map((line) => (
          <li key={line}>
            <Block text={line} shown={600} />
          </li>
        ))}
      </ul>
      <div className={css["where"]}>
        <Where id={id} run={run} trace={trace} />
      </div>
      {commands.length > 0 && (
        <div className={css["commands"]}>
          {commands.map((command) => (
            <Command key={command} text={command} />
          ))}
        </div>
      )}
    </li>
  );
}

/** The steps that an answer was taken from. */
const STEPS_OF: Readonly<Partial<Record<WhyAnswer["id"], (step: TraceStep) => boolean>>> = {
  input: ({ type }) => type === "model_call",
  tools: ({ type }) => type === "tool_call",
  validation: ({ type }) => type === "validation" || type === "repair" || type === "rule",
};

/** Links to what shows the answer. */
function Where({ id, run, trace }: Omit<QuestionProps, "question"> & { id: WhyAnswer["id"] }): ReactNode {
  const of = STEPS_OF[id];
  if (of !== undefined) return <StepLinks steps={trace.filter(of)} />;
  if (id === "corrections") return <ReviewLinks runId={run.run_id} />;
  return Object.entries(run.prompt_versions).map(([name, version]) => (
    <PromptLink key={name} id={id} name={name} version={version} />
  ));
}

const STEPS_SHOWN = 6;

function StepLinks({ steps }: { steps: readonly TraceStep[] }): ReactNode {
  return (
    <>
      {steps.slice(0, STEPS_SHOWN).map((step) => (
        <Link key={step.step} to="." search={{ step: step.step }} replace resetScroll={false}>
          Step {step.step}:{" "}
          <bdi>
            <Pieces text={stepName(step)} />
          </bdi>
          , {typeWord(step)}
        </Link>
      ))}
      {steps.length > STEPS_SHOWN && <span className={css["dim"]}>and {steps.length - STEPS_SHOWN} more</span>}
    </>
  );
}

function ReviewLinks({ runId }: { runId: string }): ReactNode {
  const items = useQuery(reviewsQuery(runId)).data?.items ?? [];
  return items.map(({ review_id: id, why, status }) => (
    <Link key={id} to="/reviews/$reviewId" params={{ reviewId: id }}>
      Review: {why.replaceAll("_", " ")}, {status}
    </Link>
  ));
}

function PromptLink({ id, name, version }: { id: WhyAnswer["id"]; name: string; version: string }): ReactNode {
  const { data } = useQuery(promptsQuery);
  const back = data?.items.find((each) => each.name === name && each.version === version)?.rollback_version;
  if (id === "rollback" && back !== undefined)
    return (
      <Link to="/prompts/$name" params={{ name }} search={{ version, against: back }}>
        Compare {version} with {back}
      </Link>
    );
  return (
    <Link to="/prompts/$name" params={{ name }} search={{ version }}>
      {name}@{version}
    </Link>
  );
}
