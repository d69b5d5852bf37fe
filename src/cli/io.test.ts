import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { columnsFor } from "./io.ts";

const BIN = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));

test("a reader that has seen enough ends the command quietly", { timeout: 30_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-pipe-"));
  try {
    await writeFile(join(folder, "s.json"), '{"type":"object"}');
    await writeFile(join(folder, "d.jsonl"), "{}\n".repeat(20_000));
    const argv = [BIN, "validate", "--schema", join(folder, "s.json"), "--data", join(folder, "d.jsonl")];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: "" });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a closed standard error does not keep a command from its end", { timeout: 30_000 }, async () => {
  const child = spawn(process.execPath, [BIN, "rusn"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.destroy();
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  expect(await once(child, "close")).toEqual([2, null]);
  expect(out).toBe("");
});

test("only a terminal has an edge; COLUMNS moves it", () => {
  expect(columnsFor({ isTTY: false, columns: 40 }, { COLUMNS: "40" })).toBe(Number.POSITIVE_INFINITY);
  expect(columnsFor({ isTTY: true, columns: 132 }, {})).toBe(132);
  expect(columnsFor({ isTTY: true, columns: 132 }, { COLUMNS: "60" })).toBe(60);
  expect(columnsFor({ isTTY: true, columns: 132 }, { COLUMNS: "wide" })).toBe(132);
  expect(columnsFor({ isTTY: true, columns: 0 }, {})).toBe(80);
});
