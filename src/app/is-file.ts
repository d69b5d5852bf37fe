import { realpathSync, statSync } from "node:fs";
import { sep } from "node:path";

/** Whether there is a file to read; false for a folder, and for what is no path at all. */
export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The same within `folder`, wherever links and `..` lead. */
export function isFileWithin(folder: string, path: string): boolean {
  return isFile(path) && realpathSync(path).startsWith(realpathSync(folder) + sep);
}
