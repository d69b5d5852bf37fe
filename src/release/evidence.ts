/** What a piece of evidence was made for, by exact hashes: a raise may rest on it only where all of them are the ones it would serve. */
export interface PromptSubject {
  kind: "prompt";
  prompt: string;
  version: string;
  /** Content hash of the version: text, schemas, settings. */
  hash: string;
  /** `provider/model` that was asked. */
  model: string;
}

export interface WorkflowSubject {
  kind: "workflow";
  workflow: string;
  /** Fingerprint of the workflow's code. */
  code: string;
  prompts: Record<string, { prompt: string; version: string; hash: string; model: string }>;
  thresholds: Record<string, number>;
  /** Hash of the definition of each tool. */
  tools: Record<string, string>;
}

export type Subject = PromptSubject | WorkflowSubject;

export type Verdict = "PASS" | "FAIL" | "INCONCLUSIVE";

/** How one target of a suite was met. */
export interface TargetResult {
  name: string;
  metric: string;
  /** As written: `>= 98%`. */
  target: string;
  critical: boolean;
  /** In the metric's own unit (a share 0 to 1, ms, US dollars); null where nothing could be measured. */
  value: number | null;
  /** Exact, two-sided, 95 %; null for what is no proportion. */
  interval: { low: number; high: number } | null;
  /** Of a proportion: how many of how many cases. */
  hits: number | null;
  cases: number;
  status: Verdict;
  /** One sentence: why it is not a PASS, or what bounds it. */
  note: string;
  /** Of an INCONCLUSIVE one: so many more cases without an error would decide; null where that cannot be said. */
  needed: number | null;
}

/** What an evaluation showed, as a release may rest on it. Defined here, produced by `eval/`. */
export interface Evidence {
  /** Id of the eval run. */
  evidenceId: string;
  suite: string;
  /** Of the suite file with its targets. */
  suiteHash: string;
  /** Of the code of custom scorers; "" where there are none. */
  scorersHash: string;
  datasets: readonly { name: string; kind: string; version: number; hash: string; cases: number }[];
  subject: Subject;
  verdict: Verdict;
  targets: readonly TargetResult[];
  cases: number;
  /** True where a model without instructions answered (`local/in-context`): its figures say nothing about instructions. */
  inContext: boolean;
  by: string;
  /** Epoch ms. */
  at: number;
}

/** What evidence is looked for: of one prompt version, or of a workflow's code. What is left out may be anything. */
export interface EvidenceQuery {
  kind: Subject["kind"];
  /** Of the prompt or the workflow. */
  name: string;
  /** Of the prompt version's content, or fingerprint of the workflow's code. */
  hash?: string;
  /** `provider/model`; of a prompt only. */
  model?: string;
  suite?: string;
  verdict?: Verdict;
}

/** Evidence is written once, by the eval run that made it, and never changed. */
export interface EvidenceStore {
  /** Newest first, at most `limit` (100 unless said). */
  evidenceFor(query: EvidenceQuery, limit?: number): Promise<Evidence[]>;
  /** In no order; an id that is none is left out. */
  evidenceById(evidenceIds: readonly string[]): Promise<Evidence[]>;
}
