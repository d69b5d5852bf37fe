import { UsageError } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import type { DatasetKind } from "../eval/case.ts";
import { comparisonOf } from "../eval/comparison-fold.ts";
import { foldOf } from "../eval/fold.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import type { Engine } from "../workflow/engine.ts";
import { Datasets } from "./datasets.ts";
import type { SuiteLibrary } from "./eval-material.ts";
import type { ProjectSuite } from "./load-suites.ts";
import type { Project } from "./project.ts";

/** The suites of a project, their cases as they are published in the store. */
export function suiteLibrary(project: Project, store: SqliteStore, { keyring }: Pick<Engine, "keyring">): SuiteLibrary {
  const stored = new Datasets(store, keyring);
  const get = (name: string): ProjectSuite => {
    const suite = project.suites.get(name);
    if (suite !== undefined) return suite;
    const message = `There is no suite "${name}". ${didYouMean(name, project.suiteNames)}`;
    throw new UsageError("unknown_suite", message.trim(), { status: 404 });
  };
  return {
    all: () => [...project.suites.values()],
    get,
    async publish(suite, by) {
      const versions = await stored.publishSuite(project.dir, get(suite.name), by);
      return versions.map(({ name, kind, version, hash, cases }) => ({ name, kind, version, hash, cases }));
    },
    cases: (datasets) => stored.casesOfAll(datasets.map((each) => ({ ...each, kind: each.kind as DatasetKind }))),
    async scorers(suite) {
      const { scoring } = get(suite.name);
      if (scoring === null) return { hash: "", score: null };
      return { hash: scoring.hash, score: async (placed, output) => (await scoring.score(placed, output)).scores };
    },
    fold: foldOf,
    comparison: comparisonOf,
  };
}
