import type { Json, TraceStep } from "../../api/schema.gen.ts";
import type { JsonMark, JsonMarks } from "../../parts/json.tsx";

/** A run with nothing redacted, as it was when it was asked for. Held by the page alone and gone with it. */
export interface Originals {
  /** Epoch ms. */
  at: number;
  reason: string;
  trace: readonly TraceStep[];
  decision: Json;
}

/** The step with its originals, where they are of this very state of it. */
export function withOriginals(step: TraceStep, originals: Originals | null): TraceStep {
  const found = originals?.trace[step.step - 1];
  const same =
    found?.step === step.step && found.type === step.type && found.status === step.status && found.phase === step.phase;
  return same ? found : step;
}

const TOKEN = /\[redacted:[^:\]]+:[\w-]{22}\]/;
const SEEN: JsonMark = { tone: "seen", note: "revealed" };

/** The places of `shown` at which `hidden` is redacted. */
export function seenMarks(hidden: unknown, shown: unknown): JsonMarks {
  const marks = new Map<string, JsonMark>();
  walk(hidden, shown, "", (pointer) => marks.set(pointer, SEEN));
  return marks;
}

/** What stands for each token that is a value of its own; one inside a longer text is known where it also stands alone. */
export function originalsByToken(hidden: unknown, shown: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  walk(hidden, shown, "", (_, token, original) => {
    if (TOKEN.exec(token)?.[0] === token)
      found.set(token, typeof original === "string" ? original : JSON.stringify(original));
  });
  return found;
}

/** `text` with the tokens that are known replaced by what they stand for. */
export function restored(text: string, originals: ReadonlyMap<string, string>): string {
  if (originals.size === 0) return text;
  return text.replaceAll(new RegExp(TOKEN, "g"), (token) => originals.get(token) ?? token);
}

function walk(
  hidden: unknown,
  shown: unknown,
  pointer: string,
  found: (pointer: string, token: string, original: unknown) => void,
): void {
  if (hidden === shown) return;
  if (typeof hidden === "string") {
    if (TOKEN.test(hidden)) found(pointer, hidden, shown);
    return;
  }
  if (typeof hidden !== "object" || hidden === null || typeof shown !== "object" || shown === null) return;
  for (const [name, value] of Object.entries(hidden))
    walk(
      value,
      (shown as Record<string, unknown>)[name],
      `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      found,
    );
}
