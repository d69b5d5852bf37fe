import { accepting, idempotency } from "./accept.ts";
import { claiming, ordering } from "./claim.ts";
import { committing } from "./commit.ts";
import { datasets } from "./datasets.ts";
import { evaluating } from "./evals.ts";
import { fencing, leases } from "./fence.ts";
import { counting, searching } from "./finding.ts";
import { holding } from "./holds.ts";
import { erasing, removingOriginals, removingValues } from "./keeping.ts";
import { proposing } from "./proposals.ts";
import { filters, pagination } from "./pagination.ts";
import { cancelling, earlyAnswers, parking, waking } from "./park.ts";
import { pinnedRuns } from "./pinned.ts";
import { auditing, keepingTokens, releasing, signingIn } from "./records-of-change.ts";
import { drafting, registry } from "./prompts.ts";
import { reservations } from "./reservations.ts";
import { restarting } from "./restart.ts";
import { redriving } from "./redrives.ts";
import { reviewing } from "./review.ts";
import { countingReviews, handingOut } from "./review-queue.ts";
import { candidates, offAndOn, serving } from "./stages.ts";
import { runViews, traffic } from "./traffic.ts";
import { matching } from "./waits.ts";
import { endingWaits, keepingEvents } from "./waits-ending.ts";
import { frozenClock } from "../frozen-clock.ts";
import { digest, World, type Aspect, type StoreFactory } from "./world.ts";

/** Everything a store promises. Cases of one aspect share a store; each has a workflow of its own. */
const ASPECTS: readonly Aspect[] = [
  accepting,
  idempotency,
  claiming,
  ordering,
  pinnedRuns,
  leases,
  fencing,
  committing,
  reservations,
  parking,
  waking,
  earlyAnswers,
  matching,
  endingWaits,
  keepingEvents,
  cancelling,
  holding,
  restarting,
  redriving,
  pagination,
  filters,
  searching,
  counting,
  reviewing,
  handingOut,
  countingReviews,
  traffic,
  runViews,
  releasing,
  serving,
  offAndOn,
  candidates,
  proposing,
  registry,
  drafting,
  keepingTokens,
  signingIn,
  auditing,
  removingOriginals,
  removingValues,
  erasing,
  datasets,
  evaluating,
];

/** How a test framework groups and runs: `describe`, `it` and `afterAll` of vitest or node:test fit. */
export interface Framework {
  describe(name: string, body: () => void): void;
  it(sentence: string, body: () => Promise<void>): void;
  afterAll(body: () => Promise<void>): void;
}

/** Registers the whole suite for one store. `open` is called once an aspect and gives an empty store. */
export function describeStore(name: string, { describe, it, afterAll }: Framework, open: StoreFactory): void {
  for (const aspect of ASPECTS)
    describe(`${name}: ${aspect.name}`, () => {
      const clock = frozenClock();
      const chainKey = digest("chain key of the conformance suite");
      let opened: ReturnType<StoreFactory> | undefined;
      for (const { sentence, run } of aspect.cases)
        it(sentence, async () => {
          opened ??= open({ clock, chainKey });
          await run(new World(await opened, clock, chainKey));
        });
      afterAll(async () => {
        await (await opened)?.close();
      });
    });
}
