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
  { name: "init", summary: "a small project to start from", load: () => import("./init.ts") },
  { name: "dev", summary: "serve, and start anew whenever a file is saved", load: () => import("./dev.ts") },
  { name: "serve", summary: "run the project's workflows and take events over HTTP", load: () => import("./serve.ts") },
  {
    name: "check",
    summary: "every mistake in the project's files, with place and fix",
    load: () => import("./check.ts"),
  },
  { name: "types", summary: "write the types of events and prompt outputs", load: () => import("./types.ts") },
  { name: "trigger", summary: "send an event, or many", load: () => import("./trigger.ts") },
  { name: "runs", summary: "list, show, export and cancel runs", load: () => import("./runs.ts") },
  { name: "why", summary: "the seven questions about a decision, answered", load: () => import("./why.ts") },
  { name: "contract", summary: "event contracts of the project: list, check", load: () => import("./contract.ts") },
  {
    name: "workflow",
    summary: "workflows: list, show; put on hold and let go on: pause, resume",
    load: () => import("./workflow.ts"),
  },
  {
    name: "prompt",
    summary: "prompt versions: list, show, diff, preview on recorded runs; push, pull, approve",
    load: () => import("./prompt.ts"),
  },
  {
    name: "release",
    summary: "what a workflow may do: show, plan, promote, demote, rollback, off, on, traffic",
    load: () => import("./release.ts"),
  },
  {
    name: "eval",
    summary: "what a prompt version or a workflow is worth, over a suite: run, list, show, compare, cancel",
    load: () => import("./eval.ts"),
  },
  {
    name: "dataset",
    summary: "cases that evals run on: import, export, list",
    load: () => import("./dataset.ts"),
  },
  {
    name: "review",
    summary: "what waits for a person: look, approve, correct, reject",
    load: () => import("./review.ts"),
  },
  {
    name: "dead",
    summary: "runs that failed for good: list, show, redrive, redrives",
    load: () => import("./dead.ts"),
  },
  {
    name: "tool",
    summary: "tools of the project: list; recorded calls judged: check; grant, revoke",
    load: () => import("./tool.ts"),
  },
  { name: "validate", summary: "documents against a JSON Schema, one a line", load: () => import("./validate.ts") },
  { name: "login", summary: "a link that opens the console, signed in", load: () => import("./login.ts") },
  { name: "token", summary: "who may use the server", load: () => import("./token.ts") },
  { name: "backup", summary: "copy the whole store to a file, also while it runs", load: () => import("./backup.ts") },
  { name: "restore", summary: "a data folder from a backup", load: () => import("./restore.ts") },
  {
    name: "fsck",
    summary: "check a data folder: what is wrong, what it means, what to do",
    load: () => import("./fsck.ts"),
  },
  { name: "privacy", summary: "destroy originals for good: erase, list", load: () => import("./privacy.ts") },
  {
    name: "audit",
    summary: "verify that no record was changed or removed; the chain's head",
    load: () => import("./audit.ts"),
  },
];
