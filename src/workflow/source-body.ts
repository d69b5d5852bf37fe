import { posix } from "node:path";
import type { AnyNode, CallExpression, NewExpression } from "acorn";
import { excludeEachOther } from "./source-branches.ts";
import { definitionIn, resolved } from "./source-definition.ts";
import type { SourceDefinition } from "./source-definition.ts";
import { childrenOf, declarationOf, walk } from "./source.ts";
import type { Source } from "./source.ts";

/** One use of a verb: `ctx.tool("load account", …)`. */
export interface VerbCall {
  verb: string;
  node: CallExpression;
  source: Source;
  /** It may run more than once in one run. */
  repeated: boolean;
  /** Inside the body of another step. */
  inStep: boolean;
}

/** Any other call or construction that the workflow's function reaches. */
export interface OtherCall {
  node: CallExpression | NewExpression;
  source: Source;
  inStep: boolean;
}

/** What the function of a workflow does, its own helpers included, as far as the source shows it. */
export interface WorkflowBody {
  definition: SourceDefinition;
  source: Source;
  verbs: VerbCall[];
  others: OtherCall[];
  /** Uses of `ctx.NAME` that are no calls. */
  members: { name: string; node: AnyNode; source: Source }[];
  /** Places where the context goes where it cannot be followed. */
  escapes: { node: AnyNode; source: Source; into: string }[];
}

/** Reads a workflow's function from its file and the project's files that it imports; undefined where it is not written out there. */
export function readBody(sources: readonly Source[]): WorkflowBody | undefined {
  const [source] = sources;
  const definition = source === undefined ? undefined : definitionIn(source);
  if (source === undefined || definition === undefined || !isFunction(definition.run)) return undefined;
  const body: WorkflowBody = { definition, source, verbs: [], others: [], members: [], escapes: [] };
  const reader = new BodyReader(sources, body);
  reader.enter(source, definition.run, 1, { inStep: false, repeated: false }, { source, site: definition.call });
  return body;
}

type Fn = Extract<AnyNode, { type: "ArrowFunctionExpression" | "FunctionExpression" | "FunctionDeclaration" }>;

interface Situation {
  inStep: boolean;
  repeated: boolean;
}

/** The names under which one function knows the context. */
interface Frame {
  source: Source;
  fn: Fn;
  objects: Set<string>;
  /** Local name → verb, where the context is taken apart. */
  verbs: Map<string, string>;
}

const REPEATING = new Set([
  "map",
  "flatMap",
  "forEach",
  "filter",
  "reduce",
  "some",
  "every",
  "find",
  "from",
  "fromAsync",
]);

class BodyReader {
  readonly #sources: readonly Source[];
  readonly #body: WorkflowBody;
  /** From where a function was entered, by the situation it was entered in. */
  readonly #entered = new Map<string, { source: Source; site: AnyNode }>();
  readonly #ids = new Map<Fn, number>();
  constructor(sources: readonly Source[], body: WorkflowBody) {
    this.#sources = sources;
    this.#body = body;
  }

  /** Reads a function that gets the context as parameter number `ctxAt` (-1: not at all), called at `site`. */
  enter(source: Source, fn: Fn, ctxAt: number, situation: Situation, from: { source: Source; site: AnyNode }): void {
    const id = this.#ids.get(fn) ?? this.#ids.size;
    this.#ids.set(fn, id);
    const key = `${id} ${ctxAt} ${situation.inStep}`;
    const before = this.#entered.get(key);
    if (before !== undefined) {
      const once = before.source === from.source && excludeEachOther(from.source, before.site, from.site);
      if (!once) for (const call of this.#body.verbs) if (isInside(call, source, fn)) call.repeated = true;
      return;
    }
    this.#entered.set(key, from);
    const frame: Frame = { source, fn, objects: new Set(), verbs: new Map() };
    if (ctxAt >= 0) bind(frame, fn.params[ctxAt]);
    for (let size = -1; size !== frame.objects.size + frame.verbs.size;) {
      size = frame.objects.size + frame.verbs.size;
      walk(fn.body, (node) => this.#bindAlias(frame, node));
    }
    this.#visit(fn.body, frame, situation);
  }

  /** `const c = ctx`, `const { tool } = ctx`, and functions within this one that are given the context. */
  #bindAlias(frame: Frame, node: AnyNode): void {
    if (node.type === "VariableDeclarator" && node.init?.type === "Identifier" && frame.objects.has(node.init.name))
      bind(frame, node.id);
    if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return;
    const inner = functionWithin(frame.fn, node.callee.name);
    node.arguments.forEach((argument, i) => {
      if (argument.type === "Identifier" && frame.objects.has(argument.name) && inner !== undefined)
        bind(frame, inner.params[i]);
    });
  }

  #visit(node: AnyNode, frame: Frame, situation: Situation): void {
    if (node.type === "CallExpression" || node.type === "NewExpression") this.#call(node, frame, situation);
    else if (node.type === "Identifier") this.#contextItself(node, frame);
    else if (node.type === "MemberExpression") this.#member(node, frame, situation);
    else if (LOOPS.has(node.type)) this.#loop(node, frame, situation);
    else if (node.type === "Property") {
      if (node.computed) this.#visit(node.key, frame, situation);
      this.#visit(node.value, frame, situation);
    } else for (const child of childrenOf(node)) this.#visit(child, frame, situation);
  }

  #loop(node: AnyNode, frame: Frame, situation: Situation): void {
    const once = "right" in node ? node.right : "init" in node ? node.init : undefined;
    for (const child of childrenOf(node))
      this.#visit(child, frame, child === once ? situation : { ...situation, repeated: true });
  }

  #call(node: CallExpression | NewExpression, frame: Frame, situation: Situation): void {
    const verb = node.type === "CallExpression" ? verbOf(frame, node) : undefined;
    if (verb !== undefined && node.type === "CallExpression") {
      this.#body.verbs.push({ verb, node, source: frame.source, ...situation });
      // What runs within a step may do as it likes: its result is on record.
      const body = verb === "run" ? 1 : verb === "prompt" ? 2 : -1;
      node.arguments.forEach((argument, i) =>
        this.#visit(argument, frame, { ...situation, inStep: situation.inStep || i === body }),
      );
      return;
    }
    this.#body.others.push({ node, source: frame.source, inStep: situation.inStep });
    const repeats =
      node.callee.type === "MemberExpression" &&
      node.callee.property.type === "Identifier" &&
      REPEATING.has(node.callee.property.name);
    if (node.callee.type === "MemberExpression") this.#visit(node.callee, frame, situation);
    for (const argument of node.arguments)
      if (!isContext(frame, argument))
        this.#visit(argument, frame, repeats && isFunction(argument) ? { ...situation, repeated: true } : situation);
    this.#follow(node, frame, situation);
  }

  /** Goes on in a function of the project that is called, with the context or without. */
  #follow(node: CallExpression | NewExpression, frame: Frame, situation: Situation): void {
    const ctxAt = node.arguments.findIndex((argument) => isContext(frame, argument));
    const name = node.callee.type === "Identifier" ? node.callee.name : undefined;
    if (name !== undefined && functionWithin(frame.fn, name) !== undefined) return;
    const found = name === undefined ? undefined : this.#functionNamed(frame.source, name);
    if (found !== undefined) this.enter(found.source, found.fn, ctxAt, situation, { source: frame.source, site: node });
    else if (ctxAt >= 0) this.#body.escapes.push({ node, source: frame.source, into: name ?? "a function" });
  }

  #functionNamed(source: Source, name: string): { source: Source; fn: Fn } | undefined {
    const own = declarationOf(source, name);
    if (isFunction(own)) return { source, fn: own };
    const imported = source.imports
      .flatMap((each) => each.names.map((one) => ({ ...one, from: each.specifier })))
      .find((one) => one.local === name);
    if (imported === undefined) return undefined;
    const file = posix.join(posix.dirname(source.file), imported.from);
    const target = this.#sources.find((each) => each.file === file);
    const exported = target === undefined ? undefined : exportOf(target, imported.imported);
    return target !== undefined && isFunction(exported) ? { source: target, fn: exported } : undefined;
  }

  #member(node: Extract<AnyNode, { type: "MemberExpression" }>, frame: Frame, situation: Situation): void {
    if (node.computed) this.#visit(node.property, frame, situation);
    if (!isContext(frame, node.object)) this.#visit(node.object, frame, situation);
    else if (!node.computed && node.property.type === "Identifier")
      this.#body.members.push({ name: node.property.name, node, source: frame.source });
    else this.#body.escapes.push({ node, source: frame.source, into: "a verb that is named at run time" });
  }

  #contextItself(node: Extract<AnyNode, { type: "Identifier" }>, frame: Frame): void {
    if (!frame.objects.has(node.name)) return;
    const parent = frame.source.parent(node);
    const bound = parent?.type === "VariableDeclarator" || isFunction(parent);
    if (!bound) this.#body.escapes.push({ node, source: frame.source, into: "a value" });
  }
}

const LOOPS: ReadonlySet<string> = new Set([
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
]);

function isFunction(node: AnyNode | undefined | null): node is Fn {
  return (
    node?.type === "ArrowFunctionExpression" ||
    node?.type === "FunctionExpression" ||
    node?.type === "FunctionDeclaration"
  );
}

function isContext(frame: Frame, node: AnyNode): boolean {
  return node.type === "Identifier" && frame.objects.has(node.name);
}

function bind(frame: Frame, pattern: AnyNode | undefined): void {
  if (pattern?.type === "Identifier") frame.objects.add(pattern.name);
  if (pattern?.type !== "ObjectPattern") return;
  for (const property of pattern.properties)
    if (property.type === "Property" && property.key.type === "Identifier" && property.value.type === "Identifier")
      frame.verbs.set(property.value.name, property.key.name);
}

function verbOf(frame: Frame, { callee }: CallExpression): string | undefined {
  if (callee.type === "Identifier") return frame.verbs.get(callee.name);
  if (callee.type !== "MemberExpression" || callee.computed || !isContext(frame, callee.object)) return undefined;
  return callee.property.type === "Identifier" ? callee.property.name : undefined;
}

function functionWithin(fn: Fn, name: string): Fn | undefined {
  let found: Fn | undefined;
  walk(fn.body, (node) => {
    if (node.type === "FunctionDeclaration" && node.id?.name === name) found = node;
    if (
      node.type === "VariableDeclarator" &&
      node.id.type === "Identifier" &&
      node.id.name === name &&
      isFunction(node.init)
    )
      found = node.init;
  });
  return found;
}

function exportOf(source: Source, name: string): AnyNode | undefined {
  if (name !== "default") {
    for (const node of source.program.body)
      if (node.type === "ExportNamedDeclaration")
        for (const { exported, local } of node.specifiers)
          if (exported.type === "Identifier" && exported.name === name && local.type === "Identifier")
            return declarationOf(source, local.name);
    return declarationOf(source, name);
  }
  const statement = source.program.body.find((node) => node.type === "ExportDefaultDeclaration");
  return statement === undefined ? undefined : resolved(source, statement.declaration);
}

function isInside(call: VerbCall, source: Source, fn: Fn): boolean {
  return call.source === source && call.node.start >= fn.start && call.node.end <= fn.end;
}
