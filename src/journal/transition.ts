import type { Disposition, RunFailure, RunState, RunStatus, WaitKind } from "./run.ts";

/** Everything that can happen to a run. */
export type RunCommand =
  | { do: "claim"; worker: string; leaseMs: number }
  | { do: "renew"; leaseMs: number }
  /**
   * `seenSeq`: the last record the worker knows, not counting those it commits together with this.
   * A later one (an early answer) sends the run straight back to the queue.
   */
  | { do: "park"; wait: WaitKind; wakeAt: number | null; seenSeq: number }
  | { do: "wake" }
  /** The worker gives the run back unfinished, as on a graceful stop. */
  | { do: "yield" }
  /** The lease ran out, or the process that held it is known to be gone. */
  | { do: "abandon" }
  | { do: "complete"; disposition: Disposition }
  | { do: "stop"; disposition: Disposition; failure: RunFailure | null }
  | { do: "die"; failure: RunFailure }
  | { do: "cancel" }
  | { do: "redrive" }
  /** Goes back to an earlier step; only where nobody works on the run. */
  | { do: "restart" };

export type Refusal =
  | "ended"
  | "not_running"
  | "not_claimable"
  | "not_waiting"
  | "not_dead"
  | "running"
  | "already_held"
  | "originals_removed";

export type Transition = { ok: true; state: RunState } | { ok: false; refusal: Refusal };

/** Deaths without goodbye in the same place after which a run is poison. */
export const POISON_DEATHS = 3;

const ENDED: readonly RunStatus[] = ["completed", "dead", "stopped", "cancelled"];

/** What `command` makes of a run in `state` at `now` (epoch ms). Pure: stores run it inside their transaction and only persist. */
export function transition(state: RunState, command: RunCommand, now: number): Transition {
  switch (command.do) {
    case "claim":
      return claim(state, command, now);
    case "renew":
      return fromRunning(state, { leaseUntil: now + command.leaseMs });
    case "park":
      return park(state, command);
    case "wake":
      return state.status === "waiting" ? ok(state, QUEUED) : refuse(ended(state) ? "ended" : "not_waiting");
    case "yield":
      return fromRunning(state, QUEUED);
    case "abandon":
      return abandon(state, now);
    case "complete":
      return fromRunning(state, { ...end("completed", now), disposition: command.disposition });
    case "stop":
      return fromRunning(state, { ...end("stopped", now), disposition: command.disposition, failure: command.failure });
    case "die":
      return fromRunning(state, { ...end("dead", now), failure: command.failure });
    case "cancel":
      return ended(state) ? refuse("ended") : ok(state, { ...end("cancelled", now), epoch: state.epoch + 1 });
    case "redrive":
      return state.status === "dead"
        ? ok(state, { ...QUEUED, failure: null, endedAt: null, deaths: 0 })
        : refuse("not_dead");
    case "restart":
      return restart(state);
  }
}

const QUEUED = { status: "queued", wait: null, wakeAt: null, worker: null, leaseUntil: null } as const;

function end(status: RunStatus, now: number): Partial<RunState> {
  return { status, wait: null, wakeAt: null, worker: null, leaseUntil: null, endedAt: now };
}

function restart(state: RunState): Transition {
  if (state.status === "running") return refuse("running");
  if (state.status !== "dead" && ended(state)) return refuse("ended");
  return ok(state, { ...QUEUED, failure: null, endedAt: null, deaths: 0 });
}

function claim(state: RunState, command: { worker: string; leaseMs: number }, now: number): Transition {
  const due = state.status === "waiting" && state.wakeAt !== null && state.wakeAt <= now;
  if (state.status !== "queued" && !due) return refuse(ended(state) ? "ended" : "not_claimable");
  return ok(state, {
    status: "running",
    wait: null,
    wakeAt: null,
    epoch: state.epoch + 1,
    worker: command.worker,
    leaseUntil: now + command.leaseMs,
    startedAt: state.startedAt ?? now,
  });
}

function park(state: RunState, command: { wait: WaitKind; wakeAt: number | null; seenSeq: number }): Transition {
  if (state.nextSeq > command.seenSeq + 1) return fromRunning(state, QUEUED);
  return fromRunning(state, {
    status: "waiting",
    wait: command.wait,
    wakeAt: command.wakeAt,
    worker: null,
    leaseUntil: null,
  });
}

function abandon(state: RunState, now: number): Transition {
  if (state.status !== "running") return refuse(ended(state) ? "ended" : "not_running");
  const deaths = state.deathSeq === state.nextSeq ? state.deaths + 1 : 1;
  const marked = { ...state, deaths, deathSeq: state.nextSeq };
  if (deaths < POISON_DEATHS) return ok(marked, QUEUED);
  return ok(marked, {
    ...end("dead", now),
    failure: {
      class: "poison",
      code: "worker_died",
      message: `The worker died ${deaths} times at the same place in this run without reporting why.`,
      step: null,
    },
  });
}

function fromRunning(state: RunState, change: Partial<RunState>): Transition {
  if (state.status !== "running") return refuse(ended(state) ? "ended" : "not_running");
  return ok(state, change);
}

function ended(state: RunState): boolean {
  return ENDED.includes(state.status);
}

function ok(state: RunState, change: Partial<RunState>): Transition {
  return { ok: true, state: { ...state, ...change } };
}

function refuse(refusal: Refusal): Transition {
  return { ok: false, refusal };
}
