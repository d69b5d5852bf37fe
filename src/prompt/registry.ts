import type { JsonObject } from "../base/json.ts";
import { ProjectError, UsageError } from "../base/failure.ts";
import { promptFromDocument } from "./load.ts";
import { promptSet } from "./set.ts";
import type { PromptSet } from "./set.ts";
import type { PromptSpec } from "./spec.ts";

/** A version as the store keeps it. */
export interface KeptVersion {
  name: string;
  version: string;
  hash: string;
  /** The document as JSON text. */
  body: string;
}

export type PromptSource = "file" | "registry";

/**
 * The prompt versions of a running process: those of its files, and those that are published in the store. What is published
 * or withdrawn while it runs is known at once. A file goes before what the store holds under its name and version.
 * Versions that are only kept, because a process once had their file, are found by name, as runs have pinned them, and are in no list.
 */
export class PromptRegistry implements PromptSet {
  readonly files: PromptSet;
  #published = new Map<string, PromptSpec>();
  readonly #kept = new Map<string, KeptVersion>();
  #set: PromptSet;

  constructor(files: PromptSet) {
    this.files = files;
    this.#set = files;
  }

  all(): readonly PromptSpec[] {
    return this.#set.all();
  }

  names(): string[] {
    return this.#set.names();
  }

  versions(name: string): readonly PromptSpec[] {
    return this.#set.versions(name);
  }

  latest(name: string): PromptSpec | undefined {
    return this.#set.latest(name);
  }

  find(name: string, version: string): PromptSpec | undefined {
    return this.#set.find(name, version) ?? this.#keptOne(name, version);
  }

  get(name: string, version?: string): PromptSpec {
    const kept = version === undefined || this.#set.find(name, version) ? undefined : this.#keptOne(name, version);
    return kept ?? this.#set.get(name, version);
  }

  sourceOf({ name, version }: Pick<PromptSpec, "name" | "version">): PromptSource {
    return this.files.find(name, version) === undefined ? "registry" : "file";
  }

  /** From here on the version serves, with or without a file. */
  publish(spec: PromptSpec): void {
    this.#published.set(keyOf(spec), spec);
    this.#kept.delete(keyOf(spec));
    this.#rebuild();
  }

  /** What a process registered once; read when it is asked for. */
  keep(version: KeptVersion): void {
    this.#kept.set(keyOf(version), version);
  }

  withdraw(name: string, version: string): void {
    this.#published.delete(keyOf({ name, version }));
    this.#kept.delete(keyOf({ name, version }));
    this.#rebuild();
  }

  #rebuild(): void {
    const files = this.files.all();
    const rest = [...this.#published.values()].filter(({ name, version }) => !this.files.find(name, version));
    this.#set = promptSet([...files, ...rest]);
  }

  #keptOne(name: string, version: string): PromptSpec | undefined {
    const kept = this.#kept.get(keyOf({ name, version }));
    return kept === undefined ? undefined : readKept(kept);
  }
}

function keyOf({ name, version }: Pick<PromptSpec, "name" | "version">): string {
  return `${name}@${version}`;
}

/** A kept version as a spec; undefined where it does not read any more as it did when it was kept. */
export function readKept({ body, hash }: KeptVersion): PromptSpec | undefined {
  try {
    const spec = promptFromDocument(JSON.parse(body) as JsonObject);
    return spec.hash === hash ? spec : undefined;
  } catch (error) {
    if (error instanceof ProjectError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `NAME@VERSION`, or `NAME` alone: then the version is undefined. Throws `UsageError`. */
export function splitVersion(wanted: string): { name: string; version: string | undefined } {
  const at = wanted.lastIndexOf("@");
  const [name, version] = at < 1 ? [wanted, undefined] : [wanted.slice(0, at), wanted.slice(at + 1)];
  if (name === "" || version === "")
    throw new UsageError("wrong_version", `"${wanted}" names no prompt version; write NAME@VERSION.`);
  return { name, version };
}
