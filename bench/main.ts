import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** `npm run bench -- NAME …`: brings the peers along on first use, then starts the benchmark of that name. */
const here = dirname(fileURLToPath(import.meta.url));
const BENCHMARKS: Readonly<Record<string, string>> = {
  engine: "a five-step run: Sluice, openworkflow and the bare insert loop side by side",
  evals: "an eval over 3,000 cases beside a bare loop of the same calls",
  shadow: "2,000 events in shadow, with and without a candidate beside them: latency, payloads, what leaves",
  waiting: "10,000 runs that wait: memory, idle CPU, restart, and 2,000 woken at once",
};
/** Those that measure against something. */
const WITH_PEERS = new Set(["engine"]);

const [name = ""] = process.argv.slice(2);
if (BENCHMARKS[name] === undefined) {
  const list = Object.entries(BENCHMARKS).map(([key, what]) => `  npm run bench -- ${key}   ${what}`);
  process.stderr.write(`${name === "" ? "" : `There is no benchmark "${name}".\n`}${list.join("\n")}\n`);
  process.exit(2);
}
if (WITH_PEERS.has(name) && !existsSync(join(here, "node_modules"))) {
  process.stderr.write("Installing what is measured against (bench/package-lock.json), once\n");
  const { status } = spawnSync("npm", ["ci"], {
    cwd: here,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exit(status ?? 1);
}
const { main } = (await import(pathToFileURL(join(here, name, "main.ts")).href)) as {
  main: (args: string[]) => Promise<number>;
};
process.exitCode = await main(process.argv.slice(3));
