import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { frozenClock } from "../../testing/frozen-clock.ts";
import { MIGRATIONS } from "./migrations/list.ts";
import { openSqliteStore, type SqliteStore } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-open-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock = frozenClock();
const chainKey = new Uint8Array(32).fill(1);

function newFolder(): string {
  return mkdtempSync(join(folder, "data-"));
}

function open(dataDir: string): Promise<SqliteStore> {
  return openSqliteStore({ dataDir, chainKey, clock });
}

const HOLDER = `
  import { openSqliteStore } from ${JSON.stringify(new URL("open.ts", import.meta.url).href)};
  await openSqliteStore({ dataDir: process.argv[1], chainKey: new Uint8Array(32).fill(1), clock: { now: () => 0 } });
  console.log("open");
  setInterval(() => {}, 1000);
`;

const CLOSER = `
  import { openSqliteStore } from ${JSON.stringify(new URL("open.ts", import.meta.url).href)};
  const store = await openSqliteStore({ dataDir: process.argv[1], chainKey: new Uint8Array(32), clock: { now: () => 0 } });
  void store.tokens();
  await store.close();
  console.log("closed");
`;

describe("the data folder", () => {
  it("is let go of although an answer is still on its way when the store closes", async () => {
    const argv = ["--input-type=module", "-e", CLOSER, newFolder()];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    expect(await once(child, "close")).toEqual([0, null]);
    expect(out).toBe("closed\n");
  });

  it("is made where it is missing", async () => {
    const dataDir = join(newFolder(), "deep", "er");
    await (await open(dataDir)).close();
    expect(existsSync(join(dataDir, "sluice.db"))).toBe(true);
  });

  it("keeps everything from one opening to the next", async () => {
    const dataDir = newFolder();
    const first = await open(dataDir);
    await first.publish({ workflow: "w", number: 1, body: "{}", createdAt: 1 }, 0);
    await first.close();
    const second = await open(dataDir);
    expect(await second.control("w")).toEqual({ workflow: "w", version: 1, release: 1, body: "{}" });
    await second.close();
  });

  it("belongs to one process: the second is told which one has it and since when", async () => {
    const dataDir = newFolder();
    const store = await open(dataDir);
    const since = new Date(clock.now()).toISOString();
    await expect(open(dataDir)).rejects.toMatchObject({
      name: "UsageError",
      code: "store_in_use",
      message: expect.stringContaining(`process ${process.pid}, since ${since}`),
    });
    await store.close();
    await (await open(dataDir)).close();
  });

  it("is free again the moment its process is killed", async () => {
    const dataDir = newFolder();
    const child = spawn(process.execPath, ["--input-type=module", "--eval", HOLDER, dataDir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    await expect(open(dataDir)).rejects.toMatchObject({ message: expect.stringContaining(`process ${child.pid}`) });
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    await (await open(dataDir)).close();
  });

  it("written by a newer version is refused", async () => {
    const dataDir = newFolder();
    await (await open(dataDir)).close();
    const db = new DatabaseSync(join(dataDir, "sluice.db"));
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    await expect(open(dataDir)).rejects.toMatchObject({
      code: "store_newer",
      message: expect.stringContaining(`schema is number ${MIGRATIONS.length + 1}`),
    });
  });

  it("with a database of another program is refused and left alone", async () => {
    const dataDir = newFolder();
    mkdirSync(dataDir, { recursive: true });
    const file = join(dataDir, "sluice.db");
    const foreign = new DatabaseSync(file);
    foreign.exec("CREATE TABLE theirs (n); PRAGMA user_version = 3");
    foreign.close();
    await expect(open(dataDir)).rejects.toMatchObject({ code: "not_a_store" });
    const again = new DatabaseSync(file);
    expect(
      again
        .prepare("SELECT name FROM sqlite_schema")
        .all()
        .map((row) => row["name"]),
    ).toEqual(["theirs"]);
    again.close();
  });

  it("made with another key is refused", async () => {
    const dataDir = newFolder();
    await (await open(dataDir)).close();
    const other = openSqliteStore({ dataDir, chainKey: new Uint8Array(32).fill(2), clock });
    await expect(other).rejects.toMatchObject({ code: "wrong_key" });
    await (await open(dataDir)).close();
  });
});

describe("a closed store", () => {
  it("has done all it was asked before, and refuses what comes after", async () => {
    const dataDir = newFolder();
    const store = await open(dataDir);
    const release = (number: number) => ({ workflow: "w", number, body: "{}", createdAt: 1 });
    const asked = [store.publish(release(1), 0), store.publish(release(2), 1), store.control("w")];
    const closing = store.close();
    expect(await Promise.all(asked.slice(0, 2))).toEqual([true, true]);
    await closing;
    await expect(store.control("w")).rejects.toMatchObject({ name: "StoreError", code: "closed" });
    const again = await open(dataDir);
    expect((await again.control("w"))?.release).toBe(2);
    await again.close();
  });

  it("may be closed twice", async () => {
    const store = await open(newFolder());
    await expect(Promise.all([store.close(), store.close()])).resolves.toBeDefined();
    await expect(store.close()).resolves.toBeUndefined();
  });
});

describe("an operation that cannot cross to the store's thread", () => {
  it("fails by itself, and the store goes on", async () => {
    const store = await open(newFolder());
    const release = { workflow: "w", number: 1, body: "{}", createdAt: 1 };
    const bad = { ...release, number: 2, body: (() => "{}") as unknown as string };
    const results = await Promise.allSettled([store.publish(release, 0), store.publish(bad, 1), store.control("w")]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    const command = { do: "yield", with: () => 0 } as { do: "yield" };
    const commit = store.commit({ runId: "run_x", epoch: 1, records: [], command });
    await expect(commit).rejects.toThrow("could not be cloned");
    expect((await store.control("w"))?.release).toBe(1);
    await store.close();
  });
});
