import { parseDuration } from "../../base/duration.ts";
import type { Frame } from "../frame.ts";
import { newRecord } from "../step-call.ts";
import type { StepCall } from "../step-call.ts";
import { takeStep } from "../step.ts";

/** Waits without a process: the time is on record, and the run is due again then. */
export async function sleepStep(frame: Frame, name: string, key: string, duration: string | number): Promise<void> {
  const ms = parseDuration(duration);
  const begun = frame.history.step(name, key)?.records.find((record) => !record.ends);
  const until = (begun?.body.detail as { until?: number } | undefined)?.until;
  const call: StepCall = {
    kind: "sleep",
    type: "wait",
    name,
    key,
    abortable: true,
    reviewOf: null,
    async execute({ number, startedAt }) {
      if (until === undefined) {
        const detail = { until: startedAt + ms };
        await frame.commit([
          { record: newRecord(frame, call, { number, startedAt, status: "waiting", body: { detail } }) },
        ]);
        return { park: () => frame.underway.park("sleep", detail.until) };
      }
      await frame.engine.probe("sleep_over");
      const from = begun?.startedAt ?? startedAt;
      const record = newRecord(frame, call, {
        number,
        startedAt: from,
        status: "success",
        ends: true,
        body: { output: null },
      });
      return { output: null, entries: [{ record }] };
    },
  };
  if (until !== undefined && until > frame.now() && frame.live) {
    frame.enter(name, key);
    await frame.underway.park("sleep", until);
  }
  await takeStep(frame, call);
}
