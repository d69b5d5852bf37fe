import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { atPointer } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { compileSchema } from "../base/schema.ts";
import { contractSet } from "./contract.ts";
import type { Contract, Upcast } from "./contract.ts";
import { parseEvent } from "./parse.ts";
import type { EventRefusal, ParsedEvent } from "./parse.ts";
import { upcastEvent } from "./upcast.ts";

const TYPE = "support_ticket.created";
const golden: JsonObject = {
  event: TYPE, event_id: "evt_01HY9K2P0A7", created_at: "2026-05-29T14:22:10Z",
  ticket: { id: "tkt_9041", subject: "Charged twice after upgrading", body: "I upgraded to Pro yesterday and see two charges on my card.", channel: "email", language: "en" },
  customer: { id: "cus_1188", plan: "pro", arr: 2400, region: "us" },
}; // prettier-ignore

const ticket = {
  type: "object",
  required: ["id", "subject"],
  properties: { id: { type: "string" }, subject: { type: "string", "x-sensitive": true }, body: { type: "string", "x-sensitive": true }, channel: { enum: ["email", "chat"] }, language: { type: "string" } },
}; // prettier-ignore
const schema = {
  type: "object",
  required: ["event", "event_id", "created_at", "ticket"],
  properties: { event: { const: TYPE }, event_id: { type: "string" }, created_at: { type: "string", format: "date-time" }, ticket, customer: { type: "object", properties: { id: { type: "string" }, plan: { type: "string" }, arr: { type: "number" }, region: { type: "string" }, mail: { "x-sensitive": "email" } } } },
}; // prettier-ignore

function contract(version: number, source: JsonObject = schema, more: Partial<Contract> = {}): Contract {
  return {
    type: TYPE,
    version,
    isDefault: false,
    schema: compileSchema(source),
    file: `events/${TYPE}/${version}.schema.json`,
    upcast: null,
    ...more,
  };
}

const one = contractSet([contract(1)]);
const parsed = (result: ParsedEvent | EventRefusal): ParsedEvent => {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result;
};
const refused = (result: ParsedEvent | EventRefusal): EventRefusal => {
  if (result.ok) throw new Error("accepted");
  return result;
};

describe("an event that keeps its contract", () => {
  test("is given as it came", () => {
    const event = parsed(parseEvent(one, golden));
    expect(event).toMatchObject({ type: TYPE, eventId: "evt_01HY9K2P0A7", createdAt: "2026-05-29T14:22:10Z", drift: [], event: golden });
    expect(event.sensitive).toEqual([{ pointer: "/ticket/subject", kind: "sensitive" }, { pointer: "/ticket/body", kind: "sensitive" }]);
  }); // prettier-ignore

  test("may carry what the contract does not declare: counted, kept secret, and not passed on", () => {
    const body = { ...golden, trace: { id: 1 }, ticket: { ...(golden["ticket"] as JsonObject), "a/b": "x" } };
    const event = parsed(parseEvent(one, body));
    expect(event.drift).toEqual(["/ticket/a~1b", "/trace"]);
    expect([event.event, event.body]).toEqual([golden, body]);
    expect(event.sensitive).toContainEqual({ pointer: "/trace", kind: "undeclared" });
    expect(event.sensitive).toContainEqual({ pointer: "/ticket/a~1b", kind: "undeclared" });
  });

  test("may carry the names of prototypes, which never reach one", () => {
    const body = JSON.parse(`{"__proto__":{"polluted":1},${JSON.stringify(golden).slice(1)}`) as JsonObject;
    const event = parsed(parseEvent(one, body));
    expect([event.drift, Object.keys(event.event).includes("__proto__"), "polluted" in event.event]).toEqual([
      ["/__proto__"],
      false,
      false,
    ]);
  });

  test("may name its version although the contract does not mention schema_version", () => {
    const closed = contractSet([contract(1, { ...schema, additionalProperties: false })]);
    expect(parsed(parseEvent(closed, { ...golden, schema_version: 1 })).drift).toEqual([]);
    expect(refused(parseEvent(closed, { ...golden, extra: 1 })).errors).toEqual([
      { pointer: "/extra", message: "is not declared" },
    ]);
  });
});

describe("an event is refused, with pointers", () => {
  const without = (key: string): JsonObject =>
    Object.fromEntries(Object.entries(golden).filter(([name]) => name !== key));
  test.each<[string, Json, string, string]>([
    ["that is a list", [golden], "invalid_event", ""],
    ["that is null", null, "invalid_event", ""],
    ["without a type", without("event"), "invalid_event", "/event"],
    ["with an empty type", { ...golden, event: "" }, "invalid_event", "/event"],
    ["of an unknown type", { ...golden, event: "support_ticket.creatd" }, "unknown_event_type", "/event"],
    ["of a type every object has", { ...golden, event: "constructor" }, "unknown_event_type", "/event"],
    ["without an id", without("event_id"), "invalid_event", "/event_id"],
    ["with a number for an id", { ...golden, event_id: 7 }, "invalid_event", "/event_id"],
    ["with a line feed in its id", { ...golden, event_id: "a\nb" }, "invalid_event", "/event_id"],
    ["with a blank id", { ...golden, event_id: " " }, "invalid_event", "/event_id"],
    ["with a space at the end of its id", { ...golden, event_id: "evt_1 " }, "invalid_event", "/event_id"],
    ["with a tab before its id", { ...golden, event_id: "\tevt_1" }, "invalid_event", "/event_id"],
    ["with an id that turns the reading direction", { ...golden, event_id: "evt_\u202e1" }, "invalid_event", "/event_id"],
    ["with an invisible character in its id", { ...golden, event_id: "evt_\u200b1" }, "invalid_event", "/event_id"],
    ["with a line separator in its id", { ...golden, event_id: "evt_\u20281" }, "invalid_event", "/event_id"],
    ["with an endless id", { ...golden, event_id: "a".repeat(201) }, "invalid_event", "/event_id"],
    ["with a local time", { ...golden, created_at: "2026-05-29T14:22:10" }, "invalid_event", "/created_at"],
    ["with a day that does not exist", { ...golden, created_at: "2026-02-30T14:22:10Z" }, "invalid_event", "/created_at"],
    ["with a version as text", { ...golden, schema_version: "1" }, "invalid_event", "/schema_version"],
    ["of an unknown version", { ...golden, schema_version: 2 }, "unknown_version", "/schema_version"],
    ["off its contract", { ...golden, ticket: { id: 1 } }, "invalid_event", "/ticket/subject"],
    ["with half a character", { ...golden, note: ["a\ud83d"] }, "invalid_event", "/note/0"],
    ["with half a character in a name", { ...golden, note: { "\udc00": 1 } }, "invalid_event", "/note"],
  ])("%s", (_, body, code, pointer) => {
    const refusal = refused(parseEvent(one, body));
    expect(refusal.code).toBe(code);
    expect(refusal.errors.map((error) => error.pointer)).toContain(pointer);
  }); // prettier-ignore

  test("for its envelope and for its contract at once, each fault told once", () => {
    const { errors, message } = refused(parseEvent(one, { ...golden, event_id: " ", created_at: "x", ticket: {} }));
    expect(errors.map(({ pointer }) => pointer)).toEqual(["/created_at", "/event_id", "/ticket/id", "/ticket/subject"]);
    expect(message).toBe(`The event's envelope is not valid, nor does it keep the contract ${TYPE} version 1.`);
  });

  test("but never for an id that is plain text of any script", () => {
    for (const event_id of ["evt 1", "заказ-7", "注文/7", "😀", "a".repeat(200)])
      expect(parsed(parseEvent(one, { ...golden, event_id })).eventId).toBe(event_id);
  });

  test("nested without end", () => {
    let deep: Json = 1;
    for (let i = 0; i < 50_000; i++) deep = { a: deep };
    expect(refused(parseEvent(one, { ...golden, deep })).code).toBe("invalid_event");
  });

  test("and the near name is told", () => {
    expect(refused(parseEvent(one, { ...golden, event: "support_ticket.creatd" })).errors[0]?.message).toContain(
      `Did you mean "${TYPE}"?`,
    );
  });

  test("and what it holds stays secret where it is kept", () => {
    expect(refused(parseEvent(one, { ...golden, created_at: "x", more: 1 })).sensitive).toEqual([
      { pointer: "/ticket/subject", kind: "sensitive" },
      { pointer: "/ticket/body", kind: "sensitive" },
      { pointer: "/more", kind: "undeclared" },
    ]);
    expect(refused(parseEvent(one, { event: "other", name: "x" })).sensitive).toEqual([
      { pointer: "/name", kind: "undeclared" },
    ]);
    expect(refused(parseEvent(one, "x")).sensitive).toEqual([{ pointer: "", kind: "undeclared" }]);
  });
});

describe("the version", () => {
  const two = contractSet([contract(2), contract(1)]);
  const marked = contractSet([contract(1), contract(2, schema, { isDefault: true }), contract(3)]);
  test("is the one named, else the default, else the only one", () => {
    const version = (set: typeof one, more: JsonObject): number =>
      parsed(parseEvent(set, { ...golden, ...more })).contract.version;
    expect([
      version(marked, {}),
      version(marked, { schema_version: 3 }),
      version(one, {}),
      version(two, { schema_version: 1 }),
    ]).toEqual([2, 3, 1, 1]);
  });

  test("has to be named where none is implied", () => {
    expect(refused(parseEvent(two, golden))).toMatchObject({ code: "unknown_version", errors: [{ pointer: "/schema_version", message: expect.stringContaining("versions: 1, 2") }] });
  }); // prettier-ignore
});

describe("an older event", () => {
  const v2 = {
    ...schema,
    required: [...schema.required, "priority"],
    properties: { ...schema.properties, priority: { enum: ["low", "high"] }, schema_version: { const: 2 } },
  };
  const v3 = { ...v2, properties: { ...v2.properties, schema_version: { const: 3 }, tags: { type: "array" } } };
  const chain = (upcast: Upcast | null): ReturnType<typeof contractSet> =>
    contractSet([
      contract(1, schema, { upcast }),
      contract(2, v2, { upcast: (event) => ({ ...event, tags: [] }) }),
      contract(3, v3),
    ]);
  const set = chain((event) => ({ ...event, priority: "low" }));
  const from = (contracts: typeof set): Contract => contracts.contract(TYPE, 1) as Contract;
  const old = { ...golden, schema_version: 1 };

  test("is brought to the version wanted, step by step", () => {
    expect(upcastEvent(set, old, from(set), 3)).toMatchObject({
      ok: true,
      event: { priority: "low", tags: [], schema_version: 3 },
      contract: { version: 3 },
    });
    expect(upcastEvent(set, old, from(set), 1)).toMatchObject({ ok: true, event: old });
    expect(old.schema_version).toBe(1);
    expect([
      set.reaches(TYPE, 1, 3),
      set.reaches(TYPE, 1, 4),
      set.reaches(TYPE, 3, 1),
      chain(null).reaches(TYPE, 1, 2),
    ]).toEqual([true, false, false, false]);
  });

  test.each<[string, Upcast, string]>([
    ["throws", () => { throw new Error("no priority"); }, "threw: no priority"],
    ["gives nothing", () => undefined as never, "did not return an event"],
    ["is asynchronous", (async () => ({})) as never, "is asynchronous"],
    ["breaks the next contract", (event) => event, "does not keep version 2"],
    ["changes the event's identity", (event) => ({ ...event, priority: "low", event_id: "x" }), "changed event_id"],
    ["throws an error of another kind", () => { throw new DOMException("x"); }, "threw: x"],
  ])("is refused where its upcast %s", (_, upcast, expected) => {
    const broken = chain(upcast);
    expect(upcastEvent(broken, old, from(broken), 3)).toMatchObject({ ok: false, code: "upcast_failed", message: expect.stringContaining(expected) });
  }); // prettier-ignore

  test("cannot spoil the original", () => {
    const spoiling = chain((event) => {
      (event["ticket"] as JsonObject)["subject"] = "changed";
      return { ...event, priority: "low" };
    });
    upcastEvent(spoiling, old, from(spoiling), 2);
    expect(atPointer(old, "/ticket/subject")).toBe("Charged twice after upgrading");
  });

  test("without a way stays where it is, and no event goes back", () => {
    expect(upcastEvent(chain(null), old, from(chain(null)), 2)).toMatchObject({ ok: false, code: "no_upcast", message: expect.stringContaining("1.upcast.ts") });
    expect(upcastEvent(set, golden, set.contract(TYPE, 3) as Contract, 1)).toMatchObject({ ok: false, code: "no_upcast", message: expect.stringContaining("never taken back") });
  }); // prettier-ignore
});

test("any JSON is either accepted or refused with a reason; what reaches a workflow is declared", () => {
  const piece = fc.constantFrom<[string, Json]>(["event", TYPE], ["event_id", "a"], ["created_at", "2026-05-29T14:22:10Z"], ["ticket", { id: "1", subject: "s", x: 1 }], ["__proto__", 1], ["schema_version", 1], ["extra", { a: [1] }]); // prettier-ignore
  const body = fc.oneof(
    fc.jsonValue() as fc.Arbitrary<Json>,
    fc.array(piece, { maxLength: 9 }).map((parts) => Object.fromEntries(parts)),
  );
  fc.assert(
    fc.property(body, (sample) => {
      const result = parseEvent(one, sample);
      if (result.ok)
        expect(
          one
            .contract(TYPE, 1)
            ?.schema.undeclared(result.event)
            .filter((pointer) => pointer !== "/schema_version"),
        ).toEqual([]);
      else expect(result.errors.length).toBeGreaterThan(0);
    }),
    { numRuns: 1_000 },
  );
});
