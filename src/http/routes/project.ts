import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Contract } from "../../contract/contract.ts";
import type { ProjectTool, ProjectWorkflow } from "../../app/load-code.ts";
import type { Sluice } from "../../app/sluice.ts";
import { anyJson, listOf, orNull } from "../documents.ts";
import type { Document } from "../documents.ts";
import { HOLD, holdDocument } from "../hold-documents.ts";
import { pick } from "../filter.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";

const CONTRACT = z
  .object({
    type: z.string(),
    version: z.int(),
    default: z.boolean().describe("What an event without schema_version is taken for."),
    upcast: z.boolean().describe("There is a way to the next version."),
    file: z.string(),
    schema: anyJson,
  })
  .openapi("Contract");
const TOOL = z
  .object({
    name: z.string(),
    effect: z.enum(["read", "write"]),
    kind: z.enum(["refund", "account_change", "external_message", "other"]),
    risk: z.enum(["low", "medium", "high"]),
    description: z.string().nullable(),
    args: anyJson,
    result: anyJson.nullable(),
    hash: z.string(),
    file: z.string(),
  })
  .openapi("Tool");
const WORKFLOW = z
  .object({
    name: z.string(),
    on: z.object({ type: z.string(), version: z.int().optional() }),
    prompts: z.record(z.string(), z.string()).describe("Prompt by slot."),
    tools: z.array(z.string()),
    thresholds: z.record(z.string(), z.number()),
    success: z.string().nullable(),
    deadline_ms: z.number().nullable(),
    affects: z.array(z.enum(["customer_communication", "billing", "security", "compliance"])),
    budget: z.object({ usd: z.number().optional(), model_calls: z.number().optional() }),
    decision_schema: anyJson.nullable(),
    file: z.string(),
    code: z.string().describe("Hash of the file, its imports and the lockfile."),
    hold: orNull(HOLD).describe("Null where its runs go on as usual."),
  })
  .openapi("Workflow");

/** What the project folder holds, as the server loaded it. */
export function projectRoutes({ project, presentHolds }: Pick<Sluice, "project" | "presentHolds">): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  const list = (
    key: "GET /v1/contracts" | "GET /v1/tools" | "GET /v1/workflows",
    summary: string,
    all: z.ZodType,
    items: () => Document[] | Promise<Document[]>,
  ): void =>
    operation(
      api,
      key,
      {
        tag: "project",
        summary,
        answers: { 200: { description: "All of them.", schema: all } },
      },
      async (c) => c.json({ items: await items() }),
    );
  const { contracts, tools, workflows } = project;
  list("GET /v1/contracts", "Event contracts, every version", listOf(CONTRACT).openapi("Contracts"), () =>
    contracts
      .types()
      .flatMap((type) =>
        contracts.versions(type).map((each) => contractDocument(each, contracts.implied(type) === each)),
      ),
  );
  list("GET /v1/tools", "Tools", listOf(TOOL).openapi("Tools"), () => [...tools.values()].map(toolDocument));
  list("GET /v1/workflows", "Workflows", listOf(WORKFLOW).openapi("Workflows"), async () => {
    const holds = new Map((await presentHolds()).map((hold) => [hold.workflow, holdDocument(hold)]));
    return [...workflows.values()].map((each) => {
      return { ...workflowDocument(each), hold: holds.get(each.workflow.name) ?? null };
    });
  });
  return api;
}

function contractDocument({ type, version, upcast, file, schema }: Contract, isImplied: boolean): Document {
  return { type, version, default: isImplied, upcast: upcast !== null, file, schema: schema.source };
}

function toolDocument({ tool, file }: ProjectTool): Document {
  const described = pick(tool, ["name", "effect", "kind", "risk", "hash"]);
  return {
    ...described,
    description: tool.description,
    args: tool.args.source,
    result: tool.result?.source ?? null,
    file,
  };
}

/** A workflow as HTTP and the command line show it. */
export function workflowDocument({ workflow, file, code }: ProjectWorkflow): Document {
  const { name, on, prompts, tools, thresholds, success, deadlineMs, affects, budget, decision } = workflow;
  return {
    name,
    on: { type: on.type, ...(on.version === undefined ? {} : { version: on.version }) },
    prompts,
    tools: Object.values(tools).map((tool) => tool.name),
    thresholds,
    success,
    deadline_ms: deadlineMs,
    affects,
    budget: {
      ...(budget.usd === undefined ? {} : { usd: budget.usd }),
      ...(budget.modelCalls === undefined ? {} : { model_calls: budget.modelCalls }),
    },
    decision_schema: decision?.source ?? null,
    file,
    code,
  };
}
