import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "../base/failure.ts";
import { splitLines } from "../base/lines.ts";
import type { Io } from "./io.ts";

/** The lines of a file named on the command line, however large, or of standard input for `-`. Throws `UsageError`. */
export async function inputLines(file: string, io: Io): Promise<AsyncIterable<string>> {
  if (file === "-") return splitLines(await io.readStdin());
  try {
    const handle = await open(resolve(io.cwd, file));
    if ((await handle.stat()).isDirectory())
      throw new UsageError("no_file", `${file} is a folder; a file was expected.`);
    return splitLines(handle.createReadStream());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new UsageError("no_file", `There is no file ${file}.`);
    throw error;
  }
}
