import { Select } from "@mantine/core";
import type { KeyboardEvent, ReactNode } from "react";
import { Pieces } from "../../../parts/text.tsx";
import type { Json } from "../../../api/schema.gen.ts";
import { controlId, useForm } from "./context.ts";
import type { FieldProps } from "./context.ts";
import { FieldFrame } from "./frame.tsx";
import css from "./form.module.css";
import { isSame, pointerOf, valueAt } from "./value.ts";

/** More than these are looked for by typing. */
const SHOWN = 6;

interface ChoiceProps extends FieldProps {
  options: readonly { value: Json; label: string }[];
}

/** One of a few fixed values. */
export function ChoiceField({ options, ...field }: ChoiceProps): ReactNode {
  const { value, set } = useForm();
  const present = valueAt(value, field.path);
  const picked = present === undefined ? -1 : options.findIndex((option) => isSame(option.value, present));
  const pick = (index: number): void => {
    const option = options[index];
    if (option !== undefined) set(field.path, option.value);
  };
  if (options.length <= SHOWN)
    return (
      <FieldFrame {...field} says={[]} group>
        <Segments pointer={pointerOf(field.path)} labels={options.map(({ label }) => label)} {...{ picked, pick }} />
      </FieldFrame>
    );
  return (
    <FieldFrame {...field} says={[`one of ${options.length}`]}>
      <Select
        id={controlId(pointerOf(field.path))}
        data={options.map(({ label }, index) => ({ value: String(index), label }))}
        value={picked === -1 ? null : String(picked)}
        onChange={(index) => index !== null && pick(Number(index))}
        searchable
        allowDeselect={false}
        placeholder="Type to find one"
        aria-describedby={`${controlId(pointerOf(field.path))}-says`}
        onKeyDown={keepEscape}
      />
    </FieldFrame>
  );
}

/** Escape closes an open list first; the page is left with the next one. */
function keepEscape(event: KeyboardEvent<HTMLInputElement>): void {
  if (event.key === "Escape" && event.currentTarget.getAttribute("aria-expanded") === "true") event.preventDefault();
}

interface SegmentsProps {
  pointer: string;
  labels: readonly string[];
  picked: number;
  pick(index: number): void;
}

/** Radio buttons in a row; the digit of one picks it. */
export function Segments({ pointer, labels, picked, pick }: SegmentsProps): ReactNode {
  const id = controlId(pointer);
  const byDigit = (event: KeyboardEvent): void => {
    const index = Number(event.key) - 1;
    if (!Number.isInteger(index) || index < 0 || index >= labels.length || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    pick(index);
    document.getElementById(index === 0 ? id : `${id}#${index}`)?.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the keys come from the radio buttons inside
    <div className={css["segments"]} onKeyDown={byDigit}>
      {labels.map((label, index) => (
        <label key={`${index} ${label}`} className={css["segment"]} data-picked={picked === index || undefined}>
          <input
            type="radio"
            id={index === 0 ? id : `${id}#${index}`}
            name={id}
            checked={picked === index}
            onChange={() => pick(index)}
            aria-describedby={`${id}-says`}
          />
          <span className={css["digit"]} aria-hidden="true">
            {index + 1}
          </span>
          <Pieces text={label} />
        </label>
      ))}
    </div>
  );
}

/** Several out of a few fixed values, each once. */
export function SetField({
  options,
  says,
  ...field
}: FieldProps & { options: readonly Json[]; says: readonly string[] }): ReactNode {
  const { value, set } = useForm();
  const present = valueAt(value, field.path);
  const picked = Array.isArray(present) ? present : [];
  const id = controlId(pointerOf(field.path));
  const toggle = (option: Json): void => {
    const without = picked.filter((each) => !isSame(each, option));
    set(field.path, without.length === picked.length ? [...picked, option] : without);
  };
  return (
    <FieldFrame {...field} says={["any of these", ...says]} group>
      <div className={css["segments"]}>
        {options.map((option, index) => {
          const isPicked = picked.some((each) => isSame(each, option));
          return (
            <label key={JSON.stringify(option)} className={css["segment"]} data-picked={isPicked || undefined}>
              <input
                type="checkbox"
                id={index === 0 ? id : `${id}#${index}`}
                checked={isPicked}
                onChange={() => toggle(option)}
                aria-describedby={`${id}-says`}
              />
              <Pieces text={typeof option === "string" ? option : JSON.stringify(option)} />
            </label>
          );
        })}
      </div>
    </FieldFrame>
  );
}
