import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Json } from "../../base/json.ts";
import type { Sluice } from "../../app/sluice.ts";
import { REASON } from "../hold-documents.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { DOCUMENT, DRAFT, VERSION, draftDocument, versionDocument } from "../prompt-documents.ts";

const REVISION = z.int().min(1).describe("Of the draft as it was loaded.");
const ADD = z.strictObject({ document: DOCUMENT, base: z.string().min(1).nullable().default(null) });
const SAVE = z.strictObject({ document: DOCUMENT, expected_revision: REVISION });
const DROP = z.object({ expected_revision: z.coerce.number().int().min(1).optional() });
const PUBLISH = z.strictObject({
  version: z.string().min(1).describe("What it is published as."),
  reason: REASON,
  expected_revision: REVISION.optional(),
});
const MOVED = { description: "draft_moved: somebody else has changed it since." };

/** Prompt versions that are being written. */
export function promptDraftRoutes(sluice: Sluice): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  writing(api, sluice);
  ending(api, sluice);
  return api;
}

function writing(api: Api, sluice: Sluice): void {
  operation(
    api,
    "POST /v1/prompts/{name}/drafts",
    {
      tag: "prompts",
      summary: "Begin a draft",
      description: "It may hold mistakes; they are told with every answer.",
      body: ADD,
      answers: { 201: { description: "The draft.", schema: DRAFT } },
    },
    async (c, { param, body, actor }) => {
      const draft = await sluice.addDraft(param("name"), body.document, body.base, actor);
      return c.json(draftDocument(draft) as Record<string, Json>, 201);
    },
  );
  operation(
    api,
    "GET /v1/prompts/{name}/drafts/{draft_id}",
    {
      tag: "prompts",
      summary: "A draft, and all that is wrong with it",
      answers: { 200: { description: "The draft.", schema: DRAFT } },
    },
    async (c, { param }) => c.json(draftDocument(await sluice.promptDraft(param("name"), param("draft_id")))),
  );
  operation(
    api,
    "PUT /v1/prompts/{name}/drafts/{draft_id}",
    {
      tag: "prompts",
      summary: "Change a draft",
      body: SAVE,
      answers: { 200: { description: "The draft.", schema: DRAFT }, 409: MOVED },
    },
    async (c, { param, body, actor }) => {
      const { document, expected_revision: expectedRevision } = body;
      const change = { document, expectedRevision };
      return c.json(draftDocument(await sluice.saveDraft(param("name"), param("draft_id"), change, actor)));
    },
  );
}

function ending(api: Api, sluice: Sluice): void {
  operation(
    api,
    "DELETE /v1/prompts/{name}/drafts/{draft_id}",
    {
      tag: "prompts",
      summary: "Drop a draft",
      query: DROP,
      answers: { 204: { description: "Dropped." }, 409: MOVED },
    },
    async (c, { param, query }) => {
      await sluice.dropDraft(param("name"), param("draft_id"), query.expected_revision ?? null);
      return c.body(null, 204);
    },
  );
  operation(
    api,
    "POST /v1/prompts/{name}/drafts/{draft_id}/publish",
    {
      tag: "prompts",
      summary: "Publish a draft as a version",
      description: "The draft is dropped with it.",
      body: PUBLISH,
      answers: {
        201: { description: "The version.", schema: VERSION },
        409: { description: "draft_moved, or version_changed: the version stands for other content." },
        422: { description: "invalid_prompt: every mistake, with its pointer into the document." },
      },
    },
    async (c, { param, body, actor }) => {
      const { version: name, reason, expected_revision: expectedRevision = null } = body;
      const given = { version: name, reason, expectedRevision };
      const { version } = await sluice.publishDraft(param("name"), param("draft_id"), given, actor);
      return c.json(versionDocument(version) as Record<string, Json>, 201);
    },
  );
}
