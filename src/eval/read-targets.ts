import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import type { FieldReader } from "../prompt/fields.ts";
import { expectedProblems } from "./expected.ts";
import { METRICS, isProportion, metricNamed, unitOf } from "./metrics.ts";
import type { Metric, Operand } from "./metrics.ts";
import type { Target } from "./suite.ts";
import { readTarget } from "./target-text.ts";

const KEYS = ["name", "metric", "field", "positive", "slice", "threshold", "target", "critical", "min_cases"];
const OPERANDS: readonly Operand[] = ["field", "positive", "threshold"];
const EXAMPLE = 'Write {name: Category accuracy, metric: accuracy, field: category, target: ">= 95%"}.';

/** `scorers`: names of custom ones; null where they could not be loaded, so that nobody knows. */
export function readTargets(reader: FieldReader, scorers: readonly string[] | null): Target[] {
  const list = reader.list("targets") ?? [];
  if (list.length === 0 && !reader.problems.some(({ code }) => code === "wrong_type"))
    reader.problem(
      "",
      "no_targets",
      "The suite demands nothing, so nothing could pass it.",
      `Write targets. ${EXAMPLE}`,
    );
  const targets: Target[] = [];
  for (const [index, item] of list.entries()) {
    const target = new TargetReader(reader, item, `/targets/${index}`).read(scorers);
    if (target === null) continue;
    if (targets.some(({ name }) => name === target.name))
      reader.problem(`/targets/${index}/name`, "duplicate_target", `Another target is called "${target.name}" too.`, "Give one of them another name: results go by it."); // prettier-ignore
    targets.push(target);
  }
  return targets;
}

/** Reads one target; null where nothing could be made of it. */
class TargetReader {
  readonly #reader: FieldReader;
  readonly #item: Json;
  readonly #at: string;
  constructor(reader: FieldReader, item: Json, at: string) {
    this.#reader = reader;
    this.#item = item;
    this.#at = at;
  }

  read(scorers: readonly string[] | null): Target | null {
    const item = this.#item;
    if (!isObject(item)) {
      this.#reader.problem(this.#at, "wrong_type", "A target has a name, a metric and a target.", EXAMPLE);
      return null;
    }
    this.#reader.only(KEYS, item, this.#at);
    const name = this.#text(item, "name");
    const metric = this.#metric(item, scorers);
    const text = this.#text(item, "target");
    const bound = text === null || metric === null ? null : readTarget(text, unitOf(metric));
    if (bound !== null && "mistake" in bound) this.#problem("target", "bad_target", bound.mistake, bound.fix);
    if (name === null || metric === null || text === null || bound === null || "mistake" in bound) return null;
    const target: Target = {
      name,
      metric,
      field: this.#path(item, "field"),
      positive: this.#positive(item),
      slice: this.#slice(item),
      threshold: this.#reader.number("threshold", { min: 0, max: 1 }, item, this.#at) ?? null,
      comparison: bound.comparison,
      bound: bound.bound,
      target: text,
      critical: this.#flag(item, "critical"),
      minCases: this.#reader.number("min_cases", { min: 0, whole: true }, item, this.#at) ?? 0,
    };
    this.#operands(item, metric);
    if (target.critical && !isProportion(target))
      this.#problem("critical", "critical_metric", `"${metric}" counts no cases, so there is no bound a critical target could hold it to.`, "A critical target is about a share of cases, such as recall of a positive."); // prettier-ignore
    return target;
  }

  #metric(item: JsonObject, scorers: readonly string[] | null): string | null {
    const metric = this.#text(item, "metric");
    if (metric === null || scorers === null || metricNamed(metric) !== null || scorers.includes(metric)) return metric;
    const known = [...Object.keys(METRICS), ...scorers];
    this.#problem("metric", "unknown_metric", `There is no metric "${metric}", and no scorer of that name.`, didYouMean(metric, known)); // prettier-ignore
    return null;
  }

  /** What a metric needs, and what it has no use for: a field nobody reads would be a demand ignored. */
  #operands(item: JsonObject, name: string): void {
    const metric: Metric | null = metricNamed(name);
    const given = OPERANDS.filter((operand) => (item[operand] ?? null) !== null);
    for (const operand of given.filter((each) => !(metric?.takes ?? []).includes(each)))
      this.#problem(operand, "unused_operand", `"${name}" has no use for "${operand}".`, metric === null ? "A scorer decides by itself what it looks at." : takes(name, metric)); // prettier-ignore
    if (metric === null) return;
    if (metric.requires.length > 0 && !metric.requires.some((operand) => given.includes(operand)))
      this.#problem("metric", "missing_operand", `"${name}" has to be told of what.`, takes(name, metric));
    if (given.includes("field") && given.includes("positive"))
      this.#problem("positive", "unused_operand", "A target is about a field's classes or about one positive, not both.", "Take one of them out."); // prettier-ignore
  }

  #text(item: JsonObject, key: string): string | null {
    const value = item[key];
    if (typeof value === "string" && value.trim() !== "") return value;
    if (value === undefined || value === null)
      this.#reader.problem(this.#at, `no_${key}`, `The target has no "${key}".`, EXAMPLE);
    else this.#problem(key, "wrong_type", `"${key}" must be text.`, `Put it in quotes: ${key}: "${key === "target" ? ">= " : ""}${JSON.stringify(value)}".`); // prettier-ignore
    return null;
  }

  #path(item: JsonObject, key: string): string | null {
    const value = item[key] ?? null;
    if (value === null) return null;
    if (typeof value === "string" && value.split(".").every((part) => part !== "")) return value;
    this.#problem(key, "wrong_type", `"${key}" is a path into the output.`, "Write it like category, or account.plan.");
    return null;
  }

  #positive(item: JsonObject): JsonObject | null {
    const value = item["positive"] ?? null;
    if (value === null) return null;
    if (!isObject(value) || Object.keys(value).length === 0) {
      this.#problem("positive", "wrong_type", '"positive" says what the output has to be to count as a positive.', "Write it like {category: billing, urgency: high}."); // prettier-ignore
      return null;
    }
    for (const { pointer, message } of expectedProblems(value))
      this.#problem(
        `positive${pointer}`,
        "bad_positive",
        `"${pointer.slice(1)}" ${message}.`,
        "Write the value itself.",
      );
    return value;
  }

  #slice(item: JsonObject): JsonObject | null {
    const value = item["slice"] ?? null;
    if (value === null) return null;
    const plain = isObject(value) && Object.values(value).every((each) => typeof each !== "object" || each === null);
    if (plain && Object.keys(value).length > 0) return value;
    this.#problem("slice", "wrong_type", '"slice" says which cases count: a path of the input, or "tag", with its value.', "Write it like {customer.plan: enterprise}, or {tag: escalation}."); // prettier-ignore
    return null;
  }

  #flag(item: JsonObject, key: string): boolean {
    const value = item[key] ?? false;
    if (typeof value === "boolean") return value;
    this.#problem(key, "wrong_type", `"${key}" is true or false.`, `Write "${key}: true".`);
    return false;
  }

  #problem(key: string, code: string, message: string, fix: string): void {
    this.#reader.problem(`${this.#at}/${key}`, code, message, fix);
  }
}

function takes(name: string, { requires, takes: all }: Metric): string {
  const example = requires.includes("positive") ? " {category: billing}" : "";
  if (requires.length > 0) return `Add ${requires.map((each) => `${each}:${each === "positive" ? example : " category"}`).join(", or ")}.`; // prettier-ignore
  return all.length === 0 ? `Take it out: "${name}" is about every answer.` : `It takes ${all.join(" and ")}.`;
}
