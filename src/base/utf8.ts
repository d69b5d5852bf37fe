/** Bytes that are not UTF-8: read as if they were, their characters would change in silence. */
export class NotUtf8 extends Error {
  /** 1-based. */
  readonly line: number;
  constructor(line: number) {
    super(`Line ${line} is not UTF-8.`);
    this.name = "NotUtf8";
    this.line = line;
  }
}

/** Text of bytes as they come, without a byte order mark. Throws `NotUtf8`. */
export async function* utf8Text(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  const strict = new TextDecoder("utf-8", { fatal: true });
  const lenient = new TextDecoder("utf-8");
  let line = 1;
  const told = (text: string, seen: string): string => {
    line += newlines(seen);
    return text;
  };
  for await (const chunk of chunks) {
    const seen = lenient.decode(chunk, { stream: true });
    const text = decoded(() => strict.decode(chunk, { stream: true }), () => line + newlines(seen.split("\uFFFD")[0] ?? "")); // prettier-ignore
    if (text !== "") yield told(text, seen);
  }
  const rest = decoded(() => strict.decode(), () => line); // prettier-ignore
  if (rest !== "") yield rest;
}

function decoded(decode: () => string, line: () => number): string {
  try {
    return decode();
  } catch {
    throw new NotUtf8(line());
  }
}

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
