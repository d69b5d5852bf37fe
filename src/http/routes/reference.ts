import { OpenAPIHono } from "@hono/zod-openapi";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";

/** The reference of `app`, made from the definitions that also validate. */
export function referenceRoutes(app: Api): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  let reference: object | undefined;
  operation(
    api,
    "GET /openapi.json",
    {
      tag: "reference",
      summary: "This API as OpenAPI 3.1",
      answers: { 200: { description: "The document.", type: "application/json" } },
    },
    (c) => c.json((reference ??= openApi(app))),
  );
  return api;
}

function openApi(app: Api): object {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "sluice_session_PORT",
    description: "Of a person at the console; the name ends in the server's port. Counts for its own pages only.",
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Sluice",
      version: "1",
      description: "Runs AI workflows in production. Failures are RFC 9457 problems with a stable `code`.",
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { session: [] }],
  });
}
