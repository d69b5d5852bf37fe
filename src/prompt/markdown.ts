import type { Message } from "../model/port.ts";

export interface WrittenMessage {
  role: Message["role"];
  content: string;
  /** Of the first line of the content, 1-based. */
  line: number;
}

const HEADING = /^##[ \t]+(?<role>system|user|assistant)[ \t]*$/i;

/**
 * Reads the messages of a prompt from `VERSION.md`. A line `## system`, `## user` or `## assistant` begins a message, and
 * all up to the next such line is its content, other headings included. Text before the first one belongs to no message:
 * `stray` is its line, for the caller to refuse.
 */
export function parseMessages(text: string): { messages: WrittenMessage[]; stray?: number } {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const headings = lines.flatMap((line, at) => {
    const role = HEADING.exec(line)?.groups?.["role"]?.toLowerCase();
    return role === undefined ? [] : [{ at, role: role as Message["role"] }];
  });
  const stray = lines.slice(0, headings[0]?.at ?? lines.length).findIndex((line) => line.trim() !== "");
  const messages = headings.map(({ at, role }, i) => {
    const body = lines.slice(at + 1, headings[i + 1]?.at ?? lines.length);
    const blank = body.findIndex((line) => line.trim() !== "");
    const content = body.slice(Math.max(blank, 0)).join("\n").trimEnd();
    return { role, content, line: at + 2 + Math.max(blank, 0) };
  });
  return stray === -1 ? { messages } : { messages, stray: stray + 1 };
}
