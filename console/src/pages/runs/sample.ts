import type { Contract, Json } from "../../api/schema.gen.ts";

/** An event that the contract takes, with as little in it as it allows: a beginning to fill in. */
export function sampleEvent(
  { type, version, default: isDefault, schema }: Contract,
  now: number,
): { [name: string]: Json } {
  const made = sample(schema, 0);
  const body = typeof made === "object" && made !== null && !Array.isArray(made) ? made : {};
  return {
    ...body,
    event: type,
    event_id: "first-1",
    ...(isDefault ? {} : { schema_version: version }),
    created_at: new Date(Math.floor(now / 1_000) * 1_000).toISOString(),
  };
}

const MAX_DEPTH = 6;

function sample(schema: Json | undefined, depth: number): Json {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema) || depth > MAX_DEPTH) return null;
  const { const: only, default: usual } = schema;
  if (only !== undefined) return only;
  const [choice] = listOf(schema["enum"]);
  const [example] = listOf(schema["examples"]);
  const given = example ?? usual ?? choice;
  if (given !== undefined) return given;
  const [either] = [...listOf(schema["anyOf"]), ...listOf(schema["oneOf"])];
  if (either !== undefined) return sample(either, depth + 1);
  const [type] = [schema["type"]].flat();
  if (type === "object" || schema["properties"] !== undefined) return sampleObject(schema, depth);
  return sampleValue(type, schema, depth);
}

function sampleObject(schema: { [name: string]: Json }, depth: number): Json {
  const { properties } = schema;
  const known = typeof properties === "object" && properties !== null && !Array.isArray(properties) ? properties : {};
  const required = listOf(schema["required"]).filter((name): name is string => typeof name === "string");
  return Object.fromEntries(required.map((name) => [name, sample(known[name], depth + 1) ?? "…"]));
}

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-01T00:00:00Z",
  date: "2026-01-01",
  email: "someone@example.com",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function sampleValue(type: Json | undefined, schema: { [name: string]: Json }, depth: number): Json {
  if (type === "integer" || type === "number") return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
  if (type === "boolean") return false;
  if (type === "null") return null;
  if (type === "array") return Number(schema["minItems"] ?? 0) > 0 ? [sample(schema["items"], depth + 1)] : [];
  return FORMATS[String(schema["format"])] ?? "…".padEnd(Math.min(Number(schema["minLength"] ?? 0), 200), ".");
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
