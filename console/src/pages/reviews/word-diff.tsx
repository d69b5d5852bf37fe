import { presentableDiff } from "@codemirror/merge";
import { useMemo } from "react";
import type { ReactNode } from "react";
import { Pieces } from "../../parts/text.tsx";
import css from "./word-diff.module.css";

/** A longer comparison stops looking for the best answer. */
const LIMITS = { scanLimit: 500, timeout: 100 };

/** One text with what was taken out struck through and what was put in underlined. */
export function WordDiff({ before, after }: { before: string; after: string }): ReactNode {
  const pieces = useMemo(() => piecesOf(before, after), [before, after]);
  return (
    <div className={css["diff"]}>
      <bdi>
        {pieces.map(({ kind, text }, index) => {
          const Mark = { kept: "span", out: "del", in: "ins" }[kind] as "span" | "del" | "ins";
          return (
            // The pieces are made together and never move.
            <Mark key={index}>
              <Pieces text={text} />
            </Mark>
          );
        })}
      </bdi>
    </div>
  );
}

interface Piece {
  kind: "kept" | "out" | "in";
  text: string;
}

function piecesOf(before: string, after: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { fromA, toA, fromB, toB } of presentableDiff(before, after, LIMITS)) {
    pieces.push({ kind: "kept", text: before.slice(at, fromA) });
    pieces.push({ kind: "out", text: before.slice(fromA, toA) }, { kind: "in", text: after.slice(fromB, toB) });
    at = toA;
  }
  pieces.push({ kind: "kept", text: before.slice(at) });
  return pieces.filter(({ text }) => text !== "");
}
