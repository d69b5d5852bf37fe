import type { Json, JsonObject, Problem } from "../base/json.ts";
import { compileSchema } from "../base/schema.ts";

/** The fields every event has, whatever its contract says. */
export const ENVELOPE = ["event", "event_id", "created_at", "schema_version"] as const;

const schema = compileSchema({
  type: "object",
  required: ["event", "event_id", "created_at"],
  properties: {
    event: { type: "string", minLength: 1, maxLength: 200 },
    event_id: { type: "string", minLength: 1, maxLength: 200, pattern: "^[^\\x00-\\x1f\\x7f]*$" },
    created_at: { type: "string", format: "date-time" },
    schema_version: { type: "integer", minimum: 1, maximum: 999_999_999 },
  },
});

export interface Envelope extends JsonObject {
  event: string;
  event_id: string;
  created_at: string;
}

/** What is wrong with an event's envelope; empty when it is an `Envelope`. */
export function envelopeProblems(body: Json): Problem[] {
  return schema.validate(body).map(({ pointer, message }) => ({ pointer, message: pointer === "/created_at" && message.endsWith("date-time") ? "must be a time as in RFC 3339: 2026-05-29T14:22:10Z" : message })); // prettier-ignore
}
