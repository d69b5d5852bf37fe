import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TERMINAL, type RunFailure, type RunState } from "./run.ts";
import { POISON_DEATHS, transition, type RunCommand } from "./transition.ts";

const FRESH: RunState = {
  status: "queued",
  wait: null,
  wakeAt: null,
  epoch: 0,
  worker: null,
  leaseUntil: null,
  deaths: 0,
  deathSeq: 0,
  nextSeq: 2,
  disposition: null,
  failure: null,
  startedAt: null,
  endedAt: null,
};

const FAILURE: RunFailure = { class: "transient", code: "http_503", message: "Unavailable", step: "classify" };

const someFailure = fc.record<RunFailure>({
  class: fc.constantFrom("transient", "bug", "timeout"),
  code: fc.constant("x"),
  message: fc.string(),
  step: fc.option(fc.string()),
});

const someCommand: fc.Arbitrary<RunCommand> = fc.oneof(
  fc.record({ do: fc.constant("claim" as const), worker: fc.constantFrom("a", "b"), leaseMs: fc.nat(60_000) }),
  fc.record({ do: fc.constant("renew" as const), leaseMs: fc.nat(60_000) }),
  fc.record({
    do: fc.constant("park" as const),
    wait: fc.constantFrom("review", "sleep", "event", "retry", "hold"),
    wakeAt: fc.option(fc.nat(200_000)),
    seenSeq: fc.nat(12),
  }),
  fc.constantFrom(
    { do: "wake" as const },
    { do: "yield" as const },
    { do: "abandon" as const },
    { do: "cancel" as const },
    { do: "redrive" as const },
  ),
  fc.record({ do: fc.constant("complete" as const), disposition: fc.constantFrom("applied", "suggested", "reviewed") }),
  fc.record({ do: fc.constant("stop" as const), disposition: fc.constant("stopped"), failure: fc.option(someFailure) }),
  fc.record({ do: fc.constant("die" as const), failure: someFailure }),
);

/** A command at a moment after the one before it, and how many records came before it. */
const someHistory = fc.array(
  fc.record({ command: someCommand, later: fc.nat(30_000), records: fc.constantFrom(0, 0, 0, 1, 2) }),
  { maxLength: 60 },
);

/** Every state a run goes through, the refused commands left out. */
function statesOf(history: readonly { command: RunCommand; later: number; records: number }[]) {
  const seen: { before: RunState; command: RunCommand; after: RunState; now: number }[] = [];
  let state = FRESH;
  let now = 1_000;
  for (const { command, later, records } of history) {
    now += later;
    state = { ...state, nextSeq: state.nextSeq + records };
    const result = transition(state, command, now);
    if (!result.ok) continue;
    seen.push({ before: state, command, after: result.state, now });
    state = result.state;
  }
  return seen;
}

function always(check: (step: ReturnType<typeof statesOf>[number]) => void): void {
  fc.assert(
    fc.property(someHistory, (history) => {
      for (const step of statesOf(history)) check(step);
    }),
    { numRuns: 500 },
  );
}

describe("a run, whatever happens to it", () => {
  it("holds a lease and a worker exactly while it is running", () => {
    always(({ after }) => {
      expect(after.worker !== null).toBe(after.status === "running");
      expect(after.leaseUntil !== null).toBe(after.status === "running");
    });
  });

  it("waits for something exactly while it is waiting, and has a time to wake only then", () => {
    always(({ after }) => {
      expect(after.wait !== null).toBe(after.status === "waiting");
      if (after.status !== "waiting") expect(after.wakeAt).toBeNull();
    });
  });

  it("has an end exactly while it has ended", () => {
    always(({ after }) => expect(after.endedAt !== null).toBe(TERMINAL.includes(after.status)));
  });

  it("leaves a terminal state only by a redrive of the dead", () => {
    always(({ before, command }) => {
      if (!TERMINAL.includes(before.status)) return;
      expect(before.status).toBe("dead");
      expect(command.do).toBe("redrive");
    });
  });

  it("gets a higher epoch with every claim and every cancellation, and never a lower one", () => {
    always(({ before, command, after }) => {
      const raised = command.do === "claim" || command.do === "cancel" ? 1 : 0;
      expect(after.epoch).toBe(before.epoch + raised);
    });
  });

  it("has a failure only where it is dead or stopped, and always where it is dead", () => {
    always(({ after }) => {
      if (after.status === "stopped") return;
      expect(after.failure !== null).toBe(after.status === "dead");
    });
  });

  it("has a disposition exactly where it is completed or stopped", () => {
    always(({ after }) =>
      expect(after.disposition !== null).toBe(after.status === "completed" || after.status === "stopped"),
    );
  });

  it("keeps the moment it first started, and its sequence of records", () => {
    always(({ before, command, after, now }) => {
      expect(after.nextSeq).toBe(before.nextSeq);
      expect(after.startedAt).toBe(before.startedAt ?? (command.do === "claim" ? now : null));
    });
  });

  it("is claimed only where it is queued or its time has come", () => {
    always(({ before, command, now }) => {
      if (command.do !== "claim" || before.status === "queued") return;
      expect(before.status).toBe("waiting");
      expect(before.wakeAt).not.toBeNull();
      expect(before.wakeAt as number).toBeLessThanOrEqual(now);
    });
  });

  it("does not change where a command is refused, and is never changed in place", () => {
    fc.assert(
      fc.property(someHistory, someCommand, (history, command) => {
        const state = statesOf(history).at(-1)?.after ?? FRESH;
        const copy = structuredClone(state);
        transition(state, command, 5_000);
        expect(state).toEqual(copy);
      }),
    );
  });

  it("can always still end: cancelled from any state that has not ended", () => {
    fc.assert(
      fc.property(someHistory, (history) => {
        const state = statesOf(history).at(-1)?.after ?? FRESH;
        const result = transition(state, { do: "cancel" }, 5_000);
        expect(result.ok).toBe(!TERMINAL.includes(state.status));
        if (result.ok) expect(result.state.status).toBe("cancelled");
      }),
    );
  });
});

describe("single transitions", () => {
  const running: RunState = { ...FRESH, status: "running", epoch: 1, worker: "a", leaseUntil: 9_000, startedAt: 1_000 };
  const after = (state: RunState, command: RunCommand, now = 5_000): RunState => {
    const result = transition(state, command, now);
    if (!result.ok) throw new Error(result.refusal);
    return result.state;
  };

  it("a park that knows all records waits, one that missed a record goes back to the queue", () => {
    const park = { do: "park", wait: "review", wakeAt: null } as const;
    expect(after({ ...running, nextSeq: 5 }, { ...park, seenSeq: 4 }).status).toBe("waiting");
    expect(after({ ...running, nextSeq: 6 }, { ...park, seenSeq: 4 }).status).toBe("queued");
  });

  it("the third death in one place is poison, with the deaths named", () => {
    let state: RunState = { ...running, nextSeq: 4 };
    for (let death = 1; death < POISON_DEATHS; death++) {
      state = after(state, { do: "abandon" });
      expect(state).toMatchObject({ status: "queued", deaths: death });
      state = after(state, { do: "claim", worker: "a", leaseMs: 1 });
    }
    state = after(state, { do: "abandon" });
    expect(state).toMatchObject({ status: "dead", failure: { class: "poison", code: "worker_died" } });
    expect(state.failure?.message).toContain("3 times");
  });

  it("a death after progress counts as the first", () => {
    const worn: RunState = { ...running, deaths: 2, deathSeq: 4, nextSeq: 5 };
    expect(after(worn, { do: "abandon" })).toMatchObject({ status: "queued", deaths: 1, deathSeq: 5 });
  });

  it("a redriven run may die as often as a new one", () => {
    const dead = after({ ...running, deaths: 2, deathSeq: 2 }, { do: "die", failure: FAILURE });
    expect(after(dead, { do: "redrive" })).toMatchObject({ status: "queued", failure: null, deaths: 0, endedAt: null });
  });

  it("refusals name the reason", () => {
    const ended = after(running, { do: "complete", disposition: "applied" });
    const refusal = (state: RunState, command: RunCommand): string | null => {
      const result = transition(state, command, 5_000);
      return result.ok ? null : result.refusal;
    };
    expect(refusal(ended, { do: "wake" })).toBe("ended");
    expect(refusal(ended, { do: "redrive" })).toBe("not_dead");
    expect(refusal(ended, { do: "claim", worker: "a", leaseMs: 1 })).toBe("ended");
    expect(refusal(running, { do: "claim", worker: "a", leaseMs: 1 })).toBe("not_claimable");
    expect(refusal(running, { do: "wake" })).toBe("not_waiting");
    expect(refusal(FRESH, { do: "yield" })).toBe("not_running");
    expect(refusal(FRESH, { do: "abandon" })).toBe("not_running");
  });
});
