import { main } from "../cli/main.ts";
import type { Io } from "../cli/io.ts";

export interface Ended {
  code: number;
  out: string;
  err: string;
}

export interface Setting {
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string;
  /** There is a person, who answers every question with this. */
  says?: string;
  colour?: boolean;
  width?: number;
}

/** Runs one command line in this process, on a terminal made of strings. */
export async function typed(argv: readonly string[], setting: Setting = {}): Promise<Ended> {
  let out = "";
  let err = "";
  const io: Io = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    readStdin: async () => setting.stdin ?? "",
    ask: async (question) => {
      err += question;
      return setting.says ?? "";
    },
    env: setting.env ?? {},
    cwd: setting.cwd ?? "/",
    interactive: setting.says !== undefined,
    colour: setting.colour ?? false,
    width: setting.width ?? 80,
  };
  const code = await main(argv, io);
  return { code, out, err };
}
