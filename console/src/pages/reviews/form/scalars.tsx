import { TextInput, Textarea } from "@mantine/core";
import type { ChangeEvent, KeyboardEvent, ReactNode } from "react";
import type { Json } from "../../../api/schema.gen.ts";
import { count } from "../../../parts/format.ts";
import { JsonView } from "../../../parts/json.tsx";
import { Segments } from "./choice.tsx";
import { controlId, useForm } from "./context.ts";
import type { FieldProps } from "./context.ts";
import { AsItReads, FieldFrame } from "./frame.tsx";
import css from "./form.module.css";
import type { Shape } from "./shape.ts";
import { isSame, pointerOf, valueAt } from "./value.ts";

/** What every control of one value has: its id, and where to read what is wrong. */
function useControl(path: FieldProps["path"]): { id: string; error: boolean; "aria-describedby": string } {
  const { errors, unread } = useForm();
  const pointer = pointerOf(path);
  const id = controlId(pointer);
  return { id, error: errors.has(pointer) || unread[pointer] !== undefined, "aria-describedby": `${id}-says` };
}

type TextShape = Extract<Shape, { kind: "text" }>;

export function TextField({ shape, ...field }: FieldProps & { shape: TextShape }): ReactNode {
  const { value, set } = useForm();
  const control = useControl(field.path);
  const present = valueAt(value, field.path);
  const text = typeof present === "string" ? present : "";
  const used = shape.maxLength === null || !shape.long ? [] : [`${count(text.length)} of ${count(shape.maxLength)}`];
  const changed = (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>): void =>
    set(field.path, event.currentTarget.value);
  return (
    <FieldFrame
      {...field}
      says={used.length > 0 ? [...shape.says.filter((each) => !each.startsWith("at most")), ...used] : shape.says}
    >
      {shape.long || text.includes("\n") ? (
        <Textarea {...control} value={text} onChange={changed} autosize minRows={2} maxRows={16} spellCheck />
      ) : (
        <TextInput {...control} value={text} onChange={changed} spellCheck={false} />
      )}
      <AsItReads text={text} />
    </FieldFrame>
  );
}

type NumberShape = Extract<Shape, { kind: "number" }>;

/** A number as people write it: a comma counts as the point. */
function numberOf(text: string): number | null {
  const trimmed = text.trim().replace(",", ".");
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : null;
}

export function NumberField({ shape, ...field }: FieldProps & { shape: NumberShape }): ReactNode {
  const { value, set, unread, setUnread } = useForm();
  const pointer = pointerOf(field.path);
  const present = valueAt(value, field.path);
  const typed = unread[pointer];
  const enter = (text: string): void => {
    const read = numberOf(text);
    setUnread(pointer, read === null || String(read) !== text ? text : null);
    if (read !== null) set(field.path, read);
  };
  const byArrow = (event: KeyboardEvent): void => {
    const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (direction === 0 || typeof present !== "number") return;
    event.preventDefault();
    const next = Math.min(shape.max ?? Infinity, Math.max(shape.min ?? -Infinity, present + direction * shape.step));
    enter(String(Number(next.toPrecision(12))));
  };
  const isNumber = typed === undefined || numberOf(typed) !== null;
  return (
    <FieldFrame {...field} says={shape.says}>
      <TextInput
        {...useControl(field.path)}
        error={!isNumber}
        className={css["number"] ?? ""}
        inputMode={shape.integer ? "numeric" : "decimal"}
        value={typed ?? (typeof present === "number" ? String(present) : "")}
        onChange={(event) => enter(event.currentTarget.value)}
        onBlur={() => isNumber && setUnread(pointer, null)}
        onKeyDown={byArrow}
        autoComplete="off"
      />
      {!isNumber && <p className={css["wrong"]}>is not a number yet</p>}
    </FieldFrame>
  );
}

export function FlagField(field: FieldProps): ReactNode {
  const { value, set } = useForm();
  const present = valueAt(value, field.path);
  return (
    <FieldFrame {...field} says={[]} group>
      <Segments
        pointer={pointerOf(field.path)}
        labels={["yes", "no"]}
        picked={present === true ? 0 : present === false ? 1 : -1}
        pick={(index) => set(field.path, index === 0)}
      />
    </FieldFrame>
  );
}

/** There is one value only; it is put in where it is missing. */
export function FixedField({ fixed, ...field }: FieldProps & { fixed: Json }): ReactNode {
  const { value, set } = useForm();
  const present = valueAt(value, field.path);
  const isThere = present !== undefined && isSame(present, fixed);
  return (
    <FieldFrame {...field} says={["always the same"]}>
      <div className={css["fixed"]} id={controlId(pointerOf(field.path))}>
        <JsonView value={fixed} />
        {!isThere && (
          <button type="button" className={css["link"]} onClick={() => set(field.path, fixed)}>
            put it in
          </button>
        )}
      </div>
    </FieldFrame>
  );
}
