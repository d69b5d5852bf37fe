import type { Clock } from "../base/clock.ts";
import type { Json } from "../base/json.ts";
import type { ContractSet } from "../contract/contract.ts";
import type { EventWaitStore } from "../journal/event-waits.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { JournalStore } from "../journal/ports.ts";
import type { RecentJournals } from "../journal/recent.ts";
import type { ModelRates } from "../model/rates.ts";
import type { Models } from "../model/registry.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { AnyTool } from "../tool/define.ts";
import type { AwaitedTypes } from "./awaited.ts";
import type { Controls } from "./controls.ts";
import type { DeterminismMode } from "./determinism.ts";
import type { Holds } from "./holds.ts";

/** What executing a run needs from around it. One per process. */
export interface Engine {
  store: JournalStore & EventWaitStore;
  keyring: Keyring;
  clock: Clock;
  models: Models;
  /** Who may call a model when. */
  rates: ModelRates;
  prompts: PromptSet;
  contracts: ContractSet;
  /** Types of events that runs wait for. */
  awaited: AwaitedTypes;
  determinism: DeterminismMode;
  recent: RecentJournals;
  /** Workflows of which nothing new may start. */
  holds: Holds;
  /** Of an eval: what stands in for the world outside. Absent: the world itself. */
  standIns?: StandIns;
  /** The present release of each workflow, as far as this process knows. */
  controls: Controls;
  /** One structured line; the data is redacted already. */
  log(level: "info" | "warn" | "error", message: string, data: Json): void;
  /** Named boundaries a crash test may stop at; nothing unless testing. */
  probe(point: ProbePoint): void | Promise<void>;
}

/** In an eval nothing is called that lies outside: what a case records answers in its place, and what it does not fails. */
export interface StandIns {
  /** The tool to call in place of `tool`. */
  tool(runId: string, step: { name: string; required: boolean }, tool: AnyTool): AnyTool;
  /** What a step of the author's own code gave. Throws `Failure` where that is not recorded. */
  code(runId: string, step: string): Json;
}

export type ProbePoint =
  | "before_event_commit"
  | "event_committed"
  | "run_claimed"
  | "before_model_call"
  | "after_model_call"
  | "before_repair"
  | "before_write_claim"
  | "write_claimed"
  | "write_called"
  | "write_settled"
  | "review_opened"
  | "review_answered"
  | "parked"
  | "sleep_over"
  | "wait_over"
  | "before_decision"
  | "decided"
  | "redriven";
