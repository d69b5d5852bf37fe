import type { Command } from "commander";
import type { Io } from "./io.ts";

/** One file per command. It is loaded only when its command is asked for, so that `--help` stays fast. */
export interface CommandModule {
  /** Adds arguments, options, subcommands, examples and the action to `command`, which has its name already. */
  define(command: Command, io: Io): void;
}

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** All commands, in the order `--help` shows them. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "serve", summary: "run the project's workflows and take events over HTTP", load: () => import("./serve.ts") },
  { name: "trigger", summary: "send an event, or many", load: () => import("./trigger.ts") },
  { name: "runs", summary: "list, show, export and cancel runs", load: () => import("./runs.ts") },
  { name: "why", summary: "the seven questions about a decision, answered", load: () => import("./why.ts") },
  {
    name: "review",
    summary: "what waits for a person: look, approve, correct, reject",
    load: () => import("./review.ts"),
  },
  { name: "dead", summary: "runs that failed for good: list, show, redrive", load: () => import("./dead.ts") },
  { name: "token", summary: "who may use the server", load: () => import("./token.ts") },
  { name: "audit", summary: "verify that no record was changed or removed", load: () => import("./audit.ts") },
];
