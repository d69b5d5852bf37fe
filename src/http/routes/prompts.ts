import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Json } from "../../base/json.ts";
import type { Sluice } from "../../app/sluice.ts";
import { listOf } from "../documents.ts";
import { REASON } from "../hold-documents.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import {
  COMPARED,
  DOCUMENT,
  PROMPT,
  VERSION,
  VERSION_DETAIL,
  comparedDocument,
  detailDocument,
  draftDocument,
  versionDocument,
} from "../prompt-documents.ts";

const PUBLISH = z.strictObject({ document: DOCUMENT, reason: REASON });
const WHY = z.strictObject({ reason: REASON });
const PAIR = z.object({
  from: z.string().min(1).describe("A version, or draft:ID."),
  to: z.string().min(1).describe("A version, or draft:ID."),
});

/** The prompt registry: versions, what is on record of each, and what changes it. */
export function promptRoutes(sluice: Sluice): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  looking(api, sluice);
  publishing(api, sluice);
  judging(api, sluice);
  return api;
}

function looking(api: Api, sluice: Sluice): void {
  operation(
    api,
    "GET /v1/prompts",
    {
      tag: "prompts",
      summary: "Prompts, every version",
      description: "Those of the project's files, and those that are published.",
      answers: {
        200: { description: "By name, oldest version first.", schema: listOf(VERSION).openapi("PromptVersions") },
      },
    },
    async (c) => c.json({ items: (await sluice.promptVersions()).map(versionDocument) }),
  );
  operation(
    api,
    "GET /v1/prompts/{name}",
    {
      tag: "prompts",
      summary: "One prompt: its versions and drafts",
      answers: { 200: { description: "Versions oldest first, drafts by their latest change.", schema: PROMPT } },
    },
    async (c, { param }) => {
      const name = param("name");
      const versions = await sluice.promptVersions(name);
      const drafts = await sluice.promptDrafts(name);
      const owner = versions.at(-1)?.spec.owner ?? "";
      return c.json({ name, owner, versions: versions.map(versionDocument), drafts: drafts.map(draftDocument) });
    },
  );
  operation(
    api,
    "GET /v1/prompts/{name}/versions/{version}",
    {
      tag: "prompts",
      summary: "One version, with its evidence, where it served and what it decided",
      answers: { 200: { description: "The version.", schema: VERSION_DETAIL } },
    },
    async (c, { param }) => c.json(detailDocument(await sluice.promptVersion(param("name"), param("version")))),
  );
  operation(
    api,
    "GET /v1/prompts/{name}/diff",
    {
      tag: "prompts",
      summary: "Two versions side by side",
      description: "Text, schema and settings, and the evidence of both.",
      query: PAIR,
      answers: { 200: { description: "What is different.", schema: COMPARED } },
    },
    async (c, { param, query }) => {
      const name = param("name");
      return c.json(comparedDocument(name, await sluice.comparePrompts(name, query.from, query.to)));
    },
  );
}

function publishing(api: Api, sluice: Sluice): void {
  operation(
    api,
    "POST /v1/prompts/{name}/versions",
    {
      tag: "prompts",
      summary: "Publish a version",
      description:
        "It is known to this server at once, and needs no file. It serves nothing by that: a release says which version serves.",
      body: PUBLISH,
      answers: {
        200: { description: "This very content was published before.", schema: VERSION },
        201: { description: "Published.", schema: VERSION },
        409: { description: "version_changed: the name and version stand for other content." },
        422: { description: "invalid_prompt: every mistake, with its pointer into the document." },
      },
    },
    async (c, { param, body, actor }) => {
      const { version, fresh } = await sluice.publishPrompt(param("name"), body.document, body.reason, actor);
      return c.json(versionDocument(version) as Record<string, Json>, fresh ? 201 : 200);
    },
  );
}

function judging(api: Api, sluice: Sluice): void {
  operation(
    api,
    "POST /v1/prompts/{name}/versions/{version}/approve",
    {
      tag: "prompts",
      summary: "Approve a version",
      description: "Of its very content. Whoever published it cannot.",
      body: WHY,
      answers: {
        200: { description: "The version with its approvals.", schema: VERSION },
        409: { description: "own_version: somebody else has to." },
      },
    },
    async (c, { param, body, actor }) => {
      const { version } = await sluice.approvePrompt(param("name"), param("version"), body.reason, actor);
      return c.json(versionDocument(version) as Record<string, Json>);
    },
  );
  operation(
    api,
    "DELETE /v1/prompts/{name}/versions/{version}",
    {
      tag: "prompts",
      summary: "Delete a version",
      description:
        "It is served and listed no more. Its name and version stay taken, and what is on record of runs that used it stays readable.",
      body: WHY,
      answers: {
        204: { description: "Deleted." },
        409: {
          description:
            "version_in_use: it serves, is tried, is pinned by a run that has not ended, or is a way back; version_in_file.",
        },
      },
    },
    async (c, { param, body, actor }) => {
      await sluice.withdrawPrompt(param("name"), param("version"), body.reason, actor);
      return c.body(null, 204);
    },
  );
}
