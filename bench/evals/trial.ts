import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEvals } from "../../src/app/open-evals.ts";
import { loadProject } from "../../src/app/project.ts";
import { bareLoop } from "./bare.ts";
import { SUITE, writeProject } from "./workload.ts";

/**
 * One trial in a process of its own: `trial.ts WHAT PORT CASES CONCURRENCY`, prints one JSON line. `bare`: the loop; `sluice`: from
 * the request to the report on disk; `again`: the same where every answer is in the cache. The clock starts once all is loaded.
 */
const [what = "", port = "", cases = "", concurrency = ""] = process.argv.slice(2);

let peak = 0;
const sample = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);

interface Spent {
  ms: number;
  /** Of all threads. */
  cpuMs: number;
}

async function timed(work: () => Promise<void>): Promise<Spent> {
  const [began, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { ms: performance.now() - began, cpuMs: (user + system) / 1000 };
}

async function bare(): Promise<Spent> {
  await bareLoop(Number(port), 50, Number(concurrency));
  return await timed(async () => {
    const hits = await bareLoop(Number(port), Number(cases), Number(concurrency));
    if (hits !== Number(cases)) throw new Error(`${hits} of ${cases} are right.`);
  });
}

async function sluice(): Promise<Spent> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-evals-"));
  writeProject(dir, Number(cases), Number(port));
  const project = await loadProject(dir);
  const evals = await openEvals({ project, log: () => {} });
  // The SDK loads with its first call, in the loop as well.
  await bareLoop(Number(port), 50, Number(concurrency));
  try {
    if (what === "again") await once(evals);
    return await timed(() => once(evals));
  } finally {
    await evals.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function once(evals: Awaited<ReturnType<typeof openEvals>>): Promise<void> {
  const how = { repeat: 1, concurrency: Number(concurrency), budgetUsd: null, fresh: false };
  const { view } = await evals.startEval({ suite: SUITE, ...how }, { name: "bench", role: "admin" });
  const { evalId } = view.run;
  const over = Promise.withResolvers<void>();
  const look = async (): Promise<void> => {
    const now = await evals.evalView(evalId);
    if (now?.run.status === "failed") throw new Error(now.run.failure?.message);
    if (now?.run.status === "done") over.resolve();
  };
  const unwatch = evals.watchEval(evalId, () => void look().catch(over.reject));
  await look();
  await over.promise;
  unwatch();
  const report = await evals.evalReport(evalId);
  if (report?.totals.passing.hits !== Number(cases))
    throw new Error(`Not all are right: ${JSON.stringify(report?.totals)}`);
}

const { ms, cpuMs } = what === "bare" ? await bare() : await sluice();
clearInterval(sample);
process.stdout.write(`${JSON.stringify({ ms, cpuMs, peakMb: peak / 2 ** 20 })}\n`);
