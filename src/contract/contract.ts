import { createHash } from "node:crypto";
import type { JsonObject } from "../base/json.ts";
import type { Schema } from "../base/schema.ts";

/** Turns an event of one version into the next. Pure: no time, no chance, no outside. */
export type Upcast = (event: JsonObject) => JsonObject;

/** One version of one event type. */
export interface Contract {
  readonly type: string;
  /** From 1. */
  readonly version: number;
  /** Marked `x-default`: what an event without `schema_version` is taken for. */
  readonly isDefault: boolean;
  readonly schema: Schema;
  /** Path relative to the project. */
  readonly file: string;
  /** To version + 1; null where there is none. */
  readonly upcast: Upcast | null;
}

/** All contracts of a project. */
export interface ContractSet {
  /** In alphabetical order. */
  types(): string[];
  /** Oldest first; empty for an unknown type. */
  versions(type: string): readonly Contract[];
  contract(type: string, version: number): Contract | undefined;
  /** For an event that does not name its version: the default, else the only one; undefined where neither says. */
  implied(type: string): Contract | undefined;
  /** What workflows that name no version are given: the implied one, else the newest. */
  current(type: string): Contract | undefined;
  /** Whether upcasts lead from one version to the other (or they are the same). */
  reaches(type: string, from: number, to: number): boolean;
  /** Over types, versions, defaults and schemas. */
  readonly hash: string;
}

export function contractSet(contracts: readonly Contract[]): ContractSet {
  const byType = new Map<string, Contract[]>();
  for (const contract of contracts) byType.set(contract.type, [...(byType.get(contract.type) ?? []), contract]);
  for (const versions of byType.values()) versions.sort((a, b) => a.version - b.version);
  const versions = (type: string): readonly Contract[] => byType.get(type) ?? [];
  const contract = (type: string, version: number): Contract | undefined =>
    versions(type).find((each) => each.version === version);
  const implied = (type: string): Contract | undefined => {
    const all = versions(type);
    return all.find(({ isDefault }) => isDefault) ?? (all.length === 1 ? all[0] : undefined);
  };
  const types = (): string[] => [...byType.keys()].sort();
  return {
    types,
    versions,
    contract,
    implied,
    current: (type) => implied(type) ?? versions(type).at(-1),
    reaches(type, from, to) {
      for (let at = from; at < to; at++) if (!contract(type, at)?.upcast) return false;
      return from <= to && contract(type, to) !== undefined;
    },
    hash: hashOf(types().flatMap(versions)),
  };
}

function hashOf(contracts: readonly Contract[]): string {
  const lines = contracts.map(
    ({ type, version, isDefault, schema }) => `${type} ${version} ${isDefault} ${schema.hash}\n`,
  );
  return createHash("sha256").update(lines.join("")).digest("hex");
}
