import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { Failure } from "../base/failure.ts";
import type { FailureInfo } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { tool } from "./define.ts";
import type { AnyTool, ToolCall } from "./define.ts";
import { failureFromResponse } from "./failures.ts";
import { invoke, reconcile, simulate } from "./invoke.ts";

type Run = (args: Json, call: ToolCall) => unknown;

const made = (run: Run, more: object = {}): AnyTool =>
  tool("t", { effect: "write", args: { additionalProperties: true }, run, ...more });
const options = { signal: new AbortController().signal, idempotencyKey: "run_1:escalate" };
const failureOf = async (promise: Promise<unknown>): Promise<FailureInfo> => {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(Failure);
  return (error as Failure).info;
}; // prettier-ignore

describe("a result", () => {
  test("is given as plain JSON, a copy, what is absent left out", async () => {
    const kept = { a: [1, undefined, { b: undefined, c: "x" }] };
    const run = made(() => kept);
    await expect(failureOf(invoke(run, {}, options))).resolves.toMatchObject({
      class: "tool_drift",
      errors: [{ pointer: "/a/1" }],
    });
    kept.a.splice(1, 1);
    const result = await invoke(run, {}, options);
    kept.a.length = 0;
    expect(result).toEqual({ a: [1, { c: "x" }] });
    expect(
      await invoke(
        made(() => undefined),
        {},
        options,
      ),
    ).toBeNull();
    expect(
      await invoke(
        made(() => "cut \ud83d"),
        {},
        options,
      ),
    ).toBe("cut \ufffd");
  });

  const circle: Json[] = [];
  circle.push(circle);
  test.each<[string, unknown, string]>([
    ["a date", { at: new Date(0) }, "/at"],
    ["a function", [() => 1], "/0"],
    ["NaN", Number.NaN, ""],
    ["a big integer", 1n, ""],
    ["a map", new Map(), ""],
    ["a circle", circle, "/0".repeat(128)],
  ])("that is %s is drift", async (_, value, pointer) => {
    expect(await failureOf(invoke(made(() => value), {}, options))).toMatchObject({ class: "tool_drift", code: "not_json", errors: [{ pointer }] });
  }); // prettier-ignore

  test("off its schema is drift, with pointers", async () => {
    const drifting = made(() => ({ count: "2" }), { result: { properties: { count: { type: "integer" } } } });
    expect(await failureOf(invoke(drifting, {}, options))).toMatchObject({
      class: "tool_drift",
      code: "result_schema",
      errors: [{ pointer: "/count", message: "must be integer, is string" }],
    });
  });
});

test("a handler is given its own copy of the arguments, the key and a signal", async () => {
  const args = { list: [1] };
  const result = await invoke(made((given, call) => {
    (given as typeof args).list.push(2);
    return [call.idempotencyKey, call.signal.aborted];
  }), args, options); // prettier-ignore
  expect([result, args]).toEqual([["run_1:escalate", false], { list: [1] }]);
});

describe("a call ends", () => {
  test("when its time is up, also where the handler does not listen", async () => {
    let expire = (): void => undefined;
    let cancelled = 0;
    const after = (_ms: number, act: () => void): (() => void) => {
      expire = act;
      return () => void cancelled++;
    };
    let seen: AbortSignal | undefined;
    const call = invoke(made((_, { signal }) => new Promise(() => { seen = signal; }), { timeout: "2s" }), {}, { ...options, after }); // prettier-ignore
    expire();
    expect(await failureOf(call)).toEqual({
      class: "timeout",
      code: "tool_timeout",
      message: "The tool t did not answer within 2 s.",
    });
    expect([seen?.aborted, cancelled]).toEqual([true, 1]);
    expect(
      await failureOf(
        invoke(
          made(() => new Promise(() => undefined), { timeout: 1 }),
          {},
          options,
        ),
      ),
    ).toMatchObject({ class: "timeout" });
  });

  test("when the run is aborted, with the run's reason; what the handler says later is nobody's", async () => {
    const run = new AbortController();
    const reason = new Error("lease lost");
    const call = invoke(made((_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("late"))))), {}, { ...options, signal: run.signal }); // prettier-ignore
    run.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(
      invoke(
        made(() => 1),
        {},
        { ...options, signal: run.signal },
      ),
    ).rejects.toBe(reason);
  });
});

describe("what a handler throws has a class", () => {
  const thrown = (error: unknown): Promise<FailureInfo> => failureOf(invoke(made(() => { throw error; }), {}, { ...options, clock: { now: () => 0 } })); // prettier-ignore
  const coded = (code: string): Error => Object.assign(new Error("x"), { code });
  test.each<[string, unknown, Partial<FailureInfo>]>([
    ["a mistake in the code", new TypeError("x is undefined"), { class: "bug", code: "exception", message: "The tool t failed: x is undefined" }],
    ["something that is no error", "no", { class: "bug", message: "The tool t failed: no" }],
    ["nothing at all", undefined, { class: "bug" }],
    ["a reset connection", coded("ECONNRESET"), { class: "transient", code: "econnreset" }],
    ["a cause in a cause", new TypeError("fetch failed", { cause: new AggregateError([coded("ECONNREFUSED")]) }), { class: "transient", code: "econnrefused" }],
    ["a failed fetch without a code", new TypeError("fetch failed"), { class: "transient", code: "fetch_failed" }],
    ["a certificate nobody trusts", new TypeError("fetch failed", { cause: coded("CERT_HAS_EXPIRED") }), { class: "bug" }],
    ["a slow peer", coded("UND_ERR_HEADERS_TIMEOUT"), { class: "timeout", code: "und_err_headers_timeout" }],
    ["a timeout signal", new DOMException("x", "TimeoutError"), { class: "timeout", code: "timeout" }],
    ["a status on the error", Object.assign(new Error("x"), { status: 502 }), { class: "transient", code: "http_502" }],
    ["a status on its response", Object.assign(new Error("x"), { response: { status: 429, headers: { "Retry-After": "7" } } }), { class: "rate_limited", code: "http_429", retryAfterMs: 7_000 }],
    ["a failure with a class of its own", new Failure({ class: "denied", code: "no", message: "No." }), { class: "denied", code: "no", message: "No." }],
    ["a failure from another copy of this module", Object.assign(new Error("No."), { name: "Failure", info: { class: "budget", code: "b", message: "No." } }), { class: "budget" }],
    ["a failure of a class that does not exist", Object.assign(new Error("No."), { name: "Failure", info: { class: "odd", code: "b", message: "No." } }), { class: "bug" }],
  ])("%s", async (_, error, expected) => {
    expect(await thrown(error)).toMatchObject(expected);
  }); // prettier-ignore

  test.each<[number, Record<string, string>, Partial<FailureInfo>]>([
    [500, {}, { class: "transient", code: "http_500" }],
    [503, {}, { class: "transient" }],
    [503, { "retry-after": "2" }, { class: "rate_limited", retryAfterMs: 2_000 }],
    [429, {}, { class: "rate_limited" }],
    [429, { "retry-after": "Thu, 01 Jan 1970 00:01:00 GMT" }, { class: "rate_limited", retryAfterMs: 60_000 }],
    [429, { "retry-after": "999999999" }, { class: "rate_limited", retryAfterMs: 86_400_000 }],
    [429, { "retry-after": "soon" }, { class: "rate_limited" }],
    [408, {}, { class: "timeout" }],
    [504, {}, { class: "timeout" }],
    [404, {}, { class: "bug", code: "http_404", message: "The other side answered 404." }],
  ])("an answer of %d %j", (status, headers, expected) => {
    const { info } = failureFromResponse(new Response(null, { status, headers }), { now: () => 0 });
    expect(info).toMatchObject(expected);
    expect("retryAfterMs" in info).toBe("retryAfterMs" in expected);
  });

  test("a real connection that is cut is transient", async () => {
    const server = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const fetching = made(async (_, { signal }) => (await fetch(`http://127.0.0.1:${port}`, { signal })).status);
    expect(await failureOf(invoke(fetching, {}, options))).toMatchObject({ class: "transient" });
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(invoke(fetching, {}, options))).toMatchObject({ class: "transient", code: "econnrefused" });
  });
});

describe("a write whose answer was lost", () => {
  const looked = (found: unknown, more: object = {}): Promise<unknown> =>
    reconcile(
      made(() => 1, { reconcile: () => found, ...more }),
      {},
      options,
    );
  test("is settled by its look-up", async () => {
    expect(await looked({ status: "done", result: { id: 1 } })).toEqual({ status: "done", result: { id: 1 } });
    expect(await looked({ status: "not_done" })).toEqual({ status: "not_done" });
    expect(
      await reconcile(
        made(() => 1),
        {},
        options,
      ),
    ).toEqual({ status: "unknown" });
  });

  test("is not settled by an answer that is none, or off the schema", async () => {
    for (const found of [undefined, null, true, { status: "maybe" }])
      expect(await failureOf(looked(found))).toMatchObject({ class: "tool_drift" });
    expect(await failureOf(looked({ status: "done", result: 1 }, { result: { type: "string" } }))).toMatchObject({
      code: "result_schema",
    });
  });
});

test("a simulation stands in for a write, under the same schema", async () => {
  expect(
    await simulate(
      made(() => 1, { simulate: () => ({ id: "simulated" }) }),
      {},
      options,
    ),
  ).toEqual({ id: "simulated" });
  expect(
    await failureOf(
      simulate(
        made(() => 1, { simulate: () => 5, result: { type: "string" } }),
        {},
        options,
      ),
    ),
  ).toMatchObject({ class: "tool_drift" });
});
