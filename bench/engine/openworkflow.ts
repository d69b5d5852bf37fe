import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { OpenWorkflow } from "openworkflow";
import { BackendSqlite } from "openworkflow/sqlite";
import { runEnded, STEPS, stepOutput, timed, whenEnded, type Engine, type Session, type Ticket } from "./workload.ts";

/**
 * openworkflow pauses 50 to 1000 ms whenever a poll finds no free slot or no work. The first form is how it comes;
 * the second calls its own `tick()` without that pause, which is the best its engine can do. Ratios use the better one.
 */
export const openworkflow: Engine = {
  name: "openworkflow",
  settings: "openworkflow 0.10.1, its SQLite store (WAL, synchronous FULL), its own worker and polling",
  open: (folder, concurrency) => open(folder, concurrency, "polling"),
};

export const openworkflowTight: Engine = {
  name: "openworkflow, no pause",
  settings: "the same, its worker driven by tick() in a loop without the polling pause",
  open: (folder, concurrency) => open(folder, concurrency, "loop"),
};

async function open(folder: string, concurrency: number, drive: "polling" | "loop"): Promise<Session> {
  const file = join(folder, "openworkflow.db");
  const backend = BackendSqlite.connect(file);
  assertDurable(Reflect.get(backend, "db"));
  const client = new OpenWorkflow({ backend });
  const workflow = client.defineWorkflow<Ticket, number>({ name: "five-steps" }, async ({ input, step }) => {
    let length = 0;
    for (let number = 1; number <= STEPS; number += 1) {
      const output = await timed(() => step.run({ name: `step-${number}` }, () => stepOutput(input.event_id, number)));
      length += output.text.length;
    }
    // The client's own result() polls once a second, which would measure the poll.
    runEnded(input);
    return length;
  });
  const worker = client.newWorker({ concurrency });
  const stop = drive === "polling" ? await poll(worker) : loop(worker);
  return {
    run: async (ticket) => {
      const end = whenEnded(ticket);
      await workflow.run(ticket);
      await end;
    },
    recorded: async () => {
      await stop();
      return countFinished(file);
    },
    close: () => backend.stop(),
  };
}

type Worker = ReturnType<OpenWorkflow["newWorker"]>;

async function poll(worker: Worker): Promise<() => Promise<void>> {
  await worker.start();
  return () => worker.stop();
}

function loop(worker: Worker): () => Promise<void> {
  const stopped = new AbortController();
  const ticking = (async () => {
    while (!stopped.signal.aborted) if ((await worker.tick()) === 0) await turn();
  })();
  return async () => {
    stopped.abort();
    await ticking;
    await worker.stop();
  };
}

/** `synchronous` belongs to the connection, so it is asked of the engine's own one. */
function assertDurable(connection: unknown): void {
  if (!(connection instanceof DatabaseSync)) throw new Error("openworkflow's SQLite connection is not where it was");
  const mode = connection.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
  const synchronous = connection.prepare("PRAGMA synchronous").get()?.["synchronous"];
  if (mode !== "wal" || synchronous !== 2)
    throw new Error(`openworkflow runs with ${String(mode)}/${String(synchronous)}`);
}

/** Read from outside of the engine: finished steps of completed runs. */
function countFinished(file: string): number {
  using db = new DatabaseSync(file, { readOnly: true });
  const row = db
    .prepare(
      `SELECT count(*) AS finished FROM step_attempts s JOIN workflow_runs r ON r.id = s.workflow_run_id
       WHERE s.status = 'completed' AND r.status = 'completed'`,
    )
    .get();
  return Number(row?.["finished"]);
}
