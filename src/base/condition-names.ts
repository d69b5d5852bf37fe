import type { ASTNode } from "@marcbachmann/cel-js";
import { isObject } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { didYouMean } from "./suggest.ts";

/** Variables of a condition by name, each with the JSON Schema of its values; null where nothing is declared of it. */
export type Known = Readonly<Record<string, JsonObject | null>>;

export interface Misnamed {
  message: string;
  fix: string;
  /** In characters from the start of the text. */
  offset: number;
}

/** Calls that take a variable of their own as their first argument, and go through a list with it. */
const THROUGH_LISTS: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "map", "filter"]);
const NAMESPACES: ReadonlySet<string> = new Set(["optional", "cel"]);

/** What a condition may not do, because its time could not be bounded. */
const REFUSED: Readonly<Record<string, string>> = {
  matches: 'Use "startsWith", "endsWith" or "contains", or compare with a list: x in [\'a\', \'b\'].',
  bind: "Write the expression out where it is needed.",
};

interface Walk {
  known: Known | undefined;
  bound: ReadonlySet<string>;
  /** Within a call that goes through a list. */
  inList: boolean;
  found: { goesThroughLists: boolean };
}

/** The first name that is not known, or call that is not allowed; and whether the condition goes through lists. */
export function known(ast: ASTNode, names: Known | undefined): { mistake: Misnamed | null; goesThroughLists: boolean } {
  const found = { goesThroughLists: false };
  const mistake = walk(ast, { known: names, bound: new Set(), inList: false, found });
  return { mistake, ...found };
}

function walk(node: ASTNode, into: Walk): Misnamed | null {
  if (node.op === "id") return unknownName(node, into);
  if (node.op === ".") return unknownField(node, into);
  if (node.op === "rcall") {
    const [name, receiver, args] = node.args;
    return (
      refused(name, node.start) ??
      (THROUGH_LISTS.has(name) ? throughList(node, receiver, args, into) : each([receiver, ...args], into))
    );
  }
  if (node.op === "call") return refused(node.args[0], node.start) ?? each(node.args[1], into);
  return each(nodesIn(node.args), into);
}

function each(nodes: readonly ASTNode[], into: Walk): Misnamed | null {
  for (const node of nodes) {
    const mistake = walk(node, into);
    if (mistake !== null) return mistake;
  }
  return null;
}

function nodesIn(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn);
  return typeof args === "object" && args !== null && "op" in args ? [args as ASTNode] : [];
}

function refused(name: string, offset: number): Misnamed | null {
  const fix = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
  if (fix === undefined) return null;
  return { message: `A condition cannot use "${name}": its time would have no bound.`, fix, offset };
}

function throughList(node: ASTNode, receiver: ASTNode, args: readonly ASTNode[], into: Walk): Misnamed | null {
  into.found.goesThroughLists = true;
  if (into.inList)
    return {
      message: "A condition cannot go through a list for each entry of a list: its time would have no bound.",
      fix: "Go through one of the lists only.",
      offset: node.start,
    };
  const [variable, ...body] = args;
  const bound = new Set(into.bound);
  if (variable?.op === "id") bound.add(variable.args);
  return walk(receiver, into) ?? each(body, { ...into, bound, inList: true });
}

function unknownName(node: Extract<ASTNode, { op: "id" }>, { known: names, bound }: Walk): Misnamed | null {
  const name = node.args;
  if (names === undefined || bound.has(name) || NAMESPACES.has(name) || Object.hasOwn(names, name)) return null;
  return {
    message: `The condition names ${JSON.stringify(name)}, which there is not.`,
    fix: didYouMean(name, Object.keys(names)),
    offset: node.start,
  };
}

function unknownField(node: Extract<ASTNode, { op: "." }>, into: Walk): Misnamed | null {
  const [object, field] = node.args;
  const mistake = walk(object, into);
  if (mistake !== null) return mistake;
  const properties = propertiesOf(schemaOf(object, into));
  if (properties === null || Object.hasOwn(properties, field)) return null;
  return {
    message: `The condition names the field ${JSON.stringify(field)}, which its schema does not declare.`,
    fix: didYouMean(field, Object.keys(properties)),
    offset: node.end - field.length,
  };
}

/** Null where nothing is known of it. */
function schemaOf(node: ASTNode, into: Walk): JsonObject | null {
  if (node.op === "id") {
    if (into.known === undefined || into.bound.has(node.args)) return null;
    return Object.hasOwn(into.known, node.args) ? (into.known[node.args] ?? null) : null;
  }
  if (node.op !== ".") return null;
  const [object, field] = node.args;
  const properties = propertiesOf(schemaOf(object, into));
  const schema = properties === null || !Object.hasOwn(properties, field) ? null : properties[field];
  return isObject(schema) ? schema : null;
}

/** Only where the schema says all there is to say: with references or branches a field may be declared elsewhere. */
function propertiesOf(schema: JsonObject | null): JsonObject | null {
  if (schema === null) return null;
  const elsewhere = ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "patternProperties"];
  if (elsewhere.some((keyword) => schema[keyword] !== undefined)) return null;
  if (schema["additionalProperties"] !== undefined && schema["additionalProperties"] !== false) return null;
  return isObject(schema["properties"]) ? schema["properties"] : null;
}
