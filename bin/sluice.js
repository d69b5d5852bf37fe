#!/usr/bin/env node
import "./newer-node.js";
import { existsSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// A clone has `src/`, and may have a `dist/` from an earlier build; the published package has `dist/` only.
const entries = [join(root, "src/cli/main.ts"), join(root, "dist/cli/main.js")];
const entry = entries.find((file) => existsSync(file));

if (entry === undefined) {
  process.stderr.write(`sluice: neither src/cli nor dist/cli is in ${root}; install the package again\n`);
  process.exitCode = 2;
} else {
  module.enableCompileCache();
  const { main } = await import(pathToFileURL(entry).href);
  process.exitCode = await main(process.argv.slice(2));
}
