import type { Clock } from "../base/clock.ts";
import { newId } from "../base/id.ts";
import { canonicalJson } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import type { ContractSet } from "../contract/contract.ts";
import { parseEvent } from "../contract/parse.ts";
import type { EventRefusal, ParsedEvent } from "../contract/parse.ts";
import { upcastEvent } from "../contract/upcast.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { AcceptInput, AcceptResult, JournalStore, NewRun, QuarantinedEvent } from "../journal/ports.ts";
import { RunJournal } from "../journal/run-journal.ts";
import { RunVault } from "../journal/vault.ts";
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
  recent: Engine["recent"];
  probe: Engine["probe"];
}

type Checked = { accept: AcceptInput; eventId: string } | { refused: Extract<IntakeResult, { outcome: "refused" }> };

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
  const answers = results.values();
  return checked.map((item) => {
    if ("refused" in item) return item.refused;
    return resultOf(item.eventId, answers.next().value as AcceptResult);
  });
}

function resultOf(eventId: string, result: AcceptResult): IntakeResult {
  if (result.outcome === "conflict") return { outcome: "conflict", eventId };
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
  if (runs.length === 0) {
    const message = `No workflow starts on ${parsed.type} version ${parsed.contract.version}.`;
    return {
      refused: {
        outcome: "refused",
        code: "no_workflow",
        eventId: parsed.eventId,
        message,
        errors: [],
        quarantineId: null,
      },
    };
  }
  const { type: eventType, eventId, contract, drift } = parsed;
  const bodyMac = deps.keyring.bodyMac(canonicalJson(parsed.body));
  return { eventId, accept: { eventType, eventId, contractVersion: contract.version, bodyMac, drift, runs } };
}

type Refused = Pick<EventRefusal, "type" | "eventId" | "message" | "errors"> & {
  code: Extract<IntakeResult, { outcome: "refused" }>["code"];
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

type ForWorkflow =
  | { event: JsonObject; version: number }
  | { problem: Pick<Refused, "code" | "message"> }
  | "other_version";

/** The event in the version the workflow takes. */
function eventFor(deps: IntakeDeps, workflow: Workflow, parsed: ParsedEvent): ForWorkflow {
  const from = parsed.contract.version;
  const to = workflow.on.version ?? deps.contracts.current(parsed.type)?.version ?? from;
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
): NewRun | { problem: Pick<Refused, "code" | "message"> } {
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
function optionsOf(
  deps: IntakeDeps,
  workflow: Workflow,
  event: JsonObject,
): RunOptions | { problem: Pick<Refused, "code" | "message"> } {
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
