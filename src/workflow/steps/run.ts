import type { Json } from "../../base/json.ts";
import type { StepOptions } from "../context.ts";
import type { Frame } from "../frame.ts";
import { asRecorded } from "../frame.ts";
import { newRecord, takeStep } from "../step.ts";
import type { StepCall } from "../step.ts";

/** Any code of the author's: its result is on record once. */
export async function runStep(
  frame: Frame,
  name: string,
  body: (signal: AbortSignal) => unknown,
  options: StepOptions,
): Promise<Json> {
  const call: StepCall = {
    kind: "code",
    type: "code",
    name,
    key: options.key ?? "",
    abortable: true,
    failures: options.failures,
    reviewOf: null,
    async execute({ number, startedAt, signal }) {
      const output = asRecorded(await body(signal));
      const record = newRecord(frame, call, { number, startedAt, status: "success", ends: true, body: { output } });
      return { output, entries: [{ record }] };
    },
  };
  return await takeStep(frame, call);
}
