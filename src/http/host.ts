import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./operation.ts";
import { HttpProblem } from "./problem.ts";

/**
 * A page in a browser can point a name of its own at 127.0.0.1 and so reach a server there as its own origin;
 * the Host header then still carries that name.
 */
export function hostCheck(loopbackOnly: boolean): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (loopbackOnly && !isLoopback(hostName(c.req.header("host") ?? new URL(c.req.url).host)))
      throw new HttpProblem({
        status: 421,
        code: "wrong_host",
        detail: "This server listens on loopback and answers to localhost and loopback addresses only.",
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
