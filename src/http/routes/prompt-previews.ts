import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Json } from "../../base/json.ts";
import type { PreviewRequest } from "../../app/previewing.ts";
import type { Sluice } from "../../app/sluice.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { PREVIEW, previewDocument } from "../preview-documents.ts";
import { DOCUMENT } from "../prompt-documents.ts";

const MAX_RUNS = 1_000;
const REQUEST = z
  .strictObject({
    version: z.string().min(1).optional(),
    draft_id: z.string().min(1).optional(),
    document: DOCUMENT.optional(),
    workflow: z.string().min(1),
    slot: z.string().min(1).optional().describe("All slots of the prompt unless given."),
    runs: z.int().min(1).max(MAX_RUNS).default(200),
    fields: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("Of the decision, what is compared: unless given, all but free text and the confidence."),
  })
  .refine(({ version, draft_id: draft, document }) => [version, draft, document].filter(isGiven).length === 1, {
    message: "name one of version, draft_id and document",
  });

function isGiven(value: unknown): boolean {
  return value !== undefined;
}

/** Recorded runs under another prompt version: what would be decided otherwise. */
export function promptPreviewRoutes(sluice: Sluice): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "POST /v1/prompts/{name}/preview",
    {
      tag: "prompts",
      summary: "What a version would have decided",
      description:
        "The latest recorded runs of a workflow, each with the model asked anew: a version, a draft, or a document as it stands. Recorded reads answer for tools; nothing is executed and nothing is written. Runs come as they are computed.",
      body: REQUEST,
      answers: {
        202: { description: "Begun.", schema: PREVIEW },
        409: { description: "model_not_usable" },
        422: { description: "invalid_prompt: every mistake, with its pointer into the document." },
        429: { description: "too_many_previews" },
      },
    },
    async (c, { param, body, actor }) => {
      const { workflow, slot, runs, fields } = body;
      const request: PreviewRequest = {
        name: param("name"),
        what: whatOf(body),
        workflow,
        runs,
        ...(slot === undefined ? {} : { slot }),
        ...(fields === undefined ? {} : { fields }),
      };
      return c.json(previewDocument(await sluice.startPreview(request, actor)) as Record<string, Json>, 202);
    },
  );
  operation(
    api,
    "GET /v1/prompts/{name}/previews/{preview_id}",
    {
      tag: "prompts",
      summary: "A preview as it stands",
      answers: { 200: { description: "All there is so far.", schema: PREVIEW } },
    },
    async (c, { param }) => c.json(previewDocument(await sluice.promptPreview(param("name"), param("preview_id")))),
  );
  operation(
    api,
    "POST /v1/prompts/{name}/previews/{preview_id}/cancel",
    {
      tag: "prompts",
      summary: "End a preview",
      answers: { 200: { description: "As it stands then.", schema: PREVIEW } },
    },
    async (c, { param }) => c.json(previewDocument(await sluice.cancelPreview(param("name"), param("preview_id")))),
  );
  return api;
}

function whatOf({ version, draft_id: draftId, document }: z.output<typeof REQUEST>): PreviewRequest["what"] {
  if (version !== undefined) return { version };
  return draftId === undefined ? { document: document ?? {} } : { draftId };
}
