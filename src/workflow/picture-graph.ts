import type { FileProblem } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { REVIEW_OF } from "../journal/names.ts";

export type NodeKind = "trigger" | "prompt" | "tool" | "code" | "rule" | "review" | "sleep" | "wait" | "decide" | "end";

/** One step of a workflow as it is drawn, or where a run begins or ends. */
export interface PictureNode {
  /** `trigger`, `step:NAME`, `decide`, `end:completed`, `end:dead`, `end:stopped`. Of a name that is made when it runs, `${…}` stands for what varies. */
  id: string;
  kind: NodeKind;
  label: string;
  /** 1-based, in the workflow's file unless `detail.file` names another; null for an end. */
  line: number | null;
  detail: Record<string, Json>;
  /** A run may complete without it. */
  optional: boolean;
  /** It may be taken several times in one run. */
  repeated: boolean;
}

export interface PictureEdge {
  id: string;
  from: string;
  to: string;
  kind: "flow" | "condition" | "failure";
  /** The condition as the source has it, or what went wrong; null where the way is always taken. */
  label: string | null;
  /** Nobody wrote it: the engine takes it by the failure table, stage or guard. */
  implied: boolean;
}

/** A workflow drawn from its source, before any run. */
export interface Picture {
  workflow: string;
  /** Relative to the project. */
  file: string;
  nodes: PictureNode[];
  edges: PictureEdge[];
  /** What of it cannot be seen in the source. */
  problems: FileProblem[];
}

/** Ways out of a node that the engine may take besides those that are written. */
export interface ImpliedEdge {
  from: string;
  to: string;
  kind: PictureEdge["kind"];
  label: string | null;
}

/** The review that the runtime asks by itself when a step fails, or for a decision. */
export function reviewIdOf(name: string): string {
  return `step:${REVIEW_OF}${name}`;
}
