import { createSluice } from "../../src/app/create.ts";
import { loadProject } from "../../src/app/project.ts";
import { createLog } from "../../src/http/log.ts";
import { startServer } from "../../src/http/server.ts";

/** The process that is killed: a project, named first, over HTTP. Everything else comes from the environment. */
const project = await loadProject(process.argv[2] as string);
const log = createLog("error");
const sluice = await createSluice({
  project,
  mode: "dev",
  stage: "partial",
  log: (level, message, data) => {
    if (level === "error") log.error({ data }, message);
  },
});
const { host, dataDir } = project.config;
const server = await startServer({ sluice, port: 0, host, dataDir, log });
process.stdout.write(`ready ${server.url}\n`);
process.once("SIGTERM", () => {
  void server
    .close()
    .then(() => sluice.close())
    .then(() => process.exit(0));
});
