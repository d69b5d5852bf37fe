import { expect, test } from "vitest";
import { newId } from "./id.ts";

test("ids are unique and sort by the order they were made in, within a millisecond too", () => {
  const ids = Array.from({ length: 10_000 }, () => newId("run"));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  for (const id of ids.slice(0, 100)) expect(id).toMatch(/^run_[0-9a-hjkmnp-tv-z]{26}$/);
});
