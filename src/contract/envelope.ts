import { isObject } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import { compileSchema } from "../base/schema.ts";

/** The fields every event has, whatever its contract says. */
export const ENVELOPE = ["event", "event_id", "created_at", "schema_version"] as const;

const schema = compileSchema({
  type: "object",
  required: ["event", "event_id", "created_at"],
  properties: {
    event: { type: "string", minLength: 1, maxLength: 200 },
    event_id: { type: "string", minLength: 1, maxLength: 200 },
    created_at: { type: "string", format: "date-time" },
    schema_version: { type: "integer", minimum: 1, maximum: 999_999_999 },
  },
});

export interface Envelope extends JsonObject {
  event: string;
  event_id: string;
  created_at: string;
}

/** Ids are compared, printed and typed by people: nothing unseen, and no space at an end. */
const PRINTABLE = /^(?!\s)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*(?<!\s)$/u;

/** What is wrong with an event's envelope; empty when it is an `Envelope`. */
export function envelopeProblems(body: Json): Problem[] {
  const problems = schema.validate(body).map(inPlainWords);
  if (!isObject(body) || problems.some(({ pointer }) => pointer === "/event_id")) return problems;
  if (PRINTABLE.test(body["event_id"] as string)) return problems;
  const message = "must be printable text without a space at either end";
  return [...problems, { pointer: "/event_id", message }];
}

function inPlainWords({ pointer, message }: Problem): Problem {
  if (pointer !== "/created_at" || !message.endsWith("date-time")) return { pointer, message };
  return { pointer, message: "must be a time as in RFC 3339: 2026-05-29T14:22:10Z" };
}
