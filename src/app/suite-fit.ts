import type { Json, Problem } from "../base/json.ts";
import type { ContractSet } from "../contract/contract.ts";
import { parseEvent } from "../contract/parse.ts";
import type { EvalCase } from "../eval/case.ts";
import { impossible } from "../eval/fit.ts";
import type { Suite } from "../eval/suite.ts";
import type { FieldReader } from "../prompt/fields.ts";
import { missingInputs } from "../prompt/render.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { ProjectWorkflow } from "./load-code.ts";

/** What a suite's cases and targets are held against. */
export interface Subjects {
  prompts: PromptSet;
  contracts: ContractSet;
  /** Null where not all of them could be loaded. */
  workflows: ReadonlyMap<string, ProjectWorkflow> | null;
}

interface Fit {
  /** `classifier@2`, for people. */
  subject: string;
  output: Json | undefined;
  input(each: EvalCase): Problem[];
}

/**
 * Cases that no model could pass, and targets that no case could count for. They are doubts: a suite may be ahead of the prompt
 * it is for.
 */
export function fitOf(suite: Pick<Suite, "subject"> | null, { prompts, contracts, workflows }: Subjects): Fit | null {
  if (suite === null) return null;
  const { subject } = suite;
  if (subject.kind === "prompt") {
    const spec = prompts.latest(subject.prompt);
    if (spec === undefined) return null;
    const input = (each: EvalCase): Problem[] =>
      missingInputs(spec, each.input).map((path) => ({ pointer: "/input", message: `has no ${path}, which ${spec.name}@${spec.version} takes` })); // prettier-ignore
    return { subject: `${spec.name}@${spec.version}`, output: spec.outputSchema, input };
  }
  const found = workflows?.get(subject.workflow);
  if (found === undefined) return null;
  const { workflow } = found;
  const input = (each: EvalCase): Problem[] => {
    const parsed = parseEvent(contracts, each.input);
    if (parsed.ok) return parsed.type === workflow.on.type ? [] : [{ pointer: "/input/event", message: `is "${parsed.type}"; the workflow starts on "${workflow.on.type}"` }]; // prettier-ignore
    return [...parsed.errors];
  };
  return { subject: workflow.name, output: workflow.decision?.source, input };
}

/** The doubts about one case. */
export function caseDoubts(fit: Fit | null, each: EvalCase): { message: string; fix: string }[] {
  if (fit === null) return [];
  const lacks = fit.input(each).map(({ pointer, message }) => ({ message: `The input cannot be used: ${pointer} ${message}.`, fix: "Put it in; as it is, the case fails whatever the model answers." })); // prettier-ignore
  const never = impossible(each.expected, fit.output).map(({ pointer, message }) => ({ message: `What is expected of ${fit.subject} cannot come: ${pointer} ${message}`, fix: "Mend it, or the schema; as it is, the case fails whatever the model answers." })); // prettier-ignore
  return [...lacks, ...never];
}

/** The doubts about a suite's targets go to its reader. */
export function noteTargetDoubts(fit: Fit | null, { targets }: Suite, reader: FieldReader): void {
  if (fit === null) return;
  for (const [index, { field, positive }] of targets.entries()) {
    const wanted: Json | null = positive ?? (field === null ? null : nested(field));
    if (wanted === null) continue;
    for (const { pointer, message } of impossible(wanted, fit.output)) {
      const place = positive === null ? "field" : `positive${pointer}`;
      const what = positive === null ? `"${field}"` : `"${pointer.slice(1)}"`;
      reader.problem(`/targets/${index}/${place}`, "unfit_target", `${what} ${message}`, `It is held against ${fit.subject}.`, "warning"); // prettier-ignore
    }
  }
}

/** `a.b` as `{a: {b: …}}`, with something at its end that any schema may hold. */
function nested(path: string): Json {
  return path.split(".").reduceRight<Json>((inner, key) => ({ [key]: inner }), { $exists: true });
}
