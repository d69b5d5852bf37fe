import { createHash } from "node:crypto";
import { canonicalJson, isObject, pointerToken } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import type { EvalCase, RecordedTools } from "./case.ts";
import { expectedProblems } from "./expected.ts";

const KEYS = ["id", "input", "expected", "tags", "source", "tools"];
const ANSWER_KEYS = ["result", "error", "args"];
const MAX_ID = 200;
const MAX_TAGS = 50;

/** What is wrong with one case, and what to do about it. */
export interface CaseProblem extends Problem {
  fix: string;
}

export type CheckedCase = { case: EvalCase; problems: [] } | { case: null; problems: CaseProblem[] };

const SHAPE = 'Write {"id":"…","input":{…},"expected":{…}}.';

/** Reads one case out of a document somebody wrote. */
export function checkCase(document: Json): CheckedCase {
  if (!isObject(document))
    return {
      case: null,
      problems: [{ pointer: "", message: "A case is an object with id, input and expected.", fix: SHAPE }],
    };
  const missing = ["id", "input", "expected"].filter((key) => document[key] === undefined);
  const problems = [
    ...(missing.length === 0 ? [] : [problem("", `The case has no ${missing.join(" and no ")}.`, SHAPE)]),
    ...unknownKeys(document),
    ...idProblems(document["id"]),
    ...inputProblems(document["input"]),
    ...expectedMistakes(document["expected"]),
    ...tagProblems(document["tags"]),
    ...sourceProblems(document["source"]),
    ...toolProblems(document["tools"]),
  ];
  return problems.length > 0 ? { case: null, problems } : { case: toCase(document), problems: [] };
}

/** Without what says nothing, so that equal cases are equal however they were written. */
function toCase(document: JsonObject): EvalCase {
  const { id, input, expected, tags, source, tools } = document;
  return {
    id: id as string,
    input: input as JsonObject,
    expected: expected as Json,
    tags: (tags ?? []) as string[],
    ...(typeof source === "string" ? { source } : {}),
    ...(isObject(tools) ? { tools: tools as unknown as RecordedTools } : {}),
  };
}

/** The case as it is written to files. */
export function caseDocument({ id, input, expected, tags, source, tools }: EvalCase): JsonObject {
  return {
    id,
    input,
    expected,
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(source === undefined ? {} : { source }),
    ...(tools === undefined ? {} : { tools: tools as unknown as JsonObject }),
  };
}

/** SHA-256, hex, of the canonical case. */
export function caseHash(each: EvalCase): string {
  return createHash("sha256")
    .update(canonicalJson(caseDocument(each)))
    .digest("hex");
}

function problem(pointer: string, message: string, fix: string): CaseProblem {
  return { pointer, message, fix };
}

function unknownKeys(document: JsonObject): CaseProblem[] {
  return Object.keys(document)
    .filter((key) => !KEYS.includes(key))
    .map((key) => problem(`/${pointerToken(key)}`, `A case has no "${key}".`, didYouMean(key, KEYS)));
}

function idProblems(id: Json | undefined): CaseProblem[] {
  if (id === undefined) return [];
  if (typeof id === "number") return [problem("/id", "The id of a case is text.", `Put it in quotes: "${id}".`)];
  if (typeof id !== "string" || id.trim() === "") return [problem("/id", "The id of a case is text.", SHAPE)];
  // oxlint-disable-next-line no-control-regex -- an id is printed on one line
  if (id.length > MAX_ID || /[\u0000-\u001f\u007f]/.test(id))
    return [problem("/id", `An id is one line of at most ${MAX_ID} characters.`, "Give it a shorter one.")];
  return [];
}

function inputProblems(input: Json | undefined): CaseProblem[] {
  if (input === undefined || isObject(input)) return [];
  return [problem("/input", "The input of a case is an object.", SHAPE)];
}

function expectedMistakes(expected: Json | undefined): CaseProblem[] {
  if (expected === undefined) return [];
  return expectedProblems(expected, "/expected").map(({ pointer, message }) =>
    problem(
      pointer,
      `"${pointer.slice(pointer.lastIndexOf("/") + 1)}" ${message}.`,
      "Mend the predicate, or write the value itself.",
    ),
  );
}

function tagProblems(tags: Json | undefined): CaseProblem[] {
  if (tags === undefined || tags === null) return [];
  const good = Array.isArray(tags) && tags.every((tag) => typeof tag === "string" && tag.trim() !== "");
  if (!good) return [problem("/tags", "Tags are a list of words.", 'Write "tags": ["synthetic"].')];
  if (tags.length > MAX_TAGS) return [problem("/tags", `A case has at most ${MAX_TAGS} tags.`, "Leave some out.")];
  return [];
}

function sourceProblems(source: Json | undefined): CaseProblem[] {
  if (source === undefined || source === null || (typeof source === "string" && source !== "")) return [];
  return [problem("/source", "The source of a case is the id of a run.", 'Write "source": "run_…", or leave it out.')];
}

function toolProblems(tools: Json | undefined): CaseProblem[] {
  if (tools === undefined || tools === null) return [];
  if (!isObject(tools))
    return [
      problem(
        "/tools",
        "The answers of tools are given by their names.",
        'Write "tools": {"load_account": {"result": {…}}}.',
      ),
    ];
  return Object.entries(tools).flatMap(([name, answers]) => {
    const at = `/tools/${pointerToken(name)}`;
    if (Array.isArray(answers)) return answers.flatMap((answer, index) => answerProblems(answer, `${at}/${index}`));
    return answerProblems(answers, at);
  });
}

function answerProblems(answer: Json, at: string): CaseProblem[] {
  const fix = 'Write {"result": …} or {"error": {"class": "transient", "message": "…"}}.';
  if (!isObject(answer) || Object.hasOwn(answer, "result") === Object.hasOwn(answer, "error"))
    return [problem(at, "A tool's answer has either a result or an error.", fix)];
  const unknown = Object.keys(answer).find((key) => !ANSWER_KEYS.includes(key));
  if (unknown !== undefined)
    return [
      problem(
        `${at}/${pointerToken(unknown)}`,
        `A tool's answer has no "${unknown}".`,
        didYouMean(unknown, ANSWER_KEYS),
      ),
    ];
  if (answer["args"] !== undefined && !isObject(answer["args"]))
    return [problem(`${at}/args`, "The arguments of a call are an object.", fix)];
  const { error } = answer as { error?: Json };
  const named = isObject(error) && typeof error["class"] === "string" && typeof error["message"] === "string";
  return error === undefined || named ? [] : [problem(`${at}/error`, "An error has a class and a message.", fix)];
}
