// Written by "npm run types:console" from the API's reference. Do not edit: change the schemas in src/http.

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type AuditHead = {
  head: {
    /** Place in the chain, from 1. */
    index: number;
    run_id: string;
    /** The run's last record that the link covers. */
    last_seq: number;
    /** Hex. */
    link: string;
  } | null;
};

export type AuditVerdict = {
  ok: boolean;
  runs: number;
  records: number;
  /** Records whose values retention took, with the proof of it. */
  tombstones: number;
  /** Runs whose originals are gone. */
  keyless: number;
  problems: string[];
};

export type BatchReceipt = {
  /** Of each item in order: its receipt, or the problem. */
  results: ({
    index: number;
    status: number;
    event_id: string | null;
    [key: string]: unknown;
  })[];
};

export type Calibration = {
  ece: number | null;
  bins: ({
    low: number;
    high: number;
    attempts: number;
    confidence: number | null;
    accuracy: Share;
  })[];
  without: number;
};

export type CandidateAnswer = {
  slot: string;
  prompt: string;
  version: string;
  hash: string;
  model: string;
  run_id: string;
  key: string;
  release: number;
  status: "valid" | "invalid" | "failed" | "skipped";
  code: string | null;
  repaired: boolean;
  /** Redacted; null where there is none, or retention took it. */
  output: Json;
  agrees: boolean | null;
  agrees_with_person: boolean | null;
  served_agrees_with_person: boolean | null;
  fields: { [key: string]: boolean } | null;
  cost_usd: number | null;
  latency_ms: number | null;
  asked_at: string;
};

export type CandidateAnswers = {
  items: CandidateAnswer[];
  next_cursor: string | null;
};

export type CandidateTotals = {
  slot: string;
  prompt: string;
  version: string;
  hash: string;
  model: string;
  total: number;
  valid: number;
  invalid: number;
  failed: number;
  skipped: number;
  repaired: number;
  skipped_why: { [key: string]: number };
  /** Where the served version and the candidate both gave an output. */
  compared: number;
  /** Of those, where both decide the same: free text and confidence count for nothing. */
  agreed: number;
  /** Where a person decided. */
  judged: number;
  /** Of those, where the candidate says what the person said. */
  candidate_right: number;
  /** Of those, where the served version does. */
  served_right: number;
  fields: { [key: string]: {
    compared: number;
    agreed: number;
  } };
  /** Of the calls whose price is known. */
  cost_usd: number;
  /** Answers whose price is not known. */
  unknown_costs: number;
  latency_avg_ms: number | null;
  latency_p95_ms: number | null;
  input_tokens: number;
  output_tokens: number;
  first_at: string;
  last_at: string;
};

export type Candidates = {
  items: CandidateTotals[];
};

export type Case = {
  id: string;
  input: { [key: string]: Json };
  expected: Json;
  tags?: string[];
  /** The run it came from. */
  source?: string;
  /** What tools answer, in place of being called. */
  tools?: { [key: string]: Json };
  hash: string;
};

export type CaseDifference = {
  pointer: string;
  expected: Json;
  actual?: Json;
};

export type Cases = {
  items: Case[];
  next_cursor: string | null;
};

export type ChangedRelease = {
  workflow: string;
  number: number;
  stage: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
  /** Made by dev or the demo, without the gate. */
  development: boolean;
  when_off: "hold" | "review";
  share: number;
  assign_by: string;
  scope: string | null;
  automation: string | null;
  sample: number;
  /** By slot. */
  prompts: { [key: string]: PromptGrant };
  thresholds: { [key: string]: number };
  /** What it may call, but for those that are revoked. */
  tools: string[];
  revoked: string[];
  risk_threshold: "low" | "medium" | "high";
  created_by: string;
  created_at: string;
  reason: string;
  /** Ids of the eval runs it rests on. */
  evidence: string[];
  approvals: ({
    by: string;
    at: string;
    reason: string;
  })[];
  /** What it was let through without. */
  override: {
    missing: ({
      code: string;
      message: string;
    })[];
    reason: string;
    solo: boolean;
  } | null;
  /** Empty where it was so already. */
  changes: ReleaseDifference[];
};

export type CodeWait = {
  pinned: string;
  /** Null where the workflow is not in the project. */
  present: string | null;
};

export type Contract = {
  type: string;
  version: number;
  /** What an event without schema_version is taken for. */
  default: boolean;
  /** There is a way to the next version. */
  upcast: boolean;
  file: string;
  schema: Json;
};

export type Contracts = {
  items: Contract[];
};

export type Correction = {
  workflow_run_id: string;
  original_output: Json;
  corrected_output: Json;
  correction_reason: string;
  reviewer_id: string;
};

export type CreatedToken = {
  token_id: string;
  /** A program's token, a login code that was not redeemed yet, or a person at the console. */
  kind: "bearer" | "login" | "session";
  name: string;
  role: "viewer" | "reviewer" | "editor" | "operator" | "admin";
  /** Null where that was not noted. */
  created_by: string | null;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** Shown this once. */
  secret: string;
};

export type Dataset = {
  name: string;
  /** Grows by one each time other content is published. */
  version: number;
  kind: "golden" | "edge" | "negative" | "regression" | "adversarial";
  /** SHA-256 over the kind and the cases, whatever their order. */
  hash: string;
  cases: number;
  /** A file of the project, or import. */
  source: string;
  published_by: string;
  published_at: string;
  /** Suites of the project that use it. */
  suites: string[];
};

export type DatasetImport = {
  kind: "golden" | "edge" | "negative" | "regression" | "adversarial";
  format?: "jsonl" | "csv";
  /** Of CSV: where each column goes, {"text": "input.ticket.body"}. */
  map?: Json;
  /** Of CSV: the same in every case, {"input.ticket.channel": "email"}. */
  set?: Json;
  delimiter?: string;
  /** The file. */
  data: string;
};

export type DatasetVersions = {
  name: string;
  suites: string[];
  /** Newest first. */
  versions: ({
    /** Grows by one each time other content is published. */
    version: number;
    kind: "golden" | "edge" | "negative" | "regression" | "adversarial";
    /** SHA-256 over the kind and the cases, whatever their order. */
    hash: string;
    cases: number;
    /** A file of the project, or import. */
    source: string;
    published_by: string;
    published_at: string;
  })[];
};

export type Datasets = {
  items: Dataset[];
};

export type DeadLetter = {
  run: Run;
  failed_steps: TraceStep[];
};

export type DeadLetterGroup = {
  fingerprint: string;
  workflow: string;
  step: string | null;
  class: "transient" | "rate_limited" | "timeout" | "invalid_output" | "rule_failed" | "tool_drift" | "denied" | "budget" | "refused" | "bug" | "poison";
  code: string;
  message: string;
  count: number;
  example_run_id: string;
  first_at: string;
  last_at: string;
};

export type DeadLetterGroups = {
  items: DeadLetterGroup[];
};

export type DecidedReceipt = {
  event_id: string;
  runs: ({
    run_id: string;
    workflow: string;
  })[];
  /** The first run; null where a waiting run took the event. */
  run_id: string | null;
  duplicate: boolean;
  status: "queued" | "running" | "waiting" | "completed" | "dead" | "stopped" | "cancelled";
  disposition: "shadowed" | "suggested" | "applied" | "reviewed" | "rejected" | "stopped" | null;
  decision: Json;
  prompt_versions: { [key: string]: string };
  failure: RunFailure | null;
  waiting_for: "review" | "sleep" | "event" | "retry" | "hold" | null;
};

export type Drift = {
  event_type: string;
  contract_version: number;
  pointer: string;
  count: number;
  last_seen_at: string;
};

export type Drifts = {
  items: Drift[];
};

export type Effect = {
  step: string;
  tool: string;
  payload: Json;
};

export type EraseReport = {
  dry_run: boolean;
  matched: number;
  /** Runs that had not ended. */
  unfinished: number;
  erased: number;
  cancelled: number;
  /** Runs whose originals were gone already. */
  erased_before: number;
  /** Bodies of refused events. */
  quarantined: number;
  /** Events that were kept for runs that wait. */
  kept_events: number;
  refused: ({
    run_id: string;
    why: string;
  })[];
  /** The files hold nothing of it any more; false: within a minute or so they do not. */
  swept: boolean;
  /** What erasure cannot reach. */
  not_covered: string[];
};

export type Erasures = {
  items: ({
    at: string;
    by: string;
    reason: string;
    asked: Json;
    done: Json;
  })[];
};

export type Eval = {
  eval_id: string;
  suite: string;
  subject: EvalSubject;
  status: "queued" | "running" | "done" | "failed" | "cancelled";
  repeat: number;
  concurrency: number;
  budget_usd: number | null;
  fresh: boolean;
  datasets: ({
    name: string;
    kind: string;
    version: number;
    hash: string;
    cases: number;
  })[];
  suite_hash: string;
  scorers_hash: string;
  /** Eval run of the version it is compared with. */
  baseline: string | null;
  /** Eval run that it was made for. */
  baseline_of: string | null;
  /** Cases times repeats; with a baseline, of both. */
  total: number;
  done: number;
  /** Of those: answered before, and not asked again. */
  cached: number;
  /** Spent so far; null where a price is unknown. */
  cost_usd: number | null;
  /** Attempts asked for whose price is unknown. */
  unpriced: number;
  seconds_left: number | null;
  verdict: "PASS" | "FAIL" | "INCONCLUSIVE" | null;
  failure: Failure | null;
  created_by: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
};

export type EvalCaseDetail = {
  eval_id: string;
  case: {
    id: string;
    dataset: string;
    kind: string;
    input: Json;
    expected: Json;
    tags: string[];
    source: string | null;
    tools: Json | null;
  };
  attempts: ({
    result: EvalCaseResult;
    trace: TraceStep[];
  })[];
};

export type EvalCaseResult = {
  case_id: string;
  dataset: string;
  kind: string;
  repeat: number;
  outcome: "answered" | "invalid" | "refused" | "review" | "failed" | "timed_out";
  passing: boolean;
  expected: Json;
  output: Json | null;
  differences: CaseDifference[];
  confidence: number | null;
  valid_json: boolean | null;
  valid_first: boolean | null;
  repaired: boolean;
  latency_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost_usd: number | null;
  scores: { [key: string]: number | null };
  cached: boolean;
  slices: { [key: string]: string | null };
  error: Failure | null;
};

export type EvalCases = {
  items: EvalCaseResult[];
  next_cursor: string | null;
};

export type EvalComparison = {
  before: string;
  after: string;
  /** That both have, unchanged. */
  cases: number;
  only_before: number;
  only_after: number;
  changed: number;
  targets: ({
    name: string;
    metric: string;
    unit: string;
    before: {
      value: number | null;
      hits: number | null;
      cases: number;
    };
    after: {
      value: number | null;
      hits: number | null;
      cases: number;
    };
    worse: number | null;
    better: number | null;
    /** Of the exact paired test, two-sided. */
    p: number | null;
    shown: "worse" | "better" | "nothing";
    note: string;
  })[];
  rows: ({
    case_id: string;
    dataset: string;
    change: "worse" | "better";
    expected: Json;
    before: Json | null;
    after: Json | null;
  })[];
  rows_total: number;
};

export type EvalReport = {
  report_version: 1;
  eval_id: string;
  suite: {
    name: string;
    description: string;
    file: string;
    hash: string;
    scorers_hash: string;
  };
  subject: EvalSubject;
  datasets: ({
    name: string;
    kind: string;
    version: number;
    hash: string;
    cases: number;
  })[];
  repeat: number;
  verdict: "PASS" | "FAIL" | "INCONCLUSIVE";
  /** A model without instructions answered: the figures say nothing about them. */
  in_context: boolean;
  totals: {
    cases: number;
    attempts: number;
    passing: Share;
    outcomes: { [key: string]: number };
  };
  targets: TargetRow[];
  slices: SliceTable[];
  fields: FieldTable[];
  calibration: Calibration;
  usage: EvalUsage;
  flakiness: {
    mean: number | null;
    pass: ({
      k: number;
      value: number | null;
    })[];
    flaky: number;
  } | null;
  /** The first ones. Without what was expected and answered for a viewer or reviewer. */
  failing: FailingCase[];
  comparison: EvalComparison | null;
  started_at: string | null;
  ended_at: string | null;
};

export type EvalStarted = {
  eval_id: string;
  suite: string;
  subject: EvalSubject;
  status: "queued" | "running" | "done" | "failed" | "cancelled";
  repeat: number;
  concurrency: number;
  budget_usd: number | null;
  fresh: boolean;
  datasets: ({
    name: string;
    kind: string;
    version: number;
    hash: string;
    cases: number;
  })[];
  suite_hash: string;
  scorers_hash: string;
  /** Eval run of the version it is compared with. */
  baseline: string | null;
  /** Eval run that it was made for. */
  baseline_of: string | null;
  /** Cases times repeats; with a baseline, of both. */
  total: number;
  done: number;
  /** Of those: answered before, and not asked again. */
  cached: number;
  /** Spent so far; null where a price is unknown. */
  cost_usd: number | null;
  /** Attempts asked for whose price is unknown. */
  unpriced: number;
  seconds_left: number | null;
  verdict: "PASS" | "FAIL" | "INCONCLUSIVE" | null;
  failure: Failure | null;
  created_by: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  /** The same request had begun it before. */
  resumed: boolean;
};

export type EvalSubject = {
  kind: "prompt";
  prompt: string;
  version: string;
  hash: string;
  model: string;
} | {
  kind: "workflow";
  workflow: string;
  code: string;
  prompts: { [key: string]: {
    prompt: string;
    version: string;
    hash: string;
    model: string;
  } };
  thresholds: { [key: string]: number };
  tools: { [key: string]: string };
};

export type EvalSuite = {
  name: string;
  description: string;
  file: string;
  prompt: string | null;
  workflow: string | null;
  hash: string;
  datasets: ({
    name: string;
    file: string;
    kind: string;
  })[];
  slices: string[];
  targets: ({
    name: string;
    metric: string;
    target: string;
    critical: boolean;
  })[];
  /** The newest eval run of it. */
  last: Eval | null;
};

export type EvalSuites = {
  items: EvalSuite[];
};

export type EvalUsage = {
  latency_ms: Spread;
  input_tokens: Spread;
  output_tokens: Spread;
  cost_usd: Spread;
  /** Attempts whose price is unknown. */
  unpriced: number;
  cached: number;
};

export type EvalWithReport = {
  eval_id: string;
  suite: string;
  subject: EvalSubject;
  status: "queued" | "running" | "done" | "failed" | "cancelled";
  repeat: number;
  concurrency: number;
  budget_usd: number | null;
  fresh: boolean;
  datasets: ({
    name: string;
    kind: string;
    version: number;
    hash: string;
    cases: number;
  })[];
  suite_hash: string;
  scorers_hash: string;
  /** Eval run of the version it is compared with. */
  baseline: string | null;
  /** Eval run that it was made for. */
  baseline_of: string | null;
  /** Cases times repeats; with a baseline, of both. */
  total: number;
  done: number;
  /** Of those: answered before, and not asked again. */
  cached: number;
  /** Spent so far; null where a price is unknown. */
  cost_usd: number | null;
  /** Attempts asked for whose price is unknown. */
  unpriced: number;
  seconds_left: number | null;
  verdict: "PASS" | "FAIL" | "INCONCLUSIVE" | null;
  failure: Failure | null;
  created_by: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  /** Null until it is done. */
  report: EvalReport | null;
};

export type Evals = {
  items: Eval[];
  next_cursor: string | null;
};

export type Event = {
  event: string;
  event_id: string;
  created_at: string;
  [key: string]: unknown;
};

export type EventWait = {
  step: string;
  key: string;
  /** Its type. */
  event: string;
  since: string;
  /** Null: until the run's deadline. */
  until: string | null;
};

export type Evidence = {
  evidence_id: string;
  suite: string;
  /** Of the suite with its targets as it was then. */
  suite_hash: string;
  subject: {
    kind: "prompt" | "workflow";
    name: string;
    /** Of a prompt. */
    version: string | null;
    /** Of the prompt version, or fingerprint of the workflow's code. */
    hash: string;
    /** Of a prompt: provider/model. */
    model: string | null;
  };
  datasets: ({
    name: string;
    kind: string;
    version: number;
    cases: number;
  })[];
  verdict: "PASS" | "FAIL" | "INCONCLUSIVE";
  targets: ({
    name: string;
    metric: string;
    target: string;
    critical: boolean;
    value: number | null;
    interval: {
      low: number;
      high: number;
    } | null;
    hits: number | null;
    cases: number;
    status: "PASS" | "FAIL" | "INCONCLUSIVE";
    note: string;
    needed: number | null;
  })[];
  cases: number;
  /** Its figures say nothing about instructions. */
  in_context: boolean;
  by: string;
  at: string;
};

export type FailingCase = {
  case_id: string;
  dataset: string;
  kind: string;
  repeat: number;
  outcome: string;
  error: string | null;
  differences: CaseDifference[];
};

export type Failure = {
  class: "transient" | "rate_limited" | "timeout" | "invalid_output" | "rule_failed" | "tool_drift" | "denied" | "budget" | "refused" | "bug" | "poison";
  code: string;
  message: string;
  errors?: ProblemAt[];
  /** More about it, as data: of a divergence, both sides. */
  detail?: Json;
  retry_after_ms?: number;
};

export type FieldTable = {
  field: string;
  classes: ({
    value: string;
    expected: number;
    answered: number;
    precision: Share;
    recall: Share;
    specificity: Share;
    f1: number | null;
  })[];
  confusion: ({
    expected: string;
    answered: string | null;
    attempts: number;
  })[];
  undetermined: number;
  others: number;
};

export type FileProblem = {
  file: string;
  line?: number;
  column?: number;
  code: string;
  message: string;
  fix?: string;
  severity: "error" | "warning";
};

export type GraphEdge = {
  id: string;
  from: string;
  to: string;
  kind: "flow" | "condition" | "failure";
  /** The condition as it is written, or what went wrong. */
  label: string | null;
  /** Nobody wrote it: the runtime goes this way by itself. */
  implied: boolean;
};

export type GraphNode = {
  /** trigger, step:NAME, decide, end:completed, end:dead or end:stopped. A review that the runtime asks by itself is step:@review:NAME. ${…} stands for what a step's name is only given when it runs. */
  id: string;
  kind: "trigger" | "prompt" | "tool" | "code" | "rule" | "review" | "sleep" | "wait" | "decide" | "end";
  label: string;
  /** In the workflow's file, unless detail.file names another; null for an end. */
  line: number | null;
  /** What is known of it before a run: by kind. */
  detail: { [key: string]: Json };
  /** A run can complete without it. */
  optional: boolean;
  /** It may be taken several times in one run. */
  repeated: boolean;
};

export type Guard = {
  verdict: "execute" | "propose" | "block" | "deny";
  /** `ok` where nothing stood in the way. */
  reason: string;
  checks: ({
    check: string;
    passed: boolean;
    detail?: string;
  })[];
};

export type Hold = {
  hold_id: string;
  workflow: string;
  /** `release`: its present release is off and holds the events; another release ends it, no resume does. */
  cause: "command" | "release";
  state: "held" | "releasing" | "over";
  since: string;
  /** Who paused it last. */
  by: string;
  /** Why it was paused last. */
  reason: string;
  ended_at: string | null;
  /** Runs that stand in the queue or are parked; 0 once it is over. */
  runs: number;
  /** How it is, or was last, released at a rate. */
  release: {
    rate: string;
    since: string;
    /** Runs that stood in the queue at `since`. */
    to_start: number;
    started: number;
  } | null;
  /** Who did what, oldest first. */
  history: ({
    act: "pause" | "resume" | "lift";
    at: string;
    by: string;
    reason: string | null;
    /** Of a resume; null: all at once. */
    rate: string | null;
  })[];
};

export type Holds = {
  items: Hold[];
};

export type ImportedDataset = {
  name: string;
  /** Grows by one each time other content is published. */
  version: number;
  kind: "golden" | "edge" | "negative" | "regression" | "adversarial";
  /** SHA-256 over the kind and the cases, whatever their order. */
  hash: string;
  cases: number;
  /** A file of the project, or import. */
  source: string;
  published_by: string;
  published_at: string;
  /** False: the newest version held the same already. */
  fresh: boolean;
};

/** Exact, two-sided, 95 %. */
export type Interval = {
  low: number;
  high: number;
};

export type LoginLink = {
  /** Opens the console, signed in, once. The code is behind the #, which no server sees. */
  url: string;
  expires_at: string;
};

export type NextReview = {
  review: Review;
};

export type Outcome = {
  decision: Json;
  /** The step the recomputation stopped at; null where it is complete. */
  incomplete_at: string | null;
  /** What the answer would send, exactly, in order. */
  writes: Effect[];
  /** Proposed before, and not made any more. */
  withdrawn: Effect[];
  /** Settled already; they stay. */
  done: Effect[];
  problems: ProblemAt[];
  /** Send it with the decision: another outcome by then refuses. */
  outcome_hash: string;
};

export type PresentRelease = {
  workflow: string;
  number: number;
  stage: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
  /** Made by dev or the demo, without the gate. */
  development: boolean;
  when_off: "hold" | "review";
  share: number;
  assign_by: string;
  scope: string | null;
  automation: string | null;
  sample: number;
  /** By slot. */
  prompts: { [key: string]: PromptGrant };
  thresholds: { [key: string]: number };
  /** What it may call, but for those that are revoked. */
  tools: string[];
  revoked: string[];
  risk_threshold: "low" | "medium" | "high";
  created_by: string;
  created_at: string;
  reason: string;
  /** Ids of the eval runs it rests on. */
  evidence: string[];
  approvals: ({
    by: string;
    at: string;
    reason: string;
  })[];
  /** What it was let through without. */
  override: {
    missing: ({
      code: string;
      message: string;
    })[];
    reason: string;
    solo: boolean;
  } | null;
  rests_on: Evidence[];
  /** What could be raised next, and what asking for it would lead to. */
  raises: ({
    what: string;
    to: Json;
    outcome: "release" | "proposal" | "refused";
  })[];
};

export type PreviewRow = {
  run_id: string;
  created_at: string;
  /** asks: the new version comes to no decision without a person. incomplete: with its answer the run needs a step that is not on record. failed: the model or the code failed. */
  status: "same" | "changed" | "asks" | "incomplete" | "failed";
  /** Redacted. Null: it comes to none by itself. */
  before: Json;
  /** Redacted. Null: it comes to none by itself. */
  after: Json;
  /** A person is asked before that decision. */
  before_asks: boolean;
  after_asks: boolean;
  /** Null where nobody looked. */
  person: {
    decision: Json;
    action: "approve" | "correct" | "reject";
    by: string;
  } | null;
  /** Fields in which the two decisions differ. */
  changed: string[];
  /** As the person decided; null where nobody has. */
  before_right: boolean | null;
  after_right: boolean | null;
  /** US dollars; null where a price is unknown. */
  cost_usd: number | null;
  /** US dollars; null where a price is unknown. */
  cost_before_usd: number | null;
  /** The version was asked this before. */
  cached: boolean;
  note: string | null;
};

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Stable; what a program acts on. */
  code: string;
  errors?: ({
    pointer: string;
    message: string;
  })[];
  [key: string]: unknown;
};

export type ProblemAt = {
  pointer: string;
  message: string;
};

export type Prompt = {
  name: string;
  owner: string;
  versions: PromptVersion[];
  drafts: PromptDraft[];
};

export type PromptApproval = {
  by: string;
  at: string;
  reason: string;
};

export type PromptComparison = {
  name: string;
  from: {
    version: string;
    hash: string;
    model: string;
    evidence: Evidence[];
  };
  to: {
    version: string;
    hash: string;
    model: string;
    evidence: Evidence[];
  };
  same: boolean;
  settings: PromptDifference[];
  /** Pointers into output_schema. */
  schema: PromptDifference[];
  messages: ({
    index: number;
    /** Role; null where there is no such message. */
    from: string | null;
    to: string | null;
    lines: ({
      op: "same" | "removed" | "added";
      text: string;
    })[];
  })[];
  examples: {
    added: Json[];
    removed: Json[];
    kept: number;
  };
};

export type PromptDifference = {
  pointer: string;
  /** Absent: it was not there. */
  from?: Json;
  /** Absent: it is gone. */
  to?: Json;
};

export type PromptDraft = {
  draft_id: string;
  name: string;
  /** The version it was begun from. */
  base: string | null;
  /** Say it with a change: one that somebody else has made meanwhile refuses. */
  revision: number;
  document: { [key: string]: Json };
  /** All that is wrong with it; with an error it cannot be published. */
  problems: PromptProblem[];
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
};

export type PromptGrant = {
  prompt: string;
  version: string;
  hash: string;
  model: string;
  fallbacks: string[];
  candidate: {
    version: string;
    hash: string;
    model: string;
    fallbacks: string[];
    share: number;
    mode: "shadow" | "live";
  } | null;
};

export type PromptPreview = {
  preview_id: string;
  name: string;
  version: string;
  hash: string;
  model: string;
  workflow: string;
  by: string;
  status: "running" | "done" | "cancelled" | "failed";
  failure: string | null;
  /** Runs that were looked at. */
  done: number;
  total: number;
  skipped: {
    /** Retention or erasure took what the model would have to be shown. */
    originals_gone: number;
    /** They ended before the prompt was asked. */
    not_asked: number;
  };
  /** The model reads the examples and no instructions: changed instructions change nothing here. */
  in_context: boolean;
  /** Of the decision, those that are compared. */
  fields: string[];
  /** Runs that would be decided otherwise. */
  changed: number;
  /** US dollars; null where a price is unknown. */
  cost_usd: number | null;
  /** US dollars; null where a price is unknown. */
  cost_before_usd: number | null;
  /** Over the runs that a person decided, which are not drawn at random. */
  accuracy: {
    before: Share;
    after: Share;
    people_decided: number;
    worse: number;
    better: number;
    /** Exact paired test on the runs in which they differ, two-sided. */
    p: number;
    shown: "worse" | "better" | "nothing";
  };
  /** Runs that need no person. */
  automation: {
    before: Share;
    after: Share;
  };
  /** Newest run first; they come as they are computed. */
  rows: PreviewRow[];
  started_at: string;
  ended_at: string | null;
};

export type PromptProblem = {
  /** Into the document. */
  pointer: string;
  /** Of the document as JSON indented by two. */
  line: number;
  /** Of a message: the line of its text. */
  text_line?: number;
  code: string;
  message: string;
  fix?: string;
  severity: "error" | "warning";
};

export type PromptServed = {
  workflow: string;
  /** shadow and live: as a candidate. */
  as: "serves" | "shadow" | "live";
  from_release: number;
  to_release: number;
  since: string;
  /** Null: it still is. */
  until: string | null;
};

export type PromptUsage = {
  runs: number;
  /** What those runs came to; none: not decided. */
  dispositions: { [key: string]: number };
  /** How people answered the reviews of those runs. */
  reviews: {
    approve: number;
    correct: number;
    reject: number;
  };
  /** Corrections and rejections. */
  overrides: number;
  first_at: string | null;
  last_at: string | null;
};

export type PromptVersion = {
  name: string;
  version: string;
  owner: string;
  description?: string;
  model: string;
  fallback_models?: string[];
  temperature?: number;
  inputs: (string | {
    path: string;
    redact?: boolean;
  })[];
  /** Templates; of a spec without messages those that are sent in their place. */
  messages: ({
    role: "system" | "user" | "assistant";
    content: string;
  })[];
  examples?: ({
    input: Json;
    output: Json;
  })[];
  output_schema: { [key: string]: Json };
  /** Pointer into the output. */
  confidence?: string;
  repair?: {
    attempts?: number | null;
  };
  limits?: {
    timeout?: string | number | null;
    max_output_tokens?: number | null;
    usd?: number | null;
  };
  risk: "low" | "high";
  rollback_version?: string;
  eval_suite?: string;
  hash: string;
  file?: string;
  /** Where this process has it from. */
  source: "file" | "registry";
  /** Null where nobody has published it: it is served from its file. */
  published_at: string | null;
  published_by: string | null;
  /** Why it was published. */
  reason: string | null;
  /** Of this very content. */
  approvals: PromptApproval[];
  /** Workflows whose present release serves it. */
  serves: string[];
  /** Workflows whose present release tries it. */
  candidate_in: string[];
};

export type PromptVersionDetail = {
  name: string;
  version: string;
  owner: string;
  description?: string;
  model: string;
  fallback_models?: string[];
  temperature?: number;
  inputs: (string | {
    path: string;
    redact?: boolean;
  })[];
  /** Templates; of a spec without messages those that are sent in their place. */
  messages: ({
    role: "system" | "user" | "assistant";
    content: string;
  })[];
  examples?: ({
    input: Json;
    output: Json;
  })[];
  output_schema: { [key: string]: Json };
  /** Pointer into the output. */
  confidence?: string;
  repair?: {
    attempts?: number | null;
  };
  limits?: {
    timeout?: string | number | null;
    max_output_tokens?: number | null;
    usd?: number | null;
  };
  risk: "low" | "high";
  rollback_version?: string;
  eval_suite?: string;
  hash: string;
  file?: string;
  /** Where this process has it from. */
  source: "file" | "registry";
  /** Null where nobody has published it: it is served from its file. */
  published_at: string | null;
  published_by: string | null;
  /** Why it was published. */
  reason: string | null;
  /** Of this very content. */
  approvals: PromptApproval[];
  /** Workflows whose present release serves it. */
  serves: string[];
  /** Workflows whose present release tries it. */
  candidate_in: string[];
  /** Of this very content, newest first. */
  evidence: Evidence[];
  usage: PromptUsage;
  served: PromptServed[];
};

export type PromptVersions = {
  items: PromptVersion[];
};

export type QuarantinePage = {
  items: QuarantinedEvent[];
  next_cursor: string | null;
};

export type QuarantinedEvent = {
  quarantine_id: string;
  received_at: string;
  event_type: string | null;
  event_id: string | null;
  errors: ProblemAt[];
};

export type Readiness = {
  ready: boolean;
  problems: string[];
};

export type Receipt = {
  event_id: string;
  runs: ({
    run_id: string;
    workflow: string;
  })[];
  /** The first run; null where a waiting run took the event. */
  run_id: string | null;
  duplicate: boolean;
};

export type Redrive = {
  redrive_id: string;
  state: "running" | "done" | "stopped" | "cancelled";
  /** Why it stopped by itself. */
  why: string | null;
  /** canary: what was redriven first has still to come to something. */
  phase: "canary" | "rest";
  /** Of its runs. */
  counts: {
    /** Dead runs that matched when it began. */
    total: number;
    redriven: number;
    /** Not dead any more when their turn came, or not to be read. */
    refused: number;
    /** Ended, and not dead. */
    went_on: number;
    /** Came to wait for a person. */
    waits: number;
    /** Dead again, of whatever. */
    died: number;
  };
  filter: { [key: string]: Json };
  canary: number | null;
  rate: string | null;
  /** In force after the canary. */
  stop_on_failure_rate: number;
  min_sample: number;
  /** The release its runs go by from now on; null: the one they pinned. */
  release: number | null;
  by: string;
  reason: string;
  created_at: string;
  ended_at: string | null;
  /** Who cancelled it. */
  ended_by: string | null;
};

export type RedriveReport = {
  /** Dead runs that match, those beyond the limit included. */
  matched: number;
  redriven: string[];
  refused: ({
    run_id: string;
    why: string;
  })[];
  dry_run: boolean;
};

export type Redrives = {
  items: Redrive[];
};

export type Release = {
  workflow: string;
  number: number;
  stage: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
  /** Made by dev or the demo, without the gate. */
  development: boolean;
  when_off: "hold" | "review";
  share: number;
  assign_by: string;
  scope: string | null;
  automation: string | null;
  sample: number;
  /** By slot. */
  prompts: { [key: string]: PromptGrant };
  thresholds: { [key: string]: number };
  /** What it may call, but for those that are revoked. */
  tools: string[];
  revoked: string[];
  risk_threshold: "low" | "medium" | "high";
  created_by: string;
  created_at: string;
  reason: string;
  /** Ids of the eval runs it rests on. */
  evidence: string[];
  approvals: ({
    by: string;
    at: string;
    reason: string;
  })[];
  /** What it was let through without. */
  override: {
    missing: ({
      code: string;
      message: string;
    })[];
    reason: string;
    solo: boolean;
  } | null;
};

export type ReleaseChange = {
  stage?: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
  /** Of the keys; the others act at most at stage suggestion. */
  share?: number;
  /** CEL over event and output; null: everything. */
  scope?: string | null;
  /** CEL over event, output, confidence and thresholds; null: always. */
  automation?: string | null;
  /** Share of the automated decisions that a person sees all the same. */
  sample?: number;
  thresholds?: { [key: string]: number };
  risk_threshold?: "low" | "medium" | "high";
  tools?: {
    grant?: string[];
    revoke?: string[];
  };
  /** By slot. */
  prompts?: { [key: string]: {
    /** Of the slot's prompt. It brings its own model and fallbacks. */
    version?: string;
    model?: string;
    fallbacks?: string[];
    /** Another version to try; null takes it away. */
    candidate?: {
      version: string;
      share: number;
      mode: "shadow" | "live";
    } | null;
  } };
  /** What becomes of events while the stage is off. */
  when_off?: "hold" | "review";
  /** JSON pointer into the event. */
  assign_by?: string;
};

export type ReleaseCurve = {
  workflow: string;
  threshold: string;
  /** below: what is below it goes to a person. */
  direction: "below" | "above";
  /** In force now. */
  present: number;
  source: string;
  /** Runs or cases that were looked at. */
  runs: number;
  /** Runs that cannot be replayed; answers without a confidence. */
  skipped: number;
  /** Those of which it is known what is right: a person has decided, or a case says it. */
  people_decided: number;
  /** Answered by a model without instructions. */
  in_context: boolean;
  /** Automation: needs no person. Accuracy: of those, where it is known what is right. */
  points: ({
    value: number;
    automation: Share;
    accuracy: Share;
  })[];
};

export type ReleaseDifference = {
  /** stage, share, thresholds.NAME, tools.NAME, prompts.SLOT.version … */
  what: string;
  from: Json;
  to: Json;
  direction: "raise" | "lower" | "same";
  slot: string | null;
};

export type ReleaseHistory = {
  items: ({
    release: Release;
    changes: ReleaseDifference[];
  })[];
};

export type ReleasePlan = {
  present: Release;
  changes: ReleaseDifference[];
  /** What the raises ask for; none where nothing is raised. */
  requirements: ReleaseRequirement[];
  /** What asking for it would lead to. */
  outcome: "release" | "proposal" | "refused" | "nothing";
  /** It would become a release at once. */
  allowed: boolean;
};

export type ReleaseProposal = {
  proposal_id: string;
  workflow: string;
  /** The release it would change. */
  base: number;
  changes: ReleaseDifference[];
  /** What the gate found missing. */
  missing: ({
    code: string;
    message: string;
  })[];
  /** It would go past what is missing besides a second person. */
  override: boolean;
  by: string;
  reason: string;
  created_at: string;
  state: "open" | "approved" | "rejected" | "lapsed";
  closed_by: string | null;
  closed_at: string | null;
  closed_reason: string | null;
  /** The release it became. */
  release: number | null;
};

export type ReleaseProposals = {
  items: ReleaseProposal[];
};

export type ReleaseRequirement = {
  code: string;
  met: boolean;
  message: string;
  fix: string | null;
  slot: string | null;
  evidence: Evidence | null;
};

export type Releases = {
  items: Release[];
};

export type Restart = {
  /** The step to go back to. Left out: only with `unpin`. */
  from?: string;
  /** Of the step, where it was called more than once. */
  key?: string;
  /** Any code may resume a pinned run from here on. */
  unpin?: boolean;
  dry_run?: boolean;
  reason: string;
};

export type RestartReport = {
  run_id: string;
  /** Steps that are asked for anew. */
  set_aside: string[];
  /** Writes after that step. They were claimed, so they stay and are never repeated. */
  kept: ({
    step: string;
    tool: string;
    settled: boolean;
  })[];
  withdrawn_reviews: string[];
  unpinned: boolean;
  dry_run: boolean;
};

export type RevealedRun = {
  trace: TraceStep[];
  event: Json;
  decision: Json;
};

export type Review = {
  review_id: string;
  run_id: string;
  workflow: string;
  step: string;
  key: string;
  /** The prompt step whose output is in question. */
  of: string | null;
  why: string;
  reason: string;
  team: string | null;
  priority: number;
  status: "open" | "answered" | "expired" | "withdrawn";
  created_at: string;
  expires_at: string | null;
  escalated_at: string | null;
  claimed_by: string | null;
  claim_until: string | null;
  answered_by: string | null;
  answered_at: string | null;
  action: "approve" | "correct" | "reject" | null;
};

export type ReviewAnswer = {
  review: Review;
  outcome: Outcome | null;
  correction?: Correction;
};

export type ReviewAsItStands = {
  review: Review;
};

export type ReviewCounts = {
  open: number;
  /** Of the open ones, held by anybody. */
  claimed: number;
  /** Of the open ones, held by you. */
  mine: number;
  by_team: ({
    /** Null: for no team. */
    value: string | null;
    count: number;
  })[];
  by_why: ({
    value: string;
    count: number;
  })[];
  by_workflow: ({
    value: string;
    count: number;
  })[];
};

export type ReviewItem = {
  review: Review;
  run: Run;
  event: Json;
  proposal: Json;
  /** What a correction starts from where the model gave no valid output. */
  draft: Json;
  /** Of what a correction enters. */
  output_schema: Json;
  /** Whether there is an output that a correction could replace. */
  correctable: boolean;
  confidence: number | null;
  validation: Validation | null;
  /** Of a write that was cut off. Approve: it is called again; correct: its result is what you enter; reject: the run ends. */
  unknown_outcome: UnknownOutcome | null;
  /** An approval that overrides a rule needs a reason; one of no valid output is refused. */
  approval: "possible" | "needs_reason" | "impossible";
  /** If it is approved; null where it cannot be, or is over. */
  outcome: Outcome | null;
  answer: {
    action: "approve" | "correct" | "reject";
    by: string;
    at: string;
    reason: string | null;
    /** With corrected_output; of a correction only. */
    original_output?: Json;
    corrected_output?: Json;
  } | null;
  /** Paths into the event of the sensitive fields that are shown here in the clear. */
  revealed: string[];
  /** Each time somebody was shown sensitive fields. For operators. */
  views?: ({
    by: string;
    at: string;
    fields: string[];
  })[];
};

export type ReviewPage = {
  items: Review[];
  next_cursor: string | null;
};

export type Run = {
  run_id: string;
  workflow: string;
  event_type: string;
  event_id: string;
  contract_version: number;
  status: "queued" | "running" | "waiting" | "completed" | "dead" | "stopped" | "cancelled";
  waiting_for: "review" | "sleep" | "event" | "retry" | "hold" | null;
  wake_at: string | null;
  disposition: "shadowed" | "suggested" | "applied" | "reviewed" | "rejected" | "stopped" | null;
  decision: Json;
  /** By prompt name, as pinned. */
  prompt_versions: { [key: string]: string };
  release: number | null;
  stage: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded" | null;
  failure: RunFailure | null;
  fingerprint: string | null;
  /** Fingerprint of the only code that may resume it; null: any. */
  pinned_code: string | null;
  /** Set where it has not ended and the workers here have other code. */
  waits_for_code: CodeWait | null;
  /** Null where a price is unknown. */
  cost_usd: number | null;
  priority: number;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  ended_at: string | null;
  deadline_at: string | null;
  /** When its key was destroyed: what is redacted cannot be shown any more. */
  originals_removed_at: string | null;
  /** When retention took its values; ids, times, statuses and hashes stay. */
  values_removed_at: string | null;
  /** When it came back from a backup unfinished. */
  restored_at: string | null;
  /** What `ctx.waitFor` waits for in it. Only where one run is shown. */
  waits_for_events?: EventWait[];
};

export type RunCounts = {
  queued: number;
  running: number;
  waiting: number;
  completed: number;
  dead: number;
  stopped: number;
  cancelled: number;
};

export type RunFacets = {
  total: number;
  facets: {
    workflow: ({
      value: string;
      count: number;
    })[];
    status: ({
      value: string;
      count: number;
    })[];
    disposition: ({
      value: string;
      count: number;
    })[];
    stage: ({
      value: string;
      count: number;
    })[];
    release: ({
      value: string;
      count: number;
    })[];
    prompt_version: ({
      value: string;
      count: number;
    })[];
    model: ({
      value: string;
      count: number;
    })[];
    tool: ({
      value: string;
      count: number;
    })[];
    failure_class: ({
      value: string;
      count: number;
    })[];
  };
};

export type RunFailure = {
  class: "transient" | "rate_limited" | "timeout" | "invalid_output" | "rule_failed" | "tool_drift" | "denied" | "budget" | "refused" | "bug" | "poison";
  code: string;
  message: string;
  errors?: ProblemAt[];
  /** More about it, as data: of a divergence, both sides. */
  detail?: Json;
  retry_after_ms?: number;
  /** Null outside of any step. */
  step: string | null;
};

export type RunPage = {
  items: Run[];
  next_cursor: string | null;
};

export type RunViews = {
  items: ({
    by: string;
    at: string;
    reason: string;
  })[];
};

export type ServedReleases = {
  in_force: number;
  workers: ({
    worker: string;
    host: string;
    pid: number;
    release: number;
    since: string;
    seen_at: string;
    /** It serves the present release. */
    in_force: boolean;
  })[];
};

export type Session = {
  /** By which it is listed among the tokens, and revoked. */
  token_id: string;
  name: string;
  role: "viewer" | "reviewer" | "editor" | "operator" | "admin";
  kind: "session" | "token";
  /** Of a session: moves while it is used. Null: until revoked. */
  expires_at: string | null;
};

export type Share = {
  value: number | null;
  hits: number;
  cases: number;
  interval: Interval | null;
};

export type SliceTable = {
  by: string;
  values: ({
    value: string | null;
    cases: number;
    passing: Share;
    targets: ({
      name: string;
      /** In the metric's own unit; null: nothing could be measured. */
      value: number | null;
      interval: Interval | null;
      hits: number | null;
      /** With repeats a case counts once, so that this may be a part of one. */
      cases: number;
      status: "PASS" | "FAIL" | "INCONCLUSIVE";
    })[];
  })[];
  absent: string[];
  others: number;
};

export type Spread = {
  attempts: number;
  total: number;
  avg: number | null;
  p50: number | null;
  p95: number | null;
};

export type StepMessages = {
  step: number;
  messages: ({
    role: "system" | "user" | "assistant";
    content: string;
  })[];
  /** These are the very texts that were sent. */
  exact: boolean;
  /** How they differ; null where they do not. */
  note: string | null;
};

export type StreamChanges = {
  runs: ({
    run_id: string;
    workflow: string;
    status: "queued" | "running" | "waiting" | "completed" | "dead" | "stopped" | "cancelled";
  })[];
  /** More runs have changed than are named: look again at what you show. */
  more: boolean;
  /** The review queue may have changed. */
  reviews: boolean;
};

export type StreamHello = {
  server_time: string;
};

export type TargetRow = {
  name: string;
  /** In the metric's own unit; null: nothing could be measured. */
  value: number | null;
  interval: Interval | null;
  hits: number | null;
  /** With repeats a case counts once, so that this may be a part of one. */
  cases: number;
  status: "PASS" | "FAIL" | "INCONCLUSIVE";
  metric: string;
  /** As written: >= 98%. */
  target: string;
  critical: boolean;
  /** Why it is no PASS, or what bounds it. */
  note: string;
  /** So many more cases without an error would decide. */
  needed: number | null;
  field: string | null;
  positive: { [key: string]: Json } | null;
  slice: { [key: string]: Json } | null;
  unit: "share" | "ms" | "usd" | "tokens";
  comparison: ">=" | ">" | "<=" | "<" | "=";
  bound: number;
};

export type Token = {
  token_id: string;
  /** A program's token, a login code that was not redeemed yet, or a person at the console. */
  kind: "bearer" | "login" | "session";
  name: string;
  role: "viewer" | "reviewer" | "editor" | "operator" | "admin";
  /** Null where that was not noted. */
  created_by: string | null;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
};

export type Tokens = {
  items: Token[];
};

export type Tool = {
  name: string;
  effect: "read" | "write";
  kind: "refund" | "account_change" | "external_message" | "other";
  risk: "low" | "medium" | "high";
  description: string | null;
  args: Json;
  result: Json;
  hash: string;
  file: string;
};

export type Tools = {
  items: Tool[];
};

export type TraceStep = {
  workflow_run_id: string;
  event_id: string;
  /** From 1, in the order of the journal. */
  step: number;
  type: "trigger" | "model_call" | "validation" | "repair" | "rule" | "tool_call" | "agent_step" | "code" | "review" | "wait" | "decision" | "override";
  name: string;
  /** Tells apart calls of the same name. */
  key?: string;
  tool?: string;
  prompt?: string;
  prompt_version?: string;
  /** As it was asked for, PROVIDER/MODEL. */
  model?: string;
  /** As the provider says that it answered. */
  provider_model?: string;
  /** Temperature and limits of the call. */
  settings?: { [key: string]: Json };
  input: Json;
  output: Json;
  /** The answer of provider or tool, as it came. */
  raw?: string;
  validation?: Validation;
  usage?: Usage;
  /** Null where the price is unknown. */
  cost_usd?: number | null;
  latency_ms: number;
  status: "success" | "error" | "blocked" | "waiting";
  attempt: number;
  /** When retention took its values. */
  values_removed_at?: string;
  started_at: string;
  error?: Failure;
  /** The model or tool that the step went on with after this failed attempt. */
  fallback?: string;
  /** Where in its life a write stands; a read has `result` only. */
  phase?: "result" | "claim" | "settle" | "proposed" | "blocked" | "denied" | "simulated";
  guard?: Guard;
  idempotency_key?: string;
  finish_reason?: string;
  request_id?: string;
  release?: number;
  stage?: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
  detail?: Json;
  /** Number of the restart's step: this one stays on record, and a replay passes it over. */
  set_aside_by?: number;
};

export type Traffic = {
  since: string;
  until: string;
  /** Runs that came in within the window. */
  runs: number;
  /** Runs among them that the counts leave out: their way was not kept, or led through too many steps. */
  unplaced: number;
  /** The times are of so many of the most recent runs. */
  sampled: number;
  nodes: ({
    /** As in the workflow's graph; `now:…` is where a run stands that has not ended. */
    id: string;
    /** Runs that came there. */
    count: number;
    /** Runs that failed there for good at least once, whatever became of them. */
    errors: number;
    p50_ms: number | null;
    p95_ms: number | null;
    sample: number;
  })[];
  edges: ({
    from: string;
    to: string;
    /** Runs that went straight from the one to the other. */
    count: number;
    /** From the end of `from` to the end of `to`. */
    p95_ms: number | null;
    sample: number;
  })[];
};

export type UnknownOutcome = {
  step: string;
  key: string;
  tool: string;
  /** Exactly what it was called with. */
  payload: Json;
  idempotency_key: string;
  claimed_at: string;
  attempt: number;
  /** Of the lease under which it was called. */
  epoch: number;
  worker: string | null;
  /** What the tool's reconcile gave. */
  look_up: {
    /** The tool has none, it does not know, or it failed. */
    said: "none" | "unknown" | "failed";
    class?: string;
    code?: string;
    message?: string;
  };
};

export type Usage = {
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens?: number;
  reasoning_tokens?: number;
};

export type Validation = {
  verdict: "valid" | "invalid" | "refused";
  code?: string;
  errors?: ProblemAt[];
};

export type Why = {
  run_id: string;
  workflow: string;
  event_id: string;
  status: "queued" | "running" | "waiting" | "completed" | "dead" | "stopped" | "cancelled";
  disposition: "shadowed" | "suggested" | "applied" | "reviewed" | "rejected" | "stopped" | null;
  stage: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded" | null;
  release: number | null;
  decision: Json;
  failure: RunFailure | null;
  questions: WhyAnswer[];
};

export type WhyAnswer = {
  id: "prompt" | "input" | "tools" | "validation" | "evals" | "rollback" | "corrections";
  question: string;
  /** False where nothing on record answers it; `answer` then says what is missing. */
  answered: boolean;
  /** One fact per line. */
  answer: string[];
  /** Commands that show more or act. */
  commands: string[];
};

export type Workflow = {
  name: string;
  on: {
    type: string;
    version?: number;
  };
  /** Prompt by slot. */
  prompts: { [key: string]: string };
  tools: string[];
  thresholds: { [key: string]: number };
  success: string | null;
  deadline_ms: number | null;
  affects: ("customer_communication" | "billing" | "security" | "compliance")[];
  budget: {
    usd?: number;
    model_calls?: number;
  };
  decision_schema: Json;
  file: string;
  /** Hash of the file, its imports and the lockfile. */
  code: string;
  /** Null where its runs go on as usual. */
  hold: Hold | null;
};

export type WorkflowGraph = {
  workflow: string;
  file: string;
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** What of it cannot be seen in the source. */
  problems: FileProblem[];
};

export type Workflows = {
  items: Workflow[];
};

/** What each call takes and answers, by "METHOD path"; null where there is nothing. */
export type Operations = {
  "DELETE /v1/prompts/{name}/drafts/{draft_id}": {
    params: {
      name: string;
      draft_id: string;
    };
    query: {
      expected_revision?: number;
    };
    body: null;
    answer: null;
  };
  "DELETE /v1/prompts/{name}/versions/{version}": {
    params: {
      name: string;
      version: string;
    };
    query: null;
    body: {
      reason: string;
    };
    answer: null;
  };
  "DELETE /v1/session": {
    params: null;
    query: null;
    body: null;
    answer: null;
  };
  "DELETE /v1/tokens/{id}": {
    params: {
      id: string;
    };
    query: null;
    body: null;
    answer: null;
  };
  "GET /healthz": {
    params: null;
    query: null;
    body: null;
    answer: {
      alive: true;
    };
  };
  "GET /metrics": {
    params: null;
    query: null;
    body: null;
    answer: string;
  };
  "GET /openapi.json": {
    params: null;
    query: null;
    body: null;
    answer: string;
  };
  "GET /readyz": {
    params: null;
    query: null;
    body: null;
    answer: Readiness;
  };
  "GET /v1/audit/head": {
    params: null;
    query: null;
    body: null;
    answer: AuditHead;
  };
  "GET /v1/audit/verify": {
    params: null;
    query: null;
    body: null;
    answer: AuditVerdict;
  };
  "GET /v1/contracts": {
    params: null;
    query: null;
    body: null;
    answer: Contracts;
  };
  "GET /v1/datasets": {
    params: null;
    query: null;
    body: null;
    answer: Datasets;
  };
  "GET /v1/datasets/{name}": {
    params: {
      name: string;
    };
    query: null;
    body: null;
    answer: DatasetVersions;
  };
  "GET /v1/datasets/{name}/export": {
    params: {
      name: string;
    };
    query: {
      /** The newest unless given. */
      version?: number;
    };
    body: null;
    answer: string;
  };
  "GET /v1/datasets/{name}/versions/{version}/cases": {
    params: {
      name: string;
      version: string;
    };
    query: {
      limit?: number;
      /** `next_cursor` of the page before. */
      cursor?: string;
    };
    body: null;
    answer: Cases;
  };
  "GET /v1/dead-letters": {
    params: null;
    query: {
      workflow?: string;
      /** Prompt name. */
      prompt?: string;
      /** NAME@VERSION, or VERSION together with `prompt`. */
      prompt_version?: string;
      model?: string;
      release?: number;
      stage?: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
      tool?: string;
      failure_class?: "transient" | "rate_limited" | "timeout" | "invalid_output" | "rule_failed" | "tool_drift" | "denied" | "budget" | "refused" | "bug" | "poison";
      /** Of a group of dead letters. */
      fingerprint?: string;
      /** RFC 3339, or how long ago: 2h. */
      since?: string;
      /** RFC 3339, or how long ago: 2h. */
      until?: string;
      /** With edge_to: runs that went straight from this node of the graph to that one. */
      edge_from?: string;
      /** Alone: runs that came to this node of the workflow's graph, such as step:classify. */
      edge_to?: string;
      /** A run id or event id, or the beginning of one; or words that the redacted event, the decision or the failure all hold, or beginnings of them. */
      q?: string;
    };
    body: null;
    answer: DeadLetterGroups;
  };
  "GET /v1/dead-letters/{run_id}": {
    params: {
      run_id: string;
    };
    query: null;
    body: null;
    answer: DeadLetter;
  };
  "GET /v1/drift": {
    params: null;
    query: null;
    body: null;
    answer: Drifts;
  };
  "GET /v1/evals": {
    params: null;
    query: {
      suite?: string;
      limit?: number;
      /** `next_cursor` of the page before. */
      cursor?: string;
    };
    body: null;
    answer: Evals;
  };
  "GET /v1/evals/compare": {
    params: null;
    query: {
      /** The one before. */
      a: string;
      b: string;
    };
    body: null;
    answer: EvalComparison;
  };
  "GET /v1/evals/suites": {
    params: null;
    query: null;
    body: null;
    answer: EvalSuites;
  };
  "GET /v1/evals/{eval_id}": {
    params: {
      eval_id: string;
    };
    query: null;
    body: null;
    answer: EvalWithReport;
  };
  "GET /v1/evals/{eval_id}/cases": {
    params: {
      eval_id: string;
    };
    query: {
      outcome?: "answered" | "invalid" | "refused" | "review" | "failed" | "timed_out";
      failing?: "true" | "false";
      /** PATH=VALUE, as in customer.plan=pro; without a value: those that have none. */
      slice?: string;
      dataset?: string;
      limit?: number;
      /** `next_cursor` of the page before. */
      cursor?: string;
    };
    body: null;
    answer: EvalCases;
  };
  "GET /v1/evals/{eval_id}/cases/{case_id}": {
    params: {
      eval_id: string;
      case_id: string;
    };
    query: {
      /** Where several have a case of this id. */
      dataset?: string;
    };
    body: null;
    answer: EvalCaseDetail;
  };
  "GET /v1/evals/{eval_id}/report": {
    params: {
      eval_id: string;
    };
    query: {
      format?: "json" | "markdown" | "junit" | "html";
    };
    body: null;
    answer: EvalReport;
  };
  "GET /v1/privacy/erasures": {
    params: null;
    query: null;
    body: null;
    answer: Erasures;
  };
  "GET /v1/prompts": {
    params: null;
    query: null;
    body: null;
    answer: PromptVersions;
  };
  "GET /v1/prompts/{name}": {
    params: {
      name: string;
    };
    query: null;
    body: null;
    answer: Prompt;
  };
  "GET /v1/prompts/{name}/diff": {
    params: {
      name: string;
    };
    query: {
      /** A version, or draft:ID. */
      from: string;
      /** A version, or draft:ID. */
      to: string;
    };
    body: null;
    answer: PromptComparison;
  };
  "GET /v1/prompts/{name}/drafts/{draft_id}": {
    params: {
      name: string;
      draft_id: string;
    };
    query: null;
    body: null;
    answer: PromptDraft;
  };
  "GET /v1/prompts/{name}/previews/{preview_id}": {
    params: {
      name: string;
      preview_id: string;
    };
    query: null;
    body: null;
    answer: PromptPreview;
  };
  "GET /v1/prompts/{name}/versions/{version}": {
    params: {
      name: string;
      version: string;
    };
    query: null;
    body: null;
    answer: PromptVersionDetail;
  };
  "GET /v1/quarantine": {
    params: null;
    query: {
      limit?: number;
      /** `next_cursor` of the page before. */
      cursor?: string;
    };
    body: null;
    answer: QuarantinePage;
  };
  "GET /v1/redrives": {
    params: null;
    query: null;
    body: null;
    answer: Redrives;
  };
  "GET /v1/redrives/{id}": {
    params: {
      id: string;
    };
    query: null;
    body: null;
    answer: Redrive;
  };
  "GET /v1/releases": {
    params: null;
    query: null;
    body: null;
    answer: Releases;
  };
  "GET /v1/releases/{workflow}": {
    params: {
      workflow: string;
    };
    query: null;
    body: null;
    answer: PresentRelease;
  };
  "GET /v1/releases/{workflow}/candidates": {
    params: {
      workflow: string;
    };
    query: null;
    body: null;
    answer: Candidates;
  };
  "GET /v1/releases/{workflow}/candidates/answers": {
    params: {
      workflow: string;
    };
    query: {
      limit?: number;
      /** `next_cursor` of the page before. */
      cursor?: string;
      slot?: string;
      version?: string;
      /** `true`: only where it decides something else. */
      differing?: "true" | "false";
    };
    body: null;
    answer: CandidateAnswers;
  };
  "GET /v1/releases/{workflow}/curve": {
    params: {
      workflow: string;
    };
    query: {
      /** Its name. */
      threshold: string;
      /** runs: the latest recorded runs; eval:ID: the cases of an eval run of one of its prompts. */
      source?: string;
      runs?: number;
    };
    body: null;
    answer: ReleaseCurve;
  };
  "GET /v1/releases/{workflow}/history": {
    params: {
      workflow: string;
    };
    query: null;
    body: null;
    answer: ReleaseHistory;
  };
  "GET /v1/releases/{workflow}/proposals": {
    params: {
      workflow: string;
    };
    query: null;
    body: null;
    answer: ReleaseProposals;
  };
  "GET /v1/releases/{workflow}/served": {
    params: {
      workflow: string;
    };
    query: null;
    body: null;
    answer: ServedReleases;
  };
  "GET /v1/reviews": {
    params: null;
    query: {
      status?: "open" | "answered" | "expired" | "withdrawn" | "any";
      workflow?: string;
      team?: string;
      why?: string;
      run_id?: string;
      claimed_by?: string;
      limit?: number;
      /** `next_cursor` of the page before. */
      cursor?: string;
    };
    body: null;
    answer: ReviewPage;
  };
  "GET /v1/reviews/counts": {
    params: null;
    query: {
      workflow?: string;
      team?: string;
      why?: string;
    };
    body: null;
    answer: ReviewCounts;
  };
  "GET /v1/reviews/{id}": {
    params: {
      id: string;
    };
    query: null;
    body: null;
    answer: ReviewItem;
  };
  "GET /v1/runs": {
    params: null;
    query: {
      workflow?: string;
      status?: "queued" | "running" | "waiting" | "completed" | "dead" | "stopped" | "cancelled";
      disposition?: "shadowed" | "suggested" | "applied" | "reviewed" | "rejected" | "stopped";
      /** Prompt name. */
      prompt?: string;
      /** NAME@VERSION, or VERSION together with `prompt`. */
      prompt_version?: string;
      model?: string;
      release?: number;
      stage?: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
      tool?: string;
      failure_class?: "transient" | "rate_limited" | "timeout" | "invalid_output" | "rule_failed" | "tool_drift" | "denied" | "budget" | "refused" | "bug" | "poison";
      /** Of a group of dead letters. */
      fingerprint?: string;
      /** RFC 3339, or how long ago: 2h. */
      since?: string;
      /** RFC 3339, or how long ago: 2h. */
      until?: string;
      /** With edge_to: runs that went straight from this node of the graph to that one. */
      edge_from?: string;
      /** Alone: runs that came to this node of the workflow's graph, such as step:classify. */
      edge_to?: string;
      /** A run id or event id, or the beginning of one; or words that the redacted event, the decision or the failure all hold, or beginnings of them. */
      q?: string;
      limit?: number;
      /** `next_cursor` of the page before. */
      cursor?: string;
    };
    body: null;
    answer: RunPage;
  };
  "GET /v1/runs/counts": {
    params: null;
    query: {
      workflow?: string;
      status?: "queued" | "running" | "waiting" | "completed" | "dead" | "stopped" | "cancelled";
      disposition?: "shadowed" | "suggested" | "applied" | "reviewed" | "rejected" | "stopped";
      /** Prompt name. */
      prompt?: string;
      /** NAME@VERSION, or VERSION together with `prompt`. */
      prompt_version?: string;
      model?: string;
      release?: number;
      stage?: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
      tool?: string;
      failure_class?: "transient" | "rate_limited" | "timeout" | "invalid_output" | "rule_failed" | "tool_drift" | "denied" | "budget" | "refused" | "bug" | "poison";
      /** Of a group of dead letters. */
      fingerprint?: string;
      /** RFC 3339, or how long ago: 2h. */
      since?: string;
      /** RFC 3339, or how long ago: 2h. */
      until?: string;
      /** With edge_to: runs that went straight from this node of the graph to that one. */
      edge_from?: string;
      /** Alone: runs that came to this node of the workflow's graph, such as step:classify. */
      edge_to?: string;
      /** A run id or event id, or the beginning of one; or words that the redacted event, the decision or the failure all hold, or beginnings of them. */
      q?: string;
    };
    body: null;
    answer: RunCounts;
  };
  "GET /v1/runs/facets": {
    params: null;
    query: {
      workflow?: string;
      status?: "queued" | "running" | "waiting" | "completed" | "dead" | "stopped" | "cancelled";
      disposition?: "shadowed" | "suggested" | "applied" | "reviewed" | "rejected" | "stopped";
      /** Prompt name. */
      prompt?: string;
      /** NAME@VERSION, or VERSION together with `prompt`. */
      prompt_version?: string;
      model?: string;
      release?: number;
      stage?: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
      tool?: string;
      failure_class?: "transient" | "rate_limited" | "timeout" | "invalid_output" | "rule_failed" | "tool_drift" | "denied" | "budget" | "refused" | "bug" | "poison";
      /** Of a group of dead letters. */
      fingerprint?: string;
      /** RFC 3339, or how long ago: 2h. */
      since?: string;
      /** RFC 3339, or how long ago: 2h. */
      until?: string;
      /** With edge_to: runs that went straight from this node of the graph to that one. */
      edge_from?: string;
      /** Alone: runs that came to this node of the workflow's graph, such as step:classify. */
      edge_to?: string;
      /** A run id or event id, or the beginning of one; or words that the redacted event, the decision or the failure all hold, or beginnings of them. */
      q?: string;
    };
    body: null;
    answer: RunFacets;
  };
  "GET /v1/runs/{id}": {
    params: {
      id: string;
    };
    query: null;
    body: null;
    answer: Run;
  };
  "GET /v1/runs/{id}/messages": {
    params: {
      id: string;
    };
    query: {
      /** Number of the step in the trace. */
      step: number;
    };
    body: null;
    answer: StepMessages;
  };
  "GET /v1/runs/{id}/trace": {
    params: {
      id: string;
    };
    query: null;
    body: null;
    answer: TraceStep[];
  };
  "GET /v1/runs/{id}/views": {
    params: {
      id: string;
    };
    query: null;
    body: null;
    answer: RunViews;
  };
  "GET /v1/runs/{id}/why": {
    params: {
      id: string;
    };
    query: null;
    body: null;
    answer: Why;
  };
  "GET /v1/session": {
    params: null;
    query: null;
    body: null;
    answer: Session;
  };
  "GET /v1/stream": {
    params: null;
    query: null;
    body: null;
    answer: string;
  };
  "GET /v1/tokens": {
    params: null;
    query: null;
    body: null;
    answer: Tokens;
  };
  "GET /v1/tools": {
    params: null;
    query: null;
    body: null;
    answer: Tools;
  };
  "GET /v1/workflows": {
    params: null;
    query: null;
    body: null;
    answer: Workflows;
  };
  "GET /v1/workflows/{name}/graph": {
    params: {
      name: string;
    };
    query: null;
    body: null;
    answer: WorkflowGraph;
  };
  "GET /v1/workflows/{name}/holds": {
    params: {
      name: string;
    };
    query: null;
    body: null;
    answer: Holds;
  };
  "GET /v1/workflows/{name}/traffic": {
    params: {
      name: string;
    };
    query: {
      /** RFC 3339, or how long ago: 2h. */
      since?: string;
      /** RFC 3339, or how long ago: 2h. Now unless given. */
      until?: string;
    };
    body: null;
    answer: Traffic;
  };
  "POST /v1/backup": {
    params: null;
    query: null;
    body: null;
    answer: string;
  };
  "POST /v1/datasets/{name}/import": {
    params: {
      name: string;
    };
    query: {
      /** Of a body that is the file itself. */
      kind?: "golden" | "edge" | "negative" | "regression" | "adversarial";
      /** Of CSV: JSON, {"text": "input.ticket.body"}. */
      map?: string;
      /** Of CSV: JSON, {"input.ticket.channel": "email"}. */
      set?: string;
      delimiter?: string;
    };
    body: DatasetImport;
    answer: ImportedDataset;
  };
  "POST /v1/dead-letters/redrive": {
    params: null;
    query: null;
    body: {
      /** One run, or all dead runs that match. */
      filter?: {
        workflow?: string;
        /** Prompt name. */
        prompt?: string;
        /** NAME@VERSION, or VERSION together with `prompt`. */
        prompt_version?: string;
        model?: string;
        release?: number;
        stage?: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
        tool?: string;
        failure_class?: "transient" | "rate_limited" | "timeout" | "invalid_output" | "rule_failed" | "tool_drift" | "denied" | "budget" | "refused" | "bug" | "poison";
        /** Of a group of dead letters. */
        fingerprint?: string;
        /** RFC 3339, or how long ago: 2h. */
        since?: string;
        /** RFC 3339, or how long ago: 2h. */
        until?: string;
        /** With edge_to: runs that went straight from this node of the graph to that one. */
        edge_from?: string;
        /** Alone: runs that came to this node of the workflow's graph, such as step:classify. */
        edge_to?: string;
        /** A run id or event id, or the beginning of one; or words that the redacted event, the decision or the failure all hold, or beginnings of them. */
        q?: string;
        run_id?: string;
      };
      /** At most this many; 100 unless given, in the background all that match. */
      limit?: number;
      dry_run?: boolean;
      reason: string;
      /** The release of the workflow they go by from now on; else the one they pinned. */
      release?: number;
      /** Redrive so many first, and wait until each has ended, waits for a person or is dead again. */
      canary?: number;
      /** At most so many: "10/min". */
      rate?: string;
      /** Stop when this share of the redriven has died again; unless given none of the canary may, and later 0.2. */
      stop_on_failure_rate?: number;
      /** How many have to have come to something before the share counts, after the canary. */
      min_sample?: number;
    };
    answer: RedriveReport | Redrive;
  };
  "POST /v1/evals": {
    params: null;
    query: null;
    body: {
      suite: string;
      /** NAME@VERSION; the newest version unless given. */
      prompt?: string;
      /** In place of the version's own. */
      model?: string;
      /** NAME@VERSION to compare with, on the same cases. */
      baseline?: string;
      /** Of a workflow's suite, in place of those in force. */
      thresholds?: { [key: string]: number };
      repeat?: number;
      concurrency?: number;
      budget_usd?: number | null;
      /** Ask anew what was answered before. */
      fresh?: boolean;
    };
    answer: EvalStarted;
  };
  "POST /v1/evals/{eval_id}/cancel": {
    params: {
      eval_id: string;
    };
    query: null;
    body: null;
    answer: Eval;
  };
  "POST /v1/events": {
    params: null;
    query: {
      /** How long to wait for the decision of one event: 20s, at most 60s. */
      wait?: string;
    };
    body: Event | Event[];
    answer: DecidedReceipt | Receipt | BatchReceipt;
  };
  "POST /v1/login-links": {
    params: null;
    query: null;
    body: {
      /** Who or what uses it; shown as the actor of all it does. */
      name: string;
      role: "viewer" | "reviewer" | "editor" | "operator" | "admin";
      /** How long the link is good for; at most 24h. */
      expires_in?: string;
    };
    answer: LoginLink;
  };
  "POST /v1/privacy/erase": {
    params: null;
    query: null;
    body: {
      run_id?: string;
      event_id?: string;
      filter?: {
        workflow?: string;
        status?: "queued" | "running" | "waiting" | "completed" | "dead" | "stopped" | "cancelled";
        disposition?: "shadowed" | "suggested" | "applied" | "reviewed" | "rejected" | "stopped";
        /** Prompt name. */
        prompt?: string;
        /** NAME@VERSION, or VERSION together with `prompt`. */
        prompt_version?: string;
        model?: string;
        release?: number;
        stage?: "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
        tool?: string;
        failure_class?: "transient" | "rate_limited" | "timeout" | "invalid_output" | "rule_failed" | "tool_drift" | "denied" | "budget" | "refused" | "bug" | "poison";
        /** Of a group of dead letters. */
        fingerprint?: string;
        /** RFC 3339, or how long ago: 2h. */
        since?: string;
        /** RFC 3339, or how long ago: 2h. */
        until?: string;
        /** With edge_to: runs that went straight from this node of the graph to that one. */
        edge_from?: string;
        /** Alone: runs that came to this node of the workflow's graph, such as step:classify. */
        edge_to?: string;
        /** A run id or event id, or the beginning of one; or words that the redacted event, the decision or the failure all hold, or beginnings of them. */
        q?: string;
      };
      /** Cancel runs that have not ended, so that they can be erased. */
      cancel?: boolean;
      dry_run?: boolean;
      /** Stays on record: name nobody in it. */
      reason: string;
    };
    answer: EraseReport;
  };
  "POST /v1/prompts/{name}/drafts": {
    params: {
      name: string;
    };
    query: null;
    body: {
      /** The spec, as a file of it would say. */
      document: { [key: string]: Json };
      base?: string | null;
    };
    answer: PromptDraft;
  };
  "POST /v1/prompts/{name}/drafts/{draft_id}/publish": {
    params: {
      name: string;
      draft_id: string;
    };
    query: null;
    body: {
      /** What it is published as. */
      version: string;
      reason: string;
      /** Of the draft as it was loaded. */
      expected_revision?: number;
    };
    answer: PromptVersion;
  };
  "POST /v1/prompts/{name}/preview": {
    params: {
      name: string;
    };
    query: null;
    body: {
      version?: string;
      draft_id?: string;
      /** The spec, as a file of it would say. */
      document?: { [key: string]: Json };
      workflow: string;
      /** All slots of the prompt unless given. */
      slot?: string;
      runs?: number;
      /** Of the decision, what is compared: unless given, all but free text and the confidence. */
      fields?: string[];
    };
    answer: PromptPreview;
  };
  "POST /v1/prompts/{name}/previews/{preview_id}/cancel": {
    params: {
      name: string;
      preview_id: string;
    };
    query: null;
    body: null;
    answer: PromptPreview;
  };
  "POST /v1/prompts/{name}/versions": {
    params: {
      name: string;
    };
    query: null;
    body: {
      /** The spec, as a file of it would say. */
      document: { [key: string]: Json };
      reason: string;
    };
    answer: PromptVersion;
  };
  "POST /v1/prompts/{name}/versions/{version}/approve": {
    params: {
      name: string;
      version: string;
    };
    query: null;
    body: {
      reason: string;
    };
    answer: PromptVersion;
  };
  "POST /v1/redrives/{id}/cancel": {
    params: {
      id: string;
    };
    query: null;
    body: null;
    answer: Redrive;
  };
  "POST /v1/releases/{workflow}/demote": {
    params: {
      workflow: string;
    };
    query: null;
    body: {
      change?: ReleaseChange;
      reason: string;
      /** The release you have seen; another one by now refuses: release_moved. */
      expected_release?: number;
    };
    answer: ChangedRelease;
  };
  "POST /v1/releases/{workflow}/off": {
    params: {
      workflow: string;
    };
    query: null;
    body: {
      when_off?: "hold" | "review";
      reason: string;
      /** The release you have seen; another one by now refuses: release_moved. */
      expected_release?: number;
    };
    answer: ChangedRelease;
  };
  "POST /v1/releases/{workflow}/on": {
    params: {
      workflow: string;
    };
    query: null;
    body: {
      reason: string;
      /** The release you have seen; another one by now refuses: release_moved. */
      expected_release?: number;
      /** Past what the gate asks for: another person has to agree. */
      override?: boolean;
      /** Nobody else is there to agree; that is on record. */
      solo?: boolean;
    };
    answer: ChangedRelease | ReleaseProposal;
  };
  "POST /v1/releases/{workflow}/plan": {
    params: {
      workflow: string;
    };
    query: null;
    body: {
      change?: ReleaseChange;
      rollback?: {
        /** An earlier release, whose prompt versions and models serve again. */
        to?: number;
        /** Only this prompt slot. */
        slot?: string;
        /** A version of the slot's prompt. */
        version?: string;
        /** The slot's first fallback model serves in place of its model. */
        fallback?: boolean;
        /** What becomes of runs that have used what is taken away and have not decided. */
        in_flight?: "review" | "finish";
      };
      on?: true;
    };
    answer: ReleasePlan;
  };
  "POST /v1/releases/{workflow}/promote": {
    params: {
      workflow: string;
    };
    query: null;
    body: {
      change: ReleaseChange;
      reason: string;
      /** The release you have seen; another one by now refuses: release_moved. */
      expected_release?: number;
      /** Past what the gate asks for: another person has to agree. */
      override?: boolean;
      /** Nobody else is there to agree; that is on record. */
      solo?: boolean;
    };
    answer: ChangedRelease | ReleaseProposal;
  };
  "POST /v1/releases/{workflow}/proposals/{id}/approve": {
    params: {
      workflow: string;
      id: string;
    };
    query: null;
    body: {
      reason: string;
    };
    answer: ChangedRelease;
  };
  "POST /v1/releases/{workflow}/proposals/{id}/reject": {
    params: {
      workflow: string;
      id: string;
    };
    query: null;
    body: {
      reason: string;
    };
    answer: ReleaseProposal;
  };
  "POST /v1/releases/{workflow}/rollback": {
    params: {
      workflow: string;
    };
    query: null;
    body: {
      /** An earlier release, whose prompt versions and models serve again. */
      to?: number;
      /** Only this prompt slot. */
      slot?: string;
      /** A version of the slot's prompt. */
      version?: string;
      /** The slot's first fallback model serves in place of its model. */
      fallback?: boolean;
      /** What becomes of runs that have used what is taken away and have not decided. */
      in_flight?: "review" | "finish";
      reason: string;
      /** The release you have seen; another one by now refuses: release_moved. */
      expected_release?: number;
      /** Past what the gate asks for: another person has to agree. */
      override?: boolean;
      /** Nobody else is there to agree; that is on record. */
      solo?: boolean;
    };
    answer: ChangedRelease | ReleaseProposal;
  };
  "POST /v1/releases/{workflow}/traffic": {
    params: {
      workflow: string;
    };
    query: null;
    body: {
      share: number;
      reason: string;
      /** The release you have seen; another one by now refuses: release_moved. */
      expected_release?: number;
      /** Past what the gate asks for: another person has to agree. */
      override?: boolean;
      /** Nobody else is there to agree; that is on record. */
      solo?: boolean;
    };
    answer: ChangedRelease | ReleaseProposal;
  };
  "POST /v1/reviews/next": {
    params: null;
    query: null;
    body: {
      workflow?: string;
      team?: string;
      why?: string;
      /** Review ids that are left out. */
      skip?: string[];
    };
    answer: NextReview | null;
  };
  "POST /v1/reviews/{id}/claim": {
    params: {
      id: string;
    };
    query: null;
    body: null;
    answer: ReviewAsItStands;
  };
  "POST /v1/reviews/{id}/decide": {
    params: {
      id: string;
    };
    query: null;
    body: {
      action: "approve" | "correct" | "reject";
      corrected_output?: Json;
      correction_reason?: string;
      /** Of the preview that was looked at. */
      outcome_hash?: string;
    };
    answer: ReviewAnswer;
  };
  "POST /v1/reviews/{id}/preview": {
    params: {
      id: string;
    };
    query: null;
    body: {
      action: "approve" | "correct" | "reject";
      corrected_output?: Json;
      correction_reason?: string;
    };
    answer: ReviewAnswer;
  };
  "POST /v1/reviews/{id}/unclaim": {
    params: {
      id: string;
    };
    query: null;
    body: null;
    answer: ReviewAsItStands;
  };
  "POST /v1/runs/{id}/cancel": {
    params: {
      id: string;
    };
    query: null;
    body: {
      reason: string;
    };
    answer: Run;
  };
  "POST /v1/runs/{id}/restart": {
    params: {
      id: string;
    };
    query: null;
    body: Restart;
    answer: RestartReport;
  };
  "POST /v1/runs/{id}/reveal": {
    params: {
      id: string;
    };
    query: null;
    body: {
      reason: string;
    };
    answer: RevealedRun;
  };
  "POST /v1/session": {
    params: null;
    query: null;
    body: {
      code: string;
    };
    answer: Session;
  };
  "POST /v1/tokens": {
    params: null;
    query: null;
    body: {
      /** Who or what uses it; shown as the actor of all it does. */
      name: string;
      role: "viewer" | "reviewer" | "editor" | "operator" | "admin";
      /** How long it is good for, like "90d"; null: until it is revoked. */
      expires_in?: string | null;
    };
    answer: CreatedToken;
  };
  "POST /v1/tools/{name}/grant": {
    params: {
      name: string;
    };
    query: null;
    body: {
      workflow: string;
      reason: string;
      /** The release you have seen; another one by now refuses: release_moved. */
      expected_release?: number;
      /** Past what the gate asks for: another person has to agree. */
      override?: boolean;
      /** Nobody else is there to agree; that is on record. */
      solo?: boolean;
    };
    answer: ChangedRelease | ReleaseProposal;
  };
  "POST /v1/tools/{name}/revoke": {
    params: {
      name: string;
    };
    query: null;
    body: {
      workflow: string;
      reason: string;
      /** The release you have seen; another one by now refuses: release_moved. */
      expected_release?: number;
    };
    answer: ChangedRelease;
  };
  "POST /v1/workflows/{name}/pause": {
    params: {
      name: string;
    };
    query: null;
    body: {
      reason: string;
    };
    answer: Hold;
  };
  "POST /v1/workflows/{name}/resume": {
    params: {
      name: string;
    };
    query: null;
    body: {
      reason: string;
      /** At how many runs a minute the queue is started, such as "60/min"; all at once without it. */
      rate?: string;
    };
    answer: Hold;
  };
  "PUT /v1/prompts/{name}/drafts/{draft_id}": {
    params: {
      name: string;
      draft_id: string;
    };
    query: null;
    body: {
      /** The spec, as a file of it would say. */
      document: { [key: string]: Json };
      /** Of the draft as it was loaded. */
      expected_revision: number;
    };
    answer: PromptDraft;
  };
};
