/**
 * The console's questions over a store of 100,000 runs. `node bench/console.ts`
 *
 *   --runs N       so many runs instead of 100,000
 *   --dir DIR      seed into DIR, a project folder that is made, and leave it: `sluice serve --dir DIR` serves it
 *   --seed-only    seed, and measure nothing
 *   --days N       spread over so many days up to now (30)
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { writeProject } from "./console/project.ts";
import { measure } from "./console/measure.ts";
import { machine } from "./machine.ts";
import { seed } from "./console/seed.ts";

const { values } = parseArgs({
  options: {
    dir: { type: "string" },
    runs: { type: "string", default: "100000" },
    days: { type: "string", default: "30" },
    "seed-only": { type: "boolean", default: false },
  },
});

const dir = values.dir === undefined ? mkdtempSync(join(tmpdir(), "sluice-console-")) : resolve(values.dir);
try {
  if (isEmpty(dir)) await fill(dir);
  else process.stderr.write(`${dir} is not empty: nothing is added to it.\n`);
  if (!values["seed-only"]) await report(dir);
} finally {
  if (values.dir === undefined) rmSync(dir, { recursive: true, force: true });
}

function isEmpty(folder: string): boolean {
  return !existsSync(folder) || readdirSync(folder).length === 0;
}

async function fill(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeProject(folder);
  const [runs, days] = [Number(values.runs), Number(values.days)];
  const start = performance.now();
  let told = 0;
  const progress = (done: number): void => {
    if (done - told < runs / 10 && done < runs) return;
    told = done;
    process.stderr.write(`${done} runs\n`);
  };
  await seed({ dir: folder, runs, days, progress });
  process.stderr.write(`${runs} runs in ${folder}, seeded in ${Math.round((performance.now() - start) / 1_000)} s\n`);
}

async function report(folder: string): Promise<void> {
  const { cpu, cores, memoryGb, node, load } = machine();
  console.log(`${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, load ${load}\n`);
  console.log("| GET /v1/… | p50 ms | p95 ms | longest ms |\n|---|---:|---:|---:|");
  await measure(folder, ({ question, p50, p95, worst }) => {
    const figures = [p50, p95, worst].map((ms) => ms.toFixed(1));
    console.log(`| \`${question.replace(/\?$/, "")}\` | ${figures.join(" | ")} |`);
  });
}
