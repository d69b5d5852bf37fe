import type { Command } from "commander";
import type { DevMessage } from "./dev-session.ts";
import type { Io } from "./io.ts";
import { withExamples } from "./examples.ts";
import { UsageError } from "../base/failure.ts";
import { EXIT, Exit } from "./exit.ts";
import { projectToServe } from "./project-folder.ts";

interface DevOptions {
  port?: string;
  host?: string;
  dir?: string;
  data?: string;
  stage?: string;
  watch: boolean;
}

/** `sluice dev`: the project is served by a process of its own, which is replaced whenever a file is saved. */
export function define(command: Command, io: Io): void {
  command
    .option("--port <number>", "the port (SLUICE_PORT); 4780 unless set, 0 for any free one")
    .option("--host <address>", "the address to listen on (SLUICE_HOST); loopback unless set")
    .option("--dir <folder>", "the project folder (SLUICE_DIR); else this one")
    .option("--data <folder>", "folder of the embedded store (SLUICE_DATA); .sluice in the project unless set")
    .option("--stage <stage>", "of the release it makes (SLUICE_DEVELOPMENT_STAGE); partial unless set")
    .option("--no-watch", "serve what is there now, and do not start anew");
  withExamples(command, [
    ["sluice dev", "serve this folder, and start anew on every save"],
    ["sluice dev --stage shadow", "writes are recorded, not made"],
  ]).action((options: DevOptions) => (options.watch ? watchAndServe(options, io) : serveOnce(options, io)));
}

async function serveOnce({ port, host, data, stage, ...options }: DevOptions, io: Io): Promise<void> {
  const [{ loadProject }, { runServer }] = await Promise.all([import("../app/project.ts"), import("./run-server.ts")]);
  const flags = { port, host, data, developmentStage: stage };
  const project = await loadProject(projectToServe(options, io), { env: io.env, flags });
  try {
    await runServer({ project, io, mode: "dev", watched: process.send !== undefined });
  } catch (error) {
    if (error instanceof UsageError) await tellParent({ unmendable: error.code });
    throw error;
  }
}

/** What no save of a file will mend ends `sluice dev` too. Nothing where nobody started this process to watch over it. */
function tellParent(message: DevMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) return resolve();
    process.send(message, undefined, undefined, () => resolve());
  });
}

async function watchAndServe(options: DevOptions, io: Io): Promise<void> {
  const dir = projectToServe(options, io);
  const [{ DevSession }, { tellHowToSignIn }, { watchProject }, { loadConfig }] = await Promise.all([
    import("./dev-session.ts"),
    import("./sign-in.ts"),
    import("./watch.ts"),
    import("../app/config.ts"),
  ]);
  const { config } = await loadConfig(dir, { env: io.env, flags: { data: options.data } });
  const { dataDir } = config;
  const flags = (["host", "data", "stage"] as const).flatMap((name) =>
    options[name] === undefined ? [] : [`--${name}`, options[name]],
  );
  const session = new DevSession({
    dir,
    io,
    flags,
    port: options.port,
    onFirst: () => tellHowToSignIn({ dir, dataDir }, io),
  });
  const unwatch = watchProject(dir, [dataDir], () => session.saved());
  const told = new Promise<void>((resolve) => {
    const onSignal = (): void => {
      unwatch();
      void session.end().then(resolve);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  });
  await session.start();
  await Promise.race([told, session.unmendable]);
  if (!session.ended) {
    unwatch();
    throw new Exit(EXIT.wrongUse);
  }
  await told;
}
