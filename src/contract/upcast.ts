import { isObject } from "../base/json.ts";
import type { JsonObject, Problem } from "../base/json.ts";
import type { Contract, ContractSet } from "./contract.ts";

export type UpcastResult =
  | { readonly ok: true; readonly event: JsonObject; readonly contract: Contract }
  | {
      readonly ok: false;
      /** `no_upcast`: no way between the versions. `upcast_failed`: it threw, or gave what the next contract refuses. */
      readonly code: "no_upcast" | "upcast_failed";
      readonly message: string;
      readonly errors: readonly Problem[];
    };

const KEPT = ["event", "event_id", "created_at"];

/** Brings an event of version `from` to version `to`, one step at a time; each result must keep its contract. */
export function upcastEvent(set: ContractSet, event: JsonObject, from: Contract, to: number): UpcastResult {
  let at = from;
  let value = event;
  while (at.version < to) {
    const next = set.contract(at.type, at.version + 1);
    if (at.upcast === null || next === undefined) return noWay(from, to, at.version);
    const result = step(at, next, value);
    if (!result.ok) return result;
    ({ event: value, contract: at } = result);
  }
  return at.version === to ? { ok: true, event: value, contract: at } : noWay(from, to, at.version);
}

function step(from: Contract, to: Contract, event: JsonObject): UpcastResult {
  const name = `The upcast of ${from.type} from version ${from.version} to ${to.version}`;
  const failed = (what: string, errors: Problem[] = []): UpcastResult => ({
    ok: false,
    code: "upcast_failed",
    message: `${name} ${what}.`,
    errors,
  });
  let result: unknown;
  try {
    result = from.upcast?.(structuredClone(event));
  } catch (error) {
    return failed(`threw: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (result instanceof Promise) {
    result.catch(() => undefined);
    return failed("is asynchronous; it must be a plain function of the event");
  }
  if (!isObject(result)) return failed("did not return an event");
  const changed = KEPT.filter((key) => result[key] !== event[key]);
  if (changed.length > 0)
    return failed(
      `changed ${changed.join(", ")}`,
      changed.map((key) => ({ pointer: `/${key}`, message: "must stay as it was" })),
    );
  const versioned = Object.hasOwn(event, "schema_version") ? { ...result, schema_version: to.version } : result;
  const errors = to.schema.validate(versioned);
  if (errors.length > 0) return failed(`gave an event that does not keep version ${to.version}`, errors);
  return { ok: true, event: versioned, contract: to };
}

function noWay(from: Contract, to: number, stoppedAt: number): UpcastResult {
  const detail =
    to < from.version
      ? "events are never taken back to an older version"
      : `there is no events/${from.type}/${stoppedAt}.upcast.ts`;
  return {
    ok: false,
    code: "no_upcast",
    message: `${from.type} version ${from.version} cannot become version ${to}: ${detail}.`,
    errors: [],
  };
}
