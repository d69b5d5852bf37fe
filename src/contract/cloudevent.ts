import { isObject } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import { readJson } from "../base/position.ts";
import { compileSchema } from "../base/schema.ts";

/** Names in lower case, as Node and `Headers` give them. */
export type HeaderValues = Readonly<Record<string, string | undefined>>;

/** How a request carries CloudEvents 1.0; null where it carries none. */
export type CloudEventMode = "structured" | "batch" | "binary";

export type CloudEventResult =
  | { readonly ok: true; readonly event: JsonObject }
  | { readonly ok: false; readonly errors: readonly Problem[] };

const schema = compileSchema({
  type: "object",
  required: ["specversion", "id", "source", "type", "time"],
  properties: {
    specversion: { const: "1.0" },
    id: { type: "string", minLength: 1 },
    source: { type: "string", minLength: 1, format: "uri-reference" },
    type: { type: "string", minLength: 1 },
    time: { type: "string", format: "date-time" },
    datacontenttype: { type: "string", minLength: 1 },
    dataschema: { type: "string", minLength: 1, format: "uri" },
    schemaversion: { type: ["integer", "string"], minimum: 1, pattern: "^[1-9][0-9]{0,8}$" },
    subject: { type: "string", minLength: 1 },
    data_base64: { type: "string", contentEncoding: "base64" },
  },
  not: { required: ["data", "data_base64"] },
});

const JSON_TYPE = /^[\w.+-]+\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i;
const ENVELOPE: Readonly<Record<string, string>> = { event: "type", event_id: "id", created_at: "time" };

export function cloudEventMode(headers: HeaderValues): CloudEventMode | null {
  const type = headers["content-type"]?.toLowerCase() ?? "";
  if (type.startsWith("application/cloudevents-batch")) return "batch";
  if (type.startsWith("application/cloudevents")) return "structured";
  return headers["ce-specversion"] !== undefined || headers["ce-id"] !== undefined ? "binary" : null;
}

/**
 * One CloudEvent as an event of ours: `type` → `event`, `id` → `event_id`, `time` → `created_at`, `schemaversion` (or
 * the number that `dataschema` ends in) → `schema_version`, and the members of `data` beside them. `body` is the parsed
 * body: the whole event in structured mode (and for each member of a batch), its data in binary mode.
 */
export function fromCloudEvent(headers: HeaderValues, body: Json): CloudEventResult {
  const binary = cloudEventMode(headers) === "binary";
  const attributes = binary ? attributesOf(headers) : body;
  const errors = schema
    .validate(attributes)
    .map((problem) =>
      problem.pointer === "" && isObject(attributes)
        ? { pointer: "/data", message: 'cannot stand beside "data_base64"' }
        : problem,
    );
  if (errors.length > 0 || !isObject(attributes))
    return { ok: false, errors: errors.map((problem) => named(problem, binary)) };
  const data = binary ? { value: body, pointer: "" } : dataOf(attributes);
  if ("errors" in data) return { ok: false, errors: data.errors };
  if (!isObject(data.value))
    return { ok: false, errors: [{ pointer: data.pointer, message: "must be a JSON object: the event's own fields" }] };
  return combined(attributes, data.value, data.pointer);
}

/** In binary mode the attributes are headers: say their names. */
function named({ pointer, message }: Problem, binary: boolean): Problem {
  return binary ? { pointer: "", message: `The header ce-${pointer.slice(1)} ${message}` } : { pointer, message };
}

function attributesOf(headers: HeaderValues): JsonObject {
  const found: [string, Json][] = [];
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith("ce-") && value !== undefined) found.push([name.slice(3), decoded(value)]);
  const type = headers["content-type"];
  if (type !== undefined) found.push(["datacontenttype", type]);
  return Object.fromEntries(found);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function dataOf(attributes: JsonObject): { value: Json; pointer: string } | { errors: Problem[] } {
  const encoded = attributes["data_base64"];
  if (typeof encoded !== "string") return { value: attributes["data"] ?? {}, pointer: "/data" };
  const type = attributes["datacontenttype"];
  if (typeof type === "string" && !JSON_TYPE.test(type))
    return { errors: [{ pointer: "/datacontenttype", message: "must be a JSON type" }] };
  const read = readJson(Buffer.from(encoded, "base64").toString("utf8"));
  if ("mistake" in read)
    return { errors: [{ pointer: "/data_base64", message: `does not hold JSON: ${read.mistake.message}` }] };
  return { value: read.value, pointer: "/data_base64" };
}

/** `data` may repeat the envelope, but not contradict it. */
function combined(attributes: JsonObject, data: JsonObject, pointer: string): CloudEventResult {
  const version = versionOf(attributes);
  const envelope: JsonObject = Object.fromEntries(
    Object.entries(ENVELOPE).map(([ours, theirs]) => [ours, attributes[theirs] as Json]),
  );
  if (version !== undefined) envelope["schema_version"] = version;
  const errors = Object.keys(envelope)
    .filter((key) => Object.hasOwn(data, key) && data[key] !== envelope[key])
    .map((key) => ({
      pointer: `${pointer}/${key}`,
      message: `is not what the CloudEvent's "${ENVELOPE[key] ?? "schemaversion"}" says`,
    }));
  return errors.length > 0 ? { ok: false, errors } : { ok: true, event: { ...envelope, ...data } };
}

function versionOf({ schemaversion, dataschema }: JsonObject): number | undefined {
  if (schemaversion !== undefined) return Number(schemaversion);
  const found = typeof dataschema === "string" ? /\/v?([1-9]\d{0,8})(?:\.schema\.json)?$/.exec(dataschema) : null;
  return found === null ? undefined : Number(found[1]);
}
