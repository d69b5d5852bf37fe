import { OpenAPIHono } from "@hono/zod-openapi";
import type { Evals } from "../app/evals.ts";
import { failed } from "./app.ts";
import type { Log } from "./log.ts";
import type { Api, ApiEnv } from "./operation.ts";
import { datasetRoutes } from "./routes/datasets.ts";
import type { DatasetDesk } from "./routes/datasets.ts";
import { evalRoutes } from "./routes/evals.ts";

const MAX_BODY_BYTES = 1024 * 1024;

/** The routes of evals and datasets within this process, without an address: for a command on a project where no server is at work. */
export function localEvals(evals: Evals & DatasetDesk, name: string, log: Log): Api {
  const app: Api = new OpenAPIHono<ApiEnv>();
  app.use(async (c, next) => {
    c.set("maxBodyBytes", MAX_BODY_BYTES);
    c.set("caller", { name, role: "admin", kind: "token", tokenId: "", expiresAt: null });
    await next();
  });
  app.route("/", evalRoutes(evals));
  app.route("/", datasetRoutes(evals));
  app.onError((error, c) => failed(error, { log, method: c.req.method, path: c.req.path }));
  return app;
}
