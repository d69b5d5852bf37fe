import type { Command } from "commander";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { projectToServe } from "./project-folder.ts";

interface ServeOptions {
  port?: string;
  host?: string;
  dir?: string;
  data?: string;
}

export function define(command: Command, io: Io): void {
  command
    .option("--port <number>", "the port (SLUICE_PORT); 4780 unless set, 0 for any free one")
    .option("--host <address>", "the address to listen on (SLUICE_HOST); loopback unless set")
    .option("--dir <folder>", "the project folder (SLUICE_DIR); else this one")
    .option("--data <folder>", "folder of the embedded store (SLUICE_DATA); .sluice in the project unless set");
  withExamples(command, [
    ["sluice serve", "prints one line with the address when ready"],
    ["sluice serve --dir my-project --port 0", "another project, any free port"],
  ]).action((options: ServeOptions) => serve(options, io));
}

async function serve(options: ServeOptions, io: Io): Promise<void> {
  const [{ loadProject }, { runServer }] = await Promise.all([import("../app/project.ts"), import("./run-server.ts")]);
  const { port, host, data } = options;
  const project = await loadProject(projectToServe(options, io), { env: io.env, flags: { port, host, data } });
  await runServer({ project, io, mode: "serve" });
}
