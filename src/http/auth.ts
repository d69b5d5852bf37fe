import type { MiddlewareHandler } from "hono";
import type { Sluice } from "../app/sluice.ts";
import type { ApiEnv } from "./operation.ts";
import { HttpProblem } from "./problem.ts";
import { isOpen } from "./roles.ts";

/** Longer than any secret we make; a longer one is not worth hashing. */
const MAX_SECRET = 512;

/** A bearer token on everything but the open routes, unknown addresses included. */
export function authentication(sluice: Sluice): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (!isOpen(c.req.method, c.req.path)) {
      const secret = /^bearer +([!-~]+) *$/i.exec(c.req.header("authorization") ?? "")?.[1];
      if (secret === undefined)
        throw unauthorized(
          "missing_token",
          'Send a token: "Authorization: Bearer TOKEN". "sluice token create" makes one.',
        );
      const actor = secret.length > MAX_SECRET ? null : await sluice.authenticate(secret);
      if (actor === null)
        throw unauthorized("invalid_token", "This token is unknown, expired or revoked.", ' error="invalid_token"');
      c.set("actor", actor);
    }
    await next();
  };
}

function unauthorized(code: string, detail: string, more = ""): HttpProblem {
  const headers = { "www-authenticate": `Bearer realm="sluice"${more === "" ? "" : `,${more}`}` };
  return new HttpProblem({ status: 401, code, detail, headers });
}
