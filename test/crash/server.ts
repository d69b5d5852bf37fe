import { createSluice } from "../../src/app/create.ts";
import { loadProject } from "../../src/app/project.ts";
import { createLog } from "../../src/http/log.ts";
import { startServer } from "../../src/http/server.ts";
import { crashAt, parseCrashAt } from "../../src/testing/crash/crash-at.ts";

/**
 * The process that is killed: the example over HTTP, stopping where `CRASH_AT` says. Everything else comes from the
 * environment as it does for `sluice serve`.
 */
const dir = new URL("../../examples/support-triage/", import.meta.url).pathname;
const project = await loadProject(dir);
const at = process.env["CRASH_AT"];
const log = createLog("error");
const sluice = await createSluice({
  project,
  mode: "dev",
  stage: "partial",
  log: (level, message, data) => {
    if (level === "error") log.error({ data }, message);
  },
  ...(at === undefined || at === "" ? {} : { probe: crashAt(parseCrashAt(at)) }),
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
