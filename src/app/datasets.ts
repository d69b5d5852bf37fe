import { join } from "node:path";
import { UsageError } from "../base/failure.ts";
import type { Problem } from "../base/json.ts";
import { canonicalJson, parseJson } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import { readCaseFile } from "../eval/case-files.ts";
import type { DatasetKind, EvalCase, PlacedCase } from "../eval/case.ts";
import { caseDocument, caseHash, checkCase } from "../eval/check-case.ts";
import { DatasetHash } from "../eval/dataset-hash.ts";
import type { DatasetPublication, DatasetStore, DatasetVersion, NewDraft, SealedCase } from "../eval/dataset-ports.ts";
import { isDatasetName } from "../eval/load-suite.ts";
import { uniqueCases } from "../eval/read-cases.ts";
import type { ReadCase } from "../eval/read-cases.ts";
import type { Suite, SuiteDataset } from "../eval/suite.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { ProjectSuite } from "./load-suites.ts";

/** Cases that cross to the store at once: a parcel of them stays small, and no other write waits long. */
const BATCH = 200;
/** Mistakes that are told of one file. */
const MAX_TOLD = 100;

export type Published = Extract<DatasetPublication, { ok: true }>;

/** Which version of a dataset. */
export type VersionRef = Pick<DatasetVersion, "name" | "version" | "kind">;

/** Datasets of the store: cases are sealed before they go there and opened when they come back. */
export class Datasets {
  readonly #store: DatasetStore;
  readonly #keyring: Keyring;
  constructor(store: DatasetStore, keyring: Keyring) {
    this.#store = store;
    this.#keyring = keyring;
  }

  /** The newest version of each. */
  async list(): Promise<DatasetVersion[]> {
    return await this.#store.datasets();
  }

  /** Newest first. Throws `UsageError` unknown_dataset with the near name. */
  async versions(name: string): Promise<DatasetVersion[]> {
    const versions = await this.#store.datasetVersions(name);
    if (versions.length > 0) return versions;
    const known = (await this.#store.datasets()).map((each) => each.name);
    const fix = didYouMean(name, known) || 'None is published; "sluice dataset import FILE" publishes one.';
    throw new UsageError("unknown_dataset", `There is no dataset ${JSON.stringify(name)}. ${fix}`, { status: 404 });
  }

  /** The newest unless a number is given. Throws `UsageError` unknown_dataset, unknown_dataset_version. */
  async version(name: string, version?: number): Promise<DatasetVersion> {
    const versions = await this.versions(name);
    const found = version === undefined ? versions[0] : versions.find((each) => each.version === version);
    if (found !== undefined) return found;
    const message = `The dataset ${name} has no version ${version}; the newest is ${versions[0]?.version}.`;
    throw new UsageError("unknown_dataset_version", message, { status: 404 });
  }

  /**
   * Publishes cases as they come, in flat memory. Where one of them has a mistake nothing is published. Throws `UsageError`
   * bad_cases with a pointer to each line (`/12` is line 12), bad_dataset_name, no_cases.
   */
  async publish(draft: NewDraft, cases: AsyncIterable<ReadCase>): Promise<Published> {
    if (!isDatasetName(draft.name))
      throw new UsageError("bad_dataset_name", `"${draft.name}" is no name for a dataset. Use letters, digits, dots, - and _.`); // prettier-ignore
    const number = await this.#store.beginDataset(draft);
    try {
      const hash = await this.#fill(number, draft.kind, cases);
      const published = await this.#store.publishDataset(number, hash);
      if (published.ok) return published;
      throw new UsageError("draft_gone", "The dataset took too long to arrive. Send it again.", { status: 409 });
    } catch (error) {
      await this.#store.dropDatasetDraft(number);
      throw error;
    }
  }

  async #fill(draft: number, kind: DatasetKind, cases: AsyncIterable<ReadCase>): Promise<string> {
    const hash = new DatasetHash(kind);
    const mistakes = new Mistakes();
    let batch: SealedCase[] = [];
    const flush = async (): Promise<void> => {
      const full = batch;
      batch = [];
      if (mistakes.none && full.length > 0 && !(await this.#store.addCases(draft, full)))
        throw new UsageError("draft_gone", "The dataset took too long to arrive. Send it again.", { status: 409 });
    };
    for await (const read of uniqueCases(cases)) {
      if ("problem" in read) mistakes.add(read.line, `${read.problem.message} ${read.problem.fix}`);
      else {
        hash.add(caseHash(read.case));
        if (mistakes.none && batch.push(this.#seal(read.case)) >= BATCH) await flush();
      }
    }
    mistakes.throwAny();
    await flush();
    if (hash.cases === 0) throw new UsageError("no_cases", "There is no case in it.", { status: 422 });
    return hash.digest();
  }

  #seal(each: EvalCase): SealedCase {
    const text = canonicalJson(caseDocument(each));
    return {
      address: this.#keyring.bodyMac(`sluice case\n${text}`),
      idToken: this.#idToken(each.id),
      sealed: this.#keyring.sealBytes(Buffer.from(text)),
    };
  }

  #idToken(id: string): Uint8Array {
    return this.#keyring.eventToken(`sluice case id\n${id}`);
  }

  #open(sealed: Uint8Array, { name, kind }: VersionRef): PlacedCase {
    const { case: opened } = checkCase(parseJson(Buffer.from(this.#keyring.openBytes(sealed)).toString()));
    if (opened === null) throw new Error(`A case of the dataset ${name} is in the store and is none.`);
    return { ...opened, dataset: name, kind, hash: caseHash(opened) };
  }

  /** The cases of one version, in order, from a position on. */
  async *casesOf(version: VersionRef, from = 0): AsyncGenerator<PlacedCase> {
    for (let at = from; ;) {
      const page = await this.page(version, at, BATCH);
      yield* page;
      if (page.length < BATCH) return;
      at += page.length;
    }
  }

  async page(version: VersionRef, from: number, limit: number): Promise<PlacedCase[]> {
    const { name, version: number } = version;
    const stored = await this.#store.datasetCases({ name, version: number, from, limit });
    return stored.map(({ sealed }) => this.#open(sealed, version));
  }

  /** All cases of several versions, one after the other. */
  async *casesOfAll(versions: readonly VersionRef[]): AsyncGenerator<PlacedCase> {
    for (const version of versions) yield* this.casesOf(version);
  }

  /** Null where the version has no case of that id. */
  async caseOf(version: VersionRef, id: string): Promise<PlacedCase | null> {
    const { name, version: number } = version;
    const sealed = await this.#store.datasetCase({ name, version: number, idToken: this.#idToken(id) });
    return sealed === null ? null : this.#open(sealed, version);
  }

  /**
   * Publishes the files of a suite as they are now, where that is something new, and answers the newest version of each of its
   * datasets, in the suite's order. Throws `UsageError` bad_cases, unknown_dataset, other_kind.
   */
  async publishSuite(dir: string, suite: ProjectSuite, by: string): Promise<DatasetVersion[]> {
    const newest = new Map((await this.#store.datasets()).map((each) => [each.name, each]));
    const versions: DatasetVersion[] = [];
    for (const dataset of suite.datasets) {
      const present = newest.get(dataset.name);
      if (dataset.file === null) versions.push(await this.#stored(suite, dataset));
      else if (present !== undefined && present.hash === suite.contents.get(dataset.name)?.hash) versions.push(present);
      else versions.push(await this.#publishFile(dir, dataset, dataset.file, by));
    }
    return versions;
  }

  async #publishFile(
    dir: string,
    { name, kind, mapping }: SuiteDataset,
    file: string,
    by: string,
  ): Promise<DatasetVersion> {
    const cases = readCaseFile(join(dir, file), mapping);
    const { version } = await this.publish({ name, kind, source: file, by }, cases).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(error.code, `${file} cannot be published: ${error.message}`, { status: error.status, ...(error.errors === undefined ? {} : { errors: error.errors }) }); // prettier-ignore
    });
    return version;
  }

  async #stored({ name: suite }: Suite, { name, kind }: SuiteDataset): Promise<DatasetVersion> {
    const version = await this.version(name);
    if (version.kind === kind) return version;
    const message = `The suite ${suite} takes the dataset ${name} for ${kind}; it was imported as ${version.kind}.`;
    throw new UsageError("other_kind", message, { status: 409 });
  }
}

/** The first of them are told with their lines, and how many there are. */
class Mistakes {
  readonly #told: Problem[] = [];
  #count = 0;

  get none(): boolean {
    return this.#count === 0;
  }

  add(line: number, message: string): void {
    this.#count++;
    if (this.#told.length < MAX_TOLD) this.#told.push({ pointer: `/${line}`, message });
  }

  throwAny(): void {
    if (this.#count === 0) return;
    const said = this.#count === 1 ? "One line has a mistake" : `${this.#count} lines have mistakes`;
    const more = this.#count > this.#told.length ? `, of which ${this.#told.length} are told` : "";
    const message = `${said}${more}; nothing was published.`;
    throw new UsageError("bad_cases", message, { status: 422, errors: this.#told });
  }
}
