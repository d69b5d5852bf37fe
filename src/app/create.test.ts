import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FileProblem } from "../base/failure.ts";
import { ProjectError } from "../base/failure.ts";
import { scriptedModel } from "../model/scripted.ts";
import { writeSampleProject } from "../testing/sample-project.ts";
import { createSluice } from "./create.ts";
import { loadProject } from "./project.ts";

const PROMPT = "prompts/classifier/2026-05-29.1.json";
let dir: string;
beforeEach(async () => void (dir = await writeSampleProject()));
afterEach(() => rm(dir, { recursive: true }));

/** Starts the project, ends it, and answers what it warned of. */
async function started(mode: "dev" | "serve"): Promise<FileProblem[]> {
  const warned: FileProblem[] = [];
  const warn = (problem: FileProblem): void => void warned.push(problem);
  const scripted = scriptedModel();
  const project = await loadProject(dir, { env: {} });
  const sluice = await createSluice({ project, mode, env: {}, log: () => {}, warn, scripted });
  await sluice.close();
  return warned;
}

async function edit(from: string, to: string): Promise<void> {
  const text = await readFile(join(dir, PROMPT), "utf8");
  expect(text).toContain(from);
  await writeFile(join(dir, PROMPT), text.replace(from, to));
}

describe("content that changed under a version that was used", () => {
  test("is allowed in development, with a warning, and refused by serve", async () => {
    expect(await started("dev")).toEqual([]);
    await edit("Classify the support ticket.", "Classify it.");
    expect(await started("dev")).toMatchObject([{ file: PROMPT, code: "version_changed", severity: "warning" }]);
    const refused = await started("serve").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProjectError);
    expect((refused as ProjectError).problems).toMatchObject([{ file: PROMPT, code: "version_changed" }]);
    await edit("Classify it.", "Classify the support ticket.");
    expect(await started("serve")).toEqual([]);
  });
});

describe("a served version whose model cannot be called", () => {
  test("is told of when the process starts, with its place", async () => {
    await edit("scripted/classifier", "gpt-4.1-mini");
    const place = { file: PROMPT, line: 5 };
    expect(await started("serve")).toMatchObject([
      { ...place, code: "no_api_key", message: expect.stringContaining("OPENAI_API_KEY") },
    ]);
    await writeFile(
      join(dir, "sluice.config.json"),
      JSON.stringify({ keyFile: "key", defaultProvider: "local", logLevel: "silent" }),
    );
    expect(await started("serve")).toMatchObject([
      { ...place, code: "unknown_model", message: expect.stringContaining("local/in-context") },
    ]);
  });
});
