import type { AnyNode, CallExpression, NewExpression } from "acorn";
import { excludeEachOther } from "./source-branches.ts";
import { functionNamed, functionWithin, isContext, isFunction, knownContext, verbOf } from "./source-context.ts";
import type { ContextNames, Fn } from "./source-context.ts";
import { definitionIn } from "./source-definition.ts";
import type { SourceDefinition } from "./source-definition.ts";
import { childrenOf } from "./source.ts";
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

interface Situation {
  inStep: boolean;
  repeated: boolean;
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
    this.#visit(fn.body, knownContext(source, fn, ctxAt), situation);
  }

  #visit(node: AnyNode, frame: ContextNames, situation: Situation): void {
    if (node.type === "CallExpression" || node.type === "NewExpression") this.#call(node, frame, situation);
    else if (node.type === "Identifier") this.#contextItself(node, frame);
    else if (node.type === "MemberExpression") this.#member(node, frame, situation);
    else if (LOOPS.has(node.type)) this.#loop(node, frame, situation);
    else if (node.type === "Property") {
      if (node.computed) this.#visit(node.key, frame, situation);
      this.#visit(node.value, frame, situation);
    } else for (const child of childrenOf(node)) this.#visit(child, frame, situation);
  }

  #loop(node: AnyNode, frame: ContextNames, situation: Situation): void {
    const once = "right" in node ? node.right : "init" in node ? node.init : undefined;
    for (const child of childrenOf(node))
      this.#visit(child, frame, child === once ? situation : { ...situation, repeated: true });
  }

  #call(node: CallExpression | NewExpression, frame: ContextNames, situation: Situation): void {
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
  #follow(node: CallExpression | NewExpression, frame: ContextNames, situation: Situation): void {
    const ctxAt = node.arguments.findIndex((argument) => isContext(frame, argument));
    const name = node.callee.type === "Identifier" ? node.callee.name : undefined;
    if (name !== undefined && functionWithin(frame.fn, name) !== undefined) return;
    const found = name === undefined ? undefined : functionNamed(this.#sources, frame.source, name);
    if (found !== undefined) this.enter(found.source, found.fn, ctxAt, situation, { source: frame.source, site: node });
    else if (ctxAt >= 0) this.#body.escapes.push({ node, source: frame.source, into: name ?? "a function" });
  }

  #member(node: Extract<AnyNode, { type: "MemberExpression" }>, frame: ContextNames, situation: Situation): void {
    if (node.computed) this.#visit(node.property, frame, situation);
    if (!isContext(frame, node.object)) this.#visit(node.object, frame, situation);
    else if (!node.computed && node.property.type === "Identifier")
      this.#body.members.push({ name: node.property.name, node, source: frame.source });
    else this.#body.escapes.push({ node, source: frame.source, into: "a verb that is named at run time" });
  }

  #contextItself(node: Extract<AnyNode, { type: "Identifier" }>, frame: ContextNames): void {
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

function isInside(call: VerbCall, source: Source, fn: Fn): boolean {
  return call.source === source && call.node.start >= fn.start && call.node.end <= fn.end;
}
