import type { Json } from "../../../api/schema.gen.ts";
import { isObject, isSame } from "./value.ts";
import type { Draft } from "./value.ts";

type Members = { [name: string]: Json };

/** What a field asks for, read from its schema; `json` is what no field is made for. */
export type Shape =
  | { kind: "choice"; options: { value: Json; label: string }[] }
  | { kind: "fixed"; value: Json }
  | { kind: "flag" }
  | { kind: "number"; integer: boolean; min: number | null; max: number | null; step: number; says: string[] }
  | { kind: "text"; maxLength: number | null; long: boolean; says: string[] }
  | { kind: "set"; options: Json[]; says: string[] }
  | { kind: "list"; items: Json; min: number; max: number; says: string[] }
  | { kind: "object"; members: { name: string; schema: Json; required: boolean }[] }
  | { kind: "either"; alternatives: { label: string; schema: Json }[] }
  | { kind: "json"; why: string };

/** From this length on a text gets room for lines. */
const LONG = 120;
/** A chain of references that is longer than this leads in a circle. */
const MOST_REFS = 16;

/** What `schema` says once its references and wrappers of one are followed. */
function opened(schema: Json, root: Json, depth = 0): Members | null {
  if (depth > MOST_REFS) return null;
  let at: Json = schema;
  for (let hops = 0; hops < MOST_REFS; hops++) {
    if (!isObject(at)) return at === true ? {} : null;
    const { $ref: ref, allOf, ...own } = at;
    if (typeof ref === "string") {
      const target = refTarget(ref, root);
      if (!isObject(target)) return target === true ? own : null;
      at = { ...target, ...own, ...(allOf === undefined ? {} : { allOf }) };
    } else if (Array.isArray(allOf)) {
      const parts = allOf.map((part) => opened(part, root, depth + 1));
      if (parts.some((part) => part === null)) return null;
      at = [...(parts as Members[]), own].reduce<Members>(merged, {});
    } else return at;
  }
  return null;
}

function refTarget(ref: string, root: Json): Json | undefined {
  if (!ref.startsWith("#")) return undefined;
  if (ref !== "#" && !ref.startsWith("#/")) return anchored(ref.slice(1), root);
  let at: Json | undefined = root;
  for (const token of ref
    .slice(2)
    .split("/")
    .slice(ref === "#" ? 1 : 0)) {
    const name = decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
    at = Array.isArray(at) ? at[Number(name)] : isObject(at) ? at[name] : undefined;
  }
  return at;
}

function anchored(name: string, root: Json): Json | undefined {
  const definitions = isObject(root) ? [root["$defs"], root["definitions"]] : [];
  return definitions
    .filter(isObject)
    .flatMap((each) => Object.values(each))
    .find((each) => isObject(each) && each["$anchor"] === name);
}

/** Both at once, as far as a form shows it: members and what is required add up, the later word counts for the rest. */
function merged(a: Members, b: Members): Members {
  const properties = { ...membersOf(a["properties"]), ...membersOf(b["properties"]) };
  const required = [...new Set([...namesIn(a["required"]), ...namesIn(b["required"])])];
  return {
    ...a,
    ...b,
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
  };
}

function membersOf(value: Json | undefined): Members {
  return isObject(value) ? value : {};
}

function namesIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** What kind of field `schema` makes. */
export function shapeOf(schema: Json, root: Json): Shape {
  const at = opened(schema, root);
  if (at === null) return { kind: "json", why: "Its schema refers to something that is not here." };
  if (Object.hasOwn(at, "const")) return { kind: "fixed", value: at["const"] as Json };
  if (Array.isArray(at["enum"]))
    return { kind: "choice", options: at["enum"].map((value) => ({ value, label: labelOf(value) })) };
  const either = alternativesOf(at, root);
  if (either !== null) return either;
  const types = typesOf(at);
  if (types.length > 1)
    return { kind: "either", alternatives: types.map((type) => ({ label: type, schema: { ...at, type } })) };
  return single(at, types[0]);
}

function typesOf(at: Members): string[] {
  const { type } = at;
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return namesIn(type);
  if (isObject(at["properties"])) return ["object"];
  if (at["items"] !== undefined || at["prefixItems"] !== undefined) return ["array"];
  return [];
}

function single(at: Members, type: string | undefined): Shape {
  switch (type) {
    case "string":
      return textShape(at);
    case "number":
    case "integer":
      return numberShape(at, type === "integer");
    case "boolean":
      return { kind: "flag" };
    case "null":
      return { kind: "fixed", value: null };
    case "array":
      return listShape(at);
    case "object":
      return objectShape(at);
    default:
      return { kind: "json", why: "Its schema takes any value." };
  }
}

function textShape(at: Members): Shape {
  const maxLength = numberIn(at, "maxLength");
  const minLength = numberIn(at, "minLength");
  const { format, pattern } = at;
  const isShort = typeof format === "string" || (maxLength !== null && maxLength < LONG) || pattern !== undefined;
  return {
    kind: "text",
    maxLength,
    long: !isShort,
    says: [
      ...(minLength === null || minLength === 0 ? [] : [`at least ${minLength} characters`]),
      ...(maxLength === null ? [] : [`at most ${maxLength} characters`]),
      ...(typeof format === "string" ? [`format ${format}`] : []),
      ...(typeof pattern === "string" ? [`matches ${pattern}`] : []),
    ],
  };
}

function numberShape(at: Members, integer: boolean): Shape {
  const [min, max] = [numberIn(at, "minimum"), numberIn(at, "maximum")];
  const [over, under] = [numberIn(at, "exclusiveMinimum"), numberIn(at, "exclusiveMaximum")];
  const multiple = numberIn(at, "multipleOf");
  const isShare = !integer && min === 0 && max === 1;
  return {
    kind: "number",
    integer,
    min: min ?? over,
    max: max ?? under,
    step: multiple ?? (isShare ? 0.05 : 1),
    says: [
      ...(integer ? ["a whole number"] : []),
      ...(min !== null && max !== null
        ? [`${min} to ${max}`]
        : [...(min === null ? [] : [`${min} or more`]), ...(max === null ? [] : [`${max} or less`])]),
      ...(over === null ? [] : [`more than ${over}`]),
      ...(under === null ? [] : [`less than ${under}`]),
      ...(multiple === null ? [] : [`a multiple of ${multiple}`]),
    ],
  };
}

function listShape(at: Members): Shape {
  const { items = true, prefixItems, uniqueItems } = at;
  if (prefixItems !== undefined || Array.isArray(items) || items === false)
    return { kind: "json", why: "A list whose places have schemas of their own." };
  const [min, max] = [numberIn(at, "minItems") ?? 0, numberIn(at, "maxItems") ?? Infinity];
  const says = [
    ...(min > 0 ? [`at least ${min}`] : []),
    ...(max < Infinity ? [`at most ${max}`] : []),
    ...(uniqueItems === true ? ["each once"] : []),
  ];
  if (uniqueItems === true && isObject(items) && Array.isArray(items["enum"]))
    return { kind: "set", options: items["enum"], says };
  return { kind: "list", items, min, max, says };
}

function objectShape(at: Members): Shape {
  const { properties } = at;
  if (!isObject(properties) || Object.keys(properties).length === 0)
    return { kind: "json", why: "An object whose members have no names yet." };
  const required = new Set(namesIn(at["required"]));
  return {
    kind: "object",
    members: Object.entries(properties).map(([name, schema]) => ({ name, schema, required: required.has(name) })),
  };
}

/** `oneOf` and `anyOf`: values to pick from where they are all fixed, else one shape out of several. */
function alternativesOf(at: Members, root: Json): Shape | null {
  const { oneOf, anyOf, ...rest } = at;
  const given = Array.isArray(oneOf) ? oneOf : anyOf;
  if (!Array.isArray(given)) return null;
  if (Array.isArray(oneOf) && Array.isArray(anyOf)) return { kind: "json", why: "Its schema combines alternatives." };
  const found = given.map((each) => opened(each, root));
  if (found.some((each) => each === null)) return { kind: "json", why: "An alternative of its schema is not here." };
  const parts = found as Members[];
  if (parts.every((part) => Object.hasOwn(part, "const")))
    return {
      kind: "choice",
      options: parts.map((part) => ({ value: part["const"] as Json, label: titleOf(part) ?? labelOf(part["const"]) })),
    };
  // Alternatives that only say what is required beside the members are left to the server.
  if (parts.every((part) => typesOf(part).length === 0 && !Array.isArray(part["enum"]))) return shapeOf(rest, root);
  const alternatives = parts.map((part, index) => ({
    label: titleOf(part) ?? distinguishing(part) ?? typeName(part) ?? `form ${index + 1}`,
    schema: merged(rest, part),
  }));
  return alternatives.length === 1
    ? shapeOf(alternatives[0]?.schema ?? true, root)
    : { kind: "either", alternatives: distinct(alternatives) };
}

function typeName(part: Members): string | null {
  if (Array.isArray(part["enum"])) return "one of a list";
  const types = typesOf(part);
  return types.length === 0 ? null : types.join(" or ");
}

/** The fixed value that tells an alternative from the others, such as `kind: "refund"`. */
function distinguishing(part: Members): string | null {
  const fixed = Object.entries(membersOf(part["properties"])).find(
    ([, schema]) => isObject(schema) && Object.hasOwn(schema, "const"),
  );
  return fixed === undefined ? null : labelOf((fixed[1] as Members)["const"]);
}

function distinct(alternatives: { label: string; schema: Json }[]): { label: string; schema: Json }[] {
  const labels = alternatives.map(({ label }) => label);
  return alternatives.map(({ label, schema }, index) => ({
    label: labels.indexOf(label) === labels.lastIndexOf(label) ? label : `${label} ${index + 1}`,
    schema,
  }));
}

function titleOf(at: Members): string | null {
  return typeof at["title"] === "string" && at["title"] !== "" ? at["title"] : null;
}

/** The schema's own words of a field. */
export function wordsOf(schema: Json, root: Json): { title: string | null; description: string | null } {
  const at = opened(schema, root) ?? {};
  return { title: titleOf(at), description: typeof at["description"] === "string" ? at["description"] : null };
}

export function labelOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "no value";
  if (value === "") return "(empty)";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function numberIn(at: Members, name: string): number | null {
  return typeof at[name] === "number" ? at[name] : null;
}

/** What a new field of this schema starts from; undefined where nothing is right for sure. */
export function blankOf(schema: Json, root: Json, depth = 0): Draft {
  const at = opened(schema, root);
  if (at !== null && at["default"] !== undefined) return at["default"];
  const shape = shapeOf(schema, root);
  switch (shape.kind) {
    case "fixed":
      return shape.value;
    case "list":
    case "set":
      return [];
    case "object":
      return Object.fromEntries(
        shape.members
          .filter(({ required }) => required && depth < MOST_REFS)
          .map(({ name, schema: of }) => [name, blankOf(of, root, depth + 1)] as const)
          .filter((each): each is [string, Json] => each[1] !== undefined),
      );
    default:
      return undefined;
  }
}

/** What a new place in a list holds until something is entered: a list cannot have gaps. */
export function blankItem(schema: Json, root: Json): Json {
  const blank = blankOf(schema, root);
  if (blank !== undefined) return blank;
  const shape = shapeOf(schema, root);
  if (shape.kind === "text") return "";
  if (shape.kind === "flag") return false;
  return shape.kind === "either" ? blankItem(shape.alternatives[0]?.schema ?? true, root) : null;
}

/** Which of the alternatives a value belongs to: the first one it fits; 0 where it fits none. */
export function alternativeOf(value: Draft, alternatives: readonly { schema: Json }[], root: Json): number {
  if (value === undefined) return -1;
  const fitting: readonly number[] = alternatives.map(({ schema }) => fit(value, schema, root));
  const best = Math.max(...fitting);
  return best === 0 ? -1 : fitting.indexOf(best);
}

/** How well a value fits: 0 where its kind or a fixed member speaks against it, 2 where nothing does. */
function fit(value: Json, schema: Json, root: Json): 0 | 1 | 2 {
  const shape = shapeOf(schema, root);
  switch (shape.kind) {
    case "fixed":
      return isSame(value, shape.value) ? 2 : 0;
    case "choice":
      return shape.options.some((option) => isSame(option.value, value)) ? 2 : 0;
    case "flag":
      return typeof value === "boolean" ? 2 : 0;
    case "number":
      return typeof value === "number" ? (shape.integer && !Number.isInteger(value) ? 1 : 2) : 0;
    case "text":
      return typeof value === "string" ? 2 : 0;
    case "set":
    case "list":
      return Array.isArray(value) ? 2 : 0;
    case "either":
      return alternativeOf(value, shape.alternatives, root) === -1 ? 0 : 2;
    case "json":
      return 1;
    case "object":
      return isObject(value) ? objectFit(value, shape.members, root) : 0;
  }
}

function objectFit(value: Members, members: Extract<Shape, { kind: "object" }>["members"], root: Json): 0 | 1 | 2 {
  const known = new Set(members.map(({ name }) => name));
  for (const { name, schema } of members) {
    const shape = shapeOf(schema, root);
    if (shape.kind === "fixed" && Object.hasOwn(value, name) && !isSame(value[name], shape.value)) return 0;
  }
  const complete = members.every(({ name, required }) => !required || Object.hasOwn(value, name));
  return complete && Object.keys(value).every((name) => known.has(name)) ? 2 : 1;
}
