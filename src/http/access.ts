import { z } from "@hono/zod-openapi";
import { parseDuration } from "../base/duration.ts";
import { LOCAL_TOKEN } from "./credential.ts";
import { HttpProblem } from "./problem.ts";

/** Of whoever is let in. */
export const NAME: z.ZodType<string> = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((name) => name !== LOCAL_TOKEN, "is taken by the server's own credential")
  .describe("Who or what uses it; shown as the actor of all it does.");

/** Milliseconds of a body's `expires_in`, above zero and at most `most`, a duration. Throws 422 otherwise. */
export function toLifetime(text: string, most: string): number {
  try {
    const ms = parseDuration(text);
    if (ms > 0 && ms <= parseDuration(most)) return ms;
  } catch {
    // Told below, with what is meant.
  }
  throw new HttpProblem({
    status: 422,
    code: "invalid_body",
    detail: "The body is not what this call takes.",
    errors: [{ pointer: "/expires_in", message: `must be a duration like "15m" or "90d", at most ${most}` }],
  });
}
