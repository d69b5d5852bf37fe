import { isObject, pointerToken } from "./json.ts";
import type { Json } from "./json.ts";

export interface Difference {
  pointer: string;
  /** Undefined where the field was not there. */
  before: Json | undefined;
  /** Undefined where it is gone. */
  after: Json | undefined;
}

/** Where two values differ, field by field; lists are compared whole. */
export function differences(before: Json | undefined, after: Json | undefined, pointer = ""): Difference[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      differences(own(before, name), own(after, name), `${pointer}/${pointerToken(name)}`),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ pointer, before, after }];
}

function own(object: { [name: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
