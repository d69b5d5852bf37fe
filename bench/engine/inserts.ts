import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { STEPS, stepOutput, timed, type Engine } from "./workload.ts";

/**
 * Not an engine but the limit that the disk and Node set: the same bytes, handed to a writer thread that chains each
 * record by HMAC to the last of its run and commits whatever has gathered as one transaction (WAL, synchronous FULL).
 * No queue, no claim, no lease, no replay, no redaction.
 */
export const inserts: Engine = {
  name: "inserts only",
  settings: "writer thread, HMAC chain, group commit, node:sqlite (WAL, synchronous FULL); a limit, not an engine",
  open: async (folder, concurrency) => {
    const file = join(folder, "inserts.db");
    const writer = new Worker(new URL("inserts-writer.ts", import.meta.url), { workerData: { file } });
    await once(writer, "message");
    const slots = limiter(concurrency);
    const append = batched(writer);
    return {
      run: (ticket) =>
        slots(async () => {
          await append(ticket.event_id, 0, JSON.stringify(ticket));
          for (let step = 1; step <= STEPS; step += 1)
            await timed(() => append(ticket.event_id, step, JSON.stringify(stepOutput(ticket.event_id, step))));
        }),
      recorded: async () => {
        using db = new DatabaseSync(file, { readOnly: true });
        return Number(db.prepare("SELECT count(*) AS n FROM records WHERE seq > 0").get()?.["n"]);
      },
      close: async () => void (await writer.terminate()),
    };
  },
};

/** Sends what one turn of the event loop gathered as one message of flat arrays; resolves each when it is on disk. */
function batched(writer: Worker): (run: string, seq: number, body: string) => Promise<void> {
  let texts: string[] = [];
  let waiting: (() => void)[] = [];
  const sent = new Map<number, (() => void)[]>();
  let batch = 0;
  writer.on("message", (done: number) => {
    for (const resolve of sent.get(done) ?? []) resolve();
    sent.delete(done);
  });
  const flush = (): void => {
    if (waiting.length === 0) return;
    batch += 1;
    sent.set(batch, waiting);
    writer.postMessage([batch, texts]);
    texts = [];
    waiting = [];
  };
  return (run, seq, body) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(flush);
      texts.push(run, String(seq), body);
      waiting.push(resolve);
      if (waiting.length >= 16) flush();
    });
}

/** At most `limit` at once, in the order they came. */
function limiter(limit: number): (work: () => Promise<void>) => Promise<void> {
  const queue: (() => void)[] = [];
  let free = limit;
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => queue.push(resolve));
    else free -= 1;
    try {
      await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
