import { join } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { metricNamed } from "../eval/metrics.ts";
import { Scorers } from "../eval/scorers.ts";
import type { Scorer } from "../eval/scorers.ts";
import { importModule } from "./import.ts";
import { isFileWithin } from "./is-file.ts";
import { Modules, fingerprint, lockfileText } from "./modules.ts";

export type LoadedScorers = { scorers: Scorers; problems: [] } | { scorers: null; problems: readonly FileProblem[] };

/** Loads the custom scorers of a suite: each named export of the file is one. */
export async function loadScorers(dir: string, file: string): Promise<LoadedScorers> {
  if (!isFileWithin(dir, join(dir, file))) return failed(file, "no_scorers", `There is no file ${file} in the project.`, "Write it, each export a scorer: export const polite = (c, output) => true;"); // prettier-ignore
  if (!/\.[cm]?[jt]s$/.test(file)) return failed(file, "no_scorers", "Scorers are written in TypeScript or JavaScript.", "Name a .ts file."); // prettier-ignore
  const modules = new Modules(dir);
  const graph = await modules.graph(file);
  const [source] = graph.sources;
  if (!graph.whole || source === undefined) return { scorers: null, problems: modules.problems };
  const loaded = await importModule(dir, source);
  if ("problem" in loaded) return { scorers: null, problems: [loaded.problem] };
  const exported = Object.entries(loaded.exports);
  const wrong = exported.map(([name, value]) => mistakeOf(file, name, value)).filter((each) => each !== null);
  if (exported.length === 0) return failed(file, "no_scorers", "The file exports no scorer.", "Write: export const polite = (c, output) => true;"); // prettier-ignore
  if (wrong.length > 0) return { scorers: null, problems: wrong };
  const scorers = new Scorers(new Map(exported as [string, Scorer][]), fingerprint(graph, await lockfileText(dir)));
  return { scorers, problems: [] };
}

function mistakeOf(file: string, name: string, value: unknown): FileProblem | null {
  if (name === "default")
    return problem(file, "bad_scorer", "A scorer is exported by its name, not by default.", "Write: export const polite = (c, output) => true;"); // prettier-ignore
  if (typeof value !== "function") return problem(file, "bad_scorer", `"${name}" is no function.`, "A scorer takes a case and an output and answers a number from 0 to 1, or true or false."); // prettier-ignore
  if (metricNamed(name) === null) return null;
  return problem(file, "bad_scorer", `"${name}" is a metric already.`, "Give the scorer another name.");
}

function problem(file: string, code: string, message: string, fix: string): FileProblem {
  return { file, line: 1, code, message, fix, severity: "error" };
}

function failed(file: string, code: string, message: string, fix: string): LoadedScorers {
  return { scorers: null, problems: [problem(file, code, message, fix)] };
}
