import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { createSluice } from "../../src/app/create.ts";
import { loadProject } from "../../src/app/project.ts";
import { databaseFile } from "../../src/store/sqlite/database.ts";
import { whenEnded, type Engine, type Ticket } from "./workload.ts";

const PROJECT = join(dirname(fileURLToPath(import.meta.url)), "project");

/**
 * Sluice as `serve` runs it: the event is checked against its contract, its sensitive fields are redacted and their
 * originals sealed under the run's key, runs are queued, claimed under a lease and pinned to a release, each step is a
 * chained record, retries and dead letters stand ready, the audit chain follows.
 */
export const sluice: Engine = {
  name: "sluice",
  settings:
    "all of production on: contract check, redaction, vault, chain, claim, lease, fencing, audit; WAL, synchronous FULL",
  open: async (folder, concurrency) => {
    const env = {
      SLUICE_KEY: randomBytes(32).toString("base64"),
      SLUICE_DATA: folder,
      SLUICE_CONCURRENCY: String(concurrency),
    };
    const project = await loadProject(PROJECT, { env });
    const app = await createSluice({
      project,
      mode: "serve",
      env,
      log: (level, message, data) => level === "info" || process.stderr.write(`${message} ${JSON.stringify(data)}\n`),
    });
    return {
      run: async (ticket: Ticket) => {
        const end = whenEnded(ticket);
        const [submission] = await app.submit([ticket]);
        if (submission?.outcome !== "accepted") throw new Error(`not accepted: ${JSON.stringify(submission)}`);
        await end;
      },
      recorded: async () => {
        await app.close();
        return countFinished(folder);
      },
      close: () => Promise.resolve(),
    };
  },
};

/** Read from outside of the engine: finished steps of completed runs, and that the durability is what is claimed. */
function countFinished(folder: string): number {
  using db = new DatabaseSync(databaseFile(folder), { readOnly: true });
  const row = db
    .prepare(
      `SELECT count(*) AS finished FROM records s JOIN runs r ON r.run_no = s.run_no
       WHERE s.kind = 'code' AND s.ends = 1 AND s.status = 'success' AND r.status = 'completed'`,
    )
    .get();
  return Number(row?.["finished"]);
}
