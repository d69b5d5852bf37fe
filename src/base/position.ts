import { LineCounter, isMap, isPair, isScalar, isSeq, parseDocument } from "yaml";
import type { Node } from "yaml";
import { JsonTooDeep, parseJson } from "./json.ts";
import type { Json } from "./json.ts";

/** 1-based place in a text. */
export interface Position {
  line: number;
  column: number;
}

/**
 * Finds where JSON pointers lie in a JSON or YAML text. The text is read at the first question; a place that does not
 * exist gives the nearest one above it, so that a missing property points to the object that lacks it.
 */
export function locator(text: string): (pointer: string) => Position {
  let read: { root: Node | null; lines: LineCounter } | undefined;
  return (pointer) => {
    read ??= readPositions(text);
    const offset = read.root === null ? 0 : offsetOf(read.root, pointer);
    const { line, col } = read.lines.linePos(offset);
    return line === 0 ? { line: 1, column: 1 } : { line, column: col };
  };
}

function readPositions(text: string): { root: Node | null; lines: LineCounter } {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, strict: false, logLevel: "silent" });
    return { root: document.contents, lines };
  } catch (error) {
    // The parser calls itself for each level. Whatever nests so deeply is refused as a whole.
    if (error instanceof RangeError) return { root: null, lines };
    throw error;
  }
}

function offsetOf(root: Node, pointer: string): number {
  let node: Node = root;
  let offset = root.range?.[0] ?? 0;
  if (pointer === "") return offset;
  for (const raw of pointer.slice(1).split("/")) {
    const key = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    const next = child(node, key);
    if (next === undefined) break;
    offset = next.offset;
    if (next.node === null) break;
    node = next.node;
  }
  return offset;
}

function child(node: Node, key: string): { node: Node | null; offset: number } | undefined {
  if (isMap(node)) {
    const pair = node.items.findLast((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
    const at = (pair?.key as Node | undefined)?.range?.[0];
    return at === undefined ? undefined : { node: (pair?.value ?? null) as Node | null, offset: at };
  }
  if (isSeq(node) && /^\d+$/.test(key)) {
    const item = node.items[Number(key)] as Node | undefined;
    return item?.range ? { node: item, offset: item.range[0] } : undefined;
  }
  return undefined;
}

/** A text that is not JSON: what is wrong and where. */
export interface JsonMistake extends Position {
  message: string;
}

/** Strict JSON from a file a person wrote: the value, or the mistake with its place. */
export function readJson(text: string): { value: Json } | { mistake: JsonMistake } {
  try {
    return { value: parseJson(text.startsWith("\uFEFF") ? text.slice(1) : text) };
  } catch (error) {
    if (error instanceof JsonTooDeep) return { mistake: { line: 1, column: 1, message: error.message } };
    const offset = firstError(text);
    const before = text.slice(0, offset);
    const line = before.split("\n").length;
    return { mistake: { line, column: offset - before.lastIndexOf("\n"), message: reason(text, offset) } };
  }
}

function reason(text: string, offset: number): string {
  if (text.trim() === "") return "The file is empty; JSON was expected.";
  if (offset >= text.length) return "Not JSON: the text ends before the document does.";
  const found = JSON.stringify(String.fromCodePoint(text.codePointAt(offset) as number));
  return `Not JSON: unexpected ${found}.`;
}

const TOKEN =
  /[ \t\n\r]*(?:([{}[\]:,])|("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.]))/y;

/** Offset of the first character no JSON document could have there; the length of the text when it ends too early. */
function firstError(text: string): number {
  const open: string[] = [];
  let expect = "value";
  TOKEN.lastIndex = 0;
  for (;;) {
    const start = skipSpace(text, TOKEN.lastIndex);
    const match = TOKEN.exec(text);
    if (match === null) return unfinishedString(text, start);
    const next = step(expect, match, open);
    if (next === undefined) return start;
    expect = next;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\n\r".includes(text[at] as string)) at++;
  return at;
}

/** Inside a string the mistake is the bad escape or raw control character, not the quote that opens it. */
function unfinishedString(text: string, start: number): number {
  if (text[start] !== '"') return start;
  const good = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
  good.lastIndex = start;
  return start + (good.exec(text)?.[0].length ?? 0);
}

function step(expect: string, [, mark, string, literal]: RegExpExecArray, open: string[]): string | undefined {
  const inside = open.at(-1);
  const after = inside === undefined ? "end" : "comma";
  const wantsValue = expect === "value" || expect === "value or ]";
  if (string !== undefined && (expect === "key" || expect === "key or }")) return "colon";
  if (string !== undefined || literal !== undefined) return wantsValue ? after : undefined;
  if (mark === "{" || mark === "[") {
    if (!wantsValue) return undefined;
    open.push(mark);
    return mark === "{" ? "key or }" : "value or ]";
  }
  if (mark === ":") return expect === "colon" ? "value" : undefined;
  if (mark === ",") return expect === "comma" ? (inside === "{" ? "key" : "value") : undefined;
  const closes = mark === "}" ? "{" : "[";
  if (inside !== closes || (expect !== "comma" && !expect.endsWith(` or ${mark}`))) return undefined;
  open.pop();
  return open.length === 0 ? "end" : "comma";
}
