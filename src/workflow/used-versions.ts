import type { JournalRecord } from "../journal/record.ts";
import type { Engine } from "./engine.ts";

/** `provider/model`; as it is written where it names no provider there is, which the call of it will say. */
export function fullName({ models }: Pick<Engine, "models">, ref: string): string {
  try {
    const { provider, model } = models.resolve(ref);
    return `${provider}/${model}`;
  } catch {
    return ref;
  }
}

/** Versions of prompts with the model they were asked of, as one text each. */
export type Used = ReadonlySet<string>;

export function usedKey(hash: string, model: string): string {
  return `${hash}\n${model}`;
}

/** What a run has asked so far, also where no answer came. */
export function usedIn(records: readonly JournalRecord[]): Set<string> {
  const used = new Set<string>();
  for (const { kind, type, body } of records)
    if (kind === "prompt" && (type === "model_call" || type === "repair") && body.promptHash !== undefined)
      used.add(usedKey(body.promptHash, body.model ?? ""));
  return used;
}
