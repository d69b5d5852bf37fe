import { isObject } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";

export const CELL_TYPES = ["text", "number", "boolean", "json", "list"] as const;

export type CellType = (typeof CELL_TYPES)[number];

/** Where a column's cells go in a case, and as what. */
export interface ColumnTarget {
  /** Keys from the top of the case: `["input", "ticket", "body"]`, `["id"]`. */
  path: readonly string[];
  type: CellType;
}

/** How rows of a CSV file become cases. */
export interface CsvMapping {
  /** By column name. Columns that are not named are left out. */
  columns: Readonly<Record<string, ColumnTarget>>;
  /** The same in every case, by dotted path: `input.ticket.channel`. */
  constants: Readonly<Record<string, Json>>;
  /** One character. */
  delimiter: string;
}

export type ReadMapping = { mapping: CsvMapping; problems: [] } | { mapping: null; problems: Problem[] };

const ROOTS = ["id", "input", "expected", "tags", "source"];
const KEY = /^(?!__proto__$)[^.:\s]+$/;

/**
 * Reads a mapping as suites and calls write it: `{"text": "input.ticket.body", "labels": "tags"}`, with `:number`,
 * `:boolean`, `:json` or `:list` behind a path where a cell is no text. Pointers begin at `map` and `set`.
 */
export function readMapping(columns: Json, constants: Json = {}, delimiter = ","): ReadMapping {
  const problems: Problem[] = [];
  const targets: [string, ColumnTarget][] = [];
  if (!isObject(columns) || Object.keys(columns).length === 0)
    problems.push({
      pointer: "/map",
      message: 'names the columns: {"text": "input.ticket.body", "label": "expected.category"}.',
    });
  for (const [column, text] of Object.entries(isObject(columns) ? columns : {})) {
    const read = readTarget(text);
    if (typeof read === "string") problems.push({ pointer: `/map/${column}`, message: read });
    else targets.push([column, read]);
  }
  const fixed = readConstants(constants, problems);
  problems.push(...conflicts([...targets.map(([column, { path }]) => [`/map/${column}`, path] as const), ...fixed.map(([path]) => [`/set/${path}`, path.split(".")] as const)])); // prettier-ignore
  if (delimiter.length !== 1 || delimiter === '"' || delimiter === "\n")
    problems.push({ pointer: "/delimiter", message: 'is one character, such as ";" or a tab.' });
  if (problems.length > 0) return { mapping: null, problems };
  return {
    mapping: { columns: Object.fromEntries(targets), constants: Object.fromEntries(fixed), delimiter },
    problems: [],
  };
}

function readTarget(text: Json): ColumnTarget | string {
  if (typeof text !== "string") return 'is a path such as "input.ticket.body".';
  const [written = "", type] = text.split(":");
  const path = written.split(".");
  const [root = ""] = path;
  if (!ROOTS.includes(root)) return `leads to "${root}", which no case has. ${didYouMean(root, ROOTS)}`;
  if (!path.every((key) => KEY.test(key))) return `is no path: "${written}".`;
  if (path.length > 1 && root !== "input" && root !== "expected") return `is "${root}" alone: it has nothing in it.`;
  if (root === "input" && path.length === 1 && type !== "json")
    return 'says where in the input: "input.NAME"; a whole input in one cell is "input:json".';
  if (type === undefined) return { path, type: root === "tags" ? "list" : "text" };
  if (!CELL_TYPES.includes(type as CellType)) return `has no such type "${type}". ${didYouMean(type, CELL_TYPES)}`;
  return { path, type: type as CellType };
}

function readConstants(constants: Json, problems: Problem[]): [string, Json][] {
  if (!isObject(constants)) {
    problems.push({ pointer: "/set", message: 'gives fixed values by path: {"input.ticket.channel": "email"}.' });
    return [];
  }
  return Object.entries(constants).filter(([path]) => {
    const read = readTarget(path === "input" ? "input:json" : path);
    if (typeof read === "string") problems.push({ pointer: `/set/${path}`, message: read });
    if (path === "id") problems.push({ pointer: "/set/id", message: "cannot be the same in every case." });
    return typeof read !== "string" && path !== "id";
  });
}

/** Two columns for one place, or one for a place within another's. */
function conflicts(places: readonly (readonly [string, readonly string[]])[]): Problem[] {
  return places.flatMap(([pointer, path], index) => {
    const other = places.slice(0, index).find(([, earlier]) => overlaps(earlier, path));
    return other === undefined ? [] : [{ pointer, message: `leads to the same place as ${other[0].slice(5)}.` }];
  });
}

function overlaps(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).join(".") === b.slice(0, length).join(".");
}

/** Columns that are called what they are (`input.text`, `expected.category`, `id`) need no mapping; null where some are not. */
export function mappingOfHeader(header: readonly string[], delimiter = ","): CsvMapping | null {
  const named = header.filter((column) => ROOTS.includes(column.split(/[.:]/)[0] as string));
  const columns: JsonObject = Object.fromEntries(named.map((column) => [column, column]));
  const hasInput = named.some((column) => column.startsWith("input"));
  const hasExpected = named.some((column) => column.startsWith("expected"));
  return hasInput && hasExpected ? readMapping(columns, {}, delimiter).mapping : null;
}
