import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ApiError } from "../../api/client.ts";
import type { Json, ProblemAt, TraceStep } from "../../api/schema.gen.ts";
import { Tag } from "../../parts/badge.tsx";
import { Copy } from "../../parts/copy.tsx";
import type { JsonMark, JsonMarks } from "../../parts/json.tsx";
import { Loading, Problems } from "../../parts/states.tsx";
import { Block } from "../../parts/text.tsx";
import { originalsByToken, restored, withOriginals } from "./originals.ts";
import type { Originals } from "./originals.ts";
import css from "./panel.module.css";
import { messagesQuery } from "./queries.ts";
import { nearestPlace, readAnswer } from "./reading.ts";
import { peersOf } from "./rows.ts";
import type { StepBodyProps } from "./step-body-props.ts";
import { AnswerPart, Part, RawPart, ValuePart } from "./step-parts.tsx";

/** A call of a model: what it was given, what was sent, what came. */
export function ModelBody({ runId, trace, step, hidden, originals }: StepBodyProps): ReactNode {
  return (
    <>
      <ValuePart
        title="Input"
        about="The values the prompt names, as they were given."
        hidden={hidden.input}
        value={step.input}
      />
      <MessagesPart runId={runId} trace={trace} step={step} originals={originals} />
      {step.error === undefined && <Came title="Output" step={step} hidden={hidden} />}
      <RawPart hidden={hidden.raw} raw={step.raw} />
    </>
  );
}

/** The second call, after an answer that was not valid. */
export function RepairBody({ runId, trace, step, hidden, originals }: StepBodyProps): ReactNode {
  const asked = (step.input ?? {}) as { errors?: ProblemAt[]; answer?: string };
  const before = (hidden.input ?? {}) as { answer?: string };
  return (
    <>
      <Part
        title="What was asked"
        about="The same conversation again, with the model's answer, these mistakes in it, and the request to put them right. There is one such call."
        copy={asked.errors}
      >
        <Problems errors={asked.errors ?? []} />
      </Part>
      {asked.answer !== undefined && (
        <AnswerPart
          title="The answer it was shown"
          hidden={before.answer ?? ""}
          text={asked.answer}
          marks={marksOf(asked.errors ?? [], asked.answer)}
        />
      )}
      <MessagesPart runId={runId} trace={trace} step={step} originals={originals} />
      {step.error === undefined && <Came title="What came" step={step} hidden={hidden} />}
      <RawPart hidden={hidden.raw} raw={step.raw} />
    </>
  );
}

/** The check of an answer: what was wrong, at the places where it was. */
export function ValidationBody({ trace, step, hidden, originals }: StepBodyProps): ReactNode {
  const { validation } = step;
  const errors = validation?.errors ?? [];
  const judged = peersOf(trace, hidden).findLast((each) => each.step < step.step && isAnswer(each));
  if (validation?.verdict === "valid")
    return (
      <ValuePart
        title="Valid output"
        about="What the step gave to the workflow."
        hidden={hidden.output}
        value={step.output}
      />
    );
  return (
    <>
      <Part
        title={validation?.code === undefined ? "What is wrong" : `What is wrong: ${validation.code}`}
        copy={errors}
      >
        {errors.length > 0 ? (
          <Problems errors={errors} />
        ) : (
          <p className={css["aboutPart"]}>No place in it is named.</p>
        )}
      </Part>
      {judged !== undefined && <Judged step={withOriginals(judged, originals)} hidden={judged} errors={errors} />}
    </>
  );
}

function Judged({
  step,
  hidden,
  errors,
}: {
  step: TraceStep;
  hidden: TraceStep;
  errors: readonly ProblemAt[];
}): ReactNode {
  const text = textOf(step.output);
  return (
    <AnswerPart
      title="The answer that was judged"
      about={
        <Link to="." search={{ step: step.step }} replace resetScroll={false}>
          Step {step.step}, where it came from
        </Link>
      }
      hidden={textOf(hidden.output)}
      text={text}
      marks={marksOf(errors, text)}
    />
  );
}

function Came({ title, step, hidden }: { title: string; step: TraceStep; hidden: TraceStep }): ReactNode {
  return <AnswerPart title={title} hidden={textOf(hidden.output)} text={textOf(step.output)} />;
}

function isAnswer({ type, status }: TraceStep): boolean {
  return (type === "model_call" || type === "repair") && status === "success";
}

function textOf(output: Json): string {
  return typeof output === "string" ? output : output === null ? "" : JSON.stringify(output);
}

/** Each mistake at the place it is about; one about something missing at what it is missing from. */
function marksOf(errors: readonly ProblemAt[], answer: string): JsonMarks {
  const read = readAnswer(answer);
  const marks = new Map<string, JsonMark>();
  if (read === null) return marks;
  for (const { pointer, message } of errors) {
    const place = nearestPlace(read.value, pointer);
    const note = place === pointer ? message : `${pointer} ${message}`;
    const known = marks.get(place);
    marks.set(place, { tone: "bad", note: known === undefined ? note : `${known.note}; ${note}` });
  }
  return marks;
}

interface MessagesPartProps {
  runId: string;
  trace: readonly TraceStep[];
  step: TraceStep;
  originals: Originals | null;
}

/** The messages as they were sent, rendered again from what is on record. */
function MessagesPart({ runId, trace, step, originals }: MessagesPartProps): ReactNode {
  const query = useQuery(messagesQuery(runId, step.step));
  const { data, error } = query;
  const known = originals === null ? new Map<string, string>() : originalsByToken(trace, originals.trace);
  const messages = data?.messages.map(({ role, content }) => ({ role, content: restored(content, known) }));
  return (
    <Part title="Messages" about={<MessagesNote exact={data?.exact} note={data?.note} />} copy={messages}>
      {messages === undefined && error === null && <Loading rows={2} />}
      {error !== null && (
        <p className={css["aboutPart"]}>{error instanceof ApiError ? error.message : String(error)}</p>
      )}
      {messages?.map(({ role, content }, index) => (
        <article key={`${index}`} className={css["message"]}>
          <header>
            <Tag>{role}</Tag>
            {content !== data?.messages[index]?.content && <span className={css["revealed"]}>revealed</span>}
            <Copy text={content} what={`${role} message`} />
          </header>
          <Block text={content} shown={1_200} />
        </article>
      ))}
    </Part>
  );
}

function MessagesNote({ exact, note }: { exact: boolean | undefined; note: string | null | undefined }): ReactNode {
  if (exact === undefined) return "Rendered again from the recorded inputs and the prompt version.";
  if (note !== null && note !== undefined) return <Block text={note} shown={600} />;
  return exact
    ? "Word for word what was sent, rendered again from the recorded inputs and the prompt version."
    : "Rendered again from the recorded inputs; not word for word what was sent.";
}
