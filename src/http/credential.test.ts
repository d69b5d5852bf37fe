import { cp, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readCredential, writeCredential } from "./credential.ts";

const CREDENTIAL = { url: "http://127.0.0.1:4780", token: "slu_1" };

async function folderWithCredential(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "sluice-credential-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await writeCredential(join(dir, "data"), CREDENTIAL);
  return dir;
}

test("a copy of a data folder does not lead to the server of the original", async () => {
  const dir = await folderWithCredential();
  await cp(join(dir, "data"), join(dir, "copy"), { recursive: true });
  expect(await readCredential(join(dir, "copy"))).toBeNull();
  expect(await readCredential(join(dir, "data"))).toEqual(CREDENTIAL);
});

test("a data folder that was moved under its server still leads to it", async () => {
  const dir = await folderWithCredential();
  await rename(join(dir, "data"), join(dir, "moved"));
  expect(await readCredential(join(dir, "moved"))).toEqual(CREDENTIAL);
});
