import { utf8 } from "./utf8.ts";

/** Everything a command touches of its process; tests give their own. */
export interface Io {
  /** Writes to standard output, as it is. */
  out(text: string): void;
  /** Writes to standard error, as it is. */
  err(text: string): void;
  /** All of standard input as text. */
  readStdin(): Promise<string>;
  /** One line from the person at the terminal. */
  ask(question: string): Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Both ends are a terminal: there is somebody to ask. */
  readonly interactive: boolean;
  /** Standard output is a terminal that wants colours. */
  readonly colour: boolean;
  /** Columns of the terminal; Infinity where there is none, so that nothing is cut. */
  readonly width: number;
}

export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  endQuietly();
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    readStdin: async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stdin) chunks.push(chunk as Uint8Array);
      return utf8(Buffer.concat(chunks), "Standard input");
    },
    ask: async (question) => {
      const { createInterface } = await import("node:readline/promises");
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
    env,
    cwd: process.cwd(),
    interactive: stdin.isTTY && stdout.isTTY,
    colour: stdout.isTTY && stdout.hasColors(env),
    width: columnsFor(stdout, env),
  };
}

const FALLBACK_COLUMNS = 80;

/** How wide the output may be. */
export function columnsFor(
  stream: { readonly isTTY: boolean; readonly columns: number },
  env: Readonly<Record<string, string | undefined>>,
): number {
  if (!stream.isTTY) return Number.POSITIVE_INFINITY;
  const asked = Number(env["COLUMNS"]);
  return Number.isInteger(asked) && asked > 0 ? asked : stream.columns || FALLBACK_COLUMNS;
}

/** A reader that has seen enough (`| head`) is no error. */
function endQuietly(): void {
  if (!process.stdout.listeners("error").includes(onOutError)) process.stdout.on("error", onOutError);
  if (!process.stderr.listeners("error").includes(onErrError)) process.stderr.on("error", onErrError);
}

/** Nobody reads the result any more: what is left to do would be for nobody. */
function onOutError(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit();
}

/** Nobody reads the messages: the command itself goes on, and ends with its own code. */
function onErrError(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
