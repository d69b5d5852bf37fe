import type { Share } from "./previewing.ts";

export interface CurveRequest {
  workflow: string;
  /** Name of the threshold. */
  threshold: string;
  /** The latest recorded runs, or the cases of an eval run. */
  source: "runs" | { evalId: string };
  /** At most so many of the latest runs. */
  runs: number;
}

export interface CurvePoint {
  value: number;
  /** Needs no person. */
  automation: Share;
  /** Of those, where it is known what is right: what a person decided, or what the case expects. */
  accuracy: Share;
}

/** Automation against accuracy, for each value a threshold may have. */
export interface Curve {
  workflow: string;
  threshold: string;
  /** `below`: what is below it goes to a person, so that a higher one lets less through. */
  direction: "below" | "above";
  /** In force now. */
  present: number;
  source: CurveRequest["source"];
  /** By threshold. */
  points: CurvePoint[];
  /** Runs or cases that were looked at. */
  runs: number;
  /** Of them, runs that cannot be replayed, or cases whose answer states no confidence. */
  skipped: number;
  /** Of them, those of which it is known what is right: a person has decided, or has written down what a case expects. */
  peopleDecided: number;
  /** A model without instructions has answered, or does now. */
  inContext: boolean;
}

export interface Curving {
  thresholdCurve(request: CurveRequest): Promise<Curve>;
}
