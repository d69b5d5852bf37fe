import { differences } from "../base/differences.ts";
import type { Difference } from "../base/differences.ts";
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";

/** In what present code differs from the record. */
export type DivergentPart = "kind" | "prompt" | "tool" | "input" | "review" | "not_asked_for" | "renamed_write";

/** A step on record that present code asks for otherwise, or not at all: both sides, for a person and for a program. */
export interface Divergence {
  step: string;
  key?: string;
  part: DivergentPart;
  /** Each side in a few words. */
  recorded: string;
  present: string;
  /** Of an input: the fields that differ, redacted. */
  fields?: readonly Difference[];
  /** What to do about it, where that is known. */
  fix?: string;
}

/** Fields that are named one by one. */
const MAX_FIELDS = 8;
const MAX_VALUE = 80;

/** The failure a run dies of. Values in it have to be redacted already. */
export function divergence(found: Divergence): Failure {
  const { step, key = "", part, recorded, present, fields = [], fix } = found;
  const named = key === "" ? `"${step}"` : `"${step}" (key "${key}")`;
  const shown = fields.slice(0, MAX_FIELDS);
  const listed = shown.map(
    ({ pointer, before, after }) => `${pointer || "the whole"} was ${value(before)}, is ${value(after)}`,
  );
  const more = fields.length > shown.length ? [`and ${fields.length - shown.length} more`] : [];
  const places = fields.length === 0 ? "" : ` ${[...listed, ...more].join("; ")}.`;
  return new Failure({
    class: "bug",
    code: "divergence",
    message: `Present code does not match the record at step ${named}: ${part === "input" ? "it is given other input." : `recorded ${recorded}, now ${present}.`}${places}${fix === undefined ? "" : ` ${fix}`}`,
    ...(fields.length === 0 ? {} : { errors: shown.map(fieldProblem) }),
    detail: { divergence: documentOf(found, shown) },
  });
}

/** An input that is not as recorded. Both are redacted. */
export function inputDivergence(
  at: Pick<Divergence, "step" | "key">,
  recorded: Json | undefined,
  present: Json | undefined,
): Failure {
  return divergence({
    ...at,
    part: "input",
    recorded: recorded === undefined ? "no input" : "its input",
    present: present === undefined ? "none" : "other input",
    fields: differences(recorded, present),
  });
}

function fieldProblem({ pointer, before, after }: Difference): { pointer: string; message: string } {
  return { pointer, message: `recorded ${value(before)}, now ${value(after)}` };
}

function value(side: Json | undefined): string {
  if (side === undefined) return "not there";
  const text = JSON.stringify(side);
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}…`;
}

function documentOf({ step, key, part, recorded, present }: Divergence, fields: readonly Difference[]): JsonObject {
  const listed = fields.map(({ pointer, before, after }) => ({
    pointer,
    ...(before === undefined ? {} : { recorded: before }),
    ...(after === undefined ? {} : { present: after }),
  }));
  return {
    step,
    ...(key === undefined || key === "" ? {} : { key }),
    part,
    recorded,
    present,
    ...(fields.length === 0 ? {} : { fields: listed }),
  };
}

/** What a failure says of a divergence; null where it is none. */
export function divergenceIn(
  detail: Json | undefined,
): Pick<Divergence, "step" | "key" | "part" | "recorded" | "present"> | null {
  const found = (detail as { divergence?: Divergence } | undefined)?.divergence;
  return found ?? null;
}
