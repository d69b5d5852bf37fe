import { isObject } from "../../base/json.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { calibrate } from "./calibration.ts";
import type { Signals } from "./calibration.ts";
import type { Conversation, Shot } from "./conversation.ts";
import { findCopies } from "./extract.ts";
import { planAnswer } from "./fields.ts";
import type { Field, NamedField } from "./fields.ts";
import { ExampleIndex } from "./neighbours.ts";
import type { Search } from "./neighbours.ts";
import { vote } from "./vote.ts";

/** One question on its way to an answer. */
interface Question {
  text: string;
  search: Search;
  /** Values that were refused in a repair, by top-level field: the next best is taken. */
  refused: Readonly<Record<string, Json>>;
  /** Lead of each decided value over the next best. */
  margins: number[];
}

/** Learns from the examples of one prompt and answers like the nearest of them. Deterministic. */
export class Learner {
  readonly #shots: readonly Shot[];
  readonly #index: ExampleIndex;
  readonly #plan: Field;
  readonly #confidence: (signals: Signals) => number;

  constructor(schema: JsonObject | undefined, shots: readonly Shot[]) {
    this.#shots = shots;
    this.#index = new ExampleIndex(shots.map(({ text }) => text));
    this.#plan = planAnswer(schema, shots);
    this.#confidence = calibrate(shots.map((shot, i) => this.#leftOut(shot, i)));
  }

  answer({ query, refused }: Pick<Conversation, "query" | "refused">): Json {
    const search = this.#index.search(query);
    return this.#answer({ text: query, search, refused: refusedValues(refused), margins: [] });
  }

  #answer(question: Question): Json {
    const value = this.#fill(this.#plan, "", question, []);
    const confidence = this.#confidence(signalsOf(question));
    return withConfidence(this.#plan, value ?? {}, confidence);
  }

  #leftOut(shot: Shot, index: number): { signals: Signals; right: boolean } {
    const question: Question = { text: shot.text, search: this.#index.searchWithout(index), refused: {}, margins: [] };
    const value = this.#fill(this.#plan, "", question, []);
    return { signals: signalsOf(question), right: agrees(this.#plan, value, shot.output) };
  }

  #fill(field: Field, name: string, question: Question, path: readonly string[]): Json | undefined {
    switch (field.kind) {
      case "constant":
        return field.value;
      case "choice":
        return this.#choice(field.values, name, question, path);
      case "choices":
        return this.#choices(field.values, question, path);
      case "object":
        return this.#object(field.fields, question, path);
      case "copy":
        return this.#copy(field, question);
      case "confidence":
        return 0;
      case "reason":
        return clip(this.#reason(question), field.maxLength);
      case "headline":
        return clip(headline(question.text), field.maxLength);
      case "mean":
        return this.#mean(field, question, path);
      case "nearest":
        return this.#nearest(field, question, path);
    }
  }

  #object(fields: readonly NamedField[], question: Question, path: readonly string[]): JsonObject {
    const out: JsonObject = {};
    for (const { name, required, field } of fields) {
      const inner = [...path, name];
      if (!required && !this.#usual(question, inner)) continue;
      const value = this.#fill(field, path.length === 0 ? name : "", question, inner);
      if (value !== undefined) out[name] = value;
    }
    return out;
  }

  /** An optional field is given where the neighbours give it. */
  #usual(question: Question, path: readonly string[]): boolean {
    const ballot = vote(question.search.neighbours, (index) => this.#example(index, path) !== undefined);
    return ballot.ranked[0]?.value === true;
  }

  #choice(
    values: readonly Json[] | undefined,
    name: string,
    question: Question,
    path: readonly string[],
  ): Json | undefined {
    const refused = question.refused[name];
    const allowed = (value: Json): boolean =>
      JSON.stringify(value) !== JSON.stringify(refused) && (values?.includes(value) ?? true);
    const ballot = vote(question.search.neighbours, (index) => {
      const value = this.#example(index, path);
      return value !== undefined && allowed(value) ? value : undefined;
    });
    question.margins.push(ballot.margin);
    return ballot.ranked[0]?.value ?? this.#commonest(path, allowed) ?? values?.find(allowed) ?? values?.[0];
  }

  /** With nothing in common with any example, the commonest answer is the best guess. */
  #commonest(path: readonly string[], allowed: (value: Json) => boolean): Json | undefined {
    const everyone = this.#shots.map((_, index) => ({ index, similarity: 1 }));
    return vote(everyone, (index) => {
      const value = this.#example(index, path);
      return value !== undefined && allowed(value) ? value : undefined;
    }).ranked[0]?.value;
  }

  #choices(values: readonly Json[] | undefined, question: Question, path: readonly string[]): Json[] {
    const lists = this.#shots.map((_, index) => this.#example(index, path));
    const all = values ?? [...new Set(lists.flatMap((list) => (Array.isArray(list) ? list : [])))];
    return all.filter((item) => {
      const ballot = vote(question.search.neighbours, (index) => {
        const list = lists[index];
        return Array.isArray(list) ? list.includes(item) : undefined;
      });
      question.margins.push(ballot.margin);
      return ballot.ranked[0]?.value === true;
    });
  }

  #copy(field: Field & { kind: "copy" }, question: Question): Json | undefined {
    const found = findCopies(field.rule, question.text).filter(
      ({ value }) => !field.numeric || Number.isFinite(Number(value)),
    );
    question.margins.push(found[0]?.fit ?? 0);
    if (field.many) return found.filter(({ fit }) => fit >= 0.5).map(({ value }) => value);
    const best = found[0]?.value;
    if (best === undefined) return field.nullable ? null : field.numeric ? undefined : "";
    return field.numeric ? Number(best) : best;
  }

  #mean({ whole, min, max }: Field & { kind: "mean" }, question: Question, path: readonly string[]): number {
    let [sum, total] = [0, 0];
    for (const { index, similarity } of question.search.neighbours.slice(0, 5)) {
      const value = this.#example(index, path);
      if (typeof value !== "number") continue;
      const weight = similarity ** 2 + 1e-9;
      sum += weight * value;
      total += weight;
    }
    const mean = total === 0 ? 0 : sum / total;
    return Math.min(max, Math.max(min, whole ? Math.round(mean) : Number(mean.toFixed(4))));
  }

  #nearest(field: Field & { kind: "nearest" }, question: Question, path: readonly string[]): Json {
    for (const { index } of question.search.neighbours) {
      const value = this.#example(index, path);
      if (value !== undefined) return typeof value === "string" ? clip(value, field.maxLength) : value;
    }
    return field.fallback;
  }

  #reason({ search }: Question): string {
    const nearest = search.neighbours[0];
    if (nearest === undefined) return "There are no examples to compare with.";
    if (nearest.similarity === 0) return "Nothing in common with any example; this is the commonest answer.";
    const words = this.#index.sharedWords(search.features, nearest.index, 4);
    const shared = words.length === 0 ? "in its spelling only" : words.map((word) => `"${word}"`).join(", ");
    return `Nearest to example ${nearest.index + 1} (similarity ${nearest.similarity.toFixed(2)}): ${shared}.`;
  }

  #example(index: number, path: readonly string[]): Json | undefined {
    let at: Json | undefined = this.#shots[index]?.output;
    for (const key of path) at = isObject(at) ? at[key] : undefined;
    return at;
  }
}

function refusedValues(refused: Conversation["refused"]): Record<string, Json> {
  const { answer, fields } = refused ?? { answer: undefined, fields: [] };
  if (answer === undefined) return {};
  return Object.fromEntries(
    fields.filter((name) => Object.hasOwn(answer, name)).map((name) => [name, answer[name] as Json]),
  );
}

function signalsOf({ search, margins }: Question): Signals {
  const margin = margins.length === 0 ? 0 : margins.reduce((sum, value) => sum + value, 0) / margins.length;
  return { margin, nearest: Math.max(0, search.neighbours[0]?.similarity ?? 0), coverage: search.coverage };
}

/** Puts the confidence of the whole answer where the answer states one. */
function withConfidence(field: Field, value: Json, confidence: number): Json {
  if (field.kind === "confidence") return scaled(field.schema, confidence);
  if (field.kind !== "object" || !isObject(value)) return value;
  const out: JsonObject = { ...value };
  for (const inner of field.fields)
    if (Object.hasOwn(out, inner.name))
      out[inner.name] = withConfidence(inner.field, out[inner.name] as Json, confidence);
  return out;
}

/** A probability, on the field's own scale (0 to 1 unless it says 0 to 100). */
function scaled(schema: JsonObject, confidence: number): number {
  const min = typeof schema["minimum"] === "number" ? schema["minimum"] : 0;
  const max = typeof schema["maximum"] === "number" ? schema["maximum"] : 1;
  return Number((min + confidence * (max - min)).toFixed(3));
}

/** Whether two answers agree in what was decided; free text and confidences are nobody's to judge. */
function agrees(field: Field, answer: Json | undefined, expected: Json | undefined): boolean {
  if (field.kind === "object")
    return field.fields.every(({ name, field: inner }) =>
      agrees(inner, isObject(answer) ? answer[name] : undefined, isObject(expected) ? expected[name] : undefined),
    );
  const judged = field.kind === "choice" || field.kind === "choices" || field.kind === "copy";
  return !judged || JSON.stringify(answer) === JSON.stringify(expected);
}

function headline(text: string): string {
  const first = /\S.*/.exec(text)?.[0].trim() ?? "";
  return first.length > 120 ? `${first.slice(0, 119)}…` : first;
}

/** Cuts by characters, as JSON Schema counts them, never through one. */
function clip(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return [...text].slice(0, maxLength).join("");
}
