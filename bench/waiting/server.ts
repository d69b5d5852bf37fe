import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ServerApi } from "../../src/testing/crash/api.ts";
import { startChild } from "../../src/testing/crash/child.ts";
import type { Child } from "../../src/testing/crash/child.ts";

const SLUICE = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
const GAUGE = new URL("../../test/soak/gauge.ts", import.meta.url).href;
/** Of `/proc/PID/stat`: ticks a second. */
const TICKS = 100;

export interface Memory {
  rss: number;
  heapUsed: number;
}

/** A real `sluice dev --no-watch`, as another process sees it. */
export class Server {
  readonly api: ServerApi;
  /** From its start to the first 200 of `/readyz`. */
  readonly readyMs: number;
  /** Seconds of a core until then: what it takes by itself, whatever else the machine does. */
  readonly readyCpu: number;
  readonly #child: Child;

  private constructor(api: ServerApi, child: Child, readyMs: number) {
    this.api = api;
    this.#child = child;
    this.readyMs = readyMs;
    this.readyCpu = this.cpuSeconds;
  }

  static async start(dir: string, data: string): Promise<Server> {
    const started = performance.now();
    const flags = ["--dir", dir, "--data", data, "--port", "0", "--stage", "partial", "--no-watch"];
    const child = startChild(["--import", GAUGE, SLUICE, "dev", ...flags], {});
    const said = await child.says(/listens on (\S+)/);
    if (said === null) throw new Error(`The server has ended:\n${child.errors()}`);
    const url = said[1] as string;
    while (!(await fetch(`${url}/readyz`)).ok) await pause(2);
    const readyMs = performance.now() - started;
    return new Server(await ServerApi.signIn(url, data), child, readyMs);
  }

  /** After garbage was collected. */
  async memory(): Promise<Memory> {
    const said = this.#child.says(/^gauge (.+)$/);
    process.kill(this.#child.pid, "SIGUSR2");
    const line = await said;
    if (line === null) throw new Error(`The server has ended:\n${this.#child.errors()}`);
    return JSON.parse(line[1] as string) as Memory;
  }

  /** Share of one core over so many seconds. */
  async cpu(seconds: number): Promise<number> {
    const before = this.cpuSeconds;
    await pause(seconds * 1_000);
    return (this.cpuSeconds - before) / seconds;
  }

  /** Seconds of a core it has taken so far. */
  get cpuSeconds(): number {
    return this.#ticks() / TICKS;
  }

  #ticks(): number {
    const stat = readFileSync(join("/proc", String(this.#child.pid), "stat"), "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  }

  async kill(): Promise<void> {
    await this.#child.kill();
  }
}
