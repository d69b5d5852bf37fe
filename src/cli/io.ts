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
  /** Columns of the terminal; 80 where there is none. */
  readonly width: number;
}

export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    readStdin: async () => {
      stdin.setEncoding("utf8");
      let text = "";
      for await (const chunk of stdin) text += String(chunk);
      return text;
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
    width: stdout.isTTY ? stdout.columns : 80,
  };
}
