import { AsyncLocalStorage } from "node:async_hooks";
import { Failure } from "../base/failure.ts";

/** What to do when workflow code reaches for something that differs on the next resume. */
export type DeterminismMode = "throw" | "warn";

interface Scope {
  inStep: boolean;
  report: (call: string, verb: string) => void;
  stray: (error: unknown) => void;
}

export interface Guard {
  mode: DeterminismMode;
  warn(message: string): void;
  /** Told of what the code let fail without anybody waiting for it: a promise, or a callback that threw. */
  stray(error: unknown): void;
}

const scopes = new AsyncLocalStorage<Scope>();
let installed = false;

/**
 * Runs workflow code under the guard. What it lets fail unheard is its own run's failure and not the end of the process.
 * Outside a step, clocks, randomness, timers and the network are refused ("throw")
 * or reported once per call name ("warn"). File access and sockets opened by libraries are not seen.
 */
export function underGuard<T>({ mode, warn, stray }: Guard, body: () => T): T {
  install();
  const seen = new Set<string>();
  const report = (call: string, verb: string): void => {
    const message = `${call} outside a step gives another answer on every resume; use ${verb}.`;
    if (mode === "throw") throw new Failure({ class: "bug", code: "nondeterminism", message });
    if (seen.has(call)) return;
    seen.add(call);
    // Whoever writes the line looks at the clock, too.
    inStep(() => warn(message));
  };
  return scopes.run({ inStep: false, report, stray }, body);
}

/** Runs a step's body, where everything is permitted: its result is on record. */
export function inStep<T>(body: () => T): T {
  const scope = scopes.getStore();
  return scope === undefined ? body() : scopes.run({ ...scope, inStep: true }, body);
}

/** Whether the code that asks runs inside a step's body. */
export function isInStep(): boolean {
  return scopes.getStore()?.inStep === true;
}

function guard(call: string, verb: string): void {
  const scope = scopes.getStore();
  if (scope !== undefined && !scope.inStep) scope.report(call, verb);
}

/** What no run has let fail ends the process, as it would without this listener. */
function onStray(error: unknown): void {
  const scope = scopes.getStore();
  if (scope !== undefined) scope.stray(error);
  else if (process.listenerCount("uncaughtException") === 1) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  }
}

function install(): void {
  if (installed) return;
  installed = true;
  // Node keeps the context of the code in which a promise was rejected or a callback threw.
  process.on("unhandledRejection", onStray);
  process.on("uncaughtException", onStray);
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
