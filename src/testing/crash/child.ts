import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A process that a test starts, listens to and kills. */
export interface Child {
  readonly pid: number;
  /** Resolves with the signal or exit code once the process is gone. */
  gone: Promise<string>;
  /** The next line of its output that matches; null when the process ends before it says so. */
  says(pattern: RegExp): Promise<RegExpExecArray | null>;
  /** Writes a line to its standard input. */
  tell(line: string): void;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<string>;
  /** SIGSTOP: it stands still until `thaw`. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  /** What it wrote to standard error, at most the last 4,000 characters. */
  errors(): string;
}

/** Starts `node` with `args`. The process does not outlive this one. */
export function startChild(args: readonly string[], env: Readonly<Record<string, string>>): Child {
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
  // A process that is gone takes no line; `gone` says so.
  child.stdin.on("error", () => {});
  let errors = "";
  child.stderr.on("data", (chunk) => (errors = (errors + String(chunk)).slice(-4_000)));
  const gone = once(child, "exit").then(([code, signal]) => String(signal ?? code));
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  void gone.then(() => process.removeListener("exit", end));
  const output = createInterface({ input: child.stdout });
  return {
    pid: child.pid ?? 0,
    gone,
    errors: () => errors,
    tell: (line) => void child.stdin.write(`${line}\n`),
    says(pattern) {
      const { promise, resolve } = Promise.withResolvers<RegExpExecArray | null>();
      const look = (line: string): void => {
        const match = pattern.exec(line);
        if (match !== null) resolve(match);
      };
      output.on("line", look);
      void gone.then(() => resolve(null));
      return promise.finally(() => output.off("line", look));
    },
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
    stop: async () => {
      child.kill("SIGTERM");
      return await gone;
    },
  };
}
