import { userInfo } from "node:os";
import { openEvals } from "../app/open-evals.ts";
import { inert } from "../base/inert.ts";
import { formatProblem } from "../base/failure.ts";
import { createLog } from "../http/log.ts";
import { localEvals } from "../http/local-evals.ts";
import { Client, connect } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import { Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { openProject, projectToServe } from "./project-folder.ts";

/** Where evals are worked on. */
export interface EvalPlace {
  client: Client;
  /** A server works on them, also when nobody looks on. */
  server: boolean;
  close(): Promise<void>;
}

/** The server that was named, or the one on the project's data folder; else this process itself, which listens nowhere. */
export async function evalPlace(options: ServerOptions, io: Io): Promise<EvalPlace> {
  const running = await runningServer(options, io);
  if (running !== null) return { client: running, server: true, close: async () => {} };
  projectToServe(options, io);
  const project = await openProject(options, io);
  for (const problem of project.problems.filter(({ severity }) => severity === "warning"))
    io.err(`warning: ${inert(formatProblem(problem))}\n`);
  const log = createLog("error");
  const evals = await openEvals({
    project,
    env: io.env,
    log: (level, message, data) => log[level]({ data }, message),
  });
  const app = localEvals(evals, localName(), log);
  const send = async (url: string | URL | Request, init?: RequestInit): Promise<Response> =>
    await app.request(String(url), init);
  return { client: new Client("http://localhost", "", send), server: false, close: () => evals.close() };
}

async function runningServer(options: ServerOptions, io: Io): Promise<Client | null> {
  const named = (options.url ?? io.env["SLUICE_URL"]) !== undefined;
  try {
    const client = await connect(options, io);
    // A server that was killed leaves its credential behind.
    if (!named) await client.get("/healthz");
    return client;
  } catch (error) {
    if (named || !(error instanceof Exit)) throw error;
    return null;
  }
}

function localName(): string {
  try {
    return userInfo().username;
  } catch {
    return "local";
  }
}
