import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { calledAs, quoted } from "./called-as.ts";

const bin = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sluice-called-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const cwd = dirname(dirname(bin));

test("what was called by npx or an npm script is called so again", () => {
  expect(calledAs({ env: { npm_command: "exec", npm_lifecycle_event: "npx" }, cwd })).toBe("npx sluice");
  expect(calledAs({ env: { npm_command: "run-script", npm_lifecycle_event: "sluice" }, cwd })).toBe(
    "npm run -s sluice --",
  );
});

test("it is plain sluice only where that is on the PATH and is this one", () => {
  const env = { PATH: `/nowhere:${folder}` };
  expect(calledAs({ env, cwd })).toBe("node bin/sluice.js");
  symlinkSync(process.execPath, join(folder, "sluice"));
  expect(calledAs({ env, cwd })).toBe("node bin/sluice.js");
  rmSync(join(folder, "sluice"));
  symlinkSync(bin, join(folder, "sluice"));
  expect(calledAs({ env, cwd })).toBe("sluice");
});

test("the path of a clone is written as seen from here, as one word", () => {
  expect(calledAs({ env: {}, cwd: join(cwd, "docs") })).toBe("node ../bin/sluice.js");
  expect(quoted("it's here")).toBe(`'it'\\''s here'`);
});
