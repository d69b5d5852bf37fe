import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { ApiError } from "./api/client.ts";
import { sessionQuery } from "./api/session.ts";
import { deadSearch } from "./pages/dead-letters/search.ts";
import { compareSearch, evalSearch, evalsSearch } from "./pages/evals/search.ts";
import { promptSearch } from "./pages/prompts/search.ts";
import { releaseSearch } from "./pages/releases/search.ts";
import { reviewsSearch } from "./pages/reviews/search.ts";
import { runSearch } from "./pages/run/search.ts";
import { runsPageSearch } from "./pages/runs/search.ts";
import { workflowSearch } from "./pages/workflows/search.ts";
import { Failed, Loading } from "./parts/states.tsx";
import { Frame } from "./shell/frame.tsx";
import { Login } from "./shell/login.tsx";
import { Missing } from "./shell/missing.tsx";
import { queryClient } from "./shell/query-client.ts";

const root = createRootRoute({ notFoundComponent: Missing });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: Login,
  validateSearch: (search): { next?: string } => (typeof search["next"] === "string" ? { next: search["next"] } : {}),
});

/** Everything but the sign-in needs a session; where there is none, the way leads there and back. */
const frame = createRoute({
  getParentRoute: () => root,
  id: "frame",
  component: Frame,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401)
        redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href }, throw: true });
      throw error;
    }
  },
});

const start = createRoute({
  getParentRoute: () => frame,
  path: "/",
  beforeLoad: () => {
    const session = queryClient.getQueryData(sessionQuery.queryKey);
    redirect({ to: session?.role === "reviewer" ? "/reviews" : "/runs", throw: true });
  },
});

const runs = createRoute({
  getParentRoute: () => frame,
  path: "/runs",
  validateSearch: runsPageSearch,
  component: lazyRouteComponent(() => import("./pages/runs/runs.tsx"), "Runs"),
});
const run = createRoute({
  getParentRoute: () => frame,
  path: "/runs/$runId",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("./pages/run/run.tsx"), "RunPage"),
});
const reviews = createRoute({
  getParentRoute: () => frame,
  path: "/reviews",
  validateSearch: reviewsSearch,
  component: lazyRouteComponent(() => import("./pages/reviews/queue.tsx"), "Queue"),
});
const review = createRoute({
  getParentRoute: () => frame,
  path: "/reviews/$reviewId",
  validateSearch: reviewsSearch,
  component: lazyRouteComponent(() => import("./pages/reviews/review.tsx"), "ReviewPage"),
});
const deadLetters = createRoute({
  getParentRoute: () => frame,
  path: "/dead-letters",
  validateSearch: deadSearch,
  component: lazyRouteComponent(() => import("./pages/dead-letters/groups.tsx"), "DeadLetters"),
});
const deadLetter = createRoute({
  getParentRoute: () => frame,
  path: "/dead-letters/$runId",
  component: lazyRouteComponent(() => import("./pages/dead-letters/letter.tsx"), "DeadLetter"),
});
const workflows = createRoute({
  getParentRoute: () => frame,
  path: "/workflows",
  component: lazyRouteComponent(() => import("./pages/workflows/workflows.tsx"), "Workflows"),
});
const workflow = createRoute({
  getParentRoute: () => frame,
  path: "/workflows/$name",
  validateSearch: workflowSearch,
  component: lazyRouteComponent(() => import("./pages/workflows/workflow.tsx"), "WorkflowPage"),
});
const versioned = (search: Record<string, unknown>): { version?: string; against?: string } => ({
  ...(search["version"] === undefined ? {} : { version: String(search["version"]) }),
  ...(search["against"] === undefined ? {} : { against: String(search["against"]) }),
});
/** The words a list is filtered by. */
const filtered = (search: Record<string, unknown>): { q?: string } =>
  search["q"] === undefined || search["q"] === "" ? {} : { q: String(search["q"]) };
const prompts = createRoute({
  getParentRoute: () => frame,
  path: "/prompts",
  validateSearch: filtered,
  component: lazyRouteComponent(() => import("./pages/prompts/prompts.tsx"), "Prompts"),
});
const prompt = createRoute({
  getParentRoute: () => frame,
  path: "/prompts/$name",
  validateSearch: promptSearch,
  component: lazyRouteComponent(() => import("./pages/prompts/prompt.tsx"), "PromptPage"),
});
const promptDraft = createRoute({
  getParentRoute: () => frame,
  path: "/prompts/$name/drafts/$draftId",
  component: lazyRouteComponent(() => import("./pages/prompts/draft/draft.tsx"), "DraftPage"),
});
const releases = createRoute({
  getParentRoute: () => frame,
  path: "/releases",
  validateSearch: filtered,
  component: lazyRouteComponent(() => import("./pages/releases/releases.tsx"), "Releases"),
});
const release = createRoute({
  getParentRoute: () => frame,
  path: "/releases/$workflow",
  validateSearch: releaseSearch,
  component: lazyRouteComponent(() => import("./pages/releases/release.tsx"), "ReleasePage"),
});
const evals = createRoute({
  getParentRoute: () => frame,
  path: "/evals",
  validateSearch: evalsSearch,
  component: lazyRouteComponent(() => import("./pages/evals/evals.tsx"), "Evals"),
});
const evalCompare = createRoute({
  getParentRoute: () => frame,
  path: "/evals/compare",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("./pages/evals/compare.tsx"), "ComparePage"),
});
const evalRun = createRoute({
  getParentRoute: () => frame,
  path: "/evals/$evalId",
  validateSearch: evalSearch,
  component: lazyRouteComponent(() => import("./pages/evals/eval.tsx"), "EvalPage"),
});
const contracts = createRoute({
  getParentRoute: () => frame,
  path: "/contracts",
  validateSearch: filtered,
  component: lazyRouteComponent(() => import("./pages/contracts/contracts.tsx"), "Contracts"),
});
const contract = createRoute({
  getParentRoute: () => frame,
  path: "/contracts/$type",
  validateSearch: versioned,
  component: lazyRouteComponent(() => import("./pages/contracts/contract.tsx"), "ContractPage"),
});
const tools = createRoute({
  getParentRoute: () => frame,
  path: "/tools",
  validateSearch: filtered,
  component: lazyRouteComponent(() => import("./pages/tools/tools.tsx"), "Tools"),
});
const tool = createRoute({
  getParentRoute: () => frame,
  path: "/tools/$name",
  validateSearch: (search): { since?: string } =>
    /^(\d+[mhd]|all)$/.test(String(search["since"])) ? { since: String(search["since"]) } : {},
  component: lazyRouteComponent(() => import("./pages/tools/tool.tsx"), "ToolPage"),
});
const access = createRoute({
  getParentRoute: () => frame,
  path: "/access",
  validateSearch: filtered,
  component: lazyRouteComponent(() => import("./pages/access/access.tsx"), "Access"),
});

const pages = [
  start,
  runs,
  run,
  reviews,
  review,
  deadLetters,
  deadLetter,
  workflows,
  workflow,
  prompts,
  prompt,
  promptDraft,
  releases,
  release,
  evals,
  evalCompare,
  evalRun,
  contracts,
  contract,
  tools,
  tool,
  access,
] as const;

export const router = createRouter({
  routeTree: root.addChildren([login, frame.addChildren(pages)]),
  defaultPreload: "intent",
  defaultPendingComponent: () => <Loading rows={10} />,
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} again={reset} />,
  defaultNotFoundComponent: Missing,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
