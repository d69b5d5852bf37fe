/**
 * Splits text into lines at `\n` only: a JSON string may hold the other characters that end lines elsewhere.
 * Bytes are read as UTF-8; a byte order mark and carriage returns at line ends are dropped.
 */
export async function* splitLines(source: string | AsyncIterable<string | Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let rest = "";
  let first = true;
  for await (const chunk of typeof source === "string" ? [source] : source) {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const parts = (rest + (first && text.startsWith("\uFEFF") ? text.slice(1) : text)).split("\n");
    if (text !== "") first = false;
    rest = parts.pop() as string;
    for (const line of parts) yield withoutReturn(line);
  }
  rest += decoder.decode();
  if (rest !== "") yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
