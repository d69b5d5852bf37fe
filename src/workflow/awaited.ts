import type { ContractSet } from "../contract/contract.ts";
import type { Workflow } from "./define.ts";

/** A contract version that events are waited for in; null: whichever is current. */
type Version = number | null;

/** Which events runs wait for, or may: so that intake leaves alone all others. Of one process. */
export class AwaitedTypes {
  readonly #declared = new Set<string>();
  readonly #versions = new Map<string, Set<Version>>();
  readonly #contracts: ContractSet;

  /** `types`: of which runs are waiting already. */
  constructor(workflows: Iterable<Workflow>, contracts: ContractSet, types: readonly string[]) {
    this.#contracts = contracts;
    for (const { type, version } of [...workflows].flatMap(({ waitsFor }) => waitsFor)) {
      this.#declared.add(type);
      this.note(type, version ?? null);
    }
    // In which versions they wait is not known here; in one of these.
    for (const type of types)
      for (const version of [null, ...contracts.versions(type).map((each) => each.version)]) this.note(type, version);
  }

  /** A run is about to wait for it. */
  note(type: string, version: Version): void {
    const known = this.#versions.get(type) ?? new Set();
    this.#versions.set(type, known.add(version));
  }

  /** Whether a workflow declares that it may wait for it. */
  isDeclared(type: string): boolean {
    return this.#declared.has(type);
  }

  /** The versions it is waited for in; empty: nobody does. With a version to read each in. */
  *forms(type: string): Generator<{ version: Version; to: number }> {
    for (const version of this.#versions.get(type) ?? []) {
      const to = version ?? this.#contracts.current(type)?.version;
      if (to !== undefined) yield { version, to };
    }
  }
}
