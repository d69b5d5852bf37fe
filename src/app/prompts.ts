import { UsageError } from "../base/failure.ts";
import type { JsonObject, Problem } from "../base/json.ts";
import { comparePrompts } from "../prompt/compare.ts";
import { checkDocument } from "../prompt/document.ts";
import type { DocumentProblem } from "../prompt/document.ts";
import type { InUse, PromptApproval, Publication } from "../prompt/ports.ts";
import { PromptRegistry, readKept } from "../prompt/registry.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import type { Evidence } from "../release/evidence.ts";
import { readRelease } from "../release/release.ts";
import type { Release } from "../release/release.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import { vocabularyOf } from "../workflow/vocabulary.ts";
import { asDrafted, checkedDraft, draftsOf } from "./drafts.ts";
import type { Parts } from "./parts.ts";
import type { PromptVersion, PromptVersionDetail, Prompting, Served } from "./prompting.ts";
import type { Actor } from "./actor.ts";

/** The versions of the project's files and of the store, as one set that follows what is published. */
export async function openRegistry(
  store: Pick<SqliteStore, "versions" | "publications">,
  files: PromptSet,
): Promise<PromptRegistry> {
  const registry = new PromptRegistry(files);
  const [kept, publications] = await Promise.all([store.versions("prompt"), store.publications()]);
  const published = new Map(publications.map((each) => [`${each.name}@${each.version}`, each]));
  for (const version of kept) {
    const publication = published.get(`${version.name}@${version.version}`);
    if (publication === undefined) registry.keep(version);
    if (publication === undefined || publication.withdrawn !== null) continue;
    const spec = readKept(version);
    if (spec !== undefined) registry.publish(spec);
  }
  return registry;
}

/** The prompt registry of a running process. */
export function promptsOf(parts: Parts): Prompting {
  const desk = new PromptDesk(parts);
  return {
    promptVersions: (name) => desk.list(name),
    promptVersion: (name, version) => desk.detail(name, version),
    publishPrompt: (name, document, reason, actor) => desk.publish(name, document, reason, actor),
    approvePrompt: (name, version, reason, actor) => desk.approve(name, version, reason, actor),
    withdrawPrompt: (name, version, reason, actor) => desk.withdraw(name, version, reason, actor),
    async comparePrompts(name, from, to) {
      const [before, after] = [await desk.content(name, from), await desk.content(name, to)];
      const [left, right] = await Promise.all([desk.evidence(before), desk.evidence(after)]);
      const comparison = comparePrompts(before, after);
      return { from: { spec: before, evidence: left }, to: { spec: after, evidence: right }, comparison };
    },
    ...draftsOf(parts, (name, document, reason, actor) => desk.publish(name, document, reason, actor)),
  };
}

/** What is on record of all versions, read together. */
interface Book {
  publications: readonly Publication[];
  approvals: readonly PromptApproval[];
  present: readonly Release[];
}

class PromptDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get #prompts(): PromptRegistry {
    return this.#parts.prompts;
  }

  async list(name: string | undefined): Promise<PromptVersion[]> {
    if (name !== undefined) this.#prompts.get(name);
    const specs = name === undefined ? this.#prompts.all() : this.#prompts.versions(name);
    const book = await this.#book();
    return specs.map((spec) => this.#version(spec, book));
  }

  async detail(name: string, version: string): Promise<PromptVersionDetail> {
    const spec = this.#prompts.get(name, version);
    const { store } = this.#parts;
    const [book, evidence, usage, served] = await Promise.all([
      this.#book(),
      this.evidence(spec),
      store.promptUsage(name, version),
      this.#served(spec),
    ]);
    return { ...this.#version(spec, book), evidence, usage, served };
  }

  async publish(
    name: string,
    document: JsonObject,
    reason: string,
    actor: Actor,
  ): Promise<{ version: PromptVersion; fresh: boolean }> {
    const known = this.#prompts.versions(name).map(({ version }) => version);
    const { spec, problems } = checkDocument(document, name, known);
    if (spec === undefined) throw invalid(name, problems);
    const { version, hash } = spec;
    const filed = this.#prompts.files.find(name, version);
    const body = JSON.stringify(spec.document);
    if (filed !== undefined && filed.hash !== hash) throw changed(spec, filed.hash);
    const outcome = await this.#parts.store.publishPrompt({ name, version, hash, body, by: actor.name, reason });
    if (!outcome.ok) throw changed(spec, outcome.hash);
    this.#prompts.publish(spec);
    this.#learnWords(name);
    return { version: this.#version(filed ?? spec, await this.#book()), fresh: outcome.fresh };
  }

  async approve(
    name: string,
    version: string,
    reason: string,
    actor: Actor,
  ): Promise<{ version: PromptVersion; fresh: boolean }> {
    const spec = this.#prompts.get(name, version);
    const { publication } = this.#version(spec, await this.#book());
    if (publication?.by === actor.name) {
      const message = `${actor.name} has published ${name}@${version}; somebody else has to approve it.`;
      throw new UsageError("own_version", message, { status: 409 });
    }
    const fresh = await this.#parts.store.approvePrompt({ name, version, hash: spec.hash, by: actor.name, reason });
    return { version: this.#version(spec, await this.#book()), fresh };
  }

  async withdraw(name: string, version: string, reason: string, actor: Actor): Promise<void> {
    const spec = this.#prompts.get(name, version);
    const { file } = this.#prompts.files.find(name, version) ?? {};
    if (file !== undefined) {
      const message = `${name}@${version} is in ${file}, from where it is served; take the file away and start anew first.`;
      throw new UsageError("version_in_file", message, { status: 409 });
    }
    const outcome = await this.#parts.store.withdrawPrompt({ name, version, by: actor.name, reason });
    if (!outcome.ok && outcome.why === "in_use") throw inUse(spec, outcome.by);
    this.#prompts.withdraw(name, version);
  }

  /** A version, or a draft as it would be published. */
  async content(name: string, wanted: string): Promise<PromptSpec> {
    if (!wanted.startsWith("draft:")) return this.#prompts.get(name, wanted);
    const { document } = await checkedDraft(this.#parts, name, wanted.slice("draft:".length));
    const { spec, problems } = checkDocument(asDrafted(document, name), name, []);
    if (spec === undefined) throw invalid(name, problems);
    return spec;
  }

  evidence({ name, hash }: PromptSpec): Promise<Evidence[]> {
    return this.#parts.store.evidenceFor({ kind: "prompt", name, hash });
  }

  async #book(): Promise<Book> {
    const { store } = this.#parts;
    const [publications, approvals, controls] = await Promise.all([
      store.publications(),
      store.approvalsOf(),
      store.controls(),
    ]);
    return { publications, approvals, present: controls.map(({ body }) => readRelease(body)) };
  }

  #version(spec: PromptSpec, { publications, approvals, present }: Book): PromptVersion {
    const { name, version, hash } = spec;
    const publication = publications.find((each) => each.name === name && each.version === version) ?? null;
    const grants = (release: Release): Release["prompts"][string][] =>
      Object.values(release.prompts).filter(({ prompt }) => prompt === name);
    const workflows = (holds: (grant: Release["prompts"][string]) => boolean): string[] =>
      present.filter((release) => grants(release).some(holds)).map(({ workflow }) => workflow);
    return {
      spec,
      source: this.#prompts.sourceOf(spec),
      publication,
      approvals: approvals.filter((each) => each.hash === hash),
      serves: workflows((grant) => grant.version === version),
      candidateIn: workflows((grant) => grant.candidate?.version === version),
    };
  }

  async #served(spec: PromptSpec): Promise<Served[]> {
    const { store } = this.#parts;
    const workflows = (await store.controls()).map(({ workflow }) => workflow);
    const histories = await Promise.all(workflows.map((workflow) => store.releases(workflow)));
    return histories.flatMap((rows) =>
      stretches(
        rows.map(({ body, createdAt }) => ({ release: readRelease(body), createdAt })),
        spec,
      ),
    );
  }

  /** Words that the new version may answer are no customer's. */
  #learnWords(name: string): void {
    const { workflows, prompts, project } = this.#parts;
    for (const { workflow, vocabulary } of workflows.values())
      if (Object.values(workflow.prompts).includes(name))
        for (const word of vocabularyOf(workflow, prompts, project.contracts)) vocabulary.add(word);
  }
}

function stretches(history: readonly { release: Release; createdAt: number }[], spec: PromptSpec): Served[] {
  const found: Served[] = [];
  let open: Served | null = null;
  for (const { release, createdAt } of history) {
    const as = usedAs(release, spec);
    if (open !== null && open.as !== as) {
      open.until = createdAt;
      open = null;
    }
    if (as === null) continue;
    if (open === null) {
      open = {
        workflow: release.workflow,
        as,
        from: release.number,
        to: release.number,
        since: createdAt,
        until: null,
      };
      found.push(open);
    } else open.to = release.number;
  }
  return found;
}

function usedAs({ prompts }: Release, { name, hash }: PromptSpec): Served["as"] | null {
  const grants = Object.values(prompts).filter(({ prompt }) => prompt === name);
  if (grants.some((grant) => grant.hash === hash)) return "serves";
  return grants.find(({ candidate }) => candidate?.hash === hash)?.candidate?.mode ?? null;
}

export function invalid(name: string, problems: readonly DocumentProblem[]): UsageError {
  const wrong = problems.filter(({ severity }) => severity === "error");
  const errors = wrong.map(({ pointer, message, fix }): Problem => {
    return { pointer, message: fix === undefined ? message : `${message} ${fix}` };
  });
  const what = wrong.length === 1 ? "a mistake" : `${wrong.length} mistakes`;
  return new UsageError("invalid_prompt", `This is no version of ${name}: it has ${what}.`, { status: 422, errors });
}

function changed({ name, version, hash }: PromptSpec, known: string): UsageError {
  return new UsageError(
    "version_changed",
    `${name}@${version} stands for other content already (${known.slice(0, 12)}, this is ${hash.slice(0, 12)}); versions never change. Give it a version of its own.`,
    { status: 409 },
  );
}

function inUse({ name, version }: PromptSpec, uses: readonly InUse[]): UsageError {
  const said = uses.map(useText);
  const message = `${name}@${version} cannot be deleted: ${said.join("; ")}.`;
  return new UsageError("version_in_use", message, {
    status: 409,
    errors: said.map((text) => ({ pointer: "", message: text })),
  });
}

function useText(use: InUse): string {
  switch (use.why) {
    case "serves":
      return `release ${use.release} of ${use.workflow} serves or tries it`;
    case "pinned":
      return `${use.runs} ${use.runs === 1 ? "run that has not ended goes" : "runs that have not ended go"} by it`;
    case "release":
      return `${use.workflow} may be rolled back to release ${use.release}, which serves it`;
    case "rollback":
      return `it is the rollback_version of ${use.version}, which ${use.workflow} serves`;
  }
}
