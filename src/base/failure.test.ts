import { expect, test } from "vitest";
import { FAILURE_POLICY, Failure, ProjectError, UsageError, formatProblem } from "./failure.ts";

test("only what may pass by itself is tried again", () => {
  const repeated = Object.entries(FAILURE_POLICY).filter(([, { attempts }]) => attempts > 1);
  expect(repeated.map(([name, { attempts }]) => `${name} ${attempts}`)).toEqual([
    "transient 5",
    "rate_limited 8",
    "timeout 3",
  ]);
  for (const policy of Object.values(FAILURE_POLICY)) expect(["dead_letter", "review"]).toContain(policy.then);
});

test("a mistake in a file is told with its place and what to do", () => {
  const problem = {
    file: "a.json",
    line: 3,
    column: 5,
    code: "x",
    message: "Wrong.",
    fix: "Mend it.",
    severity: "error",
  } as const;
  expect(formatProblem(problem)).toBe("a.json:3:5: Wrong.\n    Mend it.");
  expect(formatProblem({ file: "a.json", column: 5, code: "x", message: "Missing.", severity: "error" })).toBe(
    "a.json: Missing.",
  );
  expect(new ProjectError([problem, problem]).message.split("\n")).toHaveLength(4);
});

test("failures and wrong use carry what a program can act on", () => {
  const cause = new Error("socket");
  const failure = new Failure({ class: "transient", code: "econnreset", message: "Lost." }, { cause });
  expect([failure.message, failure.info.class, failure.cause]).toEqual(["Lost.", "transient", cause]);
  expect(new UsageError("unknown_run", "No such run.", { status: 404 })).toMatchObject({
    code: "unknown_run",
    status: 404,
    errors: undefined,
  });
  expect(new UsageError("bad", "Bad.").status).toBe(400);
});
