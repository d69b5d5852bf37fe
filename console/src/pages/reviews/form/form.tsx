import { useMemo } from "react";
import type { ReactNode } from "react";
import { Line, Pieces } from "../../../parts/text.tsx";
import { ChoiceField, SetField } from "./choice.tsx";
import { FormContext, controlId, useForm } from "./context.ts";
import type { FieldProps, Form } from "./context.ts";
import { EitherField } from "./either.tsx";
import css from "./form.module.css";
import { JsonField } from "./json-field.tsx";
import { ListField } from "./list.tsx";
import { ObjectField } from "./object.tsx";
import { FixedField, FlagField, NumberField, TextField } from "./scalars.tsx";
import { shapeOf } from "./shape.ts";
import { isObject, valueAt } from "./value.ts";

/** The field that a schema asks for. */
function Field(field: FieldProps): ReactNode {
  const { root, value } = useForm();
  const shape = useMemo(() => shapeOf(field.schema, root), [field.schema, root]);
  const present = valueAt(value, field.path);
  switch (shape.kind) {
    case "choice":
      return <ChoiceField {...field} options={shape.options} />;
    case "fixed":
      return <FixedField {...field} fixed={shape.value} />;
    case "flag":
      return <FlagField {...field} />;
    case "number":
      return <NumberField {...field} shape={shape} />;
    case "text":
      return <TextField {...field} shape={shape} />;
    case "set":
      return <SetField {...field} options={shape.options} says={shape.says} />;
    case "list":
      return <ListField {...field} shape={shape} />;
    case "either":
      return <EitherField {...field} shape={shape} />;
    case "object":
      return present === undefined || isObject(present) || field.path.length === 0 ? (
        <ObjectField {...field} shape={shape} />
      ) : (
        <JsonField {...field} why="It has to be an object." />
      );
    case "json":
      return <JsonField {...field} why={shape.why} />;
  }
}

interface CorrectionFormProps extends Omit<Form, "errors" | "Field"> {
  problems: readonly { pointer: string; message: string }[];
}

/** A form made from a JSON Schema. What it says is a help: the server decides. */
export function CorrectionForm({ problems, ...form }: CorrectionFormProps): ReactNode {
  const errors = useMemo(() => {
    const found = new Map<string, string[]>();
    for (const { pointer, message } of problems) found.set(pointer, [...(found.get(pointer) ?? []), message]);
    return found;
  }, [problems]);
  return (
    <FormContext value={{ ...form, errors, Field }}>
      {problems.length > 0 && <Mend problems={problems} />}
      <Field schema={form.root} path={[]} name="output" required />
    </FormContext>
  );
}

/** Everything that is wrong in one place, each leading to its field. */
function Mend({ problems }: Pick<CorrectionFormProps, "problems">): ReactNode {
  return (
    <ul className={css["mend"]} aria-label="What does not hold">
      {problems.map(({ pointer, message }) => (
        <li key={`${pointer} ${message}`}>
          <button type="button" className={css["link"]} onClick={() => focusOn(pointer)}>
            <Pieces text={pointer === "" ? "/" : pointer} />
          </button>{" "}
          <Line text={message} max={300} />
        </li>
      ))}
    </ul>
  );
}

/** The control at `pointer`, or the nearest one around it. */
function focusOn(pointer: string): void {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf("/"))) {
    const found = document.getElementById(controlId(at));
    if (found !== null) return found.focus();
    if (at === "") return;
  }
}
