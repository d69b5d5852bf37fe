import { Button } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import { Segments } from "./choice.tsx";
import { controlId, useForm } from "./context.ts";
import type { FieldProps } from "./context.ts";
import { FieldFrame } from "./frame.tsx";
import css from "./form.module.css";
import { alternativeOf, blankItem, shapeOf } from "./shape.ts";
import type { Shape } from "./shape.ts";
import { pointerOf, valueAt } from "./value.ts";

type EitherShape = Extract<Shape, { kind: "either" }>;

/** One of several kinds of value; what was entered in one of them is there again when it is picked again. */
export function EitherField({ shape, ...field }: FieldProps & { shape: EitherShape }): ReactNode {
  const { value, set, root, Field } = useForm();
  const { alternatives } = shape;
  const [kept, setKept] = useState<ReadonlyMap<number, ReturnType<typeof blankItem>>>(new Map());
  const present = valueAt(value, field.path);
  const picked = alternativeOf(present, alternatives, root);
  const pick = (index: number): void => {
    if (index === picked || alternatives[index] === undefined) return;
    if (present !== undefined && picked !== -1) setKept(new Map(kept).set(picked, present));
    set(field.path, kept.get(index) ?? blankItem(alternatives[index].schema, root));
  };
  const nothing = alternatives.findIndex(({ schema }) => isNull(shapeOf(schema, root)));
  const only = alternatives.length === 2 && nothing !== -1 ? 1 - nothing : -1;
  if (only !== -1 && picked === only && alternatives[only] !== undefined)
    return (
      <div className={css["nullable"]}>
        <Field {...field} schema={alternatives[only].schema} />
        <Button variant="subtle" size="compact-xs" onClick={() => pick(nothing)}>
          Say “no value”
        </Button>
      </div>
    );
  const chosen = alternatives[picked];
  return (
    <FieldFrame {...field} says={[]} group>
      <Segments
        pointer={pointerOf(field.path)}
        labels={alternatives.map(({ label }, index) => (index === nothing ? "no value" : label))}
        {...{ picked, pick }}
      />
      {chosen !== undefined && picked !== nothing && (
        <div className={css["nested"]} id={`${controlId(pointerOf(field.path))}#within`}>
          <Field schema={chosen.schema} path={field.path} name={chosen.label} required />
        </div>
      )}
    </FieldFrame>
  );
}

function isNull(shape: Shape): boolean {
  return shape.kind === "fixed" && shape.value === null;
}
