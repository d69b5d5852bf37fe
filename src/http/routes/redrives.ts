import { OpenAPIHono } from "@hono/zod-openapi";
import type { Redriving } from "../../app/sluice.ts";
import type { Redrive } from "../../journal/redrive.ts";
import { listOf } from "../documents.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";
import { REDRIVE_JOB, redriveDocument } from "../redrive-documents.ts";

/** Redrives in the background; `POST /v1/dead-letters/redrive` begins them. */
export function redriveRoutes(sluice: Redriving): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/redrives",
    {
      tag: "dead letters",
      summary: "Redrives in the background, newest first",
      answers: { 200: { description: "The last 200.", schema: listOf(REDRIVE_JOB).openapi("Redrives") } },
    },
    async (c) => c.json({ items: (await sluice.redrives()).map(redriveDocument) }),
  );
  operation(
    api,
    "GET /v1/redrives/{id}",
    {
      tag: "dead letters",
      summary: "How far a redrive is",
      answers: { 200: { description: "The redrive.", schema: REDRIVE_JOB } },
    },
    async (c, { param }) => c.json(redriveDocument(found(await sluice.redriveOf(param("id")), param("id")))),
  );
  operation(
    api,
    "POST /v1/redrives/{id}/cancel",
    {
      tag: "dead letters",
      summary: "Redrive no further run",
      description: "What was redriven goes on. One that has ended stays as it is.",
      answers: {
        200: { description: "The redrive.", schema: REDRIVE_JOB },
        409: { description: "redrive_over: it has ended already." },
      },
    },
    async (c, { param, actor }) => {
      const id = param("id");
      const { state } = found(await sluice.redriveOf(id), id);
      if (state !== "running")
        throw new HttpProblem({ status: 409, code: "redrive_over", detail: `Redrive ${id} is ${state} already.` });
      return c.json(redriveDocument(found(await sluice.cancelRedrive(id, actor), id)));
    },
  );
  return api;
}

function found(redrive: Redrive | null, id: string): Redrive {
  if (redrive !== null) return redrive;
  const detail = `There is no redrive ${JSON.stringify(id)}.`;
  throw new HttpProblem({ status: 404, code: "unknown_redrive", detail });
}
