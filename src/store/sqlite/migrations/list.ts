import { sql as journal } from "./0001-journal.ts";
import { sql as reviewViews } from "./0002-review-views.ts";
import { sql as findingRuns } from "./0003-finding-runs.ts";
import { sql as paths } from "./0004-paths.ts";
import { sql as signIn } from "./0005-sign-in.ts";
import { sql as answeredReviews } from "./0006-answered-reviews.ts";
import { sql as eventWaits } from "./0007-event-waits.ts";
import { sql as holdsAndRedrives } from "./0008-holds-and-redrives.ts";
import { sql as keeping } from "./0009-keeping.ts";
import { sql as pinnedRuns } from "./0010-pinned-runs.ts";
import { sql as waitsByStep } from "./0011-waits-by-step.ts";
import { sql as reservations } from "./0012-reservations.ts";
import { sql as datasets } from "./0013-datasets.ts";
import { sql as evals } from "./0014-evals.ts";
import { sql as prompts } from "./0015-prompts.ts";
import { sql as releases } from "./0016-releases.ts";
import { sql as stages } from "./0017-stages.ts";

/** In order; the number of a migration is its place, from 1. One that was released is never changed. */
export const MIGRATIONS: readonly string[] = [
  journal,
  reviewViews,
  findingRuns,
  paths,
  signIn,
  answeredReviews,
  eventWaits,
  holdsAndRedrives,
  keeping,
  pinnedRuns,
  waitsByStep,
  reservations,
  datasets,
  evals,
  prompts,
  releases,
  stages,
];
