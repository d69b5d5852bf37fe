/**
 * The process that is killed: a project over HTTP. It loads its code, says "standing by", and starts when a line tells it
 * where to kill itself (empty: nowhere). `node server.ts PROJECT MODE [STAGE]`; the rest comes from the environment, as
 * for `sluice serve`.
 */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createSluice } from "../../app/create.ts";
import type { CreateOptions } from "../../app/create.ts";
import { loadProject } from "../../app/project.ts";
import { formatProblem } from "../../base/failure.ts";
import type { Stage } from "../../base/stage.ts";
import { createLog } from "../../http/log.ts";
import { startServer } from "../../http/server.ts";
import { crashAt, parseCrashAt } from "./crash-at.ts";

const [dir = ".", mode = "dev", stage] = process.argv.slice(2) as [string?, CreateOptions["mode"]?, Stage?];

/** The kill at a place of the main thread, or of the writer's. */
function killing(at: string): Pick<CreateOptions, "probe" | "storeProbe"> {
  if (at === "") return {};
  const { point } = parseCrashAt(at);
  if (point !== "group_executed" && point !== "group_committed") return { probe: crashAt(parseCrashAt(at)) };
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return { storeProbe: { module: new URL(`./writer-probe.${ending}`, import.meta.url).href, data: at } };
}

const project = await loadProject(dir);
const mistakes = project.problems.filter(({ severity }) => severity === "error");
if (mistakes.length > 0) {
  process.stderr.write(`${mistakes.map(formatProblem).join("\n")}\n`);
  process.exit(2);
}
const input = createInterface({ input: process.stdin });
process.stdout.write("standing by\n");
const [at] = (await once(input, "line")) as [string];
input.close();
const log = createLog("error");
const sluice = await createSluice({
  project,
  mode,
  log: (level, message, data) => {
    if (level === "error") log.error({ data }, message);
  },
  ...(stage === undefined ? {} : { stage }),
  ...killing(at),
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
