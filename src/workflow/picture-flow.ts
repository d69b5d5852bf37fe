import type { AnyNode, CallExpression, NewExpression } from "acorn";
import { DECIDE, TRIGGER } from "../journal/path.ts";
import { EACH, Sketch, conditionAt, otherwise } from "./picture-sketch.ts";
import type { ExpressionReader, Place, Reading } from "./picture-sketch.ts";
import { throughStatement } from "./picture-statements.ts";
import { HOLE, conditionIn, nameIn, plainText, shortened } from "./picture-text.ts";
import { FAILS, awaited, joined, together, under, wayFrom } from "./picture-ways.ts";
import type { Condition, Front, Pending, Way } from "./picture-ways.ts";
import type { WorkflowBody } from "./source-body.ts";
import { functionNamed, functionWithin, isContext, isFunction, knownContext, verbOf } from "./source-context.ts";
import type { Fn } from "./source-context.ts";
import { childrenOf, placeOf } from "./source.ts";
import type { Source } from "./source.ts";

/** Verbs that are steps, and those of them whose failure the code may catch. */
const STEP_VERBS: ReadonlySet<string> = new Set([
  "prompt",
  "tool",
  "run",
  "rule",
  "review",
  "sleep",
  "waitFor",
  "decide",
]);
const CATCHABLE: ReadonlySet<string> = new Set(["prompt", "tool", "run"]);

const DEEPEST = 40;
/** Helpers that call helpers several times each are read as often as they are called; nobody could look at more than this. */
const MOST_CALLS = 5_000;

/** Follows the function of a workflow through its source, its helpers included, and draws what it may do. */
export function sketchOf(body: WorkflowBody, sources: readonly Source[]): Sketch {
  const reader = new FlowReader(sources);
  const run = body.definition.run as Fn;
  const names = knownContext(body.source, run, 1);
  const place = newPlace({ source: body.source, names, given: new Map() });
  const front = reader.through(run, [wayFrom(TRIGGER)], place);
  reader.end(front);
  reader.addUnseen(body);
  return reader.sketch;
}

function newPlace(scope: Pick<Place, "source" | "names" | "given">): Place {
  return { ...scope, promises: new Map(), returns: [], leaving: [], label: null };
}

class FlowReader implements ExpressionReader {
  readonly sketch: Sketch = new Sketch();
  readonly catches: Way[][] = [];
  repeating = 0;
  readonly #sources: readonly Source[];
  readonly #read = new Set<AnyNode>();
  readonly #within: Fn[] = [];
  #calls = 0;
  readonly #reaches = (from: string, to: string): boolean => this.sketch.reaches(from, to);

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
  }

  /** A function's body: where the code is once it has returned and what it began is over. */
  through(fn: Fn, now: Front, place: Place): Front {
    const again = this.#within.filter((each) => each === fn).length;
    // A function that calls itself is read once more, which draws the way back.
    if (again > 1 || this.#within.length > DEEPEST) return [];
    if (++this.#calls > MOST_CALLS) {
      this.#problem(
        place.source,
        fn,
        "too_many_calls",
        "Helpers call each other too often to draw all of it; what follows here is left out.",
      );
      return now;
    }
    this.#within.push(fn);
    if (again > 0) this.repeating++;
    const fallen =
      fn.body.type === "BlockStatement"
        ? throughStatement(this, fn.body, now, place)
        : this.settled(fn.body, now, place);
    if (again > 0) this.repeating--;
    this.#within.pop();
    return joined(place.returns, fallen);
  }

  end(front: Front): void {
    for (const way of front) {
      if (way.from === DECIDE) this.sketch.link([wayFrom(DECIDE)], "end:completed");
      else this.sketch.link([{ ...way, failure: way.failure ?? "no decision" }], "end:dead");
    }
  }

  /** Steps that are in the source but on no way that was followed. */
  addUnseen(body: WorkflowBody): void {
    for (const { verb, node, source, inStep } of body.verbs) {
      if (inStep || !STEP_VERBS.has(verb) || this.#read.has(node)) continue;
      const scope = { source, names: knownContext(source, body.definition.run as Fn, 1), given: new Map() };
      const unseen: Condition = { id: "unseen", text: "not seen from where", otherwise: false, thresholds: [] };
      const id = this.#node(verb, node, newPlace(scope));
      this.sketch.link([{ ...wayFrom(TRIGGER), conditions: [unseen], implied: true }], id);
      if (id === DECIDE) this.end([wayFrom(id)]);
      else
        this.sketch.link([{ ...wayFrom(id), implied: true }], this.sketch.nodes.has(DECIDE) ? DECIDE : "end:completed");
      this.#problem(
        source,
        node,
        "unreached_step",
        `Which way leads to ctx.${verb} here cannot be seen in the source.`,
      );
    }
  }

  #problem(source: Source, node: AnyNode, code: string, message: string): void {
    const problem = { file: source.file, ...placeOf(node), code, message, severity: "warning" as const };
    const { problems } = this.sketch;
    if (!problems.some((each) => each.file === problem.file && each.line === problem.line && each.code === code))
      problems.push(problem);
  }

  settled(node: AnyNode, now: Front, place: Place): Front {
    const reading = this.value(node, now, place);
    return reading.promise === null ? reading.now : awaited(reading.now, reading.promise, this.#reaches);
  }

  value(node: AnyNode, now: Front, place: Place): Reading {
    switch (node.type) {
      case "AwaitExpression":
        return { now: this.settled(node.argument, now, place), promise: null };
      case "ConditionalExpression":
        return this.#choice(node.test, node.consequent, node.alternate, now, place);
      case "LogicalExpression":
        return this.#logical(node, now, place);
      case "CallExpression":
      case "NewExpression":
        return this.#call(node, now, place);
      case "Identifier":
        return { now, promise: place.promises.get(node.name) ?? null };
      case "AssignmentExpression":
        return this.#assigned(node, now, place);
      case "MemberExpression":
        return {
          now: this.#inOrder(node.computed ? [node.object, node.property] : [node.object], now, place).now,
          promise: null,
        };
      case "Property":
        return this.value(node.value, now, place);
      case "ArrowFunctionExpression":
      case "FunctionExpression":
      case "ClassExpression":
        return { now, promise: null };
      default:
        return this.#inOrder(childrenOf(node), now, place);
    }
  }

  /** One after the other; the promises they give are one. */
  #inOrder(nodes: readonly AnyNode[], start: Front, place: Place): Reading {
    let now = start;
    const promises: Pending[] = [];
    for (const node of nodes) {
      const reading = this.value(node, now, place);
      now = reading.now;
      if (reading.promise !== null) promises.push(reading.promise);
    }
    return { now, promise: together(promises) };
  }

  #choice(test: AnyNode, yes: AnyNode | null, no: AnyNode | null, start: Front, place: Place): Reading {
    const after = this.settled(test, start, place);
    const condition = conditionAt(test, place, conditionIn(test, place));
    const side = (node: AnyNode | null, now: Front): Reading =>
      node === null ? { now, promise: null } : this.value(node, now, place);
    const a = side(yes, under(after, condition));
    const b = side(no, under(after, otherwise(condition)));
    const promise =
      a.promise === null && b.promise === null
        ? null
        : { front: joined(a.promise?.front ?? a.now, b.promise?.front ?? b.now), base: after };
    return { now: joined(a.now, b.now), promise };
  }

  #logical(node: Extract<AnyNode, { type: "LogicalExpression" }>, now: Front, place: Place): Reading {
    if (node.operator === "&&") return this.#choice(node.left, node.right, null, now, place);
    const after = this.settled(node.left, now, place);
    const { text, thresholds } = conditionIn(node.left, place);
    const lacking = node.operator === "??" ? `${text} == null` : `!(${text})`;
    const condition = conditionAt(node.left, place, { text: shortened(lacking), thresholds });
    const right = this.value(node.right, under(after, condition), place);
    const stays = under(after, otherwise(condition));
    const promise = right.promise === null ? null : { front: joined(right.promise.front, stays), base: after };
    return { now: joined(right.now, stays), promise };
  }

  #assigned(node: Extract<AnyNode, { type: "AssignmentExpression" }>, now: Front, place: Place): Reading {
    const reading = this.value(node.right, now, place);
    if (node.left.type === "Identifier" && reading.promise !== null) {
      place.promises.set(node.left.name, reading.promise);
      return { now: reading.now, promise: null };
    }
    return reading;
  }

  #call(node: CallExpression | NewExpression, now: Front, place: Place): Reading {
    const verb = node.type === "CallExpression" ? verbOf(place.names, node) : undefined;
    if (verb !== undefined && node.type === "CallExpression") return this.#verb(verb, node, now, place);
    const method =
      node.callee.type === "MemberExpression" && node.callee.property.type === "Identifier"
        ? { name: node.callee.property.name, object: node.callee.object }
        : undefined;
    if (method !== undefined) {
      if (method.name === "then" || method.name === "catch" || method.name === "finally")
        return this.#chained(method.name, method.object, node.arguments, now, place);
      if (method.name === "push" && method.object.type === "Identifier")
        return this.#kept(method.object.name, node.arguments, now, place);
      if (method.name === "allSettled" || method.name === "any" || method.name === "race")
        return this.#outlived(node.arguments, now, place, method.name === "allSettled");
    }
    const given = node.arguments.filter((argument) => !isContext(place.names, argument));
    const callee = method === undefined && !isFunction(node.callee) ? [] : [node.callee];
    const before = this.#inOrder([...callee, ...given], now, place);
    const called = this.#function(node.callee, place);
    if (called !== undefined) return this.#entered(called, node.arguments, before, place);
    return this.#callbacks(node, method?.name, before, place);
  }

  #verb(verb: string, node: CallExpression, now: Front, place: Place): Reading {
    const { now: after } = this.#inOrder(node.arguments, now, place);
    if (!STEP_VERBS.has(verb)) return { now: after, promise: null };
    const id = this.#node(verb, node, place);
    this.sketch.link(after, id);
    const around = this.catches.at(-1);
    if (CATCHABLE.has(verb) && around !== undefined) around.push({ ...wayFrom(id), failure: FAILS });
    const shadow: Condition = { id: `${id} in shadow`, text: "in shadow", otherwise: false, thresholds: [] };
    // In shadow nobody is asked, and the run goes on without.
    const past = verb === "review" ? under(after, shadow).map((way) => ({ ...way, implied: true })) : [];
    return { now: after, promise: { front: joined([wayFrom(id)], past), base: after } };
  }

  #node(verb: string, call: CallExpression, place: Place): string {
    this.#read.add(call);
    const name = verb === "decide" ? "" : nameIn(call.arguments[0], place);
    const id = verb === "decide" ? DECIDE : `step:${name}`;
    const uncaught = this.catches.length === 0;
    const known = this.sketch.nodes.get(id);
    if (known === undefined) {
      const { source, names, given } = place;
      const scope = { source, names, given };
      this.sketch.nodes.set(id, { id, verb, name, call, scope, repeated: this.repeating > 0, uncaught });
      if (name.includes(HOLE)) this.#computed(verb, name, call, place);
    } else {
      known.repeated ||= this.repeating > 0;
      known.uncaught ||= uncaught;
    }
    return id;
  }

  #computed(verb: string, name: string, call: CallExpression, { source }: Place): void {
    const shown = plainText(call.arguments[0] ?? call, source);
    const message =
      name === HOLE
        ? `The name of this ctx.${verb} is made when it runs (${shown}), so its node stands for every step of no other name.`
        : `Part of this step's name is made when it runs (${shown}), so its node stands for all names of that pattern.`;
    this.#problem(source, call, "computed_step_name", message);
  }

  /** `.then(…)`, `.catch(…)`, `.finally(…)`. */
  #chained(name: string, object: AnyNode, args: readonly AnyNode[], start: Front, place: Place): Reading {
    const failing: Way[] = [];
    const failed = name === "catch" ? args[0] : name === "then" ? args[1] : undefined;
    if (failed !== undefined) this.catches.push(failing);
    const { now, promise } = this.value(object, start, place);
    if (failed !== undefined) this.catches.pop();
    const after = promise?.front ?? now;
    const next = name === "catch" ? undefined : args[0];
    const done = next === undefined ? after : this.#handler(next, after, place);
    const recovered = failed === undefined ? [] : this.#handler(failed, joined(failing), place);
    return { now, promise: { front: joined(done, recovered), base: promise?.base ?? now } };
  }

  #handler(node: AnyNode, now: Front, place: Place): Front {
    const fn = isFunction(node) ? { source: place.source, fn: node } : this.#function(node, place);
    return fn === undefined || now.length === 0 ? now : this.#through(fn, [], now, place);
  }

  /** `jobs.push(ctx.tool(…))` */
  #kept(name: string, args: readonly AnyNode[], start: Front, place: Place): Reading {
    const { now, promise } = this.#inOrder(args, start, place);
    const before = place.promises.get(name);
    if (promise !== null)
      place.promises.set(
        name,
        before === undefined
          ? promise
          : { front: joined(before.front, promise.front), base: joined(before.base, promise.base) },
      );
    return { now, promise: null };
  }

  /** What fails among these does not end the others: all of them are waited for, or one is enough. */
  #outlived(args: readonly AnyNode[], start: Front, place: Place, caught: boolean): Reading {
    const failing: Way[] = [];
    if (caught) this.catches.push(failing);
    const { now, promise } = this.#inOrder(args, start, place);
    if (caught) this.catches.pop();
    if (promise === null) return { now, promise };
    return { now, promise: { front: joined(promise.front, failing), base: promise.base } };
  }

  #function(callee: AnyNode, place: Place): { source: Source; fn: Fn; inner: boolean } | undefined {
    if (isFunction(callee)) return { source: place.source, fn: callee, inner: true };
    if (callee.type !== "Identifier") return undefined;
    const inner = functionWithin(place.names.fn, callee.name);
    if (inner !== undefined) return { source: place.source, fn: inner, inner: true };
    const found = functionNamed(this.#sources, place.source, callee.name);
    return found === undefined ? undefined : { ...found, inner: false };
  }

  #entered(
    called: { source: Source; fn: Fn; inner: boolean },
    args: readonly AnyNode[],
    before: Reading,
    place: Place,
  ): Reading {
    if (!this.#hasSteps(called, args, place)) return before;
    const front = this.#through(called, args, before.now, place);
    return { now: before.now, promise: { front, base: before.now } };
  }

  #through(
    called: { source: Source; fn: Fn; inner?: boolean },
    args: readonly AnyNode[],
    now: Front,
    place: Place,
  ): Front {
    const { source, fn, inner = true } = called;
    const given = new Map(inner ? place.given : []);
    fn.params.forEach((param, i) => {
      const node = args[i];
      if (param.type === "Identifier" && node !== undefined) given.set(param.name, { node, scope: place });
    });
    if (inner) return this.through(fn, now, { ...place, given, returns: [], leaving: [], label: null });
    const ctxAt = args.findIndex((argument) => isContext(place.names, argument));
    return this.through(fn, now, newPlace({ source, names: knownContext(source, fn, ctxAt), given }));
  }

  /** A function without the context has none of its own. */
  #hasSteps(called: { fn: Fn; inner: boolean }, args: readonly AnyNode[], place: Place): boolean {
    return called.inner || args.some((argument) => isContext(place.names, argument));
  }

  /** Functions that are handed on: called for every item, or as whoever gets them likes. */
  #callbacks(node: CallExpression | NewExpression, method: string | undefined, before: Reading, place: Place): Reading {
    const promises = before.promise === null ? [] : [before.promise];
    for (const argument of node.arguments) {
      const called = this.#callback(argument, place);
      if (called === undefined) continue;
      const known = method !== undefined && (EACH.has(method) || method === "reduce");
      const size = this.#read.size;
      const front = known
        ? this.#forEach(node, called, before.now, place, method === "reduce")
        : this.#through(called, [], before.now, place);
      if (!known && this.#read.size > size)
        this.#problem(
          place.source,
          node,
          "unseen_call",
          `How often ${plainText(node.callee, place.source)} calls the function it is given cannot be seen; it is drawn once.`,
        );
      if (front.some(({ from }) => !before.now.some((way) => way.from === from)))
        promises.push({ front, base: before.now });
    }
    return { now: before.now, promise: together(promises) };
  }

  #callback(node: AnyNode, place: Place): { source: Source; fn: Fn; inner: boolean } | undefined {
    if (isFunction(node)) return { source: place.source, fn: node, inner: true };
    if (node.type !== "Identifier") return undefined;
    const fn = functionWithin(place.names.fn, node.name);
    return fn === undefined ? undefined : { source: place.source, fn, inner: true };
  }

  #forEach(
    node: CallExpression | NewExpression,
    called: { source: Source; fn: Fn; inner: boolean },
    now: Front,
    place: Place,
    oneByOne: boolean,
  ): Front {
    const [item] = called.fn.params.slice(oneByOne ? 1 : 0);
    const list = node.callee.type === "MemberExpression" ? node.callee.object : node.callee;
    const text = `for each ${item === undefined ? "item" : plainText(item, place.source)} of ${plainText(list, place.source)}`;
    const condition = conditionAt(list, place, { text: shortened(text), thresholds: [] });
    this.repeating++;
    let front = this.#through(called, [], under(now, condition), place);
    if (oneByOne) front = joined(front, this.#through(called, [], under(front, condition), place));
    this.repeating--;
    return joined(front, under(now, otherwise(condition)));
  }
}
