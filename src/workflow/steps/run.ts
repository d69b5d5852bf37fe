import type { Json } from "../../base/json.ts";
import type { StepOptions } from "../context.ts";
import type { Frame } from "../frame.ts";
import { asRecorded } from "../frame.ts";
import { newRecord } from "../step-call.ts";
import type { StepCall } from "../step-call.ts";
import { takeStep } from "../step.ts";

/** Any code of the author's: its result is on record once. */
export async function runStep(
  frame: Frame,
  name: string,
  body: (signal: AbortSignal) => unknown,
  options: StepOptions,
): Promise<Json> {
  const { standIns } = frame.engine;
  const { runId } = frame.run;
  const call: StepCall = {
    kind: "code",
    type: "code",
    name,
    key: options.key ?? "",
    abortable: true,
    failures: options.failures,
    reviewOf: null,
    async execute({ number, startedAt, signal }) {
      const output = asRecorded(
        await unlessAborted(
          async () => (standIns === undefined ? await body(signal) : standIns.code(runId, name)),
          signal,
        ),
        `The result of step "${name}"`,
      );
      const record = newRecord(frame, call, { number, startedAt, status: "success", ends: true, body: { output } });
      return { output, entries: [{ record }] };
    },
  };
  return await takeStep(frame, call);
}

/** A body that does not heed its signal is left behind. */
function unlessAborted<T>(body: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason as Error);
    if (signal.aborted) aborted();
    signal.addEventListener("abort", aborted, { once: true });
    void body()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", aborted));
  });
}
