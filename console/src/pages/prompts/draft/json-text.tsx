import { Textarea } from "@mantine/core";
import { useId, useRef, useState } from "react";
import type { ReactNode } from "react";
import type { Json } from "../../../api/schema.gen.ts";
import type { PromptProblem } from "../../../api/schema.gen.ts";
import { Mistakes } from "../../../parts/mistakes.tsx";
import { readJson } from "./document.ts";
import css from "./draft.module.css";
import { lineOf } from "./places.ts";
import { sameJson } from "./typed.ts";

interface JsonTextProps {
  label: string;
  description: string;
  value: Json | undefined;
  /** Of the document: where this value stands in it. */
  pointer: string;
  problems: readonly PromptProblem[];
  isReadOnly: boolean;
  onChange(value: Json | undefined): void;
  /** Whether what is typed is JSON at all; while it is not, nothing of it is saved. */
  onBroken(isBroken: boolean): void;
}

/** A part of the document as JSON text, with each mistake named by its line. */
export function JsonText(props: JsonTextProps): ReactNode {
  const { label, description, value, pointer, problems, isReadOnly, onChange, onBroken } = props;
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [typed, setTyped] = useState<{ text: string; of: Json | undefined } | null>(null);
  const text = typed !== null && sameJson(typed.of, value) ? typed.text : written(value);
  const read = text.trim() === "" ? { value: undefined } : readJson(text);
  const broken = "message" in read ? read : null;
  const mistakes =
    broken === null
      ? problems.map((each) => ({ ...each, line: lineNear(text, each.pointer.slice(pointer.length)) }))
      : [{ message: broken.message, severity: "error" as const, line: broken.line }];
  const change = (next: string): void => {
    const result = next.trim() === "" ? { value: undefined } : readJson(next);
    const isBroken = "message" in result;
    setTyped({ text: next, of: isBroken ? value : result.value });
    onBroken(isBroken);
    if (!isBroken) onChange(result.value);
  };
  return (
    <div>
      <Textarea
        ref={field}
        label={label}
        description={description}
        classNames={{ input: css["code"] ?? "" }}
        autosize
        minRows={4}
        maxRows={28}
        spellCheck={false}
        readOnly={isReadOnly}
        value={text}
        aria-invalid={mistakes.some(({ severity }) => severity === "error")}
        aria-describedby={id}
        onChange={({ currentTarget }) => change(currentTarget.value)}
      />
      <Mistakes id={id} mistakes={mistakes} onLine={(line) => goTo(field.current, line)} />
    </div>
  );
}

function written(value: Json | undefined): string {
  return value === undefined ? "" : JSON.stringify(value, null, 2);
}

/** The line of the place, or of the closest one around it that there is. */
function lineNear(text: string, pointer: string): number {
  for (let place = pointer; place !== ""; place = place.slice(0, place.lastIndexOf("/"))) {
    const line = lineOf(text, place);
    if (line !== null) return line;
  }
  return 1;
}

/** Selects a line of a text field. */
export function goTo(field: HTMLTextAreaElement | null, line: number): void {
  if (field === null) return;
  const lines = field.value.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  field.focus();
  field.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
}
