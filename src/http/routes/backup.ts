import { Readable } from "node:stream";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Sluice } from "../../app/sluice.ts";
import { StoreError } from "../../store/store-error.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";

const TYPE = "application/vnd.sqlite3";

export function backupRoutes(sluice: Sluice): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "POST /v1/backup",
    {
      tag: "backup",
      summary: "A consistent copy of the whole store",
      description:
        "An SQLite database that `sluice restore` takes. Work goes on meanwhile. The project's key is not in it, and without the key the originals in it cannot be read. Whoever has both can read everything.",
      answers: {
        200: { description: "The file; it is whole where its length is that of content-length.", type: TYPE },
        409: { description: "backup_running: there is one under way." },
        507: { description: "no_space: the disk of the data folder has no room for a copy." },
      },
    },
    async () => {
      const { bytes, stream } = await sluice.backup().catch((error: unknown) => {
        if (error instanceof StoreError && error.code === "disk_full")
          throw new HttpProblem({ status: 507, code: "no_space", detail: error.message });
        throw error;
      });
      return new Response(Readable.toWeb(stream) as ReadableStream, {
        headers: { "content-type": TYPE, "content-length": String(bytes) },
      });
    },
  );
  return api;
}
