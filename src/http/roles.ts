import type { Role } from "../base/access.ts";

/** Weakest first; each role may do what those before it may. */
export const ROLES: readonly Role[] = ["viewer", "reviewer", "editor", "operator", "admin"];

/**
 * Every route there is, and the least role that may call it; `open` needs no token. A route that is not in this table
 * cannot be defined (`operation.ts`), so none is open by accident.
 */
export const ROUTES = {
  "GET /healthz": "open",
  "GET /readyz": "open",
  "GET /metrics": "viewer",
  "GET /openapi.json": "viewer",
  // A submitted event makes the application act, so a token that may only look or review may not send one.
  "POST /v1/events": "operator",
  "GET /v1/runs": "viewer",
  "GET /v1/runs/counts": "viewer",
  "GET /v1/runs/facets": "viewer",
  "GET /v1/runs/{id}": "viewer",
  "GET /v1/runs/{id}/trace": "viewer",
  "GET /v1/runs/{id}/messages": "viewer",
  "GET /v1/runs/{id}/why": "viewer",
  "POST /v1/runs/{id}/cancel": "operator",
  "POST /v1/runs/{id}/restart": "operator",
  // Originals, and who was shown them.
  "POST /v1/runs/{id}/reveal": "operator",
  "GET /v1/runs/{id}/views": "operator",
  "GET /v1/stream": "viewer",
  "GET /v1/reviews": "viewer",
  "GET /v1/reviews/counts": "viewer",
  "POST /v1/reviews/next": "reviewer",
  // Shows the sensitive values that the review reveals.
  "GET /v1/reviews/{id}": "reviewer",
  "POST /v1/reviews/{id}/claim": "reviewer",
  "POST /v1/reviews/{id}/unclaim": "reviewer",
  "POST /v1/reviews/{id}/preview": "reviewer",
  "POST /v1/reviews/{id}/decide": "reviewer",
  "GET /v1/dead-letters": "viewer",
  "GET /v1/dead-letters/{run_id}": "viewer",
  "POST /v1/dead-letters/redrive": "operator",
  "GET /v1/redrives": "viewer",
  "GET /v1/redrives/{id}": "viewer",
  "POST /v1/redrives/{id}/cancel": "operator",
  "GET /v1/evals/suites": "viewer",
  "GET /v1/evals/compare": "editor",
  "GET /v1/evals": "viewer",
  "POST /v1/evals": "editor",
  "GET /v1/evals/{eval_id}": "viewer",
  // Cases are originals.
  "GET /v1/evals/{eval_id}/cases": "editor",
  "GET /v1/evals/{eval_id}/cases/{case_id}": "editor",
  "GET /v1/evals/{eval_id}/report": "editor",
  "POST /v1/evals/{eval_id}/cancel": "editor",
  "GET /v1/datasets": "viewer",
  "GET /v1/datasets/{name}": "viewer",
  "GET /v1/datasets/{name}/versions/{version}/cases": "editor",
  "GET /v1/datasets/{name}/export": "editor",
  "POST /v1/datasets/{name}/import": "editor",
  "GET /v1/contracts": "viewer",
  "GET /v1/prompts": "viewer",
  "GET /v1/prompts/{name}": "viewer",
  "GET /v1/prompts/{name}/diff": "viewer",
  "POST /v1/prompts/{name}/versions": "editor",
  "GET /v1/prompts/{name}/versions/{version}": "viewer",
  "POST /v1/prompts/{name}/versions/{version}/approve": "editor",
  "DELETE /v1/prompts/{name}/versions/{version}": "editor",
  "POST /v1/prompts/{name}/drafts": "editor",
  "GET /v1/prompts/{name}/drafts/{draft_id}": "viewer",
  "PUT /v1/prompts/{name}/drafts/{draft_id}": "editor",
  "DELETE /v1/prompts/{name}/drafts/{draft_id}": "editor",
  "POST /v1/prompts/{name}/drafts/{draft_id}/publish": "editor",
  // Shows recorded values to a model.
  "POST /v1/prompts/{name}/preview": "editor",
  "GET /v1/prompts/{name}/previews/{preview_id}": "viewer",
  "POST /v1/prompts/{name}/previews/{preview_id}/cancel": "editor",
  "GET /v1/tools": "viewer",
  "POST /v1/tools/{name}/grant": "operator",
  "POST /v1/tools/{name}/revoke": "operator",
  "GET /v1/releases": "viewer",
  "GET /v1/releases/{workflow}": "viewer",
  "GET /v1/releases/{workflow}/history": "viewer",
  "GET /v1/releases/{workflow}/served": "viewer",
  "GET /v1/releases/{workflow}/candidates": "viewer",
  "GET /v1/releases/{workflow}/candidates/answers": "viewer",
  "GET /v1/releases/{workflow}/curve": "viewer",
  "GET /v1/releases/{workflow}/proposals": "viewer",
  // Changes nothing.
  "POST /v1/releases/{workflow}/plan": "viewer",
  "POST /v1/releases/{workflow}/promote": "operator",
  "POST /v1/releases/{workflow}/demote": "operator",
  "POST /v1/releases/{workflow}/traffic": "operator",
  "POST /v1/releases/{workflow}/off": "operator",
  "POST /v1/releases/{workflow}/on": "operator",
  "POST /v1/releases/{workflow}/rollback": "operator",
  "POST /v1/releases/{workflow}/proposals/{id}/approve": "operator",
  "POST /v1/releases/{workflow}/proposals/{id}/reject": "operator",
  "GET /v1/workflows": "viewer",
  "GET /v1/workflows/{name}/graph": "viewer",
  "GET /v1/workflows/{name}/traffic": "viewer",
  "GET /v1/workflows/{name}/holds": "viewer",
  "POST /v1/workflows/{name}/pause": "operator",
  "POST /v1/workflows/{name}/resume": "operator",
  "GET /v1/quarantine": "operator",
  "GET /v1/drift": "viewer",
  "GET /v1/audit/verify": "operator",
  "GET /v1/audit/head": "operator",
  // Destroys what cannot be brought back.
  "POST /v1/privacy/erase": "admin",
  "GET /v1/privacy/erasures": "admin",
  // Holds all there is, redacted and sealed; the key is not in it.
  "POST /v1/backup": "admin",
  "POST /v1/session": "open",
  "GET /v1/session": "viewer",
  "DELETE /v1/session": "viewer",
  "POST /v1/login-links": "admin",
  "GET /v1/tokens": "admin",
  "POST /v1/tokens": "admin",
  "DELETE /v1/tokens/{id}": "admin",
} as const;

export type RouteKey = keyof typeof ROUTES;

export function mayCall(role: Role, key: RouteKey): boolean {
  const needed: Role | "open" = ROUTES[key];
  return needed === "open" || ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Methods that exist for a path as it came in; empty where there is no such path. */
export function methodsOf(path: string): string[] {
  return (Object.keys(ROUTES) as RouteKey[])
    .map((key) => key.split(" ") as [string, string])
    .filter(([, pattern]) => patternMatches(pattern, path))
    .map(([method]) => method);
}

export function isOpen(method: string, path: string): boolean {
  return ROUTES[`${method === "HEAD" ? "GET" : method} ${path}` as RouteKey] === "open";
}

function patternMatches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith("{") ? given[index] !== "" : part === given[index]))
  );
}
