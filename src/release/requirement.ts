import type { Evidence } from "./evidence.ts";

/** One thing that a raise asks for, and whether it is there. */
export interface Requirement {
  /** `prompt_evidence`, `path_evidence`, `prompt_approval`, `critical_target`, `output_check`, `second_person`, `automatic_actor`. */
  code: string;
  met: boolean;
  /** One sentence: what there is, and where it falls short by how much. */
  message: string;
  /** What to do about it; null where it is met. */
  fix: string | null;
  /** Of what concerns one prompt slot only. */
  slot?: string;
  /** What it rests on, or what fails it; null where there is none. */
  evidence?: Evidence | null;
}
