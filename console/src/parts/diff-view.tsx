import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import type { Extension } from "@codemirror/state";
import { EditorView, highlightSpecialChars, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { ReactNode } from "react";
import type { DiffProps } from "./diff-props.ts";
import { inert } from "./inert.ts";
import css from "./diff.module.css";
import { styleNonce } from "./nonce.ts";

function readOnly(label: string): Extension[] {
  return [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    EditorView.cspNonce.of(styleNonce()),
    EditorView.lineWrapping,
    lineNumbers(),
    highlightSpecialChars(),
  ];
}

/** See `Diff`. */
export function DiffView({ before, after, titles }: DiffProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const [left, right] = titles;
  useEffect(() => {
    if (place.current === null) return undefined;
    const view = new MergeView({
      parent: place.current,
      a: { doc: inert(before), extensions: readOnly(left) },
      b: { doc: inert(after), extensions: readOnly(right) },
      collapseUnchanged: { margin: 3, minSize: 6 },
      gutter: true,
    });
    return () => view.destroy();
  }, [before, after, left, right]);
  return (
    <div className={css["diff"]}>
      <div className={css["titles"]}>
        <span>{left}</span>
        <span>{right}</span>
      </div>
      {before === after && <p className={css["same"]}>Both are the same.</p>}
      <div ref={place} />
    </div>
  );
}
