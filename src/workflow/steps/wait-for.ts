import { parseDuration } from "../../base/duration.ts";
import { isObject, pointerToken } from "../../base/json.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { Contract } from "../../contract/contract.ts";
import { missingIn } from "../../contract/path.ts";
import { upcastEvent } from "../../contract/upcast.ts";
import { LONGEST_VALUE, waitTokens } from "../../journal/event-tokens.ts";
import type { Where } from "../../journal/event-tokens.ts";
import { newId } from "../../base/id.ts";
import type { KeptEvent } from "../../journal/event-waits.ts";
import type { JournalRecord } from "../../journal/record.ts";
import type { Mark } from "../../journal/redact.ts";
import type { WaitForOptions } from "../context.ts";
import type { EventRef } from "../event-ref.ts";
import { bug } from "../frame.ts";
import type { Frame } from "../frame.ts";
import { newRecord } from "../step-call.ts";
import type { Attempt, StepCall, StepDone, StepWaits } from "../step-call.ts";
import { otherInput, takeStep } from "../step.ts";

/** What a step waits for, checked. */
interface Asked {
  ref: EventRef;
  where: Where;
  timeoutMs: number | null;
}

/** What the record of an open wait says of it. */
interface Opened {
  waitId: string;
  /** Epoch ms; null: until the run's deadline. */
  until: number | null;
}

/** Waits without a process: what for is on record and in the store, which gives it its event or lets its time run out. */
export async function waitForStep(frame: Frame, name: string, ref: EventRef, options: WaitForOptions): Promise<Json> {
  const asked = checked(frame, name, ref, options);
  const { key = "" } = options;
  const { contract } = contractsFor(frame, asked);
  const call: StepCall = {
    kind: "wait",
    type: "wait",
    name,
    key,
    input: { event: ref.type, where: { ...asked.where } },
    inputMarks: marksOf(asked.where, contract),
    abortable: true,
    reviewOf: null,
    execute: (attempt) => waitOrTake(frame, call, asked, attempt),
  };
  assertSameWait(frame, call);
  return await takeStep(frame, call);
}

function openedBefore(records: readonly JournalRecord[]): JournalRecord | undefined {
  const last = records.at(-1);
  return last?.status === "waiting" ? last : undefined;
}

/** A wait that is open on record may only be another one where a correction changed what it rests on. */
function assertSameWait(frame: Frame, call: StepCall): void {
  const { redriveSeq, lastOverrideSeq } = frame.history;
  const begun = openedBefore(frame.history.step(call.name, call.key)?.records ?? []);
  if (begun === undefined || begun.kind !== "wait" || begun.seq < Math.max(redriveSeq, lastOverrideSeq)) return;
  const { event, where } = call.input as JsonObject;
  if (begun.body.inputHash === frame.journal.vault.fingerprint({ event, where } as Json)) return;
  throw otherInput(frame, call, begun);
}

async function waitOrTake(frame: Frame, call: StepCall, asked: Asked, attempt: Attempt): Promise<StepDone | StepWaits> {
  const begun = openedBefore(attempt.past);
  if (begun === undefined || begun.body.inputHash !== attempt.inputHash) return await open(frame, call, asked, attempt);
  const { waitId, until } = begun.body.detail as unknown as Opened;
  const wait = await frame.engine.store.eventWait(waitId).catch((error: unknown) => frame.unstored(error));
  // The event it had got was erased before the run took it: it is asked for again, in the time that is left.
  if (wait === null) return await open(frame, call, asked, attempt, until);
  if (wait.event !== null) {
    await frame.engine.probe("wait_over");
    return take(frame, call, asked, { ...attempt, startedAt: begun.startedAt }, waitId, wait.event);
  }
  if (until === null || until > frame.now()) return { park: () => frame.underway.park("event", until) };
  const detail = { waitId, until };
  const record = newRecord(frame, call, {
    ...attempt,
    startedAt: begun.startedAt,
    status: "success",
    ends: true,
    body: { output: null, detail },
  });
  return { output: null, entries: [{ record }], extra: { waits: { changes: [{ waitId, to: "expired" }] } } };
}

async function open(
  frame: Frame,
  call: StepCall,
  asked: Asked,
  attempt: Attempt,
  until?: number | null,
): Promise<StepWaits> {
  const { type, version = null } = asked.ref;
  const { startedAt } = attempt;
  const waitId = newId("wai");
  const whole = asked.timeoutMs === null ? null : startedAt + asked.timeoutMs;
  const expiresAt = until === undefined ? whole : until;
  const wait = {
    waitId,
    step: call.name,
    key: call.key,
    eventType: type,
    tokens: waitTokens(frame.engine.keyring, type, version, asked.where),
    openedAt: startedAt,
    expiresAt,
  };
  const detail = { waitId, until: expiresAt };
  const record = newRecord(frame, call, { ...attempt, status: "waiting", body: { detail } });
  frame.engine.awaited.note(type, version);
  await frame.commit([{ record, marks: { input: call.inputMarks ?? [] } }], { waits: { open: [wait] } });
  // If the store has found an event that came before, the run is sent back at once to take it.
  return { park: () => frame.underway.park("event", expiresAt) };
}

/** The event as the step's output, in the version the code names, with what its contract marks. */
function take(frame: Frame, call: StepCall, asked: Asked, attempt: Attempt, waitId: string, kept: KeptEvent): StepDone {
  const { contract, from } = contractsFor(frame, asked, kept.contractVersion);
  const original = JSON.parse(Buffer.from(frame.engine.keyring.openBytes(kept.body)).toString()) as JsonObject;
  const event = inVersion(frame, original, from, contract);
  // What the contract it came under marks stays hidden, wherever the later version has it.
  if (from !== contract) frame.journal.hideMarked(original, from.schema.sensitive(original));
  const { eventId: event_id, contractVersion: contract_version, receivedAt: received_at } = kept;
  const detail = { waitId, event_id, contract_version, received_at };
  const record = newRecord(frame, call, { ...attempt, status: "success", ends: true, body: { output: event, detail } });
  const marks = { input: call.inputMarks ?? [], output: contract.schema.sensitive(event) };
  return { output: event, entries: [{ record, marks }], extra: { waits: { changes: [{ waitId, to: "taken" }] } } };
}

function inVersion(frame: Frame, event: JsonObject, from: Contract, to: Contract): JsonObject {
  if (from.version === to.version) return event;
  const result = upcastEvent(frame.engine.contracts, event, from, to.version);
  if (!result.ok) throw bug("awaited_event_version", result.message);
  return result.event;
}

/** The contract of the version that the code names, and of the one an event came in. */
function contractsFor(
  frame: Frame,
  { ref }: Pick<Asked, "ref">,
  cameIn?: number,
): { contract: Contract; from: Contract } {
  const { contracts } = frame.engine;
  const { type, version } = ref;
  const contract = version === undefined ? contracts.current(type) : contracts.contract(type, version);
  const from = cameIn === undefined ? contract : contracts.contract(type, cameIn);
  if (contract !== undefined && from !== undefined) return { contract, from };
  const known = contracts.versions(type).map((each) => each.version);
  if (known.length === 0)
    throw bug(
      "unknown_event",
      `ctx.waitFor waits for "${type}", which has no contract. ${didYouMean(type, contracts.types()) || `Write events/${type}/1.schema.json.`}`,
    );
  throw bug(
    "unknown_event_version",
    `There is no version ${contract === undefined ? version : cameIn} of "${type}"; there is ${known.join(", ")}.`,
  );
}

function checked(frame: Frame, name: string, ref: unknown, options: unknown): Asked {
  const verb = `ctx.waitFor("${name}", …)`;
  if (!isObject(ref) || typeof ref["type"] !== "string")
    throw bug("not_an_event", `${verb} takes an event as its second argument: event("TYPE").`);
  if (!isObject(options))
    throw bug("wait_options", `${verb} takes options as its third argument: { where, timeout, key }.`);
  const asked: Asked = {
    ref: ref as unknown as EventRef,
    where: whereOf(verb, options["where"]),
    timeoutMs: timeoutOf(verb, options["timeout"]),
  };
  const { contract } = contractsFor(frame, asked);
  for (const path of Object.keys(asked.where)) {
    const missing = missingIn(contract, path);
    if (missing !== null)
      throw bug(
        "where_path",
        `${verb}: no ${ref["type"]} has "${path}", as its contract declares no "${missing.name}" there. ${didYouMean(missing.name, missing.declared)}`.trim(),
      );
  }
  return asked;
}

function timeoutOf(verb: string, timeout: unknown): number | null {
  if (timeout === undefined) return null;
  try {
    const ms = parseDuration(timeout as string | number);
    if (ms > 0) return ms;
  } catch {
    // Told below, as everything that is none.
  }
  throw bug(
    "wait_timeout",
    `${verb}: timeout is ${shown(timeout)}; it must be a duration above 0 such as "2d", or milliseconds.`,
  );
}

const MOST_CONDITIONS = 20;

function whereOf(verb: string, where: unknown): Where {
  if (where === undefined) return {};
  if (!isObject(where))
    throw bug(
      "wait_where",
      `${verb}: where is ${shown(where)}; it must be values by path: { "payment.order_id": order.id }.`,
    );
  const conditions = Object.entries(where as Record<string, unknown>);
  if (conditions.length > MOST_CONDITIONS)
    throw bug("wait_where", `${verb}: where has ${conditions.length} conditions; ${MOST_CONDITIONS} is the limit.`);
  for (const [path, value] of conditions) {
    if (path.split(".").includes(""))
      throw bug("wait_where", `${verb}: where names "${path}", which is no path like "payment.order_id".`);
    if (!isScalar(value))
      throw bug(
        "wait_where",
        `${verb}: where asks that "${path}" is ${shown(value)}; it must be a text, a number, true, false or null.`,
      );
    if (typeof value === "string" && value.length > LONGEST_VALUE)
      throw bug(
        "wait_where",
        `${verb}: where gives "${path}" a text of ${value.length} characters; ${LONGEST_VALUE} is the limit.`,
      );
  }
  return where as Where;
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function shown(value: unknown): string {
  return typeof value === "object" && value !== null
    ? "an object"
    : typeof value === "string"
      ? JSON.stringify(value.slice(0, 40))
      : String(value);
}

/** Marks of the conditions whose place in the event is marked. */
function marksOf(where: Where, contract: Contract): Mark[] {
  return Object.entries(where).flatMap(([path, value]) => {
    const steps = path.split(".");
    const event = steps.reduceRight<Json>(
      (inner, name) => (/^\d+$/.test(name) ? listWith(Number(name), inner) : { [name]: inner }),
      value,
    );
    return contract.schema.sensitive(event).map(({ kind }) => ({ pointer: `/where/${pointerToken(path)}`, kind }));
  });
}

/** A list of which only one item matters. Far items are as the first ones. */
function listWith(at: number, item: Json): Json[] {
  return Array.from({ length: Math.min(at, 50) + 1 }, () => item);
}
