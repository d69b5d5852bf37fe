import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Io } from "./io.ts";

const BIN = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));

/** What to type, where this command was typed, to call Sluice again: `sluice`, `npx sluice`, `node ../clone/bin/sluice.js`. */
export function calledAs({ env, cwd }: Pick<Io, "env" | "cwd">): string {
  // npm puts folders into PATH that the person's own shell does not have, so what it says goes first.
  if (env["npm_command"] === "exec") return "npx sluice";
  if (env["npm_lifecycle_event"] === "sluice") return "npm run -s sluice --";
  if (env["npm_lifecycle_event"] === undefined && onPath(env["PATH"] ?? "")) return "sluice";
  const fromHere = relative(cwd, BIN);
  return `node ${quoted(fromHere.length < BIN.length ? fromHere : BIN)}`;
}

function onPath(path: string): boolean {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .some((folder) => {
      try {
        accessSync(join(folder, "sluice"), constants.X_OK);
        return realpathSync(join(folder, "sluice")) === realpathSync(BIN);
      } catch {
        return false;
      }
    });
}

/** As one word of a shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
