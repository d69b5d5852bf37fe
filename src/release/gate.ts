import { canonicalJson } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { Difference } from "./change.ts";
import { grantedTools } from "./differences.ts";
import { evidenceFor } from "./evidence-check.ts";
import type { PresentSuite } from "./evidence-check.ts";
import type { Evidence } from "./evidence.ts";
import { servedBy, servedByCandidate } from "./known-good.ts";
import type { Release, Served } from "./release.ts";
import type { Requirement } from "./requirement.ts";

/** What is known of a prompt version besides its text. */
export interface VersionFacts {
  evalSuite: string | null;
  risk: "low" | "high";
  publishedBy: string | null;
  /** Who approved exactly this content. */
  approvedBy: readonly string[];
}

/** Everything the gate looks at, as it stands now. */
export interface GateContext {
  workflow: {
    /** Words of `affects` that ask for more. */
    affects: readonly string[];
    /** Fingerprint. */
    code: string;
    /** Defaults, in place of what a release does not name. */
    thresholds: Readonly<Record<string, number>>;
    /** Hash of each tool's definition. */
    tools: Readonly<Record<string, string>>;
    /** Suite that `success` names and that is about the workflow itself; null: there is none. */
    pathSuite: string | null;
    /** A rule or an id look-up is seen on what the prompts say. */
    outputCheck: boolean;
  };
  version(prompt: string, version: string): VersionFacts | undefined;
  suites: ReadonlyMap<string, PresentSuite>;
  /** Newest first. */
  evidence: readonly Evidence[];
  /** `provider/model` of a name as written. */
  modelName(model: string): string;
  actor: string;
  /** Who has agreed besides the actor. */
  agreed: string | null;
}

export interface Gated {
  /** Empty where nothing is raised. */
  requirements: Requirement[];
  /** Ids of the evidence that meets them. */
  evidence: string[];
  /** The versions on models that it was made for. */
  proven: Served[];
}

/** The name under which Sluice acts by itself. It may lower, never raise. */
export const AUTOMATIC = "automatic";

export function samePerson(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** What the raises among the differences ask for, and whether it is there. Pure: the same answer for the same context. */
export function gate(next: Release, differences: readonly Difference[], context: GateContext): Gated {
  const raises = differences.filter(({ direction }) => direction === "raise");
  if (raises.length === 0) return { requirements: [], evidence: [], proven: [] };
  const asked = subjectsOf(next, raises);
  const prompts = asked.map((subject) => ({ subject, requirement: promptEvidence(subject, context) }));
  const path = pathsOf(next).flatMap((each) => pathEvidence(each, runOfPath(next, each, differences), context));
  const evident = [...prompts.map(({ requirement }) => requirement), ...path];
  const requirements = [
    ...automaticActor(context),
    ...(evident.length === 0 ? [nothingToShow()] : evident),
    ...approvals(asked, context),
    ...affected(evident, context),
  ];
  const passing = evident.filter(({ met }) => met).flatMap(({ evidence }) => evidence ?? []);
  const proven = prompts.filter(({ requirement }) => requirement.met).map(({ subject }) => subject.served);
  return {
    requirements,
    evidence: [...new Set(passing.map(({ evidenceId }) => evidenceId))],
    proven: proven.map((served) => ({ ...served, model: context.modelName(served.model) })),
  };
}

interface SlotSubject {
  slot: string;
  served: Served;
}

/** What would decide: of the slots that are raised, or of all where something of the whole workflow is. */
function subjectsOf({ prompts }: Release, raises: readonly Difference[]): SlotSubject[] {
  const whole = raises.some(({ slot }) => slot === undefined);
  return Object.entries(prompts).flatMap(([slot, grant]) => {
    const own = raises.filter((each) => each.slot === slot).map(({ what }) => what);
    const onlyCandidate = own.length > 0 && own.every((what) => what.endsWith(".candidate"));
    const served = whole || (own.length > 0 && !onlyCandidate) ? servedBy(grant) : [];
    const tried = grant.candidate?.mode === "live" && (whole || own.length > 0) ? servedByCandidate(grant) : [];
    return [...served, ...tried].map((each) => ({ slot, served: each }));
  });
}

function promptEvidence({ slot, served }: SlotSubject, context: GateContext): Requirement {
  const { prompt, version, hash } = served;
  const model = context.modelName(served.model);
  const subject = `${prompt}@${version} on ${model}`;
  const no = (message: string, fix: string): Requirement => ({
    code: "prompt_evidence",
    slot,
    met: false,
    message,
    fix,
  });
  const facts = context.version(prompt, version);
  if (facts === undefined)
    return no(`${prompt}@${version} is not in the registry.`, `Publish it: sluice prompt push ${prompt}@${version}`);
  const name = facts.evalSuite;
  if (name === null)
    return no(
      `${prompt}@${version} names no eval_suite, so nothing can show that it works.`,
      "Write eval_suite: NAME in the spec of a new version.",
    );
  const suite = context.suites.get(name);
  if (suite === undefined)
    return no(
      `There is no suite "${name}" that could be run.`,
      `Write evals/${name}/suite.yaml; sluice check says what is wrong.`,
    );
  const ofPrompt = context.evidence.filter(
    ({ subject: of, suite: with_ }) => of.kind === "prompt" && of.prompt === prompt && with_ === name,
  );
  const exact = ofPrompt.filter(({ subject: of }) => of.kind === "prompt" && of.hash === hash && of.model === model);
  const make = `sluice eval run ${name} --prompt ${prompt}@${version} --model ${model}`;
  const found = evidenceFor({ subject, suite: name, make }, suite, exact, nearMiss(ofPrompt, served));
  return { code: "prompt_evidence", slot, ...found };
}

/** What there is instead, in a few words. */
function nearMiss(evidence: readonly Evidence[], { version, hash }: Served): string | null {
  for (const { subject } of evidence) {
    if (subject.kind !== "prompt") continue;
    if (subject.hash === hash) return `it was on ${subject.model}`;
    if (subject.version === version) return "it was for other content of this version";
  }
  return null;
}

/** The paths that runs may take: with what serves, and with each live candidate in its place. */
function pathsOf(next: Release): Release[] {
  const tried = Object.entries(next.prompts).flatMap(([slot, { candidate, ...grant }]) =>
    candidate?.mode === "live"
      ? [{ ...next, prompts: { ...next.prompts, [slot]: { ...grant, ...candidate, prompt: grant.prompt } } }]
      : [],
  );
  return [next, ...tried];
}

/** What to say to `eval run` so that it is about this path, and not about the one that is in force. */
function runOfPath(next: Release, path: Release, differences: readonly Difference[]): string {
  const changed = new Set(differences.map(({ what }) => what));
  const slots = Object.entries(path.prompts);
  const versions = slots
    .filter(([slot, { hash }]) => changed.has(`prompts.${slot}.version`) || hash !== next.prompts[slot]?.hash)
    .map(([, { prompt, version }]) => ` --prompt ${prompt}@${version}`);
  const models = slots
    .filter(([slot]) => changed.has(`prompts.${slot}.model`))
    .map(([, { model }]) => ` --model ${model}`);
  const thresholds = Object.entries(path.thresholds)
    .filter(([name]) => changed.has(`thresholds.${name}`))
    .map(([name, value]) => ` --threshold ${name}=${value}`);
  return [...versions, ...models, ...thresholds].join("");
}

function pathEvidence(next: Release, flags: string, context: GateContext): Requirement[] {
  const { pathSuite, code } = context.workflow;
  if (pathSuite === null) return [];
  const suite = context.suites.get(pathSuite);
  const make = `sluice eval run ${pathSuite}${flags}`;
  if (suite === undefined) {
    const message = `There is no suite "${pathSuite}" that could be run, which success names.`;
    return [
      {
        code: "path_evidence",
        met: false,
        message,
        fix: `Write evals/${pathSuite}/suite.yaml; sluice check says what is wrong.`,
      },
    ];
  }
  const ofPath = context.evidence.filter(
    ({ subject, suite: name }) =>
      subject.kind === "workflow" && subject.workflow === next.workflow && name === pathSuite,
  );
  const differs = (evidence: Evidence): string | null => pathDiffers(evidence, next, context);
  const exact = ofPath.filter((each) => differs(each) === null);
  const near = ofPath[0] === undefined ? null : differs(ofPath[0]);
  const subject = `the whole path of ${next.workflow} (code ${code.slice(0, 12)})`;
  return [{ code: "path_evidence", ...evidenceFor({ subject, suite: pathSuite, make }, suite, exact, near) }];
}

/** In what the path that was evaluated is not the one that would run; null where it is the same. */
function pathDiffers({ subject }: Evidence, next: Release, { workflow, modelName }: GateContext): string | null {
  if (subject.kind !== "workflow") return "it was for a prompt alone";
  if (subject.code !== workflow.code) return "it was for other code";
  for (const [slot, { prompt, version, hash, model }] of Object.entries(next.prompts)) {
    const wanted = { prompt, version, hash, model: modelName(model) };
    if (!same(subject.prompts[slot] ?? null, wanted)) return `it was with another version or model in the slot ${slot}`;
  }
  if (!same(subject.thresholds, { ...workflow.thresholds, ...next.thresholds })) return "it was with other thresholds";
  const other = grantedTools(next).find(
    (tool) => subject.tools[tool] !== workflow.tools[tool] || workflow.tools[tool] === undefined,
  );
  return other === undefined ? null : `it was with another definition of the tool ${other}`;
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json);
}

function nothingToShow(): Requirement {
  return {
    code: "path_evidence",
    met: false,
    message:
      "Nothing can show that this workflow works: it has no prompt, and success names no suite of its whole path.",
    fix: 'Write evals/NAME/suite.yaml with "workflow: …", and success: "suite:NAME" in the workflow.',
  };
}

function automaticActor({ actor }: GateContext): Requirement[] {
  if (!samePerson(actor, AUTOMATIC)) return [];
  const message = "The automatic actor may lower, never raise.";
  return [{ code: "automatic_actor", met: false, message, fix: "A person has to do this." }];
}

/** A version of high risk is looked at by somebody who neither wrote it nor releases it. */
function approvals(asked: readonly SlotSubject[], context: GateContext): Requirement[] {
  const seen = new Map<string, Requirement>();
  for (const { slot, served } of asked) {
    const facts = context.version(served.prompt, served.version);
    const name = `${served.prompt}@${served.version}`;
    if (facts?.risk !== "high" || seen.has(name)) continue;
    const { publishedBy, approvedBy } = facts;
    const by = approvedBy.find(
      (each) => !samePerson(each, context.actor) && (publishedBy === null || !samePerson(each, publishedBy)),
    );
    const message =
      by === undefined
        ? `${name} is of high risk, and nobody but ${approvedBy.length === 0 ? "its author" : "who wrote or releases it"} has approved it.`
        : `${name} is of high risk and approved by ${by}.`;
    const fix = by === undefined ? `Somebody else looks at it: sluice prompt approve ${name} --reason "…"` : null;
    seen.set(name, { code: "prompt_approval", slot, met: by !== undefined, message, fix });
  }
  return [...seen.values()];
}

/** What `affects` asks for besides. */
function affected(evident: readonly Requirement[], { workflow, actor, agreed }: GateContext): Requirement[] {
  if (workflow.affects.length === 0) return [];
  const what = `It affects ${workflow.affects.map((word) => word.replaceAll("_", " ")).join(" and ")}`;
  const critical = evident.some(({ evidence }) => evidence?.targets.some((target) => target.critical) ?? false);
  const none = evident.every(({ evidence }) => (evidence ?? null) === null);
  const second = agreed !== null && !samePerson(agreed, actor);
  const requirement = (code: string, met: boolean, yes: string, no: string, fix: string): Requirement => ({
    code,
    met,
    message: `${what}: ${met ? yes : no}.`,
    fix: met ? null : fix,
  });
  return [
    requirement("critical_target", critical, "its evidence has a critical target", none ? "a target of its evidence has to be critical, and there is no evidence" : "a target of its evidence has to be critical, and none is", none ? "Run the suite; its target that must not be missed has to say \"critical: true\"." : 'Write "critical: true" at the target of the suite that must not be missed, and run it again.'),
    requirement("output_check", workflow.outputCheck, "a rule or an id look-up checks the output", "a rule or an id look-up has to check the output, and its source has none", 'Write await ctx.rule("…", …) after the prompt, or ids in a tool\'s definition.'),
    requirement("second_person", second, `${agreed ?? ""} has agreed`, "a second person has to agree", "Propose it; somebody else agrees with: sluice release approve"),
  ]; // prettier-ignore
}
