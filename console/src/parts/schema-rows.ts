/** One line of a schema as people read it. */
export interface SchemaRow {
  /** Unique among the rows, and what the filter looks at: `ticket.lines[].amount`. */
  path: string;
  name: string;
  depth: number;
  /** `string`, `list of string`, `one of 2 forms`, `same as ticket`. */
  type: string;
  required: boolean;
  /** The kind of a sensitive value; null where it is none. */
  sensitive: string | null;
  /** What else has to hold, each in words. */
  constraints: string[];
  description: string | null;
}

export interface SchemaRows {
  rows: SchemaRow[];
  /** There was more than is worth unfolding; the raw schema has all of it. */
  cut: boolean;
}

type Node = Record<string, unknown>;

interface Walk {
  root: unknown;
  rows: SchemaRow[];
  cut: boolean;
}

interface At {
  path: string;
  name: string;
  depth: number;
  required: boolean;
  /** References that led here, and where each was first met: a second time is not unfolded again. */
  met: ReadonlyMap<string, string>;
}

/** A schema may unfold without end, or to far more than its own length. */
const MOST_ROWS = 2_000;
const MOST_DEPTH = 12;

/** The fields of a JSON Schema, each before those within it; references are followed, and a circle is named once. */
export function schemaRows(schema: unknown): SchemaRows {
  const walk: Walk = { root: schema, rows: [], cut: false };
  const met = new Map([["#", "the whole"]]);
  const { node } = resolve(walk, schema, met, "the whole");
  const top: At = { path: "", name: "", depth: -1, required: true, met };
  const before = walk.rows.length;
  children(walk, node, top);
  if (walk.rows.length === before) visit(walk, schema, { ...top, path: "value", name: "value", depth: 0 });
  return { rows: walk.rows, cut: walk.cut };
}

/** The fields as text to compare: a line each, and what holds for it beneath. */
export function schemaText(schema: unknown): string {
  return schemaRows(schema).rows.map(rowText).join("\n");
}

function rowText({ path, type, required, sensitive, constraints, description }: SchemaRow): string {
  const marks = [...(required ? [] : ["optional"]), ...(sensitive === null ? [] : [sensitive])];
  return [
    `${path}: ${[type, ...marks].join(", ")}`,
    ...constraints.map((text) => `    ${text}`),
    ...(description === null ? [] : [`    ${description}`]),
  ].join("\n");
}

function visit(walk: Walk, schema: unknown, at: At): void {
  if (walk.rows.length >= MOST_ROWS || at.depth > MOST_DEPTH) {
    walk.cut = true;
    return;
  }
  const { node, met, circle } = resolve(walk, schema, at.met, at.path);
  const list = circle === null ? listOf(walk, node, met) : null;
  walk.rows.push({
    path: at.path,
    name: at.name,
    depth: at.depth,
    type: circle === null ? (list?.type ?? typeOf(node)) : `same as ${circle}`,
    required: at.required,
    sensitive: sensitiveOf(node),
    constraints: circle === null ? [...constraintsOf(node), ...(list?.constraints ?? [])] : [],
    description: typeof node["description"] === "string" ? node["description"] : null,
  });
  if (circle === null) children(walk, node, { ...at, met });
}

function children(walk: Walk, node: Node, at: At): void {
  const needed = new Set(Array.isArray(node["required"]) ? node["required"] : []);
  const inner = (name: string, schema: unknown, step: string, required = false): void =>
    visit(walk, schema, { ...at, path: join(at.path, step), name, depth: at.depth + 1, required });
  for (const [name, schema] of members(node["properties"])) inner(name, schema, name, needed.has(name));
  for (const [pattern, schema] of members(node["patternProperties"]))
    inner(`names like ${pattern}`, schema, `/${pattern}/`);
  if (isNode(node["additionalProperties"])) inner("any other name", node["additionalProperties"], "*");
  const first = Array.isArray(node["prefixItems"]) ? node["prefixItems"] : [];
  for (const [index, schema] of first.entries()) inner(`item ${index + 1}`, schema, `[${index}]`, true);
  if (isNode(node["items"])) items(walk, node["items"], at);
  for (const word of ["oneOf", "anyOf"] as const)
    for (const [index, schema] of (Array.isArray(node[word]) ? node[word] : []).entries())
      inner(`form ${index + 1}`, schema, `<${word === "oneOf" ? "" : "any "}${index + 1}>`);
}

/** A list of plain values needs no line for its items; one of objects has their fields right beneath it. */
function items(walk: Walk, schema: Node, at: At): void {
  const path = `${at.path}[]`;
  const { node, met, circle } = resolve(walk, schema, at.met, path);
  if (circle !== null || at.depth > MOST_DEPTH) return;
  children(walk, node, { ...at, path, met });
}

function listOf(walk: Walk, node: Node, met: At["met"]): { type: string; constraints: string[] } | null {
  if (!isNode(node["items"]) || Array.isArray(node["prefixItems"])) return null;
  const each = resolve(walk, node["items"], met, "");
  if (each.circle !== null) return { type: `list of the same as ${each.circle}`, constraints: [] };
  return { type: `list of ${typeOf(each.node)}`, constraints: constraintsOf(each.node).map((text) => `each: ${text}`) };
}

interface Resolved {
  node: Node;
  met: At["met"];
  /** Where the same was met on the way here; null: it goes on. */
  circle: string | null;
}

/** Follows `$ref` within the schema and takes the parts of `allOf` together. */
function resolve(walk: Walk, schema: unknown, met: At["met"], path: string): Resolved {
  if (schema === false) return { node: { not: {} }, met, circle: null };
  if (!isNode(schema)) return { node: {}, met, circle: null };
  const ref = schema["$ref"];
  if (typeof ref === "string") {
    const seen = met.get(ref);
    if (seen !== undefined) return { node: schema, met, circle: seen };
    const target = pointed(walk.root, ref);
    const inner = resolve(walk, target ?? {}, new Map([...met, [ref, path]]), path);
    const { $ref: _, ...beside } = schema;
    return { ...inner, node: { ...inner.node, ...beside, ...(target === undefined ? { $ref: ref } : {}) } };
  }
  if (!Array.isArray(schema["allOf"])) return { node: schema, met, circle: null };
  const { allOf, ...own } = schema;
  let all: Resolved = { node: own, met, circle: null };
  for (const part of allOf as unknown[]) {
    const next = resolve(walk, part, all.met, path);
    if (next.circle === null) all = { node: merged(all.node, next.node), met: next.met, circle: null };
  }
  return all;
}

function merged(one: Node, other: Node): Node {
  const names = [one["required"], other["required"]].filter(Array.isArray).flat();
  return {
    ...other,
    ...one,
    ...(isNode(one["properties"]) || isNode(other["properties"])
      ? { properties: { ...asNode(other["properties"]), ...asNode(one["properties"]) } }
      : {}),
    ...(names.length > 0 ? { required: names } : {}),
  };
}

function pointed(root: unknown, ref: string): unknown {
  if (!ref.startsWith("#")) return undefined;
  let at: unknown = root;
  for (const token of ref.slice(1).split("/").slice(1)) {
    const name = decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
    at = isNode(at) || Array.isArray(at) ? (at as Node)[name] : undefined;
  }
  return at;
}

function typeOf(node: Node): string {
  if ("const" in node) return "one value";
  if (Array.isArray(node["oneOf"])) return `one of ${node["oneOf"].length} forms`;
  if (Array.isArray(node["anyOf"])) return `any of ${node["anyOf"].length} forms`;
  const { type } = node;
  if (typeof type === "string") return type === "array" ? "list" : type;
  if (Array.isArray(type)) return type.join(" or ");
  if (Array.isArray(node["enum"])) return "one of these";
  if (isNode(node["properties"])) return "object";
  if (isNode(node["items"]) || Array.isArray(node["prefixItems"])) return "list";
  return typeof node["$ref"] === "string" ? node["$ref"] : "anything";
}

function sensitiveOf(node: Node): string | null {
  const mark = node["x-sensitive"];
  return mark === true ? "sensitive" : typeof mark === "string" ? mark : null;
}

const LIMITS: readonly (readonly [string, (value: string) => string])[] = [
  ["minimum", (n) => `≥ ${n}`],
  ["exclusiveMinimum", (n) => `> ${n}`],
  ["maximum", (n) => `≤ ${n}`],
  ["exclusiveMaximum", (n) => `< ${n}`],
  ["multipleOf", (n) => `a multiple of ${n}`],
  ["minLength", (n) => (n === "1" ? "not empty" : `at least ${n} characters`)],
  ["maxLength", (n) => `at most ${n} characters`],
  ["minItems", (n) => (n === "1" ? "at least one item" : `at least ${n} items`)],
  ["maxItems", (n) => `at most ${n} items`],
  ["minProperties", (n) => `at least ${n} fields`],
  ["maxProperties", (n) => `at most ${n} fields`],
  ["format", (name) => name],
  ["pattern", (pattern) => `like ${pattern}`],
];

function constraintsOf(node: Node): string[] {
  const said = LIMITS.flatMap(([word, say]) => (node[word] === undefined ? [] : [say(String(node[word]))]));
  const values = Array.isArray(node["enum"]) ? node["enum"] : "const" in node ? [node["const"]] : null;
  return [
    ...(values === null ? [] : [values.map((value) => written(value)).join(" · ")]),
    ...said,
    ...(node["uniqueItems"] === true ? ["no item twice"] : []),
    ...(node["additionalProperties"] === false || node["unevaluatedProperties"] === false ? ["no other field"] : []),
    ...("default" in node ? [`${written(node["default"])} unless given`] : []),
    ...(["if", "not", "dependentRequired", "dependentSchemas", "contains"].some((word) => word in node)
      ? ["further conditions: see the raw schema"]
      : []),
  ];
}

function written(value: unknown): string {
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}

function members(value: unknown): [string, unknown][] {
  return isNode(value) ? Object.entries(value) : [];
}

function asNode(value: unknown): Node {
  return isNode(value) ? value : {};
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function join(path: string, step: string): string {
  return path === "" || step.startsWith("[") ? `${path}${step}` : `${path}.${step}`;
}
