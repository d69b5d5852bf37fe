import type { AnyNode } from "acorn";
import { conditionAt, otherwise } from "./picture-sketch.ts";
import type { ExpressionReader, Place } from "./picture-sketch.ts";
import { conditionIn, plainText, shortened } from "./picture-text.ts";
import { joined, under } from "./picture-ways.ts";
import type { Condition, Front, Way } from "./picture-ways.ts";

type Of<T extends AnyNode["type"]> = Extract<AnyNode, { type: T }>;

/** Follows one statement: where the code is behind it. Nowhere, where no way leads on. */
export function throughStatement(reader: ExpressionReader, node: AnyNode, now: Front, place: Place): Front {
  switch (node.type) {
    case "BlockStatement":
      return throughAll(reader, node.body, now, place);
    case "ExpressionStatement":
      return reader.settled(node.expression, now, place);
    case "VariableDeclaration":
      return node.declarations.reduce((front, each) => declared(reader, each, front, place), now);
    case "IfStatement":
      return branched(reader, node, now, place);
    case "ReturnStatement":
    case "ThrowStatement":
      return left(reader, node, now, place);
    case "BreakStatement":
    case "ContinueStatement":
      return jumped(node, now, place);
    case "LabeledStatement":
      return throughStatement(reader, node.body, now, { ...place, label: node.label.name });
    case "SwitchStatement":
      return switched(reader, node, now, place);
    case "TryStatement":
      return tried(reader, node, now, place);
    case "ForStatement":
    case "ForInStatement":
    case "ForOfStatement":
    case "WhileStatement":
    case "DoWhileStatement":
      return looped(reader, node, now, place);
    case "FunctionDeclaration":
    case "ClassDeclaration":
    case "EmptyStatement":
      return now;
    default:
      return reader.value(node, now, place).now;
  }
}

function throughAll(reader: ExpressionReader, nodes: readonly AnyNode[], now: Front, place: Place): Front {
  return nodes.reduce(
    (front, node) => (front.length === 0 ? front : throughStatement(reader, node, front, place)),
    now,
  );
}

/** A promise that is not waited for here is kept under its variable's name. */
function declared(reader: ExpressionReader, node: Of<"VariableDeclarator">, now: Front, place: Place): Front {
  if (node.init === null || node.init === undefined) return now;
  const { now: after, promise } = reader.value(node.init, now, place);
  for (const name of namesIn(node.id)) {
    if (promise === null) place.promises.delete(name);
    else place.promises.set(name, promise);
  }
  return after;
}

function namesIn(pattern: AnyNode): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ArrayPattern":
      return pattern.elements.flatMap((each) => (each === null ? [] : namesIn(each)));
    case "ObjectPattern":
      return pattern.properties.flatMap((each) => namesIn(each.type === "Property" ? each.value : each.argument));
    case "AssignmentPattern":
      return namesIn(pattern.left);
    case "RestElement":
      return namesIn(pattern.argument);
    default:
      return [];
  }
}

function branched(reader: ExpressionReader, node: Of<"IfStatement">, now: Front, place: Place): Front {
  const after = reader.settled(node.test, now, place);
  const condition = conditionAt(node.test, place, conditionIn(node.test, place));
  const yes = throughStatement(reader, node.consequent, under(after, condition), place);
  const other = under(after, otherwise(condition));
  const no = node.alternate ? throughStatement(reader, node.alternate, other, place) : other;
  return joined(yes, no);
}

function left(
  reader: ExpressionReader,
  node: Of<"ReturnStatement"> | Of<"ThrowStatement">,
  now: Front,
  place: Place,
): Front {
  const after = node.argument ? reader.settled(node.argument, now, place) : now;
  if (node.type === "ReturnStatement") place.returns.push(...after);
  else thrown(reader, after);
  return [];
}

/** On to the `catch` around, or to the run's end. */
function thrown(reader: ExpressionReader, front: Front): void {
  const ways = front.map((way): Way => ({ ...way, failure: way.failure ?? "throws" }));
  const around = reader.catches.at(-1);
  if (around === undefined) reader.sketch.link(ways, "end:dead");
  else around.push(...ways);
}

function jumped(node: Of<"BreakStatement"> | Of<"ContinueStatement">, now: Front, place: Place): Front {
  const target = place.leaving.findLast(({ label, loop }) =>
    node.label ? label === node.label.name : loop || node.type === "BreakStatement",
  );
  if (node.type === "BreakStatement") target?.breaks.push(...now);
  else target?.continues.push(...now);
  return [];
}

function switched(reader: ExpressionReader, node: Of<"SwitchStatement">, now: Front, place: Place): Front {
  let undecided = reader.settled(node.discriminant, now, place);
  const { text: subject, thresholds } = conditionIn(node.discriminant, place);
  const leaving = { label: place.label, loop: false, breaks: [], continues: [] };
  const inside: Place = { ...place, label: null, leaving: [...place.leaving, leaving] };
  const entries = node.cases.map((each): Front => {
    if (!each.test) return [];
    const text = shortened(`${subject} === ${plainText(each.test, place.source)}`);
    const condition = conditionAt(each.test, place, { text, thresholds });
    const entry = under(undecided, condition);
    undecided = under(undecided, otherwise(condition));
    return entry;
  });
  let falling: Front = [];
  let otherCase = false;
  node.cases.forEach((each, i) => {
    otherCase ||= !each.test;
    const entered = joined(falling, each.test ? (entries[i] as Front) : undecided);
    falling = throughAll(reader, each.consequent, entered, inside);
  });
  return joined(falling, leaving.breaks, otherCase ? [] : undecided);
}

function tried(reader: ExpressionReader, node: Of<"TryStatement">, now: Front, place: Place): Front {
  const { block, handler, finalizer } = node;
  const guarded: Place = finalizer ? { ...place, returns: [] } : place;
  const failing: Way[] = [];
  reader.catches.push(failing);
  let front = throughStatement(reader, block, now, guarded);
  reader.catches.pop();
  let unhandled: Front = failing;
  if (handler) {
    const rethrown: Way[] = [];
    if (finalizer) reader.catches.push(rethrown);
    // Where no step can fail, it is other code that may throw.
    const caught = failing.length > 0 ? joined(failing) : now.map((way): Way => ({ ...way, failure: "throws" }));
    front = joined(front, throughStatement(reader, handler.body, caught, guarded));
    if (finalizer) reader.catches.pop();
    unhandled = rethrown;
  }
  if (!finalizer) return front;
  const through = (ways: Front): Front => (ways.length === 0 ? ways : throughStatement(reader, finalizer, ways, place));
  place.returns.push(...through(joined(guarded.returns)));
  thrown(reader, through(joined(unhandled)));
  return through(front);
}

type Loop = Of<"ForStatement" | "ForInStatement" | "ForOfStatement" | "WhileStatement" | "DoWhileStatement">;

/** Read twice: what the second pass reaches from the end of the first are the ways back. */
function looped(reader: ExpressionReader, node: Loop, now: Front, place: Place): Front {
  const leaving: Place["leaving"][number] = { label: place.label, loop: true, breaks: [], continues: [] };
  const inside: Place = { ...place, label: null, leaving: [...place.leaving, leaving] };
  const condition = loopCondition(node, place);
  reader.repeating++;
  let front = begun(reader, node, now, place);
  let ends: Front = [];
  for (let pass = 0; pass < 2; pass++) {
    const bodyFirst = node.type === "DoWhileStatement";
    const tested = bodyFirst ? front : test(reader, node, front, inside);
    if (!bodyFirst && condition !== null) ends = joined(ends, tested);
    const entered = condition === null || (bodyFirst && pass === 0) ? tested : under(tested, condition);
    const body = throughStatement(reader, node.body, entered, inside);
    front = stripped(joined(body, leaving.continues), condition);
    if (node.type === "ForStatement" && node.update) front = reader.settled(node.update, front, inside);
    if (bodyFirst) front = test(reader, node, front, inside);
    if (condition !== null) ends = joined(ends, front);
  }
  reader.repeating--;
  const over = condition === null ? [] : under(ends, otherwise(condition));
  return joined(stripped(leaving.breaks, condition, true), over);
}

function begun(reader: ExpressionReader, node: Loop, now: Front, place: Place): Front {
  if (node.type === "ForInStatement" || node.type === "ForOfStatement") return reader.settled(node.right, now, place);
  if (node.type !== "ForStatement" || !node.init) return now;
  return throughStatement(reader, node.init, now, place);
}

function test(reader: ExpressionReader, node: Loop, now: Front, place: Place): Front {
  return "test" in node && node.test ? reader.settled(node.test, now, place) : now;
}

/** Null for a loop that only `break` or `return` ends. */
function loopCondition(node: Loop, place: Place): Condition | null {
  if (node.type === "ForInStatement" || node.type === "ForOfStatement") {
    const item = node.left.type === "VariableDeclaration" ? node.left.declarations[0]?.id : node.left;
    const text = `for each ${item ? plainText(item, place.source) : "item"} of ${plainText(node.right, place.source)}`;
    return conditionAt(node.right, place, { text: shortened(text), thresholds: [] });
  }
  const asked = node.test;
  if (!asked || (asked.type === "Literal" && Boolean(asked.value))) return null;
  return conditionAt(asked, place, conditionIn(asked, place));
}

/** A way that comes out of a loop without a step in it is the way that went in. */
function stripped(front: Front, condition: Condition | null, keeps = false): Front {
  if (condition === null || keeps) return front;
  return joined(
    front.map((way) => {
      const at = way.conditions.findIndex(({ id, otherwise: other }) => id === condition.id && !other);
      return at < 0 ? way : { ...way, conditions: way.conditions.slice(0, at) };
    }),
  );
}
