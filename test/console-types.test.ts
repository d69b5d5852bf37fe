import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { TYPES_FILE, consoleTypes } from "../console/types.ts";

test("the console's types of the API are those of its present reference", async () => {
  const written = await readFile(TYPES_FILE, "utf8");
  const missing = 'The API\'s documents have changed since: run "npm run types:console" and commit the file.';
  expect(written === consoleTypes(), missing).toBe(true);
});

test("the console's types name every document and every call", () => {
  const types = consoleTypes();
  expect(types).toContain("export type Run = {");
  expect(types).toMatch(
    /"GET \/v1\/runs\/\{id\}\/trace": \{\s+params: \{\s+id: string;\s+\};\s+query: null;\s+body: null;\s+answer: TraceStep\[\];/,
  );
  expect(types).toMatch(/"DELETE \/v1\/tokens\/\{id\}": \{[^}]+\};\s+query: null;\s+body: null;\s+answer: null;/);
  expect(types).toMatch(/ {2}failure: RunFailure \| null;/);
});
