import { describe, expect, test } from "vitest";
import { checkCalls } from "./calls.ts";
import type { CallVerdict } from "./calls.ts";
import { parseToolDefinitions } from "./openai.ts";

const parameters = {
  type: "object",
  required: ["city"],
  properties: { city: { type: "string" }, days: { type: "integer", maximum: 14 } },
};
const weather = { type: "function", function: { name: "get_weather", description: "Forecast.", parameters } };
const file = (value: unknown): ReturnType<typeof parseToolDefinitions> =>
  parseToolDefinitions(JSON.stringify(value, null, 1), "tools.json");

async function verdicts(tools: unknown, ...calls: unknown[]): Promise<CallVerdict[]> {
  const lines = calls.map((call) => (typeof call === "string" ? call : JSON.stringify(call)));
  return await collect(checkCalls(file(tools), lines));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("tool definitions", () => {
  test.each<[string, unknown]>([
    ["OpenAI's chat form", [weather]],
    ["the flat form", [{ type: "function", name: "get_weather", parameters, strict: true }]],
    ["a bare function", { name: "get_weather", parameters }],
    ["a list under tools", { tools: [weather] }],
    ["a list under functions", { functions: [weather.function] }],
    ["MCP's form", { tools: [{ name: "get_weather", inputSchema: parameters }] }],
  ])("%s is read", (_, value) => {
    const { tools, problems } = file(value);
    expect([problems, [...tools.keys()], tools.get("get_weather")?.args.validate({ city: "x" })]).toEqual([
      [],
      ["get_weather"],
      [],
    ]);
  });

  test("a function without parameters takes none", () => {
    const tool = file([{ name: "ping" }]).tools.get("ping");
    expect([tool?.args.validate({}), tool?.args.validate({ a: 1 }).length]).toEqual([[], 1]);
  });

  test("the same definition may stand twice", () => {
    const { tools, problems } = file([weather, weather]);
    expect([[...tools.keys()], problems]).toEqual([["get_weather"], []]);
  });

  test("mistakes are told with file and line, all at once, and spare the others", () => {
    const { tools, broken, problems } = file([
      weather,
      { name: "a", parameters: { type: "dict", properties: { x: { type: "float" } } } },
      { name: "no name!" },
      { name: "b", parameters: { type: "array" } },
      { name: "c", "x-sluice": { effect: "delete", cost: 1 } },
      { name: "get_weather" },
      { name: "fine" },
      7,
    ]);
    expect([[...tools.keys()], [...broken]]).toEqual([["fine"], ["a", "b", "c", "get_weather"]]);
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "bad_tool A tool definition must be an object.",
      'bad_schema "dict" is not a type; write "object".',
      'bad_schema "float" is not a type; write "number".',
      expect.stringContaining('bad_tool_name "no name!"'),
      "bad_schema The parameters of a tool must be an object.",
      'bad_annotation "effect" must be one of read, write.',
      'bad_annotation "x-sluice" has no "cost"; it takes effect, kind and risk.',
      "two_tools The tool get_weather is defined twice.",
    ]);
    for (const problem of problems)
      expect(problem).toMatchObject({ file: "tools.json", line: expect.any(Number), severity: "error" });
    expect(parseToolDefinitions('[{"name":\n}]', "t.json").problems).toMatchObject([
      { code: "not_json", line: 2, column: 1 },
    ]);
  });
});

describe("a call", () => {
  const safe = { name: "search", parameters, "x-sluice": { effect: "read" } };
  const note = { name: "note", parameters, "x-sluice": { effect: "write", risk: "low" } };
  const mail = { name: "mail", parameters, "x-sluice": { effect: "write", kind: "external_message", risk: "low" } };
  const tools = [
    weather,
    safe,
    note,
    mail,
    { name: "broken", parameters: { type: "dict" } },
    { name: "open", parameters: { type: "object", additionalProperties: true } },
  ];
  test.each<[string, unknown, string]>([
    ["with an effect that nobody declared", { name: "get_weather", arguments: { city: "Bonn" } }, "review effect_not_declared"],
    ["of a read", { name: "search", arguments: { city: "Bonn", days: 3 } }, "allow ok"],
    ["of a write of low risk", { name: "note", arguments: { city: "Bonn" } }, "allow ok"],
    ["of an external message", { name: "mail", arguments: { city: "Bonn" } }, "review kind_needs_review"],
    ["with arguments as text", { name: "search", arguments: '{"city":"Bonn"}' }, "allow ok"],
    ["in OpenAI's form", { id: "call_1", type: "function", function: { name: "search", arguments: '{"city":"Bonn"}' } }, "allow ok"],
    ["that opens itself", { name: "open", arguments: { anything: 1 } }, "review effect_not_declared"],
    ["without a required argument", { name: "search", arguments: {} }, "refuse invalid_arguments"],
    ["without any arguments", { name: "search" }, "refuse invalid_arguments"],
    ["with an argument too many", { name: "search", arguments: { city: "Bonn", admin: true } }, "refuse invalid_arguments"],
    ["with a value off the schema", { name: "search", arguments: { city: "Bonn", days: 15 } }, "refuse invalid_arguments"],
    ["with arguments that are no object", { name: "search", arguments: ["Bonn"] }, "refuse invalid_arguments"],
    ["with text that is no JSON", { name: "search", arguments: "{city}" }, "refuse invalid_arguments"],
    ["of an unknown tool", { name: "get_wether", arguments: {} }, "refuse unknown_tool"],
    ["of what every object has", { name: "constructor", arguments: {} }, "refuse unknown_tool"],
    ["of a tool whose definition is broken", { name: "broken", arguments: {} }, "refuse unusable_definition"],
    ["that is none", [1], "refuse not_a_call"],
    ["without a name", { arguments: {} }, "refuse not_a_call"],
    ["that is not JSON", "{", "refuse not_json"],
  ])("%s", async (_, call, expected) => {
    const [verdict] = await verdicts(tools, call);
    expect(`${verdict?.verdict} ${verdict?.reason}`).toBe(expected);
    expect((verdict?.errors ?? []).length > 0).toBe(verdict?.verdict === "refuse");
  }); // prettier-ignore

  test("errors point into the call, lines are counted with the blank ones", async () => {
    const found = await verdicts([safe], "", { name: "search", arguments: { days: "x" } });
    expect(found).toEqual([
      {
        line: 2,
        verdict: "refuse",
        reason: "invalid_arguments",
        errors: [
          { pointer: "/arguments/city", message: "is required" },
          { pointer: "/arguments/days", message: "must be integer, is string" },
        ],
      },
    ]);
  });
});
