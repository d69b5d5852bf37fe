import type { Json } from "./json.ts";
import { nearest } from "./suggest.ts";

const KIND = /^[A-Za-z][\w-]{0,39}$/;
const MARKS = ["x-sensitive", "x-default"];

/**
 * What is wrong with a keyword that starts with `x-`; undefined for nothing. Such keywords are the author's own, but one
 * that is nearly a mark of Sluice's is refused: taken for the author's own it would leave sensitive values in clear.
 */
export function markMistake(key: string, value: Json): string | undefined {
  if (key === "x-default") return typeof value === "boolean" ? undefined : "x-default must be true or false";
  if (key === "x-sensitive")
    return typeof value === "boolean" || (typeof value === "string" && KIND.test(value))
      ? undefined
      : 'x-sensitive must be true, false or a kind such as "email" or "card"';
  const meant = nearest(key, MARKS, key.startsWith("x-sens") ? 3 : 2);
  return meant === undefined ? undefined : `There is no mark "${key}". Did you mean "${meant}"?`;
}
