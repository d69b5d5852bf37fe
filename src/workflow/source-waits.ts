import type { AnyNode } from "acorn";
import type { FileProblem } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import type { ContractSet } from "../contract/contract.ts";
import { missingIn } from "../contract/path.ts";
import type { Workflow } from "./define.ts";
import type { EventRef } from "./event-ref.ts";
import { readBody } from "./source-body.ts";
import type { VerbCall, WorkflowBody } from "./source-body.ts";
import { valueNamed } from "./source-context.ts";
import { eventIn, optionLine } from "./source-definition.ts";
import { placeOf, propertyOf, textOf } from "./source.ts";
import type { Source } from "./source.ts";

/** Mistakes in what a workflow waits for with `ctx.waitFor`, as far as the source shows it. */
export function waitMistakes(workflow: Workflow, sources: readonly Source[], contracts: ContractSet): FileProblem[] {
  const body = readBody(sources);
  if (body === undefined) return [];
  const waits = body.verbs
    .filter(({ verb }) => verb === "waitFor")
    .map((call) => ({ call, awaited: awaitedEvent(call.node.arguments[1], call.source, sources) }));
  return [
    ...waits.flatMap(({ call, awaited }) => [
      ...notAnEvent(call),
      ...(awaited === undefined
        ? []
        : [...undeclared(call, awaited, workflow), ...offContract(call, awaited, contracts)]),
    ]),
    ...unwaited(workflow, body, waits),
  ];
}

/** `event("TYPE")`, or the name of one; undefined where the source does not say. */
export function awaitedEvent(
  node: AnyNode | undefined,
  source: Source,
  sources: readonly Source[],
): EventRef | undefined {
  if (node === undefined) return undefined;
  if (node.type !== "Identifier") return eventIn(source, node);
  const found = valueNamed(sources, source, node.name);
  return found === undefined ? undefined : eventIn(found.source, found.node);
}

type Said = Pick<FileProblem, "code" | "message" | "severity"> & { fix?: string };

function problem(source: Source, node: AnyNode, said: Said): FileProblem {
  const { fix = "", ...rest } = said;
  return { file: source.file, ...placeOf(node), ...rest, ...(fix === "" ? {} : { fix }) };
}

function notAnEvent({ node, source }: VerbCall): FileProblem[] {
  const [, given] = node.arguments;
  const type = textOf(given);
  if (given !== undefined && type === undefined) return [];
  const message = `ctx.waitFor takes an event as its second argument${type === undefined ? "" : ", not a text"}.`;
  const fix = `Write: ctx.waitFor("NAME", event("${type ?? "TYPE"}"), { timeout: "2d" }).`;
  return [problem(source, given ?? node, { code: "not_an_event", message, fix, severity: "error" })];
}

function undeclared({ node, source }: VerbCall, { type }: EventRef, workflow: Workflow): FileProblem[] {
  if (workflow.waitsFor.some((each) => each.type === type)) return [];
  const given = node.arguments[1];
  const named = given?.type === "Identifier" ? given.name : `event("${type}")`;
  const message = `The workflow waits for "${type}" and does not declare it, so one that comes before any run waits for it is refused.`;
  const fix = `Declare it: waitsFor: [${named}].`;
  return [problem(source, node, { code: "undeclared_wait", message, fix, severity: "warning" })];
}

/** The event has a contract, and `where` names what is in it. */
function offContract({ node, source }: VerbCall, { type, version }: EventRef, contracts: ContractSet): FileProblem[] {
  const contract = version === undefined ? contracts.current(type) : contracts.contract(type, version);
  if (contract === undefined) {
    const known = contracts.versions(type).map((each) => each.version);
    const message =
      known.length === 0
        ? `"${type}" has no contract, so no such event is ever accepted.`
        : `There is no version ${version} of "${type}".`;
    const fix =
      known.length === 0
        ? didYouMean(type, contracts.types()) || `Write events/${type}/1.schema.json.`
        : `There is ${known.map((each) => `version ${each}`).join(", ")}.`;
    return [problem(source, node.arguments[1] ?? node, { code: "unknown_event", message, fix, severity: "error" })];
  }
  const where = propertyOf(node.arguments[2], "where")?.value;
  if (where?.type !== "ObjectExpression") return [];
  return where.properties.flatMap((property) => {
    if (property.type !== "Property" || property.computed) return [];
    const path = property.key.type === "Identifier" ? property.key.name : textOf(property.key);
    const missing = path === undefined ? null : missingIn(contract, path);
    if (missing === null) return [];
    const message = `No ${type} has "${path}": its contract declares no "${missing.name}" there, so the wait never ends by an event.`;
    const fix = didYouMean(missing.name, missing.declared);
    return [problem(source, property.key, { code: "unknown_wait_path", message, fix, severity: "error" })];
  });
}

/** What is declared and never waited for: every event of it would be kept for nothing. */
function unwaited(
  workflow: Workflow,
  body: WorkflowBody,
  waits: readonly { awaited: EventRef | undefined }[],
): FileProblem[] {
  if (body.escapes.length > 0 || waits.some(({ awaited }) => awaited === undefined)) return [];
  const line = optionLine(body.source, body.definition, ["waitsFor"]);
  return workflow.waitsFor
    .filter(({ type }) => !waits.some(({ awaited }) => awaited?.type === type))
    .map(({ type }) => ({
      file: body.source.file,
      line,
      code: "unused_wait",
      message: `No step waits for "${type}", yet every event of it is accepted and kept.`,
      fix: "Take it off the list.",
      severity: "warning",
    }));
}
