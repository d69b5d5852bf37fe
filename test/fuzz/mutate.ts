import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { atPointer, isObject, pointerToken } from "../../src/base/json.ts";
import type { Json } from "../../src/base/json.ts";

/** How many mutations of each kind are tried: SLUICE_FUZZ times as many as usual; and from which seed (SLUICE_FUZZ_SEED). */
export function amount(usual: number): { numRuns: number; seed: number } {
  const [times, seed] = [process.env["SLUICE_FUZZ"] ?? "1", process.env["SLUICE_FUZZ_SEED"] ?? "20260529"].map(Number);
  return { numRuns: Math.ceil(usual * (times as number)), seed: seed as number };
}

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
const nestedObjects = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

/** JSON, and what is not quite JSON, to stand in the place of a value. */
const VALUES: readonly string[] = [
  "null", "true", "0", "-0", "-1", "1.5", '""', "[]", "{}", "[[]]", "[null]", '"x"', '"0"', '" "',
  "1e400", "-1e400", "1e-400", "9007199254740993", "9".repeat(400), `0.${"1".repeat(400)}`, "1e99999999999999999999",
  "NaN", "-Infinity", "undefined", "'x'", "01", "+1", ".5", "0x10", "1_000",
  '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\u001b[31m"', '"\\ud83d\\ude00"', '"\\u202e"', '"\\x41"',
  '{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}', '{"toString":1,"hasOwnProperty":2}',
  '{"a":1,"a":2}', '{"$ref":"#"}', '{"":{"":""}}', '"__proto__"', '"constructor"',
  '"../../../etc/passwd"', '"{{ ticket.body }}"', "\"{% include '/etc/passwd' %}\"", '"\'; drop table runs; --"', '"%00"',
  '"2026-02-30T00:00:00Z"', '"9999-12-31T23:59:60Z"', '"-999999999d"', '"1e9s"',
  nested(10), nested(127), nested(129), nested(10_000), nestedObjects(100), nestedObjects(10_000),
]; // prettier-ignore

const LARGE: readonly string[] = [`"${"x".repeat(5_000_000)}"`, nested(100_000), `[${"0,".repeat(50_000)}0]`];

const value: fc.Arbitrary<string> = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.constantFrom(...LARGE) },
  { weight: 6, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 40 }).map((text) => JSON.stringify(text)) },
);

const NAMES = ["__proto__", "constructor", "toString", "", "x", "event", "name", "$ref", "\\ud800", "a/b~c"];

type Edit = (document: Json, pointer: string, text: string) => string;

const MARK = "\u0001mark\u0001";
const marked = (document: Json, text: string): string =>
  JSON.stringify(document).replaceAll(JSON.stringify(MARK), () => text);

const EDITS: readonly Edit[] = [
  (document, pointer, text) => marked(changed(document, pointer, () => MARK), text),
  (document, pointer) => JSON.stringify(changed(document, pointer, () => undefined) ?? null),
  (document, pointer, text) => marked(changed(document, pointer, (old) => [old, MARK]), text),
  (document, pointer, text) =>
    marked(changed(document, pointer, (old) => (isObject(old) ? { ...old, [NAMES[text.length % 10] as string]: MARK } : MARK)), text),
  // The same member twice.
  (document, _pointer, text) => JSON.stringify(document).replace(/"(\w+)":/, (all, name) => `"${name}":${/["\w[{]/.test(text[0] ?? "") ? text : 1},${all}`),
]; // prettier-ignore

function changed(document: Json, pointer: string, change: (old: Json) => Json | undefined): Json {
  if (pointer === "") return change(document) ?? null;
  const copy = structuredClone(document);
  const cut = pointer.lastIndexOf("/");
  const parent = atPointer(copy, pointer.slice(0, cut)) as Record<string, Json>;
  const key = pointer.slice(cut + 1).replaceAll("~1", "/").replaceAll("~0", "~"); // prettier-ignore
  const next = change(parent[key] as Json);
  if (next === undefined) delete parent[key];
  else parent[key] = next;
  return copy;
}

function pointersOf(document: Json, pointer = ""): string[] {
  const below = typeof document === "object" && document !== null ? Object.entries(document) : [];
  return [pointer, ...below.flatMap(([key, item]) => pointersOf(item, `${pointer}/${pointerToken(key)}`))];
}

type TextEdit = (text: string, at: number, more: string) => string;

const at = (text: string, place: number): number => Math.floor(place * text.length);

/** What happens to a text on its way: `place` from 0 to 1 says where. */
const TEXT_EDITS: readonly TextEdit[] = [
  (text, place) => text.slice(0, at(text, place)),
  (text, place) => text.slice(at(text, place)),
  (text, place, more) => text.slice(0, at(text, place)) + more + text.slice(at(text, place)),
  (text, place) => text.slice(0, at(text, place)) + text.slice(at(text, place) + 1),
  (text) => `\uFEFF${text}`,
  (text) => text + text,
  (text) => `// why\n${text}`,
  (text) => text.replaceAll('"', "'"),
  (text) => text.replaceAll("\n", "\r\n"),
  (text) => text.replaceAll("\n", "\u2028"),
  (text) => text.replaceAll(" ", "\t"),
];

const textEdit: fc.Arbitrary<(text: string) => string> = fc
  .tuple(fc.constantFrom(...TEXT_EDITS), fc.double({ min: 0, max: 1, noNaN: true }), value)
  .map(
    ([edit, place, more]) =>
      (text) =>
        edit(text, place, more),
  );

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le");

type ByteEdit = (text: string, place: number) => Buffer;

const BYTE_EDITS: readonly ByteEdit[] = [
  (text) => utf16(text),
  (text) => utf16(text).swap16(),
  (text) => gzipSync(text, { level: 1 }),
  (text) => Buffer.from(text.replace(/[a-z]/, "\u00ff"), "latin1"),
  (text, place) => {
    const bytes = Buffer.from(text);
    if (bytes.length > 0) bytes[at(text, place) % bytes.length] = Math.floor(place * 4096) % 256;
    return bytes;
  },
  (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xe2, 0x82])]),
  () => Buffer.alloc(0),
];

const byteEdit: fc.Arbitrary<(text: string) => Buffer> = fc
  .tuple(fc.constantFrom(...BYTE_EDITS), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(
    ([edit, place]) =>
      (text) =>
        edit(text, place),
  );

/** One of `documents`, changed in its values, its text, its bytes, or in nothing at all. */
export function mutated(documents: fc.Arbitrary<Json>): fc.Arbitrary<Buffer> {
  return documents.chain((document) =>
    fc
      .record({
        pointer: fc.constantFrom(...pointersOf(document)),
        edit: fc.option(fc.constantFrom(...EDITS), { freq: 5 }),
        value,
        text: fc.option(textEdit, { freq: 1 }),
        bytes: fc.option(byteEdit, { freq: 1 }),
      })
      .map(({ pointer, edit, value: with_, text, bytes }) => {
        const edited = edit === null ? JSON.stringify(document) : edit(document, pointer, with_);
        return asBytes(edited, text, bytes);
      }),
  );
}

/** One of `texts`, changed as a text or in its bytes. */
export function mutatedText(texts: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(texts, fc.array(textEdit, { minLength: 1, maxLength: 3 }), fc.option(byteEdit, { freq: 1 }))
    .map(([text, edits, bytes]) => asBytes(edits.reduce((so, edit) => edit(so), text), null, bytes)); // prettier-ignore
}

function asBytes(
  text: string,
  edit: ((text: string) => string) | null,
  bytes: ((text: string) => Buffer) | null,
): Buffer {
  const edited = edit === null ? text : edit(text);
  return bytes === null ? Buffer.from(edited) : bytes(edited);
}

/** What no answer, message or output may hold: it is for those who wrote the program. */
export const STACK: RegExp =
  /\bat (?:async )?[\w.<>[\] ]*\(?(?:file:|node:|\/)\S+:\d+|node:internal|node_modules|\[object \w+\]|\bRangeError\b|\bTypeError\b/;
