import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "./config.ts";
import { loadKey } from "./key.ts";
import { SETTING_NAMES, variableOf } from "./settings.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-config-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (text: string): void => writeFileSync(join(dir, "sluice.config.json"), text);

describe("configuration", () => {
  test("without a file there are defaults: loopback, 4780, .sluice in the project", async () => {
    const { config, problems } = await loadConfig(dir, { env: { HOME: dir } });
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      port: 4780,
      host: "127.0.0.1",
      dataDir: join(dir, ".sluice"),
      maxEventBytes: 1_048_576,
      leaseMs: 10_000,
    });
  });

  test("a flag goes before the environment, that before the file, that before the default", async () => {
    write(`{"port": 1, "host": "::1", "queueLimit": 5, "lease": "20s"}`);
    const env = { SLUICE_PORT: "2", SLUICE_HOST: "0.0.0.0", SLUICE_DRAIN_GRACE: "1m" };
    const { config } = await loadConfig(dir, { env, flags: { port: "3", host: undefined } });
    expect(config).toMatchObject({
      port: 3,
      host: "0.0.0.0",
      queueLimit: 5,
      leaseMs: 20_000,
      drainGraceMs: 60_000,
      concurrency: 50,
    });
  });

  test("an empty variable is none", async () => {
    expect((await loadConfig(dir, { env: { SLUICE_PORT: "" } })).config.port).toBe(4780);
  });

  test("documents are JSON in the environment", async () => {
    const { config, problems } = await loadConfig(dir, {
      env: { SLUICE_PROVIDERS: `{"house":{"baseUrl":"http://127.0.0.1:9/v1","apiKey":"none"}}` },
    });
    expect(problems).toEqual([]);
    expect(config.providers).toEqual({ house: { baseUrl: "http://127.0.0.1:9/v1", apiKey: "none" } });
    const broken = await loadConfig(dir, { env: { SLUICE_PROVIDERS: "{" } });
    expect(broken.problems).toMatchObject([
      { file: "environment", message: expect.stringContaining("SLUICE_PROVIDERS") },
    ]);
  });

  test("a setting with a mistake has its default, and the others stand", async () => {
    write(`{"port": "x", "host": "::1"}`);
    const { config, problems } = await loadConfig(dir, { env: {} });
    expect(config).toMatchObject({ port: 4780, host: "::1" });
    expect(problems).toHaveLength(1);
  });

  test("every setting has a variable of its own, and there are fewer than forty", () => {
    expect(new Set(SETTING_NAMES.map(variableOf)).size).toBe(SETTING_NAMES.length);
    expect(SETTING_NAMES.length).toBeLessThan(40);
    expect(variableOf("maxEventBytes")).toBe("SLUICE_MAX_EVENT_BYTES");
  });
});

describe("the key", () => {
  const place = async (env: Record<string, string> = {}): ReturnType<typeof loadConfig> =>
    loadConfig(dir, { env: { XDG_CONFIG_HOME: join(dir, "home"), ...env } });

  test("is made on first run, outside the data folder, for its owner only, and found again", async () => {
    const { config } = await place();
    expect(config.keyFile.startsWith(join(dir, "home", "sluice", "keys"))).toBe(true);
    const [first, again] = await Promise.all([loadKey(config, {}), loadKey(config, {})]);
    expect(first).toHaveLength(32);
    expect(again).toEqual(first);
    expect(await loadKey(config, {})).toEqual(first);
    expect(statSync(config.keyFile).mode & 0o777).toBe(0o600);
  });

  test("differs from project to project", async () => {
    const other = await loadConfig(join(dir, "other"), { env: { XDG_CONFIG_HOME: join(dir, "home") } });
    expect(other.config.keyFile).not.toBe((await place()).config.keyFile);
  });

  test("is read from SLUICE_KEY in hex, base64 and base64url", async () => {
    const { config } = await place();
    const bytes = Buffer.alloc(32, 0xfb);
    for (const form of ["hex", "base64", "base64url"] as const)
      expect(Buffer.from(await loadKey(config, { SLUICE_KEY: bytes.toString(form) }))).toEqual(bytes);
  });

  test.each(["short", "!".repeat(44), "ab".repeat(31)])("that is none is refused: %s", async (text) => {
    const { config } = await place();
    await expect(loadKey(config, { SLUICE_KEY: text })).rejects.toThrow("SLUICE_KEY is not 32 bytes");
  });

  test("in a file that was named has to be there", async () => {
    const { config } = await place({ SLUICE_KEY_FILE: "/nowhere/key" });
    await expect(loadKey(config, {})).rejects.toThrow("no key file /nowhere/key");
  });

  test("is not made anew beside data that an older one sealed", async () => {
    const { config } = await place();
    await mkdir(config.dataDir);
    writeFileSync(join(config.dataDir, "sluice.db"), "");
    await expect(loadKey(config, {})).rejects.toThrow("SLUICE_KEY_FILE");
  });
});
