import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import { describeStore } from "../../testing/store-conformance/suite.ts";
import { openSqliteStore } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-conformance-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeStore("sqlite", { describe, it, afterAll }, (setting) =>
  openSqliteStore({ dataDir: mkdtempSync(join(folder, "store-")), ...setting }),
);
