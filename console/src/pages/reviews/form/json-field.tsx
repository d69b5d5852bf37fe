import { Textarea } from "@mantine/core";
import type { ReactNode } from "react";
import type { Json } from "../../../api/schema.gen.ts";
import { Problems } from "../../../parts/states.tsx";
import { controlId, useForm } from "./context.ts";
import type { FieldProps } from "./context.ts";
import { FieldFrame } from "./frame.tsx";
import css from "./form.module.css";
import { pointerOf, valueAt } from "./value.ts";

/** What no field is made for is entered as JSON. */
export function JsonField({ why, ...field }: FieldProps & { why: string }): ReactNode {
  const { value, set, unread, setUnread, errors } = useForm();
  const pointer = pointerOf(field.path);
  const present = valueAt(value, field.path);
  const typed = unread[pointer];
  const enter = (text: string): void => {
    const read = parsed(text);
    // Kept as it was typed: laid out anew it would move under the cursor.
    setUnread(pointer, text);
    if (read.ok) set(field.path, read.value);
  };
  const state = typed === undefined ? { ok: true as const } : parsed(typed);
  const below = [...errors].filter(([at]) => at.startsWith(`${pointer}/`));
  return (
    <FieldFrame {...field} says={["as JSON"]}>
      <Textarea
        id={controlId(pointer)}
        classNames={{ input: css["mono"] ?? "" }}
        value={typed ?? (present === undefined ? "" : JSON.stringify(present, null, 2))}
        onChange={(event) => enter(event.currentTarget.value)}
        onBlur={() => state.ok && setUnread(pointer, null)}
        error={!state.ok || errors.has(pointer) || below.length > 0}
        aria-describedby={`${controlId(pointer)}-says`}
        autosize
        minRows={3}
        maxRows={24}
        spellCheck={false}
      />
      <p className={css["says"]}>{why}</p>
      {!state.ok && <p className={css["wrong"]}>{state.message}</p>}
      {below.length > 0 && (
        <Problems errors={below.flatMap(([at, messages]) => messages.map((message) => ({ pointer: at, message })))} />
      )}
    </FieldFrame>
  );
}

function parsed(text: string): { ok: true; value: Json } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (error) {
    return { ok: false, message: `is no JSON yet: ${(error as Error).message}` };
  }
}
