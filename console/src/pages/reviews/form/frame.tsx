import { Button } from "@mantine/core";
import { IconArrowBackUp, IconX } from "@tabler/icons-react";
import { Suspense, lazy } from "react";
import type { ReactNode } from "react";
import { inert } from "../../../parts/inert.ts";
import { Line, Pieces } from "../../../parts/text.tsx";
import { controlId, useForm } from "./context.ts";
import type { FieldProps } from "./context.ts";
import css from "./form.module.css";
import { labelOf, wordsOf } from "./shape.ts";
import { isSame, pointerOf, valueAt } from "./value.ts";
import type { Draft } from "./value.ts";

const WordDiff = lazy(() => import("../word-diff.tsx").then((module) => ({ default: module.WordDiff })));

interface FrameProps extends FieldProps {
  says: readonly string[];
  /** Controls of their own kind of label, such as a group of choices, are named by the legend. */
  group?: boolean;
  children: ReactNode;
}

/** What is around every control: its name, what it takes, what is wrong with it, and what it was before. */
export function FieldFrame({
  schema,
  path,
  name,
  required,
  remove,
  says,
  group = false,
  children,
}: FrameProps): ReactNode {
  const { root } = useForm();
  const pointer = pointerOf(path);
  const { title, description } = wordsOf(schema, root);
  const label = (
    <>
      <span className={css["name"]}>
        <Pieces text={title ?? name} />
      </span>
      {required ? <span className={css["required"]}>required</span> : <span className={css["says"]}>optional</span>}
      {says.length > 0 && <span className={css["says"]}>{says.join(" · ")}</span>}
    </>
  );
  const Around = group ? "fieldset" : "div";
  return (
    <Around className={css["field"]} data-changed={useChanged(path) || undefined}>
      {group ? (
        <legend className={css["label"]}>{label}</legend>
      ) : (
        <label className={css["label"]} htmlFor={controlId(pointer)}>
          {label}
        </label>
      )}
      {description !== null && <div className={css["says"]}>{description}</div>}
      {children}
      <Wrong pointer={pointer} />
      <Before path={path} />
      {remove !== undefined && <Remove what={title ?? name} remove={remove} />}
    </Around>
  );
}

export function Remove({ what, remove }: { what: string; remove: () => void }): ReactNode {
  return (
    <button type="button" className={css["remove"]} onClick={remove} aria-label={`Remove ${what}`} title="Remove">
      <IconX size={14} />
    </button>
  );
}

/** What the server says is wrong here. */
export function Wrong({ pointer }: { pointer: string }): ReactNode {
  const { errors } = useForm();
  const found = errors.get(pointer) ?? [];
  return (
    <div id={`${controlId(pointer)}-says`} className={css["wrong"]}>
      {found.map((message) => (
        <p key={message}>
          <Pieces text={message} />
        </p>
      ))}
    </div>
  );
}

function useChanged(path: FieldProps["path"]): boolean {
  const { original, value } = useForm();
  return original !== undefined && !isSame(valueAt(original, path), valueAt(value, path));
}

/** Texts from this length on are compared word by word. */
const COMPARED = 40;

/** What was here before it was changed, and the way back to it. */
function Before({ path }: { path: FieldProps["path"] }): ReactNode {
  const { original, value, set, setUnread } = useForm();
  if (!useChanged(path)) return null;
  const [before, now] = [valueAt(original, path), valueAt(value, path)];
  const isText = typeof before === "string" && typeof now === "string" && before.length >= COMPARED;
  return (
    <div className={css["before"]}>
      <div className={css["was"]}>
        {isText ? (
          <Suspense fallback={<Line text={before} max={120} />}>
            <WordDiff before={before} after={now} />
          </Suspense>
        ) : (
          <>
            was <Was value={before} />
          </>
        )}
      </div>
      <Button
        variant="subtle"
        size="compact-xs"
        leftSection={<IconArrowBackUp size={13} />}
        onClick={() => {
          setUnread(pointerOf(path), null);
          set(path, before);
        }}
      >
        Return to it
      </Button>
    </div>
  );
}

function Was({ value }: { value: Draft }): ReactNode {
  if (value === undefined) return <em>not given</em>;
  return <Line text={typeof value === "string" && value !== "" ? value : labelOf(value)} max={160} />;
}

/** A text with characters that would act rather than show, as it really is. */
export function AsItReads({ text }: { text: string }): ReactNode {
  if (inert(text) === text) return null;
  return (
    <p className={css["says"]}>
      As it reads: <Pieces text={text.length > 400 ? `${text.slice(0, 400)}…` : text} />
    </p>
  );
}
