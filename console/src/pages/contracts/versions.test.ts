import { describe, expect, test } from "vitest";
import type { Contract } from "../../api/schema.gen.ts";
import { byType, choose, versionsOf } from "./versions.ts";

function contract(version: number, type = "ticket.created"): Contract {
  return {
    type,
    version,
    default: version === 1,
    upcast: false,
    file: `events/${type}/${version}.schema.json`,
    schema: {},
  };
}

const versions = versionsOf([contract(2), contract(10), contract(1), contract(3, "other")], "ticket.created");

describe("the versions of a contract", () => {
  test("come newest first, by type", () => {
    expect(versions.map(({ version }) => version)).toEqual([10, 2, 1]);
    expect(byType([contract(1), contract(1, "a"), contract(2)]).map((each) => each.length)).toEqual([1, 2]);
  });

  test("are compared with the one before, unless the address says otherwise", () => {
    expect(choose(versions, {})).toMatchObject({ version: { version: 10 }, against: { version: 2 } });
    expect(choose(versions, { version: "1" })).toMatchObject({ version: { version: 1 }, against: { version: 2 } });
    expect(choose(versions, { version: "10", against: "1" })).toMatchObject({ against: { version: 1 } });
    expect(choose(versions, { version: "4" })).toBe(null);
  });
});
