import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Contract } from "../../contract/contract.ts";
import type { PromptSpec } from "../../prompt/spec.ts";
import type { ProjectTool, ProjectWorkflow } from "../../app/load-code.ts";
import type { Sluice } from "../../app/sluice.ts";
import { anyJson } from "../documents.ts";
import type { Document } from "../documents.ts";
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
const PROMPT = z
  .looseObject({ name: z.string(), version: z.string(), owner: z.string(), model: z.string(), hash: z.string() })
  .openapi("PromptVersion");
const TOOL = z
  .object({
    name: z.string(),
    effect: z.enum(["read", "write"]),
    kind: z.string(),
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
    affects: z.array(z.string()),
    budget: z.looseObject({}),
    decision_schema: anyJson.nullable(),
    file: z.string(),
    code: z.string().describe("Hash of the file, its imports and the lockfile."),
  })
  .openapi("Workflow");

/** What the project folder holds, as the server loaded it. */
export function projectRoutes({ project }: Pick<Sluice, "project">): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  const list = (
    key: "GET /v1/contracts" | "GET /v1/prompts" | "GET /v1/tools" | "GET /v1/workflows",
    summary: string,
    item: z.ZodType,
    items: () => Document[],
  ): void =>
    operation(
      api,
      key,
      {
        tag: "project",
        summary,
        answers: { 200: { description: "All of them.", schema: z.object({ items: z.array(item) }) } },
      },
      (c) => c.json({ items: items() }),
    );
  const { contracts, prompts, tools, workflows } = project;
  list("GET /v1/contracts", "Event contracts, every version", CONTRACT, () =>
    contracts
      .types()
      .flatMap((type) =>
        contracts.versions(type).map((each) => contractDocument(each, contracts.implied(type) === each)),
      ),
  );
  list("GET /v1/prompts", "Prompts, every version", PROMPT, () => prompts.all().map(promptDocument));
  list("GET /v1/tools", "Tools", TOOL, () => [...tools.values()].map(toolDocument));
  list("GET /v1/workflows", "Workflows", WORKFLOW, () => [...workflows.values()].map(workflowDocument));
  return api;
}

function contractDocument({ type, version, upcast, file, schema }: Contract, isImplied: boolean): Document {
  return { type, version, default: isImplied, upcast: upcast !== null, file, schema: schema.source };
}

function promptDocument({ document, hash, file }: PromptSpec): Document {
  return { ...document, hash, ...(file === undefined ? {} : { file }) };
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
    budget,
    decision_schema: decision?.source ?? null,
    file,
    code,
  };
}
