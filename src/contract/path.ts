import type { MissingName } from "../base/schema.ts";
import type { Contract } from "./contract.ts";
import { ENVELOPE } from "./envelope.ts";

/** The first step of a dotted path that no event of this contract can have; null where one may. */
export function missingIn({ schema }: Contract, path: string): MissingName | null {
  if (ENVELOPE.some((name) => name === path)) return null;
  return schema.lacks(path.split("."));
}
