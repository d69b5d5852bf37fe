/** What a project imports from "sluice". */
export { defineConfig } from "./app/config.ts";
export type { LogLevel, UserConfig } from "./app/settings.ts";
export { Failure } from "./base/failure.ts";
export type { FailureClass, FailureInfo, FailurePolicy } from "./base/failure.ts";
export type { Json, JsonObject } from "./base/json.ts";
export type { Infer, JsonSchemaInput, SchemaInput, StandardSchema } from "./base/schema.ts";
export type { Stage } from "./base/stage.ts";
export type { Upcast } from "./contract/contract.ts";
export type { ModelPrice, PriceTable } from "./model/price.ts";
export type { RateLimit } from "./model/rate.ts";
export type { RateLimits } from "./model/rates.ts";
export type { ProviderConfig } from "./model/registry.ts";
export { tool } from "./tool/define.ts";
export type {
  AnyTool,
  Effect,
  IdCheck,
  Reconciled,
  Risk,
  Tool,
  ToolCall,
  ToolDefinition,
  ToolKind,
} from "./tool/define.ts";
export { failureFromResponse } from "./tool/failures.ts";
export type { HttpAnswer } from "./tool/failures.ts";
export type {
  PromptOptions,
  ReviewOptions,
  RuleOptions,
  StepOptions,
  ReadOptions,
  ToolOptions,
  WaitForOptions,
  WorkflowContext,
  WriteOutcome,
} from "./workflow/context.ts";
export { event, workflow } from "./workflow/define.ts";
export type { Affects, Workflow, WorkflowOptions } from "./workflow/define.ts";
export type { EventRef } from "./workflow/event-ref.ts";
export { StepFailed } from "./workflow/step-failed.ts";
