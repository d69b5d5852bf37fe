import type { TraceStep } from "../../api/schema.gen.ts";

/** The attempts and hops of one step: all that ran under its name and key, oldest first. */
export interface StepGroup {
  id: string;
  steps: TraceStep[];
}

/** One line of the waterfall. */
export interface Row {
  step: TraceStep;
  group: StepGroup;
  /** Whether it opens its group; the others stand under it. */
  first: boolean;
}

/**
 * The trace as lines: each step at the place of its first attempt, what followed in it right below, also where something
 * else ran in between. After a redrive the steps begin anew.
 */
export function rowsOf(trace: readonly TraceStep[]): Row[] {
  const groups = new Map<string, StepGroup>();
  let redrives = 0;
  for (const step of trace) {
    if (step.type === "override" && step.name === "@redrive") redrives++;
    const id = `${redrives}\n${sameStep(step)}`;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { id, steps: [step] });
    else group.steps.push(step);
  }
  return [...groups.values()].flatMap((group) =>
    group.steps.map((step, index) => ({ step, group, first: index === 0 })),
  );
}

/** What tells one step from another, over all its attempts. */
function sameStep({ type, name, key = "" }: TraceStep): string {
  const kind = type === "validation" || type === "repair" ? "model_call" : type;
  return `${kind}\n${name}\n${key}`;
}

/** Every attempt and hop of the step that `of` belongs to, over redrives too. */
export function peersOf(trace: readonly TraceStep[], of: TraceStep): TraceStep[] {
  const id = sameStep(of);
  return trace.filter((step) => sameStep(step) === id);
}

/** What two steps of one kind are best compared by: of a prompt its answers, else whatever ran last. Null: there is one only. */
export function lastTwo(peers: readonly TraceStep[]): readonly [TraceStep, TraceStep] | null {
  const answers = peers.filter(({ type, output }) => (type === "model_call" || type === "repair") && output !== null);
  const [later, earlier] = (answers.length > 1 ? answers : peers).toReversed();
  return earlier === undefined || later === undefined ? null : [earlier, later];
}
