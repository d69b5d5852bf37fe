import type { MiddlewareHandler } from "hono";
import type { Caller, Sluice } from "../app/sluice.ts";
import type { ApiContext, ApiEnv } from "./operation.ts";
import { requestOrigin } from "./origin.ts";
import { HttpProblem } from "./problem.ts";
import { isOpen } from "./roles.ts";
import { sessionSecret } from "./session-cookie.ts";

/** Longer than any secret we make; a longer one is not worth hashing. */
export const MAX_SECRET = 512;

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** A bearer token, else a session, on everything but the open routes, unknown addresses included. */
export function authentication(sluice: Sluice, publicUrl: string | undefined): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (!isOpen(c.req.method, c.req.path)) c.set("caller", await callerOf(sluice, c, publicUrl));
    await next();
  };
}

/** Who sends a token means the token: a cookie that a browser adds by itself does not stand in for a bad one. */
async function callerOf(sluice: Sluice, c: ApiContext, publicUrl: string | undefined): Promise<Caller> {
  const authorization = c.req.header("authorization") ?? "";
  if (/^bearer\b/i.test(authorization)) return byToken(sluice, authorization);
  const secret = sessionSecret(c);
  if (secret === undefined) throw missing();
  refuseOthers(c, publicUrl);
  const caller = secret.length > MAX_SECRET ? null : await sluice.authenticateSession(secret);
  if (caller === null)
    throw unauthorized("invalid_session", 'You are signed out. "sluice login" makes a link to sign in with.');
  return caller;
}

async function byToken(sluice: Sluice, authorization: string): Promise<Caller> {
  const secret = /^bearer +([!-~]+) *$/i.exec(authorization)?.[1];
  if (secret === undefined) throw missing();
  const caller = secret.length > MAX_SECRET ? null : await sluice.authenticate(secret);
  if (caller === null)
    throw unauthorized("invalid_token", "This token is unknown, expired or revoked.", ' error="invalid_token"');
  return caller;
}

/** A browser adds the cookie to what any page sends here; only pages of this server may act, or look, with it. */
function refuseOthers(c: ApiContext, publicUrl: string | undefined): void {
  const origin = requestOrigin(c, publicUrl);
  if (origin === "own" || (origin === "unsaid" && SAFE_METHODS.has(c.req.method))) return;
  throw wrongOrigin();
}

export function wrongOrigin(): HttpProblem {
  return new HttpProblem({
    status: 403,
    code: "wrong_origin",
    detail:
      "A session counts only for requests from this server's own pages, and this is none. " +
      "Behind a proxy, set publicUrl (SLUICE_PUBLIC_URL) to the address people open. Programs send a bearer token.",
  });
}

function missing(): HttpProblem {
  const detail = 'Send a token: "Authorization: Bearer TOKEN". "sluice token create" makes one.';
  return unauthorized("missing_token", detail);
}

function unauthorized(code: string, detail: string, more = ""): HttpProblem {
  const headers = { "www-authenticate": `Bearer realm="sluice"${more === "" ? "" : `,${more}`}` };
  return new HttpProblem({ status: 401, code, detail, headers });
}
