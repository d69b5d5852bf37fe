import type { PresentSuite } from "../release/evidence-check.ts";
import type { Parts } from "./parts.ts";

/** The suites of the project as they stand now, with the newest published version of each of their datasets. */
export async function presentSuites({
  store,
  project,
}: Pick<Parts, "store" | "project">): Promise<Map<string, PresentSuite>> {
  const published = new Map((await store.datasets()).map((each) => [each.name, each]));
  const suites = new Map<string, PresentSuite>();
  for (const [name, suite] of project.suites) {
    const datasets = suite.datasets.map((dataset) => {
      const version = published.get(dataset.name);
      return { name: dataset.name, version: version?.version ?? null, hash: version?.hash ?? "" };
    });
    suites.set(name, { name, hash: suite.hash, scorersHash: suite.scoring?.hash ?? "", datasets });
  }
  return suites;
}
