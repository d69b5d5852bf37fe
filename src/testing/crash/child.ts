import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface ChildOptions {
  /** Of `node`: the file and its arguments. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** The line of its output that says it is ready. */
  ready: RegExp;
}

export interface Child {
  /** The match of `ready`. */
  said: RegExpExecArray;
  /** Resolves with the signal or exit code once the process is gone. */
  gone: Promise<string>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<string>;
  /** What it wrote to standard error, at most the last 4,000 characters. */
  errors(): string;
}

/** Starts a process and waits until it is ready, or gone. Throws where it ends first, unless that is what it was told. */
export async function startChild({
  args,
  env,
  ready,
}: ChildOptions): Promise<Child | { gone: Promise<string>; said: null }> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  let errors = "";
  child.stderr.on("data", (chunk) => (errors = (errors + String(chunk)).slice(-4_000)));
  const gone = once(child, "exit").then(([code, signal]) => String(signal ?? code));
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  void gone.then(() => process.removeListener("exit", end));
  const said = await Promise.race([firstMatch(child.stdout, ready), gone.then(() => null)]);
  if (said === null) {
    const how = await gone;
    if (how === "SIGKILL") return { gone, said };
    throw new Error(`The process ended with ${how} before it was ready:\n${errors}`);
  }
  // What comes later is read and dropped: a full pipe would stop the process.
  child.stdout.resume();
  return {
    said,
    gone,
    errors: () => errors,
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

async function firstMatch(output: NodeJS.ReadableStream, ready: RegExp): Promise<RegExpExecArray | null> {
  for await (const line of createInterface({ input: output })) {
    const match = ready.exec(line);
    if (match !== null) return match;
  }
  return null;
}
