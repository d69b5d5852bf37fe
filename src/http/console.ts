import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MiddlewareHandler } from "hono";
import type { ApiContext, ApiEnv } from "./operation.ts";
import { problemResponse } from "./problem.ts";

/** Where the build puts the console; the same from the sources and from the built package. */
export const CONSOLE_DIR: string = fileURLToPath(new URL("../../dist/console/", import.meta.url));

const ASSETS = "/assets/";
/** A name that the build gave, with the hash of its content. */
const HASHED = /-[\w-]{8}\.\w+$/;
/** Stands in `index.html` where the nonce of each answer goes. */
const NONCE_MARK = "__CSP_NONCE__";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

/** Smallest first. */
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/**
 * The console's files, to anybody: they are the same for all and show nothing without a session. `/assets/` are files;
 * any other address that a browser opens as a page, and that is not the API's,
 * gets the console's one page. The rest is left to the API.
 */
export function consoleFiles(dir: string): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (!isLook(c)) return next();
    const { path } = c.req;
    if (path.startsWith(ASSETS)) return asset(c, dir, path.slice(ASSETS.length));
    if (isApi(path) || !/\btext\/html\b/i.test(c.req.header("accept") ?? "")) return next();
    return page(c, dir);
  };
}

function isLook({ req }: ApiContext): boolean {
  return req.method === "GET" || req.method === "HEAD";
}

function isApi(path: string): boolean {
  return /^\/(v1(\/.*)?|healthz|readyz|metrics|openapi\.json)$/.test(path);
}

async function page(c: ApiContext, dir: string): Promise<Response> {
  const text = await fileIn(dir, "index.html");
  if (text === null) return notBuilt(c);
  const nonce = randomBytes(16).toString("base64");
  return body(c, Buffer.from(text.toString("utf8").replaceAll(NONCE_MARK, nonce)), {
    "content-type": CONTENT_TYPES[".html"] as string,
    "content-security-policy": policy(nonce),
    "cross-origin-opener-policy": "same-origin",
    // With "no-referrer" a browser would leave out where a form was sent from.
    "referrer-policy": "same-origin",
  });
}

/** Nothing from elsewhere, no script in the page itself; styles that the page makes carry the nonce. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; ");
}

async function asset(c: ApiContext, dir: string, name: string): Promise<Response> {
  const type = CONTENT_TYPES[extname(name)];
  const found = type === undefined || !isPlain(name) ? null : await smallest(c, join(dir, "assets"), name);
  if (found === null || type === undefined)
    return problemResponse({
      status: 404,
      code: "unknown_asset",
      detail: "The console has no such file. Reload the page: it may be of an older version.",
    });
  return body(c, found.bytes, {
    "content-type": type,
    "cache-control": HASHED.test(name) ? "public, max-age=31536000, immutable" : "public, max-age=3600",
    vary: "accept-encoding",
    ...(found.encoding === undefined ? {} : { "content-encoding": found.encoding }),
  });
}

/** Folders and a file by names that cannot lead anywhere else: none is empty, begins with a dot or has an escape in it. */
function isPlain(name: string): boolean {
  return /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(name);
}

interface Found {
  bytes: Buffer;
  encoding?: string;
}

/** As the build compressed it, where it did and the browser takes that. */
async function smallest(c: ApiContext, dir: string, name: string): Promise<Found | null> {
  for (const [encoding, ending] of ENCODINGS) {
    if (!takes(c.req.header("accept-encoding") ?? "", encoding)) continue;
    const bytes = await fileIn(dir, name + ending);
    if (bytes !== null) return { bytes, encoding };
  }
  const bytes = await fileIn(dir, name);
  return bytes === null ? null : { bytes };
}

function takes(acceptEncoding: string, encoding: string): boolean {
  return acceptEncoding.split(",").some((each) => {
    const [name = "", ...parameters] = each.split(";").map((part) => part.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/** Null where there is none. */
async function fileIn(dir: string, name: string): Promise<Buffer | null> {
  try {
    return await readFile(join(dir, name));
  } catch (error) {
    if (["ENOENT", "EISDIR", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

function body(c: ApiContext, bytes: Buffer, headers: Record<string, string>, status = 200): Response {
  return new Response(c.req.method === "HEAD" ? null : new Uint8Array(bytes), {
    status,
    headers: { "content-length": String(bytes.byteLength), ...headers },
  });
}

function notBuilt(c: ApiContext): Response {
  const text =
    "The console is not built. In the folder of Sluice: npm run build:console\n" +
    "Everything else works meanwhile: the HTTP API and the sluice command.\n";
  return body(c, Buffer.from(text), { "content-type": "text/plain; charset=utf-8" }, 503);
}
