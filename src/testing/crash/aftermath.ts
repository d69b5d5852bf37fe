import type { RunDocument, ServerApi, TraceStep } from "./api.ts";
import type { Lives } from "./lives.ts";

/** What is left after all the kills, as it is seen from outside. */
export interface Aftermath {
  api: ServerApi;
  dataDir: string;
  /** Everything that was sent, by event id. */
  sent: Lives["sent"];
  /** Ids of runs, separated by spaces, by event id: what the server has acknowledged. An event that only ends waits has none. */
  accepted: ReadonlyMap<string, string>;
  runs: readonly RunDocument[];
  /** By run id. */
  traces: ReadonlyMap<string, readonly TraceStep[]>;
}

export interface Verdict {
  /** Accepted events without their run. */
  lost: string[];
  /** Runs, decisions, settled writes or effects that are there twice. */
  doubled: string[];
  /** Runs that have not ended, or have ended for want of a worker or by a bug. */
  stuck: string[];
  /** A broken chain, another run for an event that was sent again. */
  wrong: string[];
}

const ENDED = ["completed", "dead", "stopped", "cancelled"];
const READERS = 8;

export async function lookAround(lives: Lives, api: ServerApi): Promise<Aftermath> {
  const runs = await api.all<RunDocument>("/v1/runs");
  const { dataDir, sent, accepted } = lives;
  return { api, dataDir, sent, accepted, runs, traces: await tracesOf(api, runs) };
}

async function tracesOf(api: ServerApi, runs: readonly RunDocument[]): Promise<Map<string, TraceStep[]>> {
  const traces = new Map<string, TraceStep[]>();
  const next = runs.values();
  const reader = async (): Promise<void> => {
    for (const { run_id: runId } of next) traces.set(runId, await api.get<TraceStep[]>(`/v1/runs/${runId}/trace`));
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return traces;
}

/** Compares what was promised with what is there. `effects`: a word for each thing that was done outside. */
export async function judge(after: Aftermath, effects: readonly string[]): Promise<Verdict> {
  const audit = await after.api.get<{ ok: boolean; problems: string[] }>("/v1/audit/verify");
  return {
    lost: lostOf(after),
    doubled: [...doubledRuns(after.runs), ...doubledRecords(after), ...twice(effects, "was carried out")],
    stuck: stuckOf(after.runs),
    wrong: audit.ok ? [] : audit.problems.map((problem) => `audit: ${problem}`),
  };
}

function lostOf({ sent, accepted, runs }: Aftermath): string[] {
  const known = new Map(runs.map(({ run_id: runId, event_id: eventId }) => [runId, eventId]));
  const unaccepted = [...sent.keys()].filter((eventId) => !accepted.has(eventId));
  const gone = [...accepted].filter(([event, promised]) =>
    promised.split(" ").some((run) => run !== "" && known.get(run) !== event),
  );
  return [
    ...unaccepted.map((event) => `${event} was never accepted`),
    ...gone.map(([event, promised]) => `${event} has not its run ${promised}`),
  ];
}

function doubledRuns(runs: readonly RunDocument[]): string[] {
  const counts = Map.groupBy(runs, ({ event_id: eventId, workflow }) => `${eventId} in ${workflow}`);
  return [...counts].filter(([, of]) => of.length > 1).map(([event, of]) => `${event} has ${of.length} runs`);
}

/** Each completed run has one decision, each write settles once. */
function doubledRecords({ runs, traces }: Aftermath): string[] {
  const steps = [...traces.values()].flat();
  const settled = steps.filter(({ phase }) => phase === "settle").map(({ idempotency_key: key }) => String(key));
  const decided = runs
    .filter(({ status }) => status === "completed")
    .map((run) => [run, traces.get(run.run_id)?.filter(({ type }) => type === "decision").length ?? 0] as const)
    .filter(([, decisions]) => decisions !== 1);
  return [
    ...twice(settled, "was settled"),
    ...decided.map(([run, decisions]) => `${run.run_id} is completed with ${decisions} decisions`),
  ];
}

function twice(list: readonly string[], what: string): string[] {
  return [...Map.groupBy(list, (one) => one)]
    .filter(([, of]) => of.length > 1)
    .map(([one, of]) => `${one} ${what} ${of.length} times`);
}

function stuckOf(runs: readonly RunDocument[]): string[] {
  return runs
    .filter(({ status, failure }) => !ENDED.includes(status) || failure?.class === "poison" || failure?.class === "bug")
    .map(
      ({ run_id: runId, status, waiting_for: wait, failure }) =>
        `${runId} is ${status} ${wait ?? ""} ${failure === null ? "" : `${failure.class}: ${failure.message}`}`,
    );
}
