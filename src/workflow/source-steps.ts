import type { AnyNode } from "acorn";
import type { FileProblem } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { Workflow } from "./define.ts";
import { excludeEachOther } from "./source-branches.ts";
import type { VerbCall, WorkflowBody } from "./source-body.ts";
import { optionLine } from "./source-definition.ts";
import { failureMistakes } from "./source-failures.ts";
import { problem, stepName } from "./source-problem.ts";
import { toolMistakes, unusedTools } from "./source-tools.ts";
import { lineOf, propertyOf, textOf, walk } from "./source.ts";
import type { Source } from "./source.ts";

/** Verbs that make a step, by the position of the step's options among their arguments. */
const STEPS: Readonly<Record<string, number>> = {
  prompt: 2,
  tool: 3,
  run: 2,
  rule: 2,
  review: 1,
  sleep: 2,
  waitFor: 2,
};
const AWAITED: ReadonlySet<string> = new Set([...Object.keys(STEPS), "decide"]);
const CONTEXT: readonly string[] = [...AWAITED, "now", "random", "log", "runId", "thresholds", "signal"];

/** Mistakes in how a workflow uses its verbs: names, keys, awaits, slots, tools, thresholds, outcomes. */
export function stepMistakes(workflow: Workflow, body: WorkflowBody, prompts: PromptSet): FileProblem[] {
  return [
    ...body.verbs.flatMap((call) => [
      ...unknownVerb(call.verb, call.source, call.node),
      ...nestedStep(call),
      ...notAwaited(call),
      ...repeatedStep(call),
      ...slotMistakes(call, workflow, prompts),
      ...toolMistakes(call, workflow, body),
      ...failureMistakes(call, call.node.arguments[STEPS[call.verb] ?? -1]),
      ...reviewMistakes(call, body),
    ]),
    ...body.members.flatMap(({ name, source, node }) => unknownVerb(name, source, node)),
    ...sameNameTwice(body),
    ...thresholdMistakes(workflow, body),
    ...body.escapes.map(({ source, node, into }) =>
      problem(
        source,
        node,
        "context_escapes",
        `The context goes into ${into}, where its steps cannot be seen.`,
        "Call the verbs here, or in a function of the project that is given ctx by its name.",
        "warning",
      ),
    ),
    ...withoutDecision(body),
    ...unused(workflow, body),
  ];
}

function unknownVerb(name: string, source: Source, node: AnyNode): FileProblem[] {
  if (CONTEXT.includes(name)) return [];
  return [problem(source, node, "unknown_verb", `There is no ctx.${name}.`, didYouMean(name, CONTEXT))];
}

function nestedStep({ inStep, verb, source, node }: VerbCall): FileProblem[] {
  if (!inStep || !AWAITED.has(verb)) return [];
  return [
    problem(
      source,
      node,
      "step_in_step",
      `ctx.${verb} is used within the body of another step.`,
      "Make it a step of its own, before or after: a body runs again as a whole when its step is repeated.",
    ),
  ];
}

function notAwaited({ verb, node, source }: VerbCall): FileProblem[] {
  if (!AWAITED.has(verb) || isAwaited(source, node)) return [];
  const name = textOf(node.arguments[0]);
  const what = name === undefined || verb === "decide" ? `ctx.${verb}` : `The step "${name}"`;
  return [
    problem(
      source,
      node,
      "step_not_awaited",
      `${what} is not awaited: the run could end before it.`,
      `Write "await ctx.${verb}(…)", or hand several to Promise.all and await that.`,
    ),
  ];
}

/** Follows the promise of a call upwards to something that waits for it, or hands it on. */
function isAwaited(source: Source, call: AnyNode): boolean {
  let node = call;
  for (let parent = source.parent(node); parent !== undefined; [node, parent] = [parent, source.parent(parent)]) {
    if (parent.type === "ExpressionStatement" || parent.type === "UnaryExpression") return false;
    if (parent.type === "MemberExpression" && parent.object === node) {
      const name = parent.property.type === "Identifier" ? parent.property.name : "";
      if (!["then", "catch", "finally"].includes(name)) return false;
    } else if (parent.type === "VariableDeclarator")
      return parent.id.type === "Identifier" && isUsedAsPromise(source, parent.id);
    else if (!PASSING.has(parent.type) && !(parent.type === "CallExpression" && parent.callee === node)) return true;
  }
  return true;
}

const PASSING: ReadonlySet<string> = new Set([
  "ConditionalExpression",
  "LogicalExpression",
  "ParenthesizedExpression",
  "SequenceExpression",
  "MemberExpression",
  "ChainExpression",
]);

function isUsedAsPromise(source: Source, id: Extract<AnyNode, { type: "Identifier" }>): boolean {
  let used = false;
  walk(source.program, (node) => {
    if (node.type !== "Identifier" || node === id || node.name !== id.name) return;
    const parent = source.parent(node);
    if (parent?.type === "MemberExpression") {
      if (parent.property === node && !parent.computed) return;
      if (
        parent.object === node &&
        parent.property.type === "Identifier" &&
        !["then", "catch", "finally"].includes(parent.property.name)
      )
        return;
    }
    used ||= parent?.type !== "ExpressionStatement";
  });
  return used;
}

function hasKey(call: VerbCall): boolean {
  const at = STEPS[call.verb] ?? -1;
  const options = at < 0 ? undefined : call.node.arguments[at];
  // Options that are not written out here may hold a key.
  return (
    options !== undefined &&
    (options.type !== "ObjectExpression" ||
      propertyOf(options, "key") !== undefined ||
      options.properties.some((each) => each.type === "SpreadElement"))
  );
}

function repeatedStep(call: VerbCall): FileProblem[] {
  const name = stepName(call);
  if (!call.repeated || !(call.verb in STEPS) || name === undefined || hasKey(call)) return [];
  return [
    problem(
      call.source,
      call.node,
      "step_repeated",
      `The step "${name}" may run more than once, and has one name for all of it.`,
      "Give it a key that tells them apart: { key: item.id }.",
    ),
  ];
}

function sameNameTwice(body: WorkflowBody): FileProblem[] {
  const named = body.verbs.filter((call) => call.verb in STEPS && stepName(call) !== undefined && !hasKey(call));
  return named.flatMap((call, i) => {
    const other = named
      .slice(0, i)
      .find(
        (earlier) =>
          stepName(earlier) === stepName(call) &&
          !(earlier.source === call.source && excludeEachOther(call.source, earlier.node, call.node)),
      );
    if (other === undefined) return [];
    const place =
      other.source === call.source ? `line ${lineOf(other.node)}` : `${other.source.file}:${lineOf(other.node)}`;
    return [
      problem(
        call.source,
        call.node,
        "duplicate_step",
        `The step "${stepName(call)}" is on ${place} too; steps are known by their names.`,
        "Give one of them another name, or both a key: { key: … }.",
      ),
    ];
  });
}

function slotMistakes(call: VerbCall, workflow: Workflow, prompts: PromptSet): FileProblem[] {
  const slot = call.verb === "prompt" ? stepName(call) : undefined;
  if (slot === undefined) return [];
  const name = Object.hasOwn(workflow.prompts, slot) ? workflow.prompts[slot] : undefined;
  if (name === undefined) {
    const fix = didYouMean(slot, Object.keys(workflow.prompts)) || `Declare it: prompts: { ${slot}: "PROMPT_NAME" }.`;
    return [problem(call.source, call.node, "unknown_slot", `The workflow declares no prompt slot "${slot}".`, fix)];
  }
  const inputs = call.node.arguments[1];
  const spec = prompts.latest(name);
  if (
    spec === undefined ||
    inputs?.type !== "ObjectExpression" ||
    inputs.properties.some((each) => each.type === "SpreadElement")
  )
    return [];
  const missing = spec.inputs
    .filter(({ path }) => propertyOf(inputs, path.split(".")[0] as string) === undefined)
    .map(({ path }) => path);
  if (missing.length === 0) return [];
  return [
    problem(
      call.source,
      inputs,
      "missing_input",
      `The prompt ${name}@${spec.version} is not given ${missing.map((path) => `"${path}"`).join(", ")}.`,
      `Pass ${[...new Set(missing.map((path) => `"${path.split(".")[0]}"`))].join(", ")} too, or take it off the prompt's inputs.`,
    ),
  ];
}

function reviewMistakes(call: VerbCall, body: WorkflowBody): FileProblem[] {
  if (call.verb !== "review" && call.verb !== "rule") return [];
  const of = propertyOf(call.node.arguments[STEPS[call.verb] as number], "of");
  const wanted = textOf(of?.value);
  if (of === undefined || wanted === undefined) return [];
  const prompts = body.verbs.filter(({ verb }) => verb === "prompt").map(stepName);
  if (prompts.includes(undefined) || prompts.includes(wanted)) return [];
  return [
    problem(
      call.source,
      of.key,
      "review_of_nothing",
      `There is no prompt step "${wanted}" whose output could be reviewed.`,
      didYouMean(
        wanted,
        prompts.filter((name) => name !== undefined),
      ),
    ),
  ];
}

function thresholdMistakes(workflow: Workflow, body: WorkflowBody): FileProblem[] {
  const known = Object.keys(workflow.thresholds);
  return body.members.flatMap(({ name, node, source }) => {
    const use = name === "thresholds" ? source.parent(node) : undefined;
    if (use?.type !== "MemberExpression" || use.object !== node) return [];
    const wanted = use.computed
      ? textOf(use.property)
      : use.property.type === "Identifier"
        ? use.property.name
        : undefined;
    if (wanted === undefined || known.includes(wanted)) return [];
    return [
      problem(
        source,
        use,
        "unknown_threshold",
        `The workflow declares no threshold "${wanted}"; a comparison with it is never true.`,
        didYouMean(wanted, known) || `Declare it: thresholds: { ${wanted}: 0.75 }.`,
      ),
    ];
  });
}

function withoutDecision(body: WorkflowBody): FileProblem[] {
  if (body.escapes.length > 0 || body.verbs.some(({ verb }) => verb === "decide")) return [];
  return [
    problem(
      body.source,
      body.definition.run ?? body.definition.call,
      "no_decide",
      "The workflow never decides, so that no run of it can end well.",
      "End with: return ctx.decide({ … }).",
    ),
  ];
}

function unused(workflow: Workflow, body: WorkflowBody): FileProblem[] {
  if (body.escapes.length > 0) return [];
  const at = (path: string[]): number => optionLine(body.source, body.definition, path);
  const slots = body.verbs.filter(({ verb }) => verb === "prompt").map(stepName);
  const found: FileProblem[] = [];
  if (!slots.includes(undefined))
    for (const slot of Object.keys(workflow.prompts).filter((name) => !slots.includes(name)))
      found.push(
        problem(
          body.source,
          at(["prompts", slot]),
          "unused_slot",
          `No step uses the prompt slot "${slot}".`,
          "Take it off the list.",
          "warning",
        ),
      );
  return [...found, ...unusedTools(body)];
}
