import { createSluice } from "../app/create.ts";
import type { CreateOptions } from "../app/create.ts";
import type { Project } from "../app/project.ts";
import { formatProblem } from "../base/failure.ts";
import type { FileProblem } from "../base/failure.ts";
import { inert, inertLine } from "../base/inert.ts";
import { isObject } from "../base/json.ts";
import { restartCommand } from "./restart.ts";
import { createLog } from "../http/log.ts";
import type { Log } from "../http/log.ts";
import { startServer } from "../http/server.ts";
import type { Io } from "./io.ts";
import { tellHowToSignIn } from "./sign-in.ts";

export interface RunServerOptions extends Pick<CreateOptions, "mode" | "stage"> {
  project: Project;
  io: Io;
  /** Somebody else says how to get into the console. */
  watched?: boolean;
}

/**
 * Serves a project until the process is told to stop: the first SIGTERM or SIGINT lets answers and running steps end,
 * the second ends at once. Prints one line with the address on standard output, and on a terminal a second one with a
 * link to the console; the log goes to standard error.
 * Throws `ProjectError` with all mistakes of the project's files, `UsageError` where port, key or data folder cannot be used.
 */
export async function runServer({ project, io, mode, stage, watched = false }: RunServerOptions): Promise<void> {
  const { config } = project;
  const warn = (problem: FileProblem): void => io.err(`warning: ${inert(formatProblem(problem))}\n`);
  for (const problem of project.problems.filter(({ severity }) => severity === "warning")) warn(problem);
  const log = createLog(config.logLevel);
  const told = toldToStop(io);
  const sluice = await createSluice({
    project,
    mode,
    env: io.env,
    log: structured(log, mode === "dev" ? io : null),
    warn,
    ...(stage === undefined ? {} : { stage }),
  });
  try {
    const { port, host, publicUrl, dataDir, maxEventBytes: maxBodyBytes, drainGraceMs: graceMs } = config;
    const server = await startServer({ sluice, port, host, publicUrl, dataDir, maxBodyBytes, graceMs, log });
    io.out(`Sluice listens on ${server.url}\n`);
    if (!watched) await tellHowToSignIn({ dir: project.dir, dataDir }, io);
    await told;
    // At once: while answers end, nothing new may begin.
    await Promise.all([sluice.drain(graceMs), server.close()]);
  } finally {
    await sluice.close();
  }
}

/** `person`: who develops sees what to type after a divergence. */
function structured(log: Log, person: Io | null): CreateOptions["log"] {
  return (level, message, data) => {
    log[level](isObject(data) ? data : { data }, message);
    if (person === null || !isObject(data) || typeof data["run_id"] !== "string") return;
    const dead = { run_id: data["run_id"], status: "dead", failure: { detail: data["detail"] ?? null } };
    const command = restartCommand(dead, person);
    if (command !== null) person.err(`To ask that step and what follows it anew:\n  ${inertLine(command)}\n`);
  };
}

const HARD_STOP = 130;

/** Resolves at the first signal. From then on a second one ends the process as it stands: the journal is made for that. */
function toldToStop(io: Io): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = (): void => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) {
        process.removeListener(signal, onSignal);
        process.once(signal, () => process.exit(HARD_STOP));
      }
      io.err("Stopping: letting running steps end. Once more to stop at once.\n");
      resolve();
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, onSignal);
  });
}
