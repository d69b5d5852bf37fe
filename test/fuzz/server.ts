import { createSluice } from "../../src/app/create.ts";
import { loadProject } from "../../src/app/project.ts";
import { readCredential } from "../../src/http/credential.ts";
import { createLog } from "../../src/http/log.ts";
import { startServer } from "../../src/http/server.ts";

/** The process that everything is sent to: a project over HTTP. Errors go to its log; on request it says what memory it holds. */
const project = await loadProject(process.argv[2] as string, { env: process.env });
const log = createLog("error");
const sluice = await createSluice({
  project,
  mode: "dev",
  stage: "partial",
  env: process.env,
  log: (level, message, data) => {
    if (level === "error") log.error({ data }, message);
  },
});
const { host, dataDir } = project.config;
const server = await startServer({ sluice, port: 0, host, dataDir, log });
process.on("message", () => {
  const collect = (globalThis as { gc?: () => void }).gc;
  collect?.();
  collect?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ heldBytes: heapUsed + external });
});
process.once("disconnect", () => process.exit(0));
process.send?.({ url: server.url, token: (await readCredential(dataDir))?.token });
