import type { Mark } from "../../journal/redact.ts";
import type { Frame } from "../frame.ts";

/** Marks of the run's event, as its record lists them. */
export function eventMarks(frame: Frame): Mark[] {
  const detail = frame.history.event.body.detail as { marks?: Mark[] } | undefined;
  return detail?.marks ?? [];
}
