import { EXIT, Exit } from "./exit.ts";

/** Text that is sent on or judged has to be what its bytes say: others would become a replacement character, in silence. */
export function utf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Exit(EXIT.wrongUse, `${name} is not UTF-8. Convert it first, as with "iconv -f LATIN1 -t UTF-8".`);
  }
}
