import { createContext, useContext } from "react";
import type { ComponentType } from "react";
import type { Json } from "../../../api/schema.gen.ts";
import type { Draft, Path } from "./value.ts";

export interface FieldProps {
  schema: Json;
  path: Path;
  /** What stands above the field. */
  name: string;
  required: boolean;
  /** Takes the whole place away: an item of a list, a member that nobody declared. */
  remove?: () => void;
}

export interface Form {
  /** The whole schema, which references are looked up in. */
  root: Json;
  /** What the reviewer was given; undefined where there was nothing to start from. */
  original: Draft;
  value: Draft;
  set(path: Path, value: Draft): void;
  /** By pointer: what was typed and is no value yet, such as half a number. */
  unread: Readonly<Record<string, string>>;
  /** Null forgets what was typed at the pointer and below it. */
  setUnread(pointer: string, text: string | null): void;
  /** What the server says is wrong, by pointer. */
  errors: ReadonlyMap<string, readonly string[]>;
  /** Fields hold fields; this is the one that tells them apart. */
  Field: ComponentType<FieldProps>;
}

export const FormContext = createContext<Form | null>(null);

export function useForm(): Form {
  const form = useContext(FormContext);
  if (form === null) throw new Error("A field stands in a form.");
  return form;
}

/** The id of the control at `pointer`; what is wrong with it is at the same with `-says`. */
export function controlId(pointer: string): string {
  return `field${pointer === "" ? "/" : pointer}`;
}
