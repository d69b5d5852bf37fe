import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { newId } from "../../base/id.ts";
import { TOKEN_BYTES } from "../../journal/event-tokens.ts";
import type { NewEventWait } from "../../journal/event-waits.ts";
import type { AcceptInput } from "../../journal/ports.ts";
import type { Started, World } from "./world.ts";

const DAY = 86_400_000;

/** The tokens of an event of this type with these values, or of a wait for one: a store does not know what they stand for. */
export function tokens(eventType: string, values: readonly string[] = []): Uint8Array {
  const token = (text: string): Uint8Array => createHash("sha256").update(text).digest().subarray(0, TOKEN_BYTES);
  return Buffer.concat([token(eventType), ...values.map((value) => token(`${eventType} ${value}`))]);
}

interface Told {
  eventType: string;
  values?: readonly string[];
  declared?: boolean;
  keepMs?: number;
  runs?: AcceptInput["runs"];
  eventId?: string;
}

/** An event that may be waited for. */
export function told(
  world: World,
  { eventType, values = [], declared = true, keepMs = 7 * DAY, runs = [], eventId }: Told,
): AcceptInput {
  const made = world.event({ eventType, ...(eventId === undefined ? {} : { eventId }) });
  const keepUntil = world.clock.now() + keepMs;
  const body = Buffer.from(`sealed ${made.eventId}`);
  return { ...made, runs, awaited: { tokens: tokens(eventType, values), body, keepUntil, declared } };
}

/** Accepts one; the ids of the runs it woke. */
export async function tell(world: World, event: Told): Promise<string[]> {
  const [result] = await world.store.accept([told(world, event)]);
  assert.ok(result?.outcome === "accepted");
  return result.woken;
}

export interface Waited extends Started {
  waitId: string;
}

/** A run that has opened a wait and not parked yet. */
export async function opened(
  world: World,
  started: Started,
  eventType: string,
  over: Partial<NewEventWait> & { values?: readonly string[] } = {},
): Promise<Waited> {
  const { values = [], ...more } = over;
  const waitId = newId("wai");
  const wait = {
    waitId,
    step: "payment",
    key: "",
    eventType,
    tokens: tokens(eventType, values),
    openedAt: world.clock.now(),
    expiresAt: null,
    ...more,
  };
  const record = world.sealed(wait.step, { kind: "wait", type: "wait", status: "waiting", ends: false, key: wait.key });
  const { runId, epoch } = started;
  const result = await world.store.commit({ runId, epoch, records: [record], waits: { open: [wait] } });
  assert.ok(result.ok);
  return { ...started, lastSeq: result.lastSeq, waitId };
}

/** A new run that waits, parked. */
export async function waiting(
  world: World,
  eventType: string,
  over: Parameters<typeof opened>[3] = {},
): Promise<Waited> {
  const wait = await opened(world, await world.start(), eventType, over);
  await world.park(wait, "event", over.expiresAt ?? null);
  return wait;
}

export async function statusOf(world: World, runId: string): Promise<string | undefined> {
  return (await world.store.run(runId))?.status;
}

/** The id of the event that a wait has got; null: none yet; undefined: it is over. */
export async function gotten(world: World, waitId: string): Promise<string | null | undefined> {
  const wait = await world.store.eventWait(waitId);
  return wait === null ? undefined : (wait.event?.eventId ?? null);
}

/** The record that a wait is over, with what becomes of the wait. */
export async function end(world: World, wait: Waited, to: "taken" | "expired"): Promise<string> {
  const { runId, epoch, waitId } = wait;
  const record = world.sealed("payment", { kind: "wait", type: "wait" });
  const result = await world.store.commit({ runId, epoch, records: [record], waits: { changes: [{ waitId, to }] } });
  return result.ok ? "ok" : result.why;
}
