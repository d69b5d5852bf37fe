import type { Json } from "../../../api/schema.gen.ts";

/** One field in which two decisions differ. */
export interface FieldChange {
  field: string;
  before: string;
  after: string;
}

/** What is different between two decisions, by field; of decisions that are no objects, as a whole. */
export function fieldChanges(before: Json, after: Json): FieldChange[] {
  const [was, is] = [flat(before), flat(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) => {
    const [from, to] = [was.get(field) ?? "–", is.get(field) ?? "–"];
    return from === to ? [] : [{ field, before: from, after: to }];
  });
}

/** `category: billing, urgency: high`. */
export function decisionWords(decision: Json): string {
  if (decision === null) return "none";
  return [...flat(decision)].map(([field, value]) => (field === "" ? value : `${field}: ${value}`)).join(", ");
}

function flat(value: Json): Map<string, string> {
  if (value === null) return new Map();
  if (typeof value !== "object" || Array.isArray(value)) return new Map([["", textOf(value)]]);
  return new Map(Object.entries(value).map(([name, each]) => [name, textOf(each)]));
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
