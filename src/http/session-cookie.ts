import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { portOf } from "./origin.ts";
import type { ApiContext } from "./operation.ts";

/** As long as a session can be. When it really ends is known to the server alone. */
const MAX_AGE_S = 7 * 24 * 3_600;

/** Cookies do not tell ports apart: two servers on one machine would sign each other's people out. */
function nameFor(c: ApiContext): string {
  const port = portOf(c);
  return port === "" ? "sluice_session" : `sluice_session_${port}`;
}

export function sessionSecret(c: ApiContext): string | undefined {
  return getCookie(c, nameFor(c));
}

/** Out of reach of scripts and of requests that other sites make; never over plain HTTP where the page came over https. */
export function setSession(c: ApiContext, secret: string): void {
  const secure = c.req.header("origin")?.startsWith("https:") ?? false;
  setCookie(c, nameFor(c), secret, { path: "/", httpOnly: true, sameSite: "Strict", secure, maxAge: MAX_AGE_S });
}

export function clearSession(c: ApiContext): void {
  deleteCookie(c, nameFor(c), { path: "/" });
}
