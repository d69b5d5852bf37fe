import { Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Json } from "../../../api/schema.gen.ts";
import { plural } from "../../../parts/format.ts";
import { controlId, useForm } from "./context.ts";
import type { FieldProps } from "./context.ts";
import { FieldFrame } from "./frame.tsx";
import css from "./form.module.css";
import { blankItem } from "./shape.ts";
import type { Shape } from "./shape.ts";
import { pointerOf, valueAt } from "./value.ts";

type ListShape = Extract<Shape, { kind: "list" }>;

/** Items that can be added, taken away and put in another order. */
export function ListField({ shape, ...field }: FieldProps & { shape: ListShape }): ReactNode {
  const { value, set, root } = useForm();
  const present = valueAt(value, field.path);
  const items = Array.isArray(present) ? present : [];
  const add = (): void => {
    set(field.path, [...items, blankItem(shape.items, root)]);
    const at = controlId(pointerOf([...field.path, items.length]));
    // The new item is there after the next paint.
    requestAnimationFrame(() => document.getElementById(at)?.focus());
  };
  return (
    <FieldFrame {...field} says={[plural(items.length, "item"), ...shape.says]} group>
      <ol className={css["items"]}>
        {items.map((_, index) => (
          // Items have no names of their own: their place is what there is.
          <Item key={index} index={index} items={items} schema={shape.items} list={field} least={shape.min} />
        ))}
      </ol>
      <Button
        id={controlId(pointerOf(field.path))}
        variant="default"
        size="compact-xs"
        leftSection={<IconPlus size={13} />}
        disabled={items.length >= shape.max}
        onClick={add}
      >
        Add to {field.name}
      </Button>
    </FieldFrame>
  );
}

interface ItemProps {
  index: number;
  items: readonly Json[];
  schema: Json;
  list: FieldProps;
  least: number;
}

function Item({ index, items, schema, list, least }: ItemProps): ReactNode {
  const { set, setUnread, Field } = useForm();
  const put = (next: Json[]): void => {
    // What is half typed belongs to a place, and places move.
    setUnread(pointerOf(list.path), null);
    set(list.path, next);
  };
  const name = `${list.name} ${index + 1}`;
  const swap = (other: number): void => {
    const next = [...items];
    [next[index], next[other]] = [items[other] as Json, items[index] as Json];
    put(next);
  };
  return (
    <li className={css["item"]}>
      <Field
        schema={schema}
        path={[...list.path, index]}
        name={name}
        required
        {...(items.length > least ? { remove: () => put(items.toSpliced(index, 1)) } : {})}
      />
      <div className={css["order"]}>
        <button
          type="button"
          disabled={index === 0}
          onClick={() => swap(index - 1)}
          aria-label={`Move ${name} up`}
          title="Move up"
        >
          <IconArrowUp size={14} />
        </button>
        <button
          type="button"
          disabled={index === items.length - 1}
          onClick={() => swap(index + 1)}
          aria-label={`Move ${name} down`}
          title="Move down"
        >
          <IconArrowDown size={14} />
        </button>
      </div>
    </li>
  );
}
