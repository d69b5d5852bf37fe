import type { Clock } from "../base/clock.ts";
import { newId } from "../base/id.ts";
import { canonicalJson } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import type { ContractSet } from "../contract/contract.ts";
import { parseEvent } from "../contract/parse.ts";
import type { EventRefusal, ParsedEvent } from "../contract/parse.ts";
import { upcastEvent } from "../contract/upcast.ts";
import type { Keyring } from "../journal/keyring.ts";
import { eventTokens } from "../journal/event-tokens.ts";
import type { EventForm } from "../journal/event-tokens.ts";
import type { AwaitedEvent } from "../journal/event-waits.ts";
import type { AcceptInput, AcceptResult, JournalStore, NewRun, QuarantinedEvent } from "../journal/ports.ts";
import { RunJournal } from "../journal/run-journal.ts";
import { RunVault } from "../journal/vault.ts";
import type { AwaitedTypes } from "./awaited.ts";
import type { Workflow } from "./define.ts";
import type { Engine } from "./engine.ts";
import type { Deployed } from "./open.ts";

/** What became of one submitted event. */
export type IntakeResult =
  | { outcome: "accepted" | "duplicate"; eventId: string; runs: { runId: string; workflow: string }[] }
  /** Same id, other body. */
  | { outcome: "conflict"; eventId: string }
  /** Off its contract, of unknown type, or no workflow takes it. What breaks its contract is kept in quarantine. */
  | {
      outcome: "refused";
      code: EventRefusal["code"] | "no_workflow" | "workflow_option";
      eventId: string | null;
      message: string;
      errors: Problem[];
      quarantineId: string | null;
    };

export interface IntakeDeps {
  store: Pick<JournalStore, "accept" | "quarantine">;
  keyring: Keyring;
  clock: Clock;
  contracts: ContractSet;
  workflows: readonly Deployed[];
  awaited: AwaitedTypes;
  /** How long an event that may be waited for is kept. */
  keepEventsMs: number;
  recent: Engine["recent"];
  probe: Engine["probe"];
}

type RefusedEvent = Extract<IntakeResult, { outcome: "refused" }>;
type Checked = { accept: AcceptInput } | { refused: RefusedEvent };

/** Validates, then puts events, runs and first records on disk in one transaction. Answers in order. */
export async function submitEvents(deps: IntakeDeps, bodies: readonly Json[]): Promise<IntakeResult[]> {
  const quarantine: QuarantinedEvent[] = [];
  const checked = bodies.map((body) => check(deps, body, quarantine));
  const accepts = checked.flatMap((item) => ("accept" in item ? [item.accept] : []));
  if (accepts.length > 0) await deps.probe("before_event_commit");
  const [results] = await Promise.all([
    accepts.length === 0 ? [] : deps.store.accept(accepts),
    quarantine.length === 0 ? undefined : deps.store.quarantine(quarantine),
  ]);
  if (accepts.length > 0) await deps.probe("event_committed");
  // Of an event that was known already nothing is claimed: its journal would only be kept for nobody.
  for (const [at, { outcome }] of results.entries())
    if (outcome !== "accepted") for (const { runId } of accepts[at]?.runs ?? []) deps.recent.take(runId);
  const answers = results.values();
  return checked.map((item) => {
    if ("refused" in item) return item.refused;
    return resultOf(item.accept, answers.next().value as AcceptResult);
  });
}

function resultOf(accepted: AcceptInput, result: AcceptResult): IntakeResult {
  const { eventId } = accepted;
  if (result.outcome === "conflict") return { outcome: "conflict", eventId };
  if (result.outcome === "unawaited") return unwanted(accepted);
  return { outcome: result.outcome, eventId, runs: result.runs };
}

function check(deps: IntakeDeps, body: Json, quarantine: QuarantinedEvent[]): Checked {
  const parsed = parseEvent(deps.contracts, body);
  if (!parsed.ok) return refusal(deps, parsed, body, quarantine);
  const runs: NewRun[] = [];
  for (const deployed of deps.workflows) {
    const { workflow } = deployed;
    if (workflow.on.type !== parsed.type) continue;
    const event = eventFor(deps, workflow, parsed);
    if (event === "other_version") continue;
    if ("problem" in event) return refusal(deps, { ...asRefusal(parsed), ...event.problem }, body, quarantine);
    const made = newRun(deps, deployed, parsed, event.event, event.version);
    if ("problem" in made) return refusal(deps, { ...asRefusal(parsed), ...made.problem }, body, quarantine);
    runs.push(made);
  }
  const forms = formsOf(deps, parsed);
  if ("problem" in forms) return refusal(deps, { ...asRefusal(parsed), ...forms.problem }, body, quarantine);
  const { type: eventType, eventId, contract, drift } = parsed;
  const input = { eventType, eventId, contractVersion: contract.version, drift, runs };
  if (runs.length === 0 && forms.length === 0) return { refused: unwanted(input) };
  const bodyMac = deps.keyring.bodyMac(canonicalJson(parsed.body));
  return {
    accept: { ...input, bodyMac, ...(forms.length === 0 ? {} : { awaited: awaitedEvent(deps, parsed, forms) }) },
  };
}

function unwanted({ eventType, eventId, contractVersion }: Omit<AcceptInput, "bodyMac">): RefusedEvent {
  const message = `No workflow starts on ${eventType} version ${contractVersion}, and no run waits for it.`;
  return { outcome: "refused", code: "no_workflow", eventId, message, errors: [], quarantineId: null };
}

/** The event in the versions that it is waited for in, as far as it can be brought there. Empty: nobody waits for its type. */
function formsOf(deps: IntakeDeps, parsed: ParsedEvent): EventForm[] | { problem: Problematic } {
  const forms: EventForm[] = [];
  for (const { version, to } of deps.awaited.forms(parsed.type)) {
    const form = inVersion(deps, parsed, to);
    if (form === "other_version") continue;
    if ("problem" in form) return form;
    forms.push({ version, event: form.event });
  }
  return forms;
}

function awaitedEvent(deps: IntakeDeps, { type, event }: ParsedEvent, forms: readonly EventForm[]): AwaitedEvent {
  const { keyring, clock, awaited, keepEventsMs } = deps;
  return {
    tokens: eventTokens(keyring, type, forms),
    body: keyring.sealBytes(Buffer.from(JSON.stringify(event))),
    keepUntil: clock.now() + keepEventsMs,
    declared: awaited.isDeclared(type),
  };
}

type Refused = Pick<EventRefusal, "type" | "eventId" | "message" | "errors"> & {
  code: RefusedEvent["code"];
};

function asRefusal(parsed: ParsedEvent): Omit<Refused, "code" | "message"> {
  return { type: parsed.type, eventId: parsed.eventId, errors: [] };
}

function refusal(deps: IntakeDeps, refused: Refused, body: Json, quarantine: QuarantinedEvent[]): Checked {
  const { code, type: eventType, eventId, message } = refused;
  const errors = [...refused.errors];
  const quarantineId = newId("qua");
  quarantine.push({
    quarantineId,
    receivedAt: deps.clock.now(),
    eventType,
    eventId,
    errors: JSON.stringify(errors),
    body: deps.keyring.sealBytes(Buffer.from(JSON.stringify(body))),
  });
  return { refused: { outcome: "refused", code, eventId, message, errors, quarantineId } };
}

type Problematic = Pick<Refused, "code" | "message">;
type ForWorkflow = { event: JsonObject; version: number } | { problem: Problematic } | "other_version";

/** The event in the version the workflow takes. */
function eventFor(deps: IntakeDeps, workflow: Workflow, parsed: ParsedEvent): ForWorkflow {
  const to = workflow.on.version ?? deps.contracts.current(parsed.type)?.version ?? parsed.contract.version;
  return inVersion(deps, parsed, to);
}

function inVersion(deps: IntakeDeps, parsed: ParsedEvent, to: number): ForWorkflow {
  const from = parsed.contract.version;
  if (from === to) return { event: parsed.event, version: from };
  if (!deps.contracts.reaches(parsed.type, from, to)) return "other_version";
  const result = upcastEvent(deps.contracts, parsed.event, parsed.contract, to);
  if (result.ok) return { event: result.event, version: to };
  return { problem: { code: "invalid_event", message: result.message } };
}

function newRun(
  deps: IntakeDeps,
  { workflow, vocabulary }: Deployed,
  parsed: ParsedEvent,
  event: JsonObject,
  version: number,
): NewRun | { problem: Problematic } {
  const options = optionsOf(deps, workflow, event);
  if ("problem" in options) return options;
  const runId = newId("run");
  const now = deps.clock.now();
  const { vault, wrappedKey } = RunVault.create(runId, deps.keyring);
  const journal = new RunJournal(runId, vault, deps.keyring, vocabulary);
  const marks = deps.contracts.contract(parsed.type, version)?.schema.sensitive(event) ?? [];
  const received = event === parsed.body ? {} : { input: parsed.body };
  const record = journal.seal(
    {
      kind: "event",
      type: "trigger",
      name: parsed.type,
      key: "",
      attempt: 1,
      status: "success",
      ends: true,
      startedAt: now,
      endedAt: now,
      body: {
        output: event,
        ...received,
        detail: { marks: marks as never, drift: [...parsed.drift], contract_version: version },
      },
    },
    { output: marks, input: parsed.sensitive },
  );
  deps.recent.remember(journal);
  const deadlineAt = workflow.deadlineMs === null ? null : now + workflow.deadlineMs;
  return { runId, workflow: workflow.name, ...options, deadlineAt, wrappedKey, record };
}

type RunOptions = Pick<NewRun, "priority" | "concurrencyKey" | "concurrencyLimit">;

/** Asks the author's functions for key and priority; what they throw refuses the event, since nobody else would see it. */
function optionsOf(deps: IntakeDeps, workflow: Workflow, event: JsonObject): RunOptions | { problem: Problematic } {
  try {
    const priority = workflow.priority(structuredClone(event));
    const { concurrency } = workflow;
    // Without a key the limit holds for the workflow as a whole, and the claim keeps it.
    const key = concurrency?.key?.(structuredClone(event));
    if (!Number.isSafeInteger(priority)) throw new TypeError("the priority is no whole number");
    if (key === undefined || concurrency === null) return { priority, concurrencyKey: null, concurrencyLimit: null };
    return { priority, concurrencyKey: keyHash(deps.keyring, workflow.name, key), concurrencyLimit: concurrency.limit };
  } catch (error) {
    const message = `Workflow ${workflow.name} could not take priority or concurrency key from this event: ${(error as Error).message}.`;
    return { problem: { code: "workflow_option", message } };
  }
}

function keyHash(keyring: Keyring, workflow: string, key: string): string {
  return Buffer.from(keyring.bodyMac(`${workflow}\n${key}`))
    .toString("base64url")
    .slice(0, 22);
}
