import { atPath, isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { PlacedCase } from "./case.ts";
import { isPredicate, matchesExpected } from "./expected.ts";
import type { CaseResult, ScoredCase } from "./result.ts";

/** What was answered; undefined where nothing was that may count: all but `answered` is wrong. */
export function answerOf(result: CaseResult): Json | undefined {
  return result.outcome === "answered" && result.output !== null ? result.output : undefined;
}

/** Both sides of one field, or of the whole; null: the case expects nothing there, or a predicate in which no field is. */
export function sides(scored: ScoredCase, field: string | null): { wanted: Json; given: Json | undefined } | null {
  const answer = answerOf(scored.result);
  if (field === null) return { wanted: scored.case.expected, given: answer };
  const wanted = atPath(scored.case.expected, field);
  return wanted === undefined ? null : { wanted, given: fieldOf(answer, field) };
}

/** Whether the answer is what the case expects: all of it, or in one field. Null: the case expects nothing in that field. */
export function passes(scored: ScoredCase, field: string | null = null): boolean | null {
  const both = sides(scored, field);
  return both === null ? null : matchesExpected(both.wanted, both.given);
}

export function fieldOf(answer: Json | undefined, path: string): Json | undefined {
  return answer === undefined ? undefined : atPath(answer, path);
}

/** Whether a target looks at a case at all. A path is one into the input; `tag`, `kind` and `dataset` are of the case itself. */
export function inSlice(slice: JsonObject | null, of: PlacedCase): boolean {
  if (slice === null) return true;
  return Object.entries(slice).every(([path, wanted]) => {
    if (path === "tag") return typeof wanted === "string" && of.tags.includes(wanted);
    if (path === "kind") return of.kind === wanted;
    if (path === "dataset") return of.dataset === wanted;
    return matchesExpected(wanted, atPath(of.input, path));
  });
}

/** Whether a case is a positive by what it expects. Null: what it expects leaves that open. */
export function isPositive(positive: JsonObject, expected: Json): boolean | null {
  return every(Object.entries(positive).map(([path, wanted]) => agrees(wanted, atPath(expected, path))));
}

/** Whether what was answered says that the case is a positive. */
export function saysPositive(positive: JsonObject, answer: Json | undefined): boolean {
  return (
    answer !== undefined &&
    Object.entries(positive).every(([path, wanted]) => matchesExpected(wanted, fieldOf(answer, path)))
  );
}

/** Three answers: an expected value may be left out, or be a predicate that more than one value satisfies. */
function agrees(wanted: Json, expected: Json | undefined): boolean | null {
  if (expected === undefined) return null;
  if (isObject(expected) && isPredicate(expected)) {
    const any = Object.keys(expected).length === 1 && Array.isArray(expected["$any_of"]) ? expected["$any_of"] : [];
    const [first = null, ...others] = any.map((item) => agrees(wanted, item));
    return others.every((other) => other === first) ? first : null;
  }
  if (!isObject(wanted) || isPredicate(wanted) || !isObject(expected)) return matchesExpected(wanted, expected);
  return every(
    Object.entries(wanted).map(([name, item]) =>
      agrees(item, Object.hasOwn(expected, name) ? expected[name] : undefined),
    ),
  );
}

function every(answers: readonly (boolean | null)[]): boolean | null {
  if (answers.includes(false)) return false;
  return answers.includes(null) ? null : true;
}
