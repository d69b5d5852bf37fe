import { Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import type { NewRecord } from "../journal/run-journal.ts";
import type { Pins, Release, Withdrawn } from "../release/release.ts";
import type { Engine } from "./engine.ts";
import type { Frame } from "./frame.ts";
import { SYSTEM } from "./history.ts";
import { fullName } from "./used-versions.ts";
import type { Used } from "./used-versions.ts";

type Taken = Pick<Release, "withdrawn"> | null;

/** Whether a rollback has taken away this version on this model. */
function withdrawal(engine: Pick<Engine, "models">, release: Taken, hash: string, model: string): Withdrawn | null {
  const found = release?.withdrawn?.find(
    (each) => each.hash === hash && (each.model === undefined || fullName(engine, each.model) === model),
  );
  return found ?? null;
}

/** A version that a rollback has taken away and that this run has used; null where there is none, or such runs may finish. */
export function taintOf({ engine, permission, used }: Pick<Frame, "engine" | "permission" | "used">): Withdrawn | null {
  const { release } = permission;
  if (release?.withdrawn === undefined) return null;
  for (const key of used) {
    const [hash = "", model = ""] = key.split("\n");
    const found = withdrawal(engine, release, hash, model);
    if (found?.inFlight === "review") return found;
  }
  return null;
}

/**
 * What stands in the way of a model call with this version: `repin` where the run has not used it and will go by the present
 * release, a failure where it has used it, or the present release does not fit what it has used.
 */
export function callStop(frame: Frame, hash: string, model: string): "repin" | Failure | null {
  const { engine, permission, pins, used } = frame;
  const found = withdrawal(engine, permission.release, hash, model);
  if (found === null) return null;
  if (permission.release !== null && repins(engine, { pins, used }, permission.release)) return "repin";
  if (found.inFlight === "finish") return null;
  const message = `Release ${found.release} has withdrawn ${found.prompt}@${found.version}${found.model === undefined ? "" : ` on ${found.model}`}; no model is asked with it any more.`;
  return new Failure({ class: "denied", code: "version_withdrawn", message });
}

/**
 * Whether a run goes by the present release from here on: it has pinned a version that was withdrawn, has not used it, and what
 * it has used the present release serves as well. So no run mixes versions.
 */
export function repins(
  engine: Pick<Engine, "models">,
  { pins, used }: { pins: Pins; used: Used },
  present: Release,
): boolean {
  if (present.withdrawn === undefined || pins.release === present.number) return false;
  const gone = Object.values(pins.prompts).filter(({ hash, model }) =>
    [...(present.withdrawn ?? [])].some(
      (each) =>
        each.hash === hash && (each.model === undefined || fullName(engine, each.model) === fullName(engine, model)),
    ),
  );
  if (gone.length === 0) return false;
  const hashes = new Set([...used].map((key) => key.split("\n")[0] ?? ""));
  if (gone.some(({ hash }) => hashes.has(hash))) return false;
  return Object.entries(pins.prompts).every(
    ([slot, { hash }]) => !hashes.has(hash) || present.prompts[slot]?.hash === hash,
  );
}

/** The record of a run that goes by another release from here on. */
export function repinRecord(before: Pins, after: Pins, now: number): NewRecord {
  const said = (pins: Pins): Json =>
    Object.fromEntries(
      Object.entries(pins.prompts).map(([slot, { prompt, version }]) => [slot, `${prompt}@${version}`]),
    );
  const detail = {
    from_release: before.release,
    to_release: after.release,
    from: said(before),
    to: said(after),
    reason: "A rollback withdrew a version that this run had pinned and not used.",
  };
  const base = { key: "", attempt: 1, status: "success", ends: true, startedAt: now, endedAt: now } as const;
  const body = { detail, release: after.release, stage: after.stage };
  return { ...base, kind: "override", type: "override", name: SYSTEM.repin, body };
}
