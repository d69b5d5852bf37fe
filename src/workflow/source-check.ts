import type { FileProblem } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { Affects, Workflow } from "./define.ts";
import { readBody } from "./source-body.ts";
import { definitionIn, optionLine } from "./source-definition.ts";
import { effectMistakes } from "./source-effects.ts";
import { stepMistakes } from "./source-steps.ts";
import type { Source } from "./source.ts";

/** The common mistakes in one workflow, by name and place. `sources`: its file first, then the project's files that it imports. */
export function workflowMistakes(
  workflow: Workflow,
  sources: readonly Source[],
  prompts: PromptSet,
  suites: readonly string[],
): FileProblem[] {
  const [source] = sources;
  if (source === undefined) return [];
  const defined = definitionMistakes(workflow, source, suites);
  const body = readBody(sources);
  if (body === undefined) {
    const message = `The function of ${workflow.name} is not written out in this file, so that its steps cannot be looked at.`;
    return [
      ...defined,
      {
        file: source.file,
        line: 1,
        code: "unseen_function",
        message,
        fix: "Write: export default workflow(name, { … }, async (event, ctx) => { … }).",
        severity: "warning",
      },
    ];
  }
  const tools = new Set(
    sources.flatMap((each) =>
      each.imports
        .filter(({ specifier }) => /tools\//.test(specifier))
        .flatMap(({ names }) => names.map(({ local }) => local)),
    ),
  );
  return [...defined, ...stepMistakes(workflow, body, prompts), ...effectMistakes(body, sources, tools)];
}

const AFFECTS: readonly Affects[] = ["customer_communication", "billing", "security", "compliance"];

function definitionMistakes(workflow: Workflow, source: Source, suites: readonly string[]): FileProblem[] {
  const definition = definitionIn(source);
  const found: FileProblem[] = [];
  const report = (
    path: string[],
    code: string,
    message: string,
    fix: string,
    severity: FileProblem["severity"] = "error",
  ): void => {
    found.push({
      file: source.file,
      line: optionLine(source, definition, path),
      code,
      message,
      severity,
      ...(fix === "" ? {} : { fix }),
    });
  };
  const missing = (key: string, lacks: string, example: string): void =>
    report(
      [key],
      `no_${key}`,
      `${workflow.name} cannot be measured: it has no ${key}, which says ${lacks}.`,
      `Add ${example}`,
    );
  if (workflow.decision === null)
    missing(
      "decision",
      "what it decides",
      'decision: { type: "object", required: ["category"], properties: { … } }, the schema of what ctx.decide takes.',
    );
  if (workflow.success === null)
    missing("success", "what shows that it works", 'success: "suite:NAME", the eval suite, or a metric.');
  if (workflow.deadlineMs === null) missing("deadline", "how long it may take in all", 'deadline: "24h".');
  const suite = /^suite:(.*)$/.exec(workflow.success ?? "")?.[1];
  if (suite !== undefined && !suites.includes(suite))
    report(
      ["success"],
      "no_eval_suite",
      `The eval suite "${suite}" is not in evals/, so nothing shows that ${workflow.name} works.`,
      didYouMean(suite, suites) || `Write evals/${suite}/suite.yaml.`,
      "warning",
    );
  for (const each of workflow.affects)
    if (!AFFECTS.includes(each))
      report(
        ["affects"],
        "unknown_affects",
        `affects names "${each}", which is none of its words.`,
        didYouMean(each, AFFECTS),
      );
  return found;
}
