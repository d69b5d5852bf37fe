import { once } from "node:events";
import { createInterface } from "node:readline";
import { createSluice } from "../../src/app/create.ts";
import { loadProject } from "../../src/app/project.ts";
import { createLog } from "../../src/http/log.ts";
import { startServer } from "../../src/http/server.ts";
import { crashAt, parseCrashAt } from "../../src/testing/crash/crash-at.ts";

/**
 * The process that is killed: the example over HTTP. It loads its code, says "standing by", and starts when a line tells
 * it where to kill itself (empty: nowhere). Everything else comes from the environment, as for `sluice serve`.
 */
const project = await loadProject(new URL("../../examples/support-triage/", import.meta.url).pathname);
const input = createInterface({ input: process.stdin });
process.stdout.write("standing by\n");
const [at] = (await once(input, "line")) as [string];
input.close();
const log = createLog("error");
const sluice = await createSluice({
  project,
  mode: "dev",
  stage: "partial",
  log: (level, message, data) => {
    if (level === "error") log.error({ data }, message);
  },
  ...(at === "" ? {} : { probe: crashAt(parseCrashAt(at)) }),
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
