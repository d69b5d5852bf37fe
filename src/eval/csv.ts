import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { canonicalJson, isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { readJson } from "../base/position.ts";
import { didYouMean } from "../base/suggest.ts";
import { mappingOfHeader } from "./csv-mapping.ts";
import type { CellType, CsvMapping } from "./csv-mapping.ts";
import { MAX_CASE_LENGTH, checkedCase } from "./read-cases.ts";
import type { CaseMistake, ReadCase } from "./read-cases.ts";

interface Row {
  record: string[];
  line: number;
}

/**
 * Reads cases from CSV (RFC 4180, with a header) as a mapping says; without one, the columns have to be called `input.…`,
 * `expected.…`, `id`, `tags`. A mistake in one row does not end the reading; one that leaves unclear where rows end does.
 */
export async function* readCsv(
  text: AsyncIterable<string> | Iterable<string>,
  mapping: CsvMapping | null,
): AsyncGenerator<ReadCase> {
  let reader: RowReader | null = null;
  const head = { text: "" };
  try {
    for await (const row of rowsOf(headed(text, head), mapping?.delimiter ?? ",")) {
      if (reader !== null) yield* reader.cases(row);
      else {
        const opened = openRows(row, mapping);
        if ("problems" in opened) {
          yield* opened.problems.map((problem) => ({ line: row.line, problem }));
          return;
        }
        reader = opened;
      }
    }
  } catch (error) {
    const other = mapping === null ? otherDelimiter([head.text.split("\n")[0] ?? ""]) : null;
    yield other === null ? broken(error) : { line: 1, problem: other };
    return;
  }
  if (reader === null) yield { line: 1, problem: badHeader("The file is empty.", "Its first line names the columns.") };
}

/** Keeps the beginning of a text: a mistake further on may only be one because its header was misread. */
async function* headed(text: AsyncIterable<string> | Iterable<string>, head: { text: string }): AsyncGenerator<string> {
  for await (const piece of text) {
    if (!head.text.includes("\n") && head.text.length < MAX_CASE_LENGTH) head.text += piece;
    yield piece;
  }
}

async function* rowsOf(text: AsyncIterable<string> | Iterable<string>, delimiter: string): AsyncGenerator<Row> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_CASE_LENGTH,
  });
  const source = Readable.from(text);
  source.on("error", (error) => parser.destroy(error));
  for await (const { record, info } of source.pipe(parser) as AsyncIterable<{
    record: string[];
    info: { lines: number };
  }>) {
    const inside = record.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0);
    yield { record, line: info.lines - inside };
  }
}

function broken(error: unknown): ReadCase {
  if (!(error instanceof CsvError)) throw error;
  const { code, message } = error;
  const { lines } = error as { lines?: number };
  const tooLong = code === "CSV_MAX_RECORD_SIZE";
  return {
    line: lines ?? 1,
    problem: {
      code: tooLong ? "too_long" : "syntax",
      message: tooLong ? `A row is longer than ${MAX_CASE_LENGTH} characters.` : `Not readable as CSV: ${message}.`,
      fix: 'A cell with quotes, line breaks or the delimiter in it stands in double quotes, and a quote in it is doubled: "say ""hello""".',
    },
  };
}

function badHeader(message: string, fix: string): CaseMistake {
  return { code: "bad_header", message, fix };
}

function openRows({ record: header }: Row, mapping: CsvMapping | null): RowReader | { problems: CaseMistake[] } {
  const other = mapping?.columns[header[0] ?? ""] === undefined ? otherDelimiter(header) : null;
  if (other !== null) return { problems: [other] };
  const used = mapping ?? mappingOfHeader(header);
  const columns = header.map((name) => JSON.stringify(name)).join(", ");
  if (used === null)
    return {
      problems: [badHeader(`Nobody said where the columns go: ${columns}.`, `Map them: ${exampleMap(header)}.`)],
    };
  const problems = Object.keys(used.columns).flatMap((column) => {
    const count = header.filter((name) => name === column).length;
    if (count === 0) return [badHeader(`There is no column ${JSON.stringify(column)}.`, didYouMean(column, header))];
    return count === 1
      ? []
      : [badHeader(`${count} columns are called ${JSON.stringify(column)}.`, "Give each a name of its own.")];
  });
  return problems.length > 0 ? { problems } : new RowReader(header, used);
}

/** What to say of a header that is one column because its cells are parted by something else; null where it is not. */
function otherDelimiter(header: readonly string[]): CaseMistake | null {
  const [only = ""] = header;
  const delimiter = [";", "\t", "|"].find((each) => only.includes(each));
  if (header.length !== 1 || delimiter === undefined || only.includes(",")) return null;
  const fix = `Say what is between the cells: --delimiter ${JSON.stringify(delimiter)}.`;
  return badHeader(`The header is one column: ${JSON.stringify(only.trim())}.`, fix);
}

/** What somebody may begin with: the first columns that are no id. */
function exampleMap(header: readonly string[]): string {
  const id = header.find((name) => /^(id|.*_id)$/i.test(name));
  const [text = "text", label = "label"] = header.filter((name) => name !== id);
  const parts = [...(id === undefined ? [] : [`${id}=id`]), `${text}=input.text`, `${label}=expected.label`];
  return parts.map((part) => `--map ${shellWord(part)}`).join(" ");
}

function shellWord(name: string): string {
  return /^[\w.=-]+$/.test(name) ? name : `'${name}'`;
}

/** Makes cases of rows. */
class RowReader {
  readonly #header: readonly string[];
  readonly #mapping: CsvMapping;
  readonly #hasId: boolean;
  /** How often a case without an id of its own came before. */
  readonly #made = new Map<string, number>();
  constructor(header: readonly string[], mapping: CsvMapping) {
    this.#header = header;
    this.#mapping = mapping;
    this.#hasId = Object.values(mapping.columns).some(({ path }) => path[0] === "id");
  }

  *cases({ record, line }: Row): Generator<ReadCase> {
    if (record.length !== this.#header.length) {
      const message = `The row has ${record.length} cells; the header has ${this.#header.length}.`;
      const fix = "A cell with the delimiter or a line break in it stands in double quotes.";
      yield { line, problem: { code: "bad_row", message, fix } };
      return;
    }
    const problems: CaseMistake[] = [];
    const document = this.#document(record, problems);
    if (problems.length > 0) yield* problems.map((problem) => ({ line, problem }));
    else yield* checkedCase(this.#hasId ? document : { id: this.#idOf(document), ...document }, line);
  }

  #document(record: readonly string[], problems: CaseMistake[]): JsonObject {
    const document: JsonObject = {};
    for (const [path, value] of Object.entries(this.#mapping.constants)) put(document, path.split("."), value);
    for (const [column, { path, type }] of Object.entries(this.#mapping.columns)) {
      const cell = record[this.#header.indexOf(column)] ?? "";
      const read = cellValue(cell, type, path[0] === "input");
      if ("mistake" in read)
        problems.push({
          code: "bad_row",
          message: `The cell of ${JSON.stringify(column)} ${read.mistake}.`,
          fix: read.fix,
        });
      else if (read.value !== undefined) put(document, path, read.value);
      else if (path[0] === "expected" || path[0] === "id") problems.push(emptyCell(column, path));
    }
    return document;
  }

  /** Made from the content, so that it stays when rows move; rows that are the same are counted. */
  #idOf(document: JsonObject): string {
    const id = `row_${createHash("sha256").update(canonicalJson(document)).digest("hex").slice(0, 16)}`;
    const count = (this.#made.get(id) ?? 0) + 1;
    this.#made.set(id, count);
    return count === 1 ? id : `${id}_${count}`;
  }
}

function emptyCell(column: string, path: readonly string[]): CaseMistake {
  return {
    code: "bad_row",
    message: `The cell of ${JSON.stringify(column)} is empty, so the case has no ${path.join(".")}.`,
    fix: "Fill it in, or take the row out.",
  };
}

type CellValue = { value: Json | undefined } | { mistake: string; fix: string };

/** `value` undefined: the cell is empty and says nothing. An empty text of the input is a text. */
function cellValue(cell: string, type: CellType, keepsEmpty: boolean): CellValue {
  const text = cell.trim();
  if (type === "text") return { value: text === "" && !keepsEmpty ? undefined : cell };
  if (type === "list") return { value: text.split(/[,;|]/).map((item) => item.trim()).filter((item) => item !== "") }; // prettier-ignore
  if (text === "") return { value: undefined };
  if (type === "number") {
    const isNumber = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
    return isNumber
      ? { value: Number(text) }
      : { mistake: `is no number: ${quoted(text)}`, fix: "Write it like 12.5." };
  }
  if (type === "boolean") {
    const value = BOOLEANS.get(text.toLowerCase());
    return value === undefined
      ? { mistake: `is neither true nor false: ${quoted(text)}`, fix: "Write true or false." }
      : { value };
  }
  const read = readJson(text);
  return "value" in read
    ? { value: read.value }
    : { mistake: `is not JSON: ${quoted(text)}`, fix: read.mistake.message };
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
  ["yes", true],
  ["no", false],
  ["1", true],
  ["0", false],
]);

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** Paths of one mapping never lead into each other's values. */
function put(document: JsonObject, path: readonly string[], value: Json): void {
  let at = document;
  for (const key of path.slice(0, -1)) {
    const below = Object.hasOwn(at, key) ? at[key] : undefined;
    const next: JsonObject = isObject(below) ? below : {};
    at[key] = next;
    at = next;
  }
  at[path.at(-1) as string] = value;
}
