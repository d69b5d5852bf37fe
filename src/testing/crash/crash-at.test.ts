import { expect, test, vi } from "vitest";
import { CRASH_POINTS, crashAt, parseCrashAt } from "./crash-at.ts";

test("a crash point is named with how many times it is passed before", () => {
  expect(parseCrashAt("write_claimed:3")).toEqual({ point: "write_claimed", nth: 3 });
  for (const point of CRASH_POINTS) expect(parseCrashAt(point)).toEqual({ point, nth: 1 });
});

test.each(["", "nowhere", "decided:0", "decided:x", "decided:1:2"])("%j is no crash point", (text) => {
  expect(() => parseCrashAt(text)).toThrow(RangeError);
});

test("the process is killed at the n-th time, and nothing after it executes", async () => {
  const kill = vi.spyOn(process, "kill").mockReturnValue(true);
  const probe = crashAt({ point: "decided", nth: 2 });
  await probe("before_decision");
  await probe("decided");
  expect(kill).not.toHaveBeenCalled();
  const third = await Promise.race([probe("decided").then(() => "went on"), Promise.resolve("stands")]);
  expect(third).toBe("stands");
  expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, "SIGKILL");
});
