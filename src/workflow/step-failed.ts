import type { FailureClass, FailureInfo } from "../base/failure.ts";

/**
 * A step that has failed for good. It is on record before it is thrown, so a `catch` takes the same branch on every resume.
 */
export class StepFailed extends Error {
  readonly class: FailureClass;
  readonly step: string;
  readonly info: FailureInfo;
  constructor(step: string, info: FailureInfo) {
    super(`Step "${step}" failed (${info.class}): ${info.message}`);
    this.name = "StepFailed";
    this.class = info.class;
    this.step = step;
    this.info = info;
  }
}
