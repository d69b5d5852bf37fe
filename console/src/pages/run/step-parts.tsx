import type { ReactNode } from "react";
import { Copy } from "../../parts/copy.tsx";
import { count } from "../../parts/format.ts";
import { JsonView } from "../../parts/json.tsx";
import type { JsonMarks } from "../../parts/json.tsx";
import { Block } from "../../parts/text.tsx";
import { seenMarks } from "./originals.ts";
import css from "./panel.module.css";
import { asText, readAnswer } from "./reading.ts";

interface PartProps {
  title: string;
  /** One line on what this is. */
  about?: ReactNode;
  /** Offered to be copied, as text. */
  copy?: unknown;
  /** Shows that there is something here which is redacted otherwise. */
  revealed?: boolean;
  children: ReactNode;
}

/** One thing on record of a step. */
export function Part({ title, about, copy, revealed = false, children }: PartProps): ReactNode {
  return (
    <section className={css["part"]}>
      <header className={css["partHead"]}>
        <h3>{title}</h3>
        {revealed && <span className={css["revealed"]}>revealed</span>}
        {copy !== undefined && copy !== null && (
          <Copy text={typeof copy === "string" ? copy : JSON.stringify(copy, null, 2)} what={title.toLowerCase()} />
        )}
      </header>
      {about !== undefined && <div className={css["aboutPart"]}>{about}</div>}
      {children}
    </section>
  );
}

/** A JSON value as it is on record (`hidden`), or revealed; what is revealed in it is marked. */
export function ValuePart({ title, about, hidden, value }: ValuePartProps): ReactNode {
  const marks = seenMarks(hidden, value);
  return (
    <Part title={title} about={about} copy={value} revealed={marks.size > 0}>
      <JsonView value={value} marks={marks} />
    </Part>
  );
}

interface ValuePartProps {
  title: string;
  about?: ReactNode;
  hidden: unknown;
  value: unknown;
}

/** A model's words: as JSON where they are that, with what is wrong in them marked. */
export function AnswerPart({ title, about, hidden, text, marks }: AnswerPartProps): ReactNode {
  const read = readAnswer(text);
  const seen = read === null ? new Map() : seenMarks(readAnswer(hidden)?.value, read.value);
  return (
    <Part title={title} about={about} copy={text} revealed={hidden !== text}>
      {read === null ? (
        <Block text={text} mono />
      ) : (
        <JsonView value={read.value} marks={new Map([...seen, ...(marks ?? [])])} />
      )}
      {text === "" && <span className={css["dim"]}>No text at all.</span>}
    </Part>
  );
}

interface AnswerPartProps {
  title: string;
  about?: ReactNode;
  hidden: string;
  text: string;
  marks?: JsonMarks;
}

/** The bytes as they came, closed until they are asked for. */
export function RawPart({ hidden, raw }: { hidden: string | undefined; raw: string | undefined }): ReactNode {
  if (raw === undefined) return null;
  return (
    <details className={css["details"]}>
      <summary>
        Raw answer <span className={css["dim"]}>{count(raw.length)} characters, as it came</span>
        {hidden !== raw && <span className={css["revealed"]}>revealed</span>}
      </summary>
      <div className={css["raw"]}>
        <Copy text={raw} what="raw answer" />
        <Block text={asText(raw)} mono />
      </div>
    </details>
  );
}
