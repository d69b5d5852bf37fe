import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chipsOf } from "./labels.ts";
import { fieldsOf } from "./row.ts";
import { sampleEvent } from "./sample.ts";
import { runsPageSearch, runsSearch, withFilters } from "./search.ts";
import { withRange } from "./selection.ts";
import type { Row } from "./row.ts";
import { clockText, momentOf } from "../../parts/zoned.ts";

describe("the filters of an address", () => {
  test("are those that there are; a number is a word like any other", () => {
    expect(runsSearch({ status: "dead", release: 3, page: 2, q: "", workflow: ["a"] })).toEqual({
      status: "dead",
      release: "3",
    });
  });

  test("another filter ends the selection", () => {
    const search = runsPageSearch({ status: "dead", selected: "all" });
    expect(search).toEqual({ status: "dead", selected: "all" });
    expect(withFilters(search, { status: undefined, tool: "mail" })).toEqual({ tool: "mail" });
  });
});

describe("chips", () => {
  test("show a way and a span of time as one each", () => {
    const chips = chipsOf(
      {
        edge_from: "step:classify",
        edge_to: "end:dead",
        since: "2026-05-29T12:00:00Z",
        until: "2026-05-29T13:00:00Z",
        failure_class: "invalid_output",
      },
      "Europe/Berlin",
    );
    expect(chips).toEqual([
      { names: ["edge_from", "edge_to"], label: "Way", value: "classify → dead" },
      { names: ["failure_class"], label: "Failure class", value: "invalid output" },
      { names: ["since", "until"], label: "Created", value: "2026-05-29 14:00 – 2026-05-29 15:00" },
    ]);
  });

  test("every filter can be taken away by some chip", () => {
    const value = fc.constantFrom("a", "24h", "2026-05-29T12:00:00Z");
    const names = ["workflow", "status", "edge_from", "edge_to", "since", "until", "q", "fingerprint"];
    const search = fc.dictionary(fc.constantFrom(...names), value);
    fc.assert(
      fc.property(search, (given) => {
        const removed = chipsOf(given, "UTC").flatMap((chip) => chip.names);
        expect(removed.toSorted()).toEqual(Object.keys(given).toSorted());
      }),
    );
  });
});

describe("what a row shows of a decision", () => {
  test("short fields come first, nested ones are left out, texts are cut", () => {
    const decision = { reason: "because ".repeat(40), category: "bug", nested: { a: 1 }, urgent: false, none: null };
    const fields = fieldsOf(decision);
    expect(fields.map(({ name }) => name)).toEqual(["category", "urgent", "reason"]);
    expect(fields[2]?.value).toHaveLength(120);
  });
});

describe("a range", () => {
  const rows = ["a", "b", "c", "d"].map((id) => ({ id }) as Row);

  test("holds both ends, in either direction, and what was selected before", () => {
    expect(withRange(["x"], rows, "b", "d")).toEqual(["x", "b", "c", "d"]);
    expect(withRange([], rows, "c", "a")).toEqual(["a", "b", "c"]);
    expect(withRange([], rows, "gone", "a")).toEqual(["a"]);
  });
});

describe("a moment on a clock", () => {
  test("is read in the zone it is shown in", () => {
    expect(momentOf("2026-05-29T14:00", "Europe/Berlin")).toBe(Date.UTC(2026, 4, 29, 12));
    expect(momentOf("2026-12-29T14:00", "America/New_York")).toBe(Date.UTC(2026, 11, 29, 19));
    expect(momentOf("yesterday", "UTC")).toBeNull();
  });

  test("whatever a clock shows is read back, in the hour around a change too", () => {
    const minute = fc.integer({ min: 0, max: 60 * 24 * 365 }).map((n) => Date.UTC(2026, 0, 1) + n * 60_000);
    fc.assert(
      fc.property(minute, fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"), (at, zone) => {
        const read = momentOf(clockText(at, zone), zone);
        // Of an hour that comes twice either is right.
        expect(clockText(read ?? 0, zone)).toBe(clockText(at, zone));
      }),
    );
  });
});

describe("a sample event", () => {
  test("has what the contract requires and nothing else", () => {
    const schema = {
      type: "object",
      required: ["event", "ticket", "urgency"],
      properties: {
        event: { const: "ticket.created" },
        ticket: {
          type: "object",
          required: ["subject", "tags"],
          properties: { subject: { type: "string", minLength: 3 }, tags: { type: "array" }, more: { type: "string" } },
        },
        urgency: { enum: ["low", "high"] },
      },
    };
    const contract = { type: "ticket.created", version: 1, default: true, upcast: false, file: "", schema };
    expect(sampleEvent(contract, Date.UTC(2026, 4, 29))).toEqual({
      event: "ticket.created",
      event_id: "first-1",
      created_at: "2026-05-29T00:00:00.000Z",
      ticket: { subject: "…..", tags: [] },
      urgency: "low",
    });
  });
});
