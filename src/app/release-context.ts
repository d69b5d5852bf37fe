import { compileCondition } from "../base/condition.ts";
import { newId } from "../base/id.ts";
import { isObject } from "../base/json.ts";
import type { JsonObject } from "../base/json.ts";
import type { ContractSet } from "../contract/contract.ts";
import type { Models } from "../model/registry.ts";
import type { Offered } from "../release/apply.ts";
import type { Evidence } from "../release/evidence.ts";
import type { GateContext, VersionFacts } from "../release/gate.ts";
import type { Release } from "../release/release.ts";
import { checksOutput } from "../workflow/output-check.ts";
import type { ProjectWorkflow } from "./load-code.ts";
import type { Parts } from "./parts.ts";
import { presentSuites } from "./present-suites.ts";

type Known = Pick<Parts, "engine" | "store" | "project">;

/** `provider/model` of a name as written; the name itself where there is no such provider. */
export function modelNamer(models: Models): (model: string) => string {
  return (name) => {
    try {
      const { provider, model } = models.resolve(name);
      return `${provider}/${model}`;
    } catch {
      return name;
    }
  };
}

/** What a change of a release may name. */
export function offeredBy({ engine, project }: Known, { workflow }: ProjectWorkflow): Offered {
  return {
    slots: workflow.prompts,
    tools: Object.values(workflow.tools).map(({ name }) => name),
    thresholds: Object.keys(workflow.thresholds),
    version(prompt, version) {
      const spec = engine.prompts.get(prompt, version);
      return { version, hash: spec.hash, model: spec.model, fallbacks: spec.fallbackModels };
    },
    modelProblem: (model) => engine.models.problems(model)[0]?.message ?? null,
    conditionProblem: (of, text) => conditionProblem(text, namesIn(of, workflow, project.contracts)),
    newSalt: () => newId("prp"),
  };
}

function conditionProblem(text: string, names: Readonly<Record<string, JsonObject | null>> | undefined): string | null {
  const compiled = compileCondition(text, names);
  return compiled.ok ? null : `${compiled.mistake.message} ${compiled.mistake.fix}`;
}

/** What a condition may name; undefined where the contract does not list the fields of its events. */
function namesIn(
  of: "scope" | "automation",
  { on, decision, thresholds }: ProjectWorkflow["workflow"],
  contracts: ContractSet,
): Record<string, JsonObject | null> | undefined {
  const contract = on.version === undefined ? contracts.current(on.type) : contracts.contract(on.type, on.version);
  const { properties, additionalProperties = false, ...rest } = contract?.schema.source ?? {};
  const elsewhere = ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "patternProperties"];
  if (!isObject(properties) || additionalProperties !== false || elsewhere.some((keyword) => keyword in rest))
    return undefined;
  const fields = Object.entries(properties).map(([name, schema]) => [name, isObject(schema) ? schema : null] as const);
  const known = { ...Object.fromEntries(fields), output: decision?.source ?? null };
  if (of === "scope") return known;
  const numbers = Object.fromEntries(Object.keys(thresholds).map((name) => [name, { type: "number" }]));
  return { ...known, confidence: null, thresholds: { type: "object", properties: numbers } };
}

/** Everything the gate looks at for a release of a workflow, as it stands now. */
export async function gateContext(
  known: Known,
  found: ProjectWorkflow,
  next: Release,
  people: Pick<GateContext, "actor" | "agreed">,
): Promise<GateContext> {
  const { engine, store, project } = known;
  const { workflow, code, sources } = found;
  const suites = await presentSuites(known);
  const named = /^suite:(.*)$/.exec(workflow.success ?? "")?.[1];
  return {
    workflow: {
      affects: workflow.affects,
      code,
      thresholds: workflow.thresholds,
      tools: Object.fromEntries(Object.values(workflow.tools).map(({ name, hash }) => [name, hash])),
      // A suite that cannot be read may be one of the path: nobody knows, so it is asked for.
      pathSuite: named === undefined || project.suites.get(named)?.subject.kind === "prompt" ? null : named,
      outputCheck: checksOutput(workflow, sources),
    },
    version: await versionFacts(known, next),
    suites,
    evidence: await evidenceAbout(store, workflow.name, code, next),
    modelName: modelNamer(engine.models),
    ...people,
  };
}

/** Of everything that the release serves or tries: looked up at once, so that the gate stays pure. */
async function versionFacts({ engine, store }: Known, next: Release): Promise<GateContext["version"]> {
  const facts = new Map<string, VersionFacts>();
  for (const { prompt, version, candidate } of Object.values(next.prompts)) {
    const publications = await store.publications(prompt);
    for (const each of [version, ...(candidate === undefined ? [] : [candidate.version])]) {
      const spec = engine.prompts.find(prompt, each);
      const publication = publications.find((one) => one.version === each);
      if (spec === undefined || publication?.withdrawn != null) continue;
      const approvals = await store.approvalsOf(spec.hash);
      facts.set(`${prompt}@${each}`, {
        evalSuite: spec.evalSuite ?? null,
        risk: spec.risk,
        publishedBy: publication?.by ?? null,
        approvedBy: approvals.filter(({ name }) => name === prompt).map(({ by }) => by),
      });
    }
  }
  return (prompt, version) => facts.get(`${prompt}@${version}`);
}

/** As many of one subject as can matter: the newest that was made with the suite as it stands decides. */
const EXACT = 50;

/** To say what there is where there is none for exactly this. */
const NEAR = 5;

async function evidenceAbout(
  store: Parts["store"],
  workflow: string,
  code: string,
  { prompts }: Release,
): Promise<Evidence[]> {
  const queries = [
    store.evidenceFor({ kind: "workflow", name: workflow, hash: code }, EXACT),
    store.evidenceFor({ kind: "workflow", name: workflow }, NEAR),
    ...Object.values(prompts).flatMap(({ prompt, hash, candidate }) => [
      store.evidenceFor({ kind: "prompt", name: prompt, hash }, EXACT),
      ...(candidate === undefined
        ? []
        : [store.evidenceFor({ kind: "prompt", name: prompt, hash: candidate.hash }, EXACT)]),
      store.evidenceFor({ kind: "prompt", name: prompt }, NEAR),
    ]),
  ];
  const byId = new Map((await Promise.all(queries)).flat().map((each) => [each.evidenceId, each]));
  return [...byId.values()].toSorted((a, b) => b.at - a.at);
}
