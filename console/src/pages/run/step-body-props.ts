import type { Run, TraceStep } from "../../api/schema.gen.ts";
import type { Originals } from "./originals.ts";

/** What is shown of one step. */
export interface StepBodyProps {
  runId: string;
  run: Run;
  trace: readonly TraceStep[];
  /** With its originals, where they were revealed. */
  step: TraceStep;
  /** As it is on record. */
  hidden: TraceStep;
  originals: Originals | null;
}
