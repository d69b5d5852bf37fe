import type { ApiContext } from "./operation.ts";

/**
 * Who a browser says made a request. `own`: a page of this server. `foreign`: any other, also one of the same machine on
 * another port, which cookies take for the same site. `unsaid`: nothing is said, as by programs, or an address was typed.
 */
export type RequestOrigin = "own" | "foreign" | "unsaid";

/** `publicUrl`: the address people open, where that is not the one requests arrive with. */
export function requestOrigin(c: ApiContext, publicUrl: string | undefined): RequestOrigin {
  const origin = c.req.header("origin");
  if (origin !== undefined) return isOwn(origin, c.req.header("host"), publicUrl) ? "own" : "foreign";
  const site = c.req.header("sec-fetch-site");
  if (site === undefined || site === "none") return "unsaid";
  return site === "same-origin" ? "own" : "foreign";
}

/**
 * The address a person opens this server at, without a slash at its end. Behind a proxy that ends TLS only the browser
 * and the proxy know that it is https; who lies about it gets a link that leads nowhere.
 */
export function ownAddress(c: ApiContext, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return new URL(publicUrl).origin;
  const host = c.req.header("host") ?? new URL(c.req.url).host;
  const origin = c.req.header("origin");
  if (origin !== undefined && isOwn(origin, host, publicUrl)) return origin;
  return `${c.req.header("x-forwarded-proto") === "https" ? "https" : "http"}://${host}`;
}

/** The port a browser reaches this server at, "" where the address names none. */
export function portOf(c: ApiContext): string {
  return /:(\d+)$/.exec(c.req.header("host") ?? new URL(c.req.url).host)?.[1] ?? "";
}

/** The scheme of an unnamed public address is the proxy's to choose, so only the host is compared there. */
function isOwn(origin: string, host: string | undefined, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { origin: given, protocol, host: givenHost } = new URL(origin);
  if (protocol !== "http:" && protocol !== "https:") return false;
  if (publicUrl !== undefined && given === new URL(publicUrl).origin) return true;
  const own = `${protocol}//${host ?? ""}`;
  return URL.canParse(own) && new URL(own).host === givenHost;
}
