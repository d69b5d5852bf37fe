import type { PromptSet } from "../prompt/set.ts";
import type { AnyTool } from "../tool/define.ts";
import type { Workflow } from "./define.ts";
import { DECISION } from "../journal/names.ts";
import { DECIDE } from "../journal/path.ts";
import { deadlineWords, isRequired, optionsOf, routesOf } from "./picture-failures.ts";
import type { Routes } from "./picture-failures.ts";
import { reviewIdOf } from "./picture-graph.ts";
import type { ImpliedEdge } from "./picture-graph.ts";
import type { Sketch, SketchNode } from "./picture-sketch.ts";
import { propertyOf } from "./source.ts";

const DECISION_REVIEW = reviewIdOf(DECISION);

/** An edge that is written. */
interface WrittenWay {
  from: string;
  to: string;
  label: string | null;
  /** Only taken in shadow, past a review that nobody is asked then. */
  inShadow: boolean;
  failing: boolean;
}

/** What the engine does that nobody writes: failures, approvals, ends. */
export class Implied {
  readonly edges: ImpliedEdge[] = [];
  /** Reviews that the engine asks by itself, by the step they belong to. */
  readonly reviews: Map<string, SketchNode> = new Map();
  readonly #sketch: Sketch;
  readonly #workflow: Workflow;
  readonly #routes = new Map<string, Routes>();
  readonly #tools: ReadonlyMap<string, AnyTool>;
  readonly #ways: readonly WrittenWay[];
  readonly #fallbacks: ReadonlyMap<string, readonly string[]>;

  /** `ways`: the edges that are written. */
  constructor(
    sketch: Sketch,
    workflow: Workflow,
    prompts: PromptSet,
    tools: ReadonlyMap<string, AnyTool>,
    ways: readonly WrittenWay[],
    /** Models or tools a step falls back on, by its node. */
    fallbacks: ReadonlyMap<string, readonly string[]>,
  ) {
    this.#sketch = sketch;
    this.#workflow = workflow;
    this.#tools = tools;
    this.#ways = ways;
    this.#fallbacks = fallbacks;
    for (const node of sketch.nodes.values())
      this.#routes.set(node.id, routesOf(node, workflow, prompts, tools.get(node.id)));
    for (const node of sketch.nodes.values()) this.#failures(node);
    this.#decision();
    for (const node of sketch.nodes.values()) if (this.#isRequiredWrite(node)) this.#approvals(node);
  }

  /** What ends a step for good, for the edge to a `catch`. */
  deadWords(id: string): string {
    return this.#routes.get(id)?.dead.join(", ") ?? "";
  }

  #add(from: string, to: string, kind: ImpliedEdge["kind"], label: string | null): void {
    this.edges.push({ from, to, kind, label });
  }

  #failures(node: SketchNode): void {
    const { review, dead, onward } = this.#routes.get(node.id) as Routes;
    if (node.id === DECIDE) return;
    // The same step, by another model or tool.
    if (this.#fallbacks.has(node.id) && onward.length > 0) this.#add(node.id, node.id, "failure", onward.join(", "));
    const deadline = node.verb === "rule" ? null : deadlineWords(this.#workflow);
    const ends = [...(node.uncaught || this.#isProposable(node) ? dead : []), ...(deadline === null ? [] : [deadline])];
    if (ends.length > 0) this.#add(node.id, "end:dead", "failure", ends.join(", "));
    if (node.verb === "review") {
      const expires = propertyOf(optionsOf(node), "expiresIn") !== undefined;
      this.#add(node.id, "end:stopped", "failure", expires ? "rejected, expired twice" : "rejected");
    }
    if (review.length > 0) this.#asked(node, review);
  }

  /** The step's failure goes to a person, who lets it be tried again, says what its output is, or stops the run. */
  #asked(node: SketchNode, words: readonly string[]): void {
    const id = reviewIdOf(node.name);
    this.reviews.set(id, node);
    this.#add(node.id, id, "failure", words.join(", "));
    // A write that need not happen does not, in shadow, so that nothing of it can fail.
    if (this.#tools.get(node.id)?.effect !== "write" || isRequired(node))
      this.#add(node.id, "end:stopped", "failure", "in shadow, where nobody is asked");
    this.#add(id, "end:stopped", "failure", "rejected");
    const deadline = deadlineWords(this.#workflow);
    if (deadline !== null) this.#add(id, "end:dead", "failure", deadline);
    if (node.verb !== "prompt")
      this.#add(id, node.id, "condition", node.verb === "rule" ? "overridden, corrected" : "approved");
    // A rule has no output of its own: what is corrected is the prompt's it rests on, and then it is asked again.
    if (node.verb === "rule" && this.#hasPromptBefore(node.id)) return;
    for (const { from, to, inShadow, failing, label } of this.#ways)
      if (from === node.id && !inShadow && !failing) this.#add(id, to, "condition", label ?? "corrected");
  }

  #isRequiredWrite(node: SketchNode): boolean {
    return this.#tools.get(node.id)?.effect === "write" && isRequired(node);
  }

  /** A person is asked before anything of the write is on record, so the way to the question does not lead over the write. */
  #approvals({ id, name }: SketchNode): void {
    const review = reviewIdOf(name);
    const before = [
      ...this.#ways.filter(({ to, inShadow }) => to === id && !inShadow),
      ...this.edges.filter(({ from, to, kind }) => to === id && from !== review && kind === "condition"),
    ];
    for (const from of new Set(before.map((edge) => edge.from))) this.#add(from, review, "condition", "needs approval");
  }

  #hasPromptBefore(id: string): boolean {
    return [...this.#sketch.nodes.values()].some(
      ({ verb, id: from }) => verb === "prompt" && this.#sketch.reaches(from, id),
    );
  }

  /** A write that goes on as proposed, and happens once the decision is approved. */
  #isProposable(node: SketchNode): boolean {
    return this.#tools.get(node.id)?.effect === "write" && !isRequired(node) && this.#sketch.reaches(node.id, DECIDE);
  }

  /** Before the decision stands, a person may have to see it, and the writes that wait for it. */
  #decision(): void {
    const decide = this.#sketch.nodes.get(DECIDE);
    if (decide === undefined) return;
    const writes = [...this.#sketch.nodes.values()].filter((node) => this.#isProposable(node));
    this.reviews.set(DECISION_REVIEW, decide);
    const before = new Set(this.#ways.filter(({ to, inShadow }) => to === DECIDE && !inShadow).map(({ from }) => from));
    const asked = [...this.reviews].filter(([, node]) => before.has(node.id)).map(([id]) => id);
    for (const from of [...before, ...asked]) {
      const proposed = writes.some(
        ({ id }) => id === from || this.#sketch.reaches(id, this.reviews.get(from)?.id ?? from),
      );
      const label = proposed ? "at suggestion, writes to approve" : "at suggestion";
      // Where a person was asked already, only writes need another look.
      const confirmed = this.#sketch.nodes.get(from)?.verb === "review" || this.reviews.has(from);
      if (from !== DECISION_REVIEW && (!confirmed || proposed))
        this.#add(from, DECISION_REVIEW, "condition", confirmed ? "writes to approve" : label);
    }
    this.#add(DECISION_REVIEW, DECIDE, "condition", "confirmed");
    this.#add(DECISION_REVIEW, "end:stopped", "failure", "rejected");
    const deadline = deadlineWords(this.#workflow);
    if (deadline !== null) this.#add(DECISION_REVIEW, "end:dead", "failure", deadline);
    for (const write of writes) {
      this.#add(DECISION_REVIEW, write.id, "condition", "approved");
      this.#add(write.id, DECIDE, "condition", "approved");
      for (const next of writes)
        if (next !== write && this.#sketch.reaches(write.id, next.id))
          this.#add(write.id, next.id, "condition", "approved");
    }
  }
}
