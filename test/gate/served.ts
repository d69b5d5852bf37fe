import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";

const sluice = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A `sluice serve` or `dev` in a process of its own, spoken to as anybody outside does: by HTTP and by command. */
export class Served {
  readonly #env: NodeJS.ProcessEnv;
  readonly url: string;
  readonly #token: string;

  private constructor(env: NodeJS.ProcessEnv, url: string, token: string) {
    this.#env = env;
    this.url = url;
    this.#token = token;
  }

  static async start(dir: string, data: string, mode: "serve" | "dev" = "serve"): Promise<Served> {
    const env = {
      ...process.env,
      SLUICE_DIR: dir,
      SLUICE_DATA: data,
      SLUICE_KEY: Buffer.alloc(32, 7).toString("base64"),
      NO_COLOR: "1",
    };
    const child = spawn(process.execPath, [sluice, mode, "--port", "0"], { env, stdio: ["ignore", "pipe", "pipe"] });
    const words: string[] = [];
    child.stderr.on("data", (text: Buffer) => words.push(text.toString()));
    onTestFinished(async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /https?:\/\/[^\s/]+/.exec(line)?.[0];
      if (url === undefined) continue;
      const { token } = JSON.parse(await readFile(join(data, "credential.json"), "utf8")) as { token: string };
      return new Served(env, url, token);
    }
    throw new Error(`It did not start: ${words.join("")}`);
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.#token}` } });
    const text = await response.text();
    expect(response.status, `${path}: ${text}`).toBe(200);
    return JSON.parse(text) as T;
  }

  /** Every page. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const more = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; next_cursor: string | null } = await this.get(`${path}?limit=200${more}`);
      items.push(...page.items);
      cursor = page.next_cursor;
    }
    return items;
  }

  /** A command, as typed behind `sluice`. */
  async run(...args: string[]): Promise<Ended> {
    return await new Promise((resolve) => {
      execFile(
        process.execPath,
        [sluice, ...args],
        { env: this.#env, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
          resolve({ code, stdout, stderr });
        },
      );
    });
  }
}
