import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What an install of the package in the project would do. */
const OWN_NAME = new URL("own-name.ts", import.meta.url).href;

test("the example of the testing guide passes as it stands in a new project", () => {
  const dir = mkdtempSync(join(tmpdir(), "sluice-guide-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const made = spawnSync(process.execPath, [at("bin/sluice.js"), "init", dir], { encoding: "utf8" });
  expect(made.status, made.stderr).toBe(0);
  const guide = readFileSync(at("docs/guides/testing.md"), "utf8");
  const [, file = "", text = ""] = /^```ts example=(\S+)\n([\s\S]*?)^```/m.exec(guide) ?? [];
  expect(text).toContain("crashTest");
  writeFileSync(join(dir, file), text);
  const args = ["--import", OWN_NAME, "--test", "--test-reporter=tap", join(dir, file)];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: dir, encoding: "utf8" });
  expect(status, stdout).toBe(0);
  expect(stdout).toMatch(/^# pass 1$/m);
}, 400_000);
