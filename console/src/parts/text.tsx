import { useState } from "react";
import type { ReactNode } from "react";
import { count } from "./format.ts";
import { inertPieces } from "./inert.ts";
import css from "./text.module.css";

/** Characters shown before the rest is asked for. */
const SHOWN = 4_000;

/** One line of text from outside, inert. */
export function Line({ text, max = 200 }: { text: string; max?: number }): ReactNode {
  const flat = text.replaceAll(/\s+/g, " ");
  return (
    <bdi className={css["line"]} title={flat.length > max ? undefined : flat}>
      <Pieces text={flat.length > max ? `${flat.slice(0, max - 1)}…` : flat} />
    </bdi>
  );
}

/** A text from outside as it stands, inert: wrapped anywhere, the rest of a long one on demand. */
export function Block({
  text,
  shown = SHOWN,
  mono = false,
}: {
  text: string;
  shown?: number;
  mono?: boolean;
}): ReactNode {
  const [all, setAll] = useState(false);
  const long = text.length > shown;
  return (
    <div className={mono ? css["mono"] : css["block"]}>
      <bdi>
        <Pieces text={all || !long ? text : text.slice(0, shown)} />
      </bdi>
      {long && (
        <button type="button" className={css["more"]} onClick={() => setAll(!all)}>
          {all ? "show less" : `… show all ${count(text.length)} characters`}
        </button>
      )}
    </div>
  );
}

const REDACTED = /\[redacted:([^:\]]+):([\w-]{22})\]/;

/** What would act on the screen is shown by its code, and what was redacted as such. */
export function Pieces({ text }: { text: string }): ReactNode {
  if (!text.includes("[redacted:")) return <Inert text={text} />;
  // Split by a pattern with two groups: text, kind, commitment, text, …
  const parts = text.split(REDACTED);
  return parts.map((part, index) => {
    if (index % 3 === 0) return <Inert key={`${index}`} text={part} />;
    return index % 3 === 1 ? <Redacted key={`${index}`} kind={part} commitment={parts[index + 1] ?? ""} /> : null;
  });
}

/** Stands where a value was taken out. */
function Redacted({ kind, commitment }: { kind: string; commitment: string }): ReactNode {
  return (
    <span className={css["redacted"]} title={`Redacted (${kind}). Equal values have equal marks: ${commitment}`}>
      redacted{kind === "sensitive" ? "" : ` ${kind}`}
    </span>
  );
}

function Inert({ text }: { text: string }): ReactNode {
  return inertPieces(text).map((piece, index) =>
    "text" in piece ? (
      piece.text
    ) : (
      <span key={`${index}`} className={css["code"]} title={`The character ${piece.code}, shown and not obeyed`}>
        {piece.code}
      </span>
    ),
  );
}
