import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FileProblem } from "../base/failure.ts";
import { splitLines } from "../base/lines.ts";
import type { Io } from "./io.ts";
import { problemLines, tally } from "./project-folder.ts";

const BIN = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
const READY = /^Sluice listens on https?:\/\/[^\s/]*:(\d+)/;
/** Editors save in several writes. */
const QUIET_MS = 80;

interface Checked {
  can_serve: boolean;
  problems: FileProblem[];
}

/** What the server says to the session that started it: the code of wrong use that no save of a file will mend. */
export interface DevMessage {
  unmendable: string;
}

export interface DevSessionOptions {
  dir: string;
  io: Io;
  /** Of `sluice dev`, without the port. */
  flags: readonly string[];
  port: string | undefined;
  /** Called when the first server takes events. */
  onFirst(): Promise<void>;
}

/**
 * Keeps one server of a project running on the newest code that can be loaded. A save is looked at in a process of its
 * own first; while it has mistakes that stand in the way, the server before it stays up.
 */
export class DevSession {
  readonly #dir: string;
  readonly #io: Io;
  /** Of `sluice dev`, without the port. */
  readonly #flags: readonly string[];
  #port: string | undefined;
  /** Until the first server takes events. */
  #onFirst: (() => Promise<void>) | undefined;
  #server: ChildProcess | undefined;
  /** The last change is seen to when this is. */
  #turn: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #shown = "";
  #ending = false;
  readonly #unmendable = Promise.withResolvers<void>();

  constructor(options: DevSessionOptions) {
    this.#dir = options.dir;
    this.#io = options.io;
    this.#flags = options.flags;
    this.#port = options.port;
    this.#onFirst = options.onFirst;
  }

  /** Looks at the project and serves it. */
  start(): Promise<void> {
    return this.#next();
  }

  /** Resolves when the server has refused to start for what is no mistake of the files; it has said so itself. */
  get unmendable(): Promise<void> {
    return this.#unmendable.promise;
  }

  /** `end` was called. */
  get ended(): boolean {
    return this.#ending;
  }

  saved(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#next(), QUIET_MS);
  }

  /** Lets the server end; asked a second time, it ends at once. Resolves when it is gone. */
  async end(): Promise<void> {
    this.#ending = true;
    clearTimeout(this.#timer);
    await stopped(this.#server);
    await this.#turn;
  }

  #next(): Promise<void> {
    this.#turn = this.#turn.then(() => (this.#ending ? undefined : this.#renew()));
    return this.#turn;
  }

  async #renew(): Promise<void> {
    const { can_serve: canServe, problems } = await this.#check();
    this.#show(problems);
    if (this.#ending) return;
    if (!canServe) {
      const meanwhile =
        this.#server === undefined ? "Nothing is served until then" : "The version before it is still served";
      this.#io.err(`Waiting for the next save. ${meanwhile}.\n`);
      return;
    }
    if (this.#server !== undefined) this.#io.err("Saved: starting anew.\n");
    const before = this.#server;
    this.#server = undefined;
    await stopped(before);
    if (!this.#ending) await this.#serve();
  }

  async #check(): Promise<Checked> {
    const child = spawn(process.execPath, [BIN, "check", "--json", "--dir", this.#dir], {
      env: this.#env(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    for await (const chunk of child.stdout) text += String(chunk);
    try {
      return JSON.parse(text) as Checked;
    } catch {
      return { can_serve: false, problems: [] };
    }
  }

  /** The same mistakes are not told over and over. */
  #show(problems: readonly FileProblem[]): void {
    const text = problems.length === 0 ? "" : `${problemLines(problems, this.#dir, this.#io)}${tally(problems)}\n`;
    if (text !== this.#shown) this.#io.err(text === "" ? "Everything is in order again.\n" : text);
    this.#shown = text;
  }

  /** Resolves when the server takes events, or is gone. */
  async #serve(): Promise<void> {
    const port = this.#port === undefined ? [] : ["--port", this.#port];
    const child = spawn(process.execPath, [BIN, "dev", "--no-watch", "--dir", this.#dir, ...this.#flags, ...port], {
      // A group of its own, so that Ctrl-C comes from here only; the fourth channel ends it should this process die.
      detached: true,
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      env: { ...this.#env(), SLUICE_HANDED_OVER: "1" },
    });
    this.#server = child;
    let unmendable = false;
    child.once("message", (message: DevMessage) => (unmendable = typeof message.unmendable === "string"));
    // Not "exit": what it said last may still be on its way.
    child.once("close", (code, signal) => {
      if (this.#server !== child) return;
      this.#server = undefined;
      if (unmendable) return this.#unmendable.resolve();
      if (!this.#ending)
        this.#io.err(`The server has stopped (${signal ?? `exit code ${code}`}). Waiting for the next save.\n`);
    });
    await new Promise<void>((resolve) => {
      void this.#forward(child, resolve).then(resolve);
    });
  }

  /** Repeats what the server prints; the port it got is kept for those that follow. */
  async #forward(child: ChildProcess, ready: () => void): Promise<void> {
    if (child.stdout === null) return;
    for await (const line of splitLines(child.stdout)) {
      this.#io.out(`${line}\n`);
      const port = READY.exec(line)?.[1];
      if (port === undefined) continue;
      this.#port = port;
      const onFirst = this.#onFirst;
      this.#onFirst = undefined;
      await onFirst?.();
      ready();
    }
  }

  #env(): NodeJS.ProcessEnv {
    return { ...this.#io.env };
  }
}

/** Tells a process to end, and resolves when it has. */
function stopped(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
