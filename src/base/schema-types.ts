import { isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

const PLAIN: Record<string, string> = {
  string: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
  null: "null",
};
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * The TypeScript type of the values a schema admits, as text. Wider than the schema where TypeScript has no word for it
 * (patterns, ranges); a part that contains itself becomes `unknown` at the second level.
 */
export function typeText(schema: JsonObject, indent = ""): string {
  return typeOf(schema, { root: schema, open: [], indent });
}

interface Scope {
  root: JsonObject;
  /** References being written, outermost first. */
  open: readonly string[];
  indent: string;
}

function typeOf(node: Json | undefined, scope: Scope): string {
  if (node === false) return "never";
  if (!isObject(node)) return "unknown";
  const parts = [
    typeof node["$ref"] === "string" ? referenced(node["$ref"], scope) : undefined,
    "const" in node ? literal(node["const"]) : undefined,
    Array.isArray(node["enum"]) ? union(node["enum"].map(literal)) : undefined,
    ...list(node["allOf"]).map((each) => typeOf(each, scope)),
    choice(node["anyOf"], scope),
    choice(node["oneOf"], scope),
  ].filter((part) => part !== undefined && part !== "unknown");
  if (!("const" in node) && !("enum" in node)) {
    const own = ownType(node, scope);
    if (own !== "unknown" && !(own === "{ [key: string]: unknown }" && parts.length > 0)) parts.push(own);
  }
  const different = [...new Set(parts as string[])];
  if (different.length === 0) return "unknown";
  return different.length === 1 ? (different[0] as string) : different.map(grouped).join(" & ");
}

function ownType(node: JsonObject, scope: Scope): string {
  const { type } = node;
  if (Array.isArray(type)) return union(type.map((each) => ownType({ ...node, type: each }, scope)));
  if (typeof type === "string" && Object.hasOwn(PLAIN, type)) return PLAIN[type] as string;
  if (type === "array" || (type === undefined && ("items" in node || "prefixItems" in node)))
    return arrayType(node, scope);
  if (type === "object" || (type === undefined && "properties" in node)) return objectType(node, scope);
  return "unknown";
}

function arrayType(node: JsonObject, scope: Scope): string {
  const fixed = Array.isArray(node["items"]) ? node["items"] : list(node["prefixItems"]);
  const rest = Array.isArray(node["items"]) ? node["additionalItems"] : node["items"];
  if (fixed.length === 0) return `${grouped(typeOf(rest, scope))}[]`;
  const required = typeof node["minItems"] === "number" ? node["minItems"] : 0;
  const items = fixed.map((each, i) => (i < required ? typeOf(each, scope) : `${grouped(typeOf(each, scope))}?`));
  if (rest !== false) items.push(`...${grouped(typeOf(rest, scope))}[]`);
  return `[${items.join(", ")}]`;
}

function objectType(node: JsonObject, scope: Scope): string {
  const properties = isObject(node["properties"]) ? Object.entries(node["properties"]) : [];
  const required = new Set(list(node["required"]));
  const indent = `${scope.indent}  `;
  const lines = properties.flatMap(([name, schema]) => [
    ...comment(schema, indent),
    `${indent}${IDENTIFIER.test(name) ? name : JSON.stringify(name)}${required.has(name) ? "" : "?"}: ${typeOf(schema, { ...scope, indent })};`,
  ]);
  const extra = node["additionalProperties"];
  if (properties.length === 0 || extra === true || isObject(extra)) {
    const value = properties.length === 0 && extra !== false ? typeOf(extra, { ...scope, indent }) : "unknown";
    if (lines.length === 0) return extra === false ? "Record<string, never>" : `{ [key: string]: ${value} }`;
    lines.push(`${indent}[key: string]: unknown;`);
  }
  return `{\n${lines.join("\n")}\n${scope.indent}}`;
}

function comment(schema: Json, indent: string): string[] {
  const text = isObject(schema) ? schema["description"] : undefined;
  if (typeof text !== "string" || text.trim() === "") return [];
  return [`${indent}/** ${text.trim().replaceAll("*/", "*\\/").replaceAll(/\s+/g, " ")} */`];
}

function referenced(reference: string, scope: Scope): string {
  if (scope.open.includes(reference)) return "unknown";
  const fragment = reference.slice(reference.indexOf("#") + 1);
  let at: Json | undefined = scope.root;
  for (const raw of fragment === "" ? [] : decodeURIComponent(fragment).slice(1).split("/")) {
    const key = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    at = typeof at === "object" && at !== null && Object.hasOwn(at, key) ? (at as JsonObject)[key] : undefined;
  }
  return typeOf(at, { ...scope, open: [...scope.open, reference] });
}

function choice(branches: Json | undefined, scope: Scope): string | undefined {
  return Array.isArray(branches) ? union(branches.map((each) => typeOf(each, scope))) : undefined;
}

function union(types: string[]): string {
  const different = [...new Set(types)];
  return different.includes("unknown") ? "unknown" : different.join(" | ");
}

function grouped(type: string): string {
  return /[|&]/.test(type) && !/^[{[(]/.test(type) ? `(${type})` : type;
}

function literal(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, child]) => `${JSON.stringify(key)}: ${literal(child)}`)
    .join("; ")} }`;
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
