import { MAX_DEPTH, isObject, pointerToken } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import type { SensitiveMark } from "../base/schema.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Contract, ContractSet } from "./contract.ts";
import { ENVELOPE, envelopeProblems } from "./envelope.ts";
import type { Envelope } from "./envelope.ts";

/** An event that keeps its contract. */
export interface ParsedEvent {
  readonly ok: true;
  readonly type: string;
  readonly eventId: string;
  /** RFC 3339, as received. */
  readonly createdAt: string;
  readonly contract: Contract;
  /** As received: what is compared, hashed and kept. */
  readonly body: JsonObject;
  /** What a workflow is given: without undeclared properties. */
  readonly event: JsonObject;
  /** Pointers of the properties the contract does not declare. */
  readonly drift: readonly string[];
  /** What has to be redacted in `body`; undeclared values have the kind `undeclared`. */
  readonly sensitive: readonly SensitiveMark[];
}

export type RefusalCode = "invalid_event" | "unknown_event_type" | "unknown_version";

/** An event that is not accepted. */
export interface EventRefusal {
  readonly ok: false;
  readonly code: RefusalCode;
  /** Null where it is not a usable string. */
  readonly type: string | null;
  readonly eventId: string | null;
  readonly message: string;
  readonly errors: readonly Problem[];
  /** What has to be redacted where the body is kept: all that is marked or that no contract vouches for. */
  readonly sensitive: readonly SensitiveMark[];
}

/** Checks one event before it is acknowledged: envelope, version, contract. Pure. */
export function parseEvent(set: ContractSet, body: Json): ParsedEvent | EventRefusal {
  const refuse = refusalOf(set, body);
  const broken = brokenText(body, "", 0);
  if (broken !== undefined) return refuse("invalid_event", "The event is not valid Unicode text.", [broken]);
  const problems = envelopeProblems(body);
  if (problems.length > 0) return refuse("invalid_event", ...envelopeFault(set, body, problems));
  const envelope = body as Envelope;
  const contract = contractFor(set, envelope);
  if ("code" in contract) return refuse(contract.code, contract.message, [contract.problem]);
  const errors = contract.schema.validate(checkedPart(contract, envelope));
  if (errors.length > 0)
    return refuse(
      "invalid_event",
      `The event does not keep the contract ${contract.type} version ${contract.version}.`,
      errors,
    );
  const drift = undeclaredIn(contract, envelope);
  return {
    ok: true,
    type: envelope.event,
    eventId: envelope.event_id,
    createdAt: envelope.created_at,
    contract,
    body: envelope,
    event: drift.length === 0 ? envelope : (without(envelope, "", new Set(drift)) as JsonObject),
    drift,
    sensitive: marksOf(contract, envelope, drift),
  };
}

/** The faults of an envelope, and those against the contract where enough is right to know which one it is. */
function envelopeFault(set: ContractSet, body: Json, faults: Problem[]): [message: string, errors: Problem[]] {
  const alone = "The event's envelope is not valid";
  if (!isObject(body) || typeof body["event"] !== "string") return [`${alone}.`, faults];
  const contract = contractFor(set, body as Envelope);
  if ("code" in contract) return [`${alone}.`, faults];
  const told = new Set(faults.map(({ pointer }) => pointer));
  const errors = contract.schema
    .validate(checkedPart(contract, body as Envelope))
    .filter(({ pointer }) => !told.has(pointer));
  if (errors.length === 0) return [`${alone}.`, faults];
  return [
    `${alone}, nor does it keep the contract ${contract.type} version ${contract.version}.`,
    [...faults, ...errors],
  ];
}

interface VersionProblem {
  code: RefusalCode;
  message: string;
  problem: Problem;
}

function contractFor(set: ContractSet, envelope: Envelope): Contract | VersionProblem {
  const versions = set.versions(envelope.event);
  if (versions.length === 0) {
    const message = `is not a known event type. ${didYouMean(envelope.event, set.types())}`.trim();
    return {
      code: "unknown_event_type",
      message: "No contract has this event type.",
      problem: { pointer: "/event", message },
    };
  }
  const known = versions.map(({ version }) => version).join(", ");
  const asked = envelope["schema_version"];
  const contract = asked === undefined ? set.implied(envelope.event) : set.contract(envelope.event, asked as number);
  if (contract !== undefined) return contract;
  const message =
    asked === undefined
      ? `is required, since no version is the default; versions: ${known}`
      : `is not a known version; versions: ${known}`;
  return {
    code: "unknown_version",
    message: `${envelope.event} has no such version.`,
    problem: { pointer: "/schema_version", message },
  };
}

/** `schema_version` chooses the contract; one that does not mention it has nothing against it. */
function checkedPart(contract: Contract, envelope: Envelope): JsonObject {
  const { properties } = contract.schema.source;
  if (
    !Object.hasOwn(envelope, "schema_version") ||
    (isObject(properties) && Object.hasOwn(properties, "schema_version"))
  )
    return envelope;
  const { schema_version: _, ...rest } = envelope;
  return rest;
}

const ENVELOPE_POINTERS: ReadonlySet<string> = new Set(ENVELOPE.map((name) => `/${name}`));

function undeclaredIn(contract: Contract, body: JsonObject): string[] {
  return contract.schema.undeclared(body).filter((pointer) => !ENVELOPE_POINTERS.has(pointer));
}

function marksOf(contract: Contract, body: JsonObject, drift: readonly string[]): SensitiveMark[] {
  const marks = contract.schema.sensitive(body);
  const marked = new Set(marks.map(({ pointer }) => pointer));
  const undeclared = drift
    .filter((pointer) => !marked.has(pointer))
    .map((pointer) => ({ pointer, kind: "undeclared" }));
  return [...marks, ...undeclared];
}

function refusalOf(set: ContractSet, body: Json) {
  return (code: RefusalCode, message: string, errors: Problem[]): EventRefusal => {
    const { event, event_id: id } = isObject(body) ? body : {};
    const type = typeof event === "string" && event.length <= 200 && event.isWellFormed() ? event : null;
    const eventId = typeof id === "string" && id.length <= 200 && id.isWellFormed() ? id : null;
    return { ok: false, code, type, eventId, message, errors, sensitive: refusedMarks(set, body) };
  };
}

/** A refused event is kept to be mended; nothing vouches for what is in it but a contract of its type. */
function refusedMarks(set: ContractSet, body: Json): SensitiveMark[] {
  if (!isObject(body)) return [{ pointer: "", kind: "undeclared" }];
  const { event, schema_version: version } = body;
  const contract =
    typeof event !== "string"
      ? undefined
      : ((typeof version === "number" ? set.contract(event, version) : undefined) ?? set.current(event));
  if (contract !== undefined && brokenText(body, "", 0) === undefined)
    return marksOf(contract, body, undeclaredIn(contract, body));
  return Object.keys(body)
    .filter((name) => !ENVELOPE_POINTERS.has(`/${name}`))
    .map((name) => ({ pointer: `/${pointerToken(name)}`, kind: "undeclared" }));
}

/** The first place that has no canonical form: half a surrogate pair, or nesting without end. */
function brokenText(value: Json, pointer: string, depth: number): Problem | undefined {
  if (typeof value === "string")
    return value.isWellFormed()
      ? undefined
      : { pointer, message: "holds half a surrogate pair, which is not valid Unicode" };
  if (typeof value !== "object" || value === null) return undefined;
  if (depth >= MAX_DEPTH) return { pointer: "", message: `is nested deeper than ${MAX_DEPTH} levels` };
  for (const [key, child] of Object.entries(value)) {
    if (!key.isWellFormed())
      return { pointer, message: "has a property name with half a surrogate pair, which is not valid Unicode" };
    const broken = brokenText(child, `${pointer}/${pointerToken(key)}`, depth + 1);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function without(value: Json, pointer: string, removed: ReadonlySet<string>): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item, i) => without(item, `${pointer}/${i}`, removed));
  const kept = Object.entries(value).map(([key, child]) => ({ key, child, at: `${pointer}/${pointerToken(key)}` }));
  return Object.fromEntries(
    kept.filter(({ at }) => !removed.has(at)).map(({ key, child, at }) => [key, without(child, at, removed)]),
  );
}
