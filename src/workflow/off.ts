import { DECISION } from "../journal/names.ts";
import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { FrameEnd, Frame } from "./frame.ts";
import { reviewNameOf } from "./history.ts";
import type { History } from "./history.ts";
import { openReview, reviewState } from "./reviewing.ts";

/** Code of the question that a person is asked in the workflow's place. */
export const OFF = "off";

const NAME = reviewNameOf(DECISION);
/** Tells it from the review that a decision of the workflow's own may wait for. */
const KEY = "@off";

/** The decision that a person has entered in the workflow's place; null: nobody has. */
export function enteredIn(history: History): JsonObject | null {
  const answered = history.step(NAME, KEY)?.records.findLast(({ ends }) => ends);
  const detail = answered?.body.detail as { action?: Json } | undefined;
  const output = answered?.body.output;
  return detail?.action === "correct" && isObject(output) ? output : null;
}

/**
 * A run of a workflow that is off asks no model and calls no tool: its code is not run. Where the release holds events it waits;
 * else a person decides from scratch, and nothing is written. Null: it is not off.
 */
export async function whileOff(frame: Frame): Promise<FrameEnd | null> {
  const entered = enteredIn(frame.history);
  if (entered !== null) return decidedBy(frame, entered);
  if (frame.stage !== "off") return null;
  if (frame.permission.whenOff === "hold") return { end: "parked", wait: "hold", wakeAt: null };
  void askFromScratch(frame);
  return await frame.ended;
}

function decidedBy(frame: Frame, decision: JsonObject): FrameEnd {
  const controlVersion = frame.permission.version;
  frame.decided = { decision, disposition: "reviewed", controlVersion, ruling: null, entered: true };
  return { end: "returned", value: decision };
}

async function askFromScratch(frame: Frame): Promise<never> {
  const state = reviewState(frame, NAME, KEY);
  if (state.open) return await state.park();
  const release = frame.permission.release?.number ?? frame.pins.release;
  const reason = `Release ${release} is off: a person decides in the workflow's place, and no model is asked.`;
  const park = await frame.underway.execute(false, () =>
    openReview(frame, { name: NAME, key: KEY, of: null, why: OFF, reason }),
  );
  return await park();
}
