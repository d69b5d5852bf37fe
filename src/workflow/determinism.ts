import { AsyncLocalStorage } from "node:async_hooks";
import { Failure } from "../base/failure.ts";

/** What to do when workflow code reaches for something that differs on the next resume. */
export type DeterminismMode = "throw" | "warn";

interface Scope {
  inStep: boolean;
  report: (call: string, verb: string) => void;
}

const scopes = new AsyncLocalStorage<Scope>();
let installed = false;

/**
 * Runs workflow code under the guard: outside a step, clocks, randomness, timers and the network are refused ("throw")
 * or reported once per call name ("warn"). File access and sockets opened by libraries are not seen.
 */
export function underGuard<T>(mode: DeterminismMode, warn: (message: string) => void, body: () => T): T {
  install();
  const seen = new Set<string>();
  const report = (call: string, verb: string): void => {
    const message = `${call} outside a step gives another answer on every resume; use ${verb}.`;
    if (mode === "throw") throw new Failure({ class: "bug", code: "nondeterminism", message });
    if (!seen.has(call)) warn(message);
    seen.add(call);
  };
  return scopes.run({ inStep: false, report }, body);
}

/** Runs a step's body, where everything is permitted: its result is on record. */
export function inStep<T>(body: () => T): T {
  const scope = scopes.getStore();
  return scope === undefined ? body() : scopes.run({ ...scope, inStep: true }, body);
}

function guard(call: string, verb: string): void {
  const scope = scopes.getStore();
  if (scope !== undefined && !scope.inStep) scope.report(call, verb);
}

function install(): void {
  if (installed) return;
  installed = true;
  wrap(Date, "now", "Date.now()", "ctx.now()");
  wrap(Math, "random", "Math.random()", "ctx.random()");
  wrap(performance, "now", "performance.now()", "ctx.now()");
  wrap(process, "hrtime", "process.hrtime()", "ctx.now()");
  wrap(crypto, "randomUUID", "crypto.randomUUID()", "ctx.run()");
  wrap(crypto, "getRandomValues", "crypto.getRandomValues()", "ctx.run()");
  wrap(globalThis, "fetch", "fetch()", "ctx.tool() or ctx.run()");
  wrap(globalThis, "setTimeout", "setTimeout()", "ctx.sleep()");
  wrap(globalThis, "setInterval", "setInterval()", "ctx.sleep()");
  wrap(globalThis, "setImmediate", "setImmediate()", "ctx.sleep()");
  globalThis.Date = guardedDate(Date);
}

function wrap<T extends object>(owner: T, name: keyof T & string, call: string, verb: string): void {
  const original = owner[name] as (...args: unknown[]) => unknown;
  const guarded = function (this: unknown, ...args: unknown[]): unknown {
    guard(call, verb);
    return Reflect.apply(original, this, args);
  };
  Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(owner, name, {
    value: guarded,
    writable: true,
    configurable: true,
    enumerable: name !== "now",
  });
}

function guardedDate(Native: DateConstructor): DateConstructor {
  return new Proxy(Native, {
    construct(target, args: unknown[], newTarget): object {
      if (args.length === 0) guard("new Date()", "new Date(ctx.now())");
      return Reflect.construct(target, args, newTarget) as object;
    },
    apply(target, self, args): unknown {
      guard("Date()", "new Date(ctx.now())");
      return Reflect.apply(target, self, args);
    },
  });
}
