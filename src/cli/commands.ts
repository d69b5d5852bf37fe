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
export const COMMANDS: readonly CommandEntry[] = [];
