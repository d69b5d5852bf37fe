import type { Suite } from "../eval/suite.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import type { Engine } from "../workflow/engine.ts";
import type { Deployed } from "../workflow/open.ts";
import { materialFor, planSubject } from "./eval-material.ts";
import type { EvalParts } from "./eval-material.ts";
import { EvalDesk } from "./evals.ts";
import type { Project } from "./project.ts";
import { suiteLibrary } from "./suite-library.ts";

export interface DeskParts {
  engine: Engine;
  store: SqliteStore;
  project: Project;
  workflows: ReadonlyMap<string, Deployed>;
}

/** The desk of a process, over its suites. */
export function openDesk({ engine, store, project, workflows }: DeskParts): {
  desk: EvalDesk;
  suites(): readonly Suite[];
} {
  const library = suiteLibrary(project, store, engine);
  const parts: EvalParts = { engine, store, project, workflows, library };
  const { keyring, clock, log } = engine;
  const desk = new EvalDesk({
    store,
    keyring,
    clock,
    log,
    plan: (request, prompt, by) => planSubject(parts, request, prompt, by),
    material: (plan, evalId) => materialFor(parts, plan, evalId),
    cases: (plan) => library.cases(plan.datasets),
    slices: (suite) => project.suites.get(suite)?.slices ?? [],
    comparison: (suite) => library.comparison(library.get(suite)),
  });
  return { desk, suites: () => library.all() };
}
