import { isObject, pointerToken } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { compilePattern } from "./pattern.ts";
import type { Pattern } from "./pattern.ts";

/** A value the schema marks `x-sensitive`: where it lies and of which kind (`email`, `card`; `sensitive` for `true`). */
export interface SensitiveMark {
  pointer: string;
  kind: string;
}

/** Whether a value satisfies one subschema. */
export type Holds = (node: JsonObject, value: Json) => boolean;

/** A property no schema declares, and the names that are declared at its place. */
export interface UndeclaredProperty {
  pointer: string;
  name: string;
  declared: string[];
}

/** A step of a path that leads nowhere, and the names that are declared where it was taken. */
export interface MissingName {
  name: string;
  declared: string[];
}

/**
 * Follows a value and the subschemas that apply to each part of it, through `$ref` and every kind of composition.
 * `document` is a `SchemaForm`'s.
 */
export class SchemaWalk {
  private readonly document: JsonObject;
  private readonly holds: Holds;
  private readonly patterns = new Map<string, Pattern>();

  constructor(document: JsonObject, holds: Holds) {
    this.document = document;
    this.holds = holds;
  }

  /** Every marked value, also where the branch that marks it does not hold: a wrong value is as secret as a right one. */
  sensitive(value: Json): SensitiveMark[] {
    const marks: SensitiveMark[] = [];
    this.markAt([this.document], value, "", marks);
    return marks;
  }

  /** Properties that no subschema which holds for the value declares. An object of which nothing is declared is open. */
  undeclared(value: Json, rootClosed: boolean): UndeclaredProperty[] {
    const found: UndeclaredProperty[] = [];
    this.undeclaredAt([this.document], value, "", rootClosed, found);
    return found;
  }

  /** See `Schema.lacks`. */
  lacks(path: readonly string[]): MissingName | null {
    let nodes: JsonObject[] = [this.document];
    for (const [at, name] of path.entries()) {
      const here = this.applying(nodes, null, false);
      // What depends on other properties, or speaks of nothing here, may well have it.
      const speaks = here.some((node) => Object.hasOwn(node, "properties") || Object.hasOwn(node, "patternProperties"));
      const open = here.some((node) => Object.hasOwn(node, "dependentSchemas")) || !speaks;
      const { schemas, declared } = this.propertySchemas(here, name);
      const items = /^\d+$/.test(name) ? this.itemSchemas(here, Number(name)) : [];
      if (!declared && items.length === 0) return open && at > 0 ? null : { name, declared: declaredNames(here) };
      nodes = [...schemas, ...items];
      if (nodes.length === 0) return null;
    }
    return null;
  }

  private markAt(start: JsonObject[], value: Json, pointer: string, marks: SensitiveMark[]): void {
    const nodes = this.applying(start, value, false);
    const mark = nodes.find((node) => Object.hasOwn(node, "x-sensitive"))?.["x-sensitive"];
    if (mark !== undefined) {
      marks.push({ pointer, kind: typeof mark === "string" ? mark : "sensitive" });
      return;
    }
    if (typeof value !== "object" || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      const inner = Array.isArray(value)
        ? this.itemSchemas(nodes, Number(key))
        : this.propertySchemas(nodes, key).schemas;
      if (inner.length > 0) this.markAt(inner, child, `${pointer}/${pointerToken(key)}`, marks);
    }
  }

  private undeclaredAt(
    start: JsonObject[],
    value: Json,
    pointer: string,
    closed: boolean,
    found: UndeclaredProperty[],
  ): void {
    if (typeof value !== "object" || value === null) return;
    const nodes = this.applying(start, value, true);
    if (Array.isArray(value)) {
      value.forEach((item, i) => {
        const inner = this.itemSchemas(nodes, i);
        if (inner.length > 0) this.undeclaredAt(inner, item, `${pointer}/${i}`, false, found);
      });
      return;
    }
    const speaks =
      closed || nodes.some((node) => Object.hasOwn(node, "properties") || Object.hasOwn(node, "patternProperties"));
    for (const [key, child] of Object.entries(value)) {
      const { schemas, declared } = this.propertySchemas(nodes, key);
      const at = `${pointer}/${pointerToken(key)}`;
      if (!declared && speaks) found.push({ pointer: at, name: key, declared: declaredNames(nodes) });
      else if (schemas.length > 0) this.undeclaredAt(schemas, child, at, false, found);
    }
  }

  /** All subschemas that speak about the same value as `start`. */
  private applying(start: JsonObject[], value: Json, onlyHolding: boolean): JsonObject[] {
    const seen = new Set<JsonObject>();
    const add = (node: Json | undefined): void => {
      if (!isObject(node) || seen.has(node)) return;
      seen.add(node);
      if (typeof node["$ref"] === "string") add(this.definition(node["$ref"]));
      for (const child of list(node["allOf"])) add(child);
      for (const key of ["anyOf", "oneOf"]) this.chosen(list(node[key]), value, onlyHolding).forEach(add);
      this.conditional(node, value, onlyHolding).forEach(add);
      if (isObject(node["dependentSchemas"]) && isObject(value))
        for (const [name, child] of Object.entries(node["dependentSchemas"]))
          if (Object.hasOwn(value, name)) add(child);
    };
    start.forEach(add);
    return [...seen];
  }

  /** The branches that hold; all of them where none does, since the value is wrong in another way then. */
  private chosen(branches: Json[], value: Json, onlyHolding: boolean): Json[] {
    if (!onlyHolding) return branches;
    const holding = branches.filter(
      (branch) => branch === true || (isObject(branch) && this.branchHolds(branch, value)),
    );
    return holding.length > 0 ? holding : branches;
  }

  private conditional(node: JsonObject, value: Json, onlyHolding: boolean): Json[] {
    const { if: condition, then: yes, else: no } = node;
    if (condition === undefined) return [];
    const all = [condition, yes, no].filter((part) => part !== undefined);
    if (!onlyHolding) return all;
    const holds = isObject(condition) ? this.branchHolds(condition, value) : condition === true;
    return (holds ? [condition, yes] : [no]).filter((part) => part !== undefined);
  }

  private branchHolds(branch: JsonObject, value: Json): boolean {
    return this.holds(branch, value);
  }

  private definition(reference: string): Json | undefined {
    return (this.document["$defs"] as JsonObject | undefined)?.[reference.slice("#/$defs/".length)];
  }

  private propertySchemas(nodes: JsonObject[], key: string): { schemas: JsonObject[]; declared: boolean } {
    const found: Json[] = [];
    for (const node of nodes) {
      const before = found.length;
      const properties = node["properties"] as JsonObject | undefined;
      if (properties !== undefined && Object.hasOwn(properties, key)) found.push(properties[key] as Json);
      for (const [source, schema] of Object.entries((node["patternProperties"] ?? {}) as JsonObject))
        if (this.pattern(source).test(key)) found.push(schema);
      const rest = [node["additionalProperties"], node["unevaluatedProperties"]];
      if (found.length === before)
        for (const schema of rest) if (schema !== undefined && schema !== false) found.push(schema);
    }
    return { schemas: found.filter(isObject), declared: found.length > 0 };
  }

  private itemSchemas(nodes: JsonObject[], index: number): JsonObject[] {
    const found: Json[] = [];
    for (const node of nodes) {
      const prefix = list(node["prefixItems"]);
      if (index < prefix.length) found.push(prefix[index] as Json);
      else if (node["items"] !== undefined) found.push(node["items"]);
      else if (node["unevaluatedItems"] !== undefined) found.push(node["unevaluatedItems"]);
      if (node["contains"] !== undefined) found.push(node["contains"]);
    }
    return found.filter(isObject);
  }

  private pattern(source: string): Pattern {
    let pattern = this.patterns.get(source);
    if (pattern === undefined) this.patterns.set(source, (pattern = compilePattern(source)));
    return pattern;
  }
}

function declaredNames(nodes: JsonObject[]): string[] {
  return [...new Set(nodes.flatMap((node) => Object.keys((node["properties"] ?? {}) as JsonObject)))];
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
