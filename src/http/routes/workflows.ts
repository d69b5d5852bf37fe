import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Sluice } from "../../app/sluice.ts";
import { anyJson } from "../documents.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";

const NODE = z
  .object({
    id: z
      .string()
      .describe(
        "trigger, step:NAME, decide, end:completed, end:dead or end:stopped. A review that the runtime asks by itself is step:@review:NAME. ${…} stands for what a step's name is only given when it runs.",
      ),
    kind: z.enum(["trigger", "prompt", "tool", "code", "rule", "review", "sleep", "wait", "decide", "end"]),
    label: z.string(),
    line: z.int().nullable().describe("In the workflow's file, unless detail.file names another; null for an end."),
    detail: z.record(z.string(), anyJson).describe("What is known of it before a run: by kind."),
    optional: z.boolean().describe("A run can complete without it."),
    repeated: z.boolean().describe("It may be taken several times in one run."),
  })
  .openapi("GraphNode");
const EDGE = z
  .object({
    id: z.string(),
    from: z.string(),
    to: z.string(),
    kind: z.enum(["flow", "condition", "failure"]),
    label: z.string().nullable().describe("The condition as it is written, or what went wrong."),
    implied: z.boolean().describe("Nobody wrote it: the runtime goes this way by itself."),
  })
  .openapi("GraphEdge");
const FILE_PROBLEM = z
  .object({
    file: z.string(),
    line: z.int().optional(),
    column: z.int().optional(),
    code: z.string(),
    message: z.string(),
    fix: z.string().optional(),
    severity: z.enum(["error", "warning"]),
  })
  .openapi("FileProblem");
const GRAPH = z
  .object({
    workflow: z.string(),
    file: z.string(),
    nodes: z.array(NODE),
    edges: z.array(EDGE),
    problems: z.array(FILE_PROBLEM).describe("What of it cannot be seen in the source."),
  })
  .openapi("WorkflowGraph");

/** One workflow as a picture. */
export function workflowRoutes(sluice: Pick<Sluice, "workflowPicture">): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/workflows/{name}/graph",
    {
      tag: "project",
      summary: "A workflow as a graph",
      description: "Drawn from the source before any run: its steps, what decides between them, and where failures go.",
      answers: { 200: { description: "Nodes and edges.", schema: GRAPH } },
    },
    async (c, { param }) => c.json({ ...(await sluice.workflowPicture(param("name"))) }),
  );
  return api;
}
