import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./operation.ts";
import { HttpProblem } from "./problem.ts";

/**
 * A page in a browser can point a name of its own at 127.0.0.1 and so reach a server there as its own origin;
 * the Host header then still carries that name. The host of `publicUrl` is one that a proxy may pass on.
 */
export function hostCheck(loopbackOnly: boolean, publicUrl: string | undefined): MiddlewareHandler<ApiEnv> {
  const known = publicUrl === undefined ? undefined : hostName(new URL(publicUrl).host);
  return async (c, next) => {
    const host = hostName(c.req.header("host") ?? new URL(c.req.url).host);
    if (loopbackOnly && !isLoopback(host) && host.toLowerCase() !== known)
      throw new HttpProblem({
        status: 421,
        code: "wrong_host",
        detail:
          "This server listens on loopback and answers to localhost, loopback addresses and the host of publicUrl only.",
      });
    await next();
  };
}

/** True for `localhost`, names below it, 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Without the port. */
function hostName(header: string): string {
  return header.replace(/:\d*$/, "");
}
