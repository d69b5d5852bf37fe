import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { controlId, useForm } from "./context.ts";
import type { FieldProps } from "./context.ts";
import { Remove, Wrong } from "./frame.tsx";
import { Pieces } from "../../../parts/text.tsx";
import css from "./form.module.css";
import { blankItem, wordsOf } from "./shape.ts";
import type { Shape } from "./shape.ts";
import { isObject, pointerOf, valueAt } from "./value.ts";

type ObjectShape = Extract<Shape, { kind: "object" }>;

/** Members with names, each a field; an object within another has a frame. */
export function ObjectField({ shape, ...field }: FieldProps & { shape: ObjectShape }): ReactNode {
  const { root } = useForm();
  const { title, description } = wordsOf(field.schema, root);
  const pointer = pointerOf(field.path);
  if (field.path.length === 0)
    return (
      <div className={css["fields"]} id={controlId(pointer)} tabIndex={-1}>
        <Wrong pointer={pointer} />
        <Members shape={shape} field={field} />
      </div>
    );
  return (
    <fieldset className={css["object"]} id={controlId(pointer)} tabIndex={-1}>
      <legend className={css["label"]}>
        <span className={css["name"]}>
          <Pieces text={title ?? field.name} />
        </span>
        {!field.required && <span className={css["says"]}>optional</span>}
      </legend>
      {field.remove !== undefined && <Remove what={title ?? field.name} remove={field.remove} />}
      {description !== null && <div className={css["says"]}>{description}</div>}
      <Wrong pointer={pointer} />
      <Members shape={shape} field={field} />
    </fieldset>
  );
}

function Members({ shape, field }: { shape: ObjectShape; field: FieldProps }): ReactNode {
  const { value, set, Field } = useForm();
  const present = valueAt(value, field.path);
  const given = isObject(present) ? present : {};
  const known = new Set(shape.members.map(({ name }) => name));
  const extra = Object.keys(given).filter((name) => !known.has(name));
  return (
    <>
      {shape.members.map(({ name, schema, required }) => {
        const path = [...field.path, name];
        if (!required && !Object.hasOwn(given, name)) return <Absent key={name} {...{ name, schema, path }} />;
        const remove = required ? {} : { remove: () => set(path, undefined) };
        return <Field key={name} {...{ schema, path, name, required }} {...remove} />;
      })}
      {extra.map((name) => {
        const path = [...field.path, name];
        return <Field key={name} schema path={path} name={name} required={false} remove={() => set(path, undefined)} />;
      })}
    </>
  );
}

/** A member that need not be there, and is not. */
function Absent({
  name,
  schema,
  path,
}: {
  name: string;
  schema: FieldProps["schema"];
  path: FieldProps["path"];
}): ReactNode {
  const { set, root, original } = useForm();
  const before = valueAt(original, path);
  const title = wordsOf(schema, root).title ?? name;
  return (
    <div className={css["absent"]} data-changed={before !== undefined || undefined}>
      <span className={css["name"]}>
        <Pieces text={title} />
      </span>
      <span className={css["says"]}>{before === undefined ? "not given" : "taken away"}</span>
      <Button
        id={controlId(pointerOf(path))}
        variant="subtle"
        size="compact-xs"
        leftSection={<IconPlus size={13} />}
        aria-label={before === undefined ? `Add ${title}` : `Put ${title} back`}
        onClick={() => {
          set(path, before ?? blankItem(schema, root));
          requestAnimationFrame(() => document.getElementById(controlId(pointerOf(path)))?.focus());
        }}
      >
        {before === undefined ? "Add" : "Put it back"}
      </Button>
      <Wrong pointer={pointerOf(path)} />
    </div>
  );
}
