import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fakeSluice } from "../testing/fake-sluice.ts";
import { createHttp } from "./app.ts";
import { listen } from "./listen.ts";
import type { Listening } from "./listen.ts";

const INDEX = `<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__"><link nonce="__CSP_NONCE__">`;
const SCRIPT = "console.log('x');".repeat(200);
const SECRET = "not the console's";

let dir: string;
let server: Listening;
let unbuilt: Listening;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-console-"));
  const files: Record<string, string | Buffer> = {
    "secret.js": SECRET,
    "console/index.html": INDEX,
    "console/secret.js": SECRET,
    "console/assets/index-CuvONupp.js": SCRIPT,
    "console/assets/index-CuvONupp.js.br": brotliCompressSync(SCRIPT),
    "console/assets/index-CuvONupp.js.gz": gzipSync(SCRIPT),
    "console/assets/inter-latin-BhX9aY_2.woff2": Buffer.from([0, 1, 2, 255]),
    "console/assets/icon.svg": "<svg/>",
    "console/assets/deep/a-CuvONup1.css": "a{}",
    "console/assets/.hidden.js": SECRET,
    "console/assets/program.exe": SECRET,
  };
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(join(dir, name, ".."), { recursive: true });
    await writeFile(join(dir, name), bytes);
  }
  server = await serving(join(dir, "console"));
  unbuilt = await serving(join(dir, "nowhere"));
});
afterAll(async () => {
  await server.close();
  await unbuilt.close();
  await rm(dir, { recursive: true });
});

function serving(consoleDir: string): Promise<Listening> {
  const app = createHttp(fakeSluice(), { log: pino({ enabled: false }), loopbackOnly: true, consoleDir });
  return listen(app, { port: 0, host: "127.0.0.1" });
}

function open(path: string, accept = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", init: RequestInit = {}): Promise<Response> {
  return fetch(server.url + path, { ...init, headers: { accept, ...(init.headers as object) } });
} // prettier-ignore

/** What the server answers to a path exactly as it is written: `fetch` would tidy it up. */
async function rawly(path: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/html\r\nconnection: close\r\n\r\n`);
  return text(socket);
}

describe("the console's page", () => {
  test.each(["/", "/login", "/runs/run_1", "/workflows/support_triage?tab=x", "/v1x", "/nowhere/at.all"])(
    "is what a browser gets at %s, without a session",
    async (path) => {
      const response = await open(path);
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(await response.text()).toContain("<!doctype html>");
    },
  );

  test("runs only its own scripts and styles, with a nonce that is new each time, and is not kept", async () => {
    const nonces = await Promise.all(
      ["/", "/"].map(async (path) => {
        const response = await open(path);
        const page = await response.text();
        const [, nonce = ""] = /nonce="([\w+/=]{20,})"/.exec(page) ?? [];
        expect(page).toBe(INDEX.replaceAll("__CSP_NONCE__", nonce));
        expect(response.headers.get("content-security-policy")).toBe(
          `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; ` +
            "font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        );
        expect(response.headers.get("cache-control")).toBe("no-store");
        expect(response.headers.get("x-content-type-options")).toBe("nosniff");
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  test("is not what programs get, and never stands in for the API", async () => {
    for (const [path, accept, status] of [
      ["/nowhere", "application/json", 401],
      ["/nowhere", "*/*", 401],
      ["/v1", "text/html", 401],
      ["/v1/runs", "text/html", 401],
      ["/v1/nowhere", "text/html", 401],
      ["/metrics", "text/html", 401],
      ["/openapi.json", "text/html", 401],
      ["/healthz", "text/html", 200],
    ] as const) {
      const response = await open(path, accept);
      expect([path, response.status]).toEqual([path, status]);
      expect(response.headers.get("content-type")).toMatch(/json/);
      expect(response.headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    }
    const known = { headers: { authorization: "Bearer viewer" } };
    expect((await open("/nowhere", "application/json", known)).status).toBe(404);
    expect((await open("/login", "text/html", { method: "POST" })).status).toBe(401);
  });

  test("that was not built says how to build it, and leaves the rest alone", async () => {
    const page = await fetch(`${unbuilt.url}/runs`, { headers: { accept: "text/html" } });
    expect([page.status, page.headers.get("content-type")]).toEqual([503, "text/plain; charset=utf-8"]);
    expect(await page.text()).toContain("npm run build:console");
    expect((await fetch(`${unbuilt.url}/assets/index-CuvONupp.js`)).status).toBe(404);
    expect((await fetch(`${unbuilt.url}/healthz`)).status).toBe(200);
  });
});

describe("the console's files", () => {
  test.each([
    ["/assets/index-CuvONupp.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
    ["/assets/deep/a-CuvONup1.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"],
    ["/assets/inter-latin-BhX9aY_2.woff2", "font/woff2", "public, max-age=31536000, immutable"],
    ["/assets/icon.svg", "image/svg+xml", "public, max-age=3600"],
  ])("%s is %s, %s", async (path, type, caching) => {
    const { status, headers } = await open(path, "*/*");
    expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([200, type, caching]);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("are whole", async () => {
    const font = await (await open("/assets/inter-latin-BhX9aY_2.woff2", "*/*")).arrayBuffer();
    expect([...new Uint8Array(font)]).toEqual([0, 1, 2, 255]);
  });

  test.each([
    ["br, gzip", "br"],
    ["gzip, deflate, br;q=0.5", "br"],
    ["gzip", "gzip"],
    ["br;q=0, gzip;q=1.0", "gzip"],
    ["identity", null],
    ["deflate", null],
  ])("come as the build compressed them, if the browser takes that: %s", async (accepted, encoding) => {
    const response = await open("/assets/index-CuvONupp.js", "*/*", { headers: { "accept-encoding": accepted } });
    expect(response.headers.get("content-encoding")).toBe(encoding);
    expect(response.headers.get("vary")).toBe("accept-encoding");
    expect(await response.text()).toBe(SCRIPT);
    const plain = await open("/assets/icon.svg", "*/*", { headers: { "accept-encoding": accepted } });
    expect([plain.headers.get("content-encoding"), await plain.text()]).toEqual([null, "<svg/>"]);
  });

  test("answer HEAD as GET, without the bytes", async () => {
    for (const path of ["/assets/index-CuvONupp.js", "/login"]) {
      const [head, got] = await Promise.all([open(path, undefined, { method: "HEAD" }), open(path)]);
      for (const name of ["content-type", "cache-control", "content-encoding", "content-length"])
        expect(head.headers.get(name), name).toBe(got.headers.get(name));
      expect(head.headers.get("content-length")).toMatch(/^\d+$/);
      expect(await head.text()).toBe("");
    }
  });

  test.each([
    "/assets/../secret.js",
    "/assets/../../secret.js",
    "/assets/%2e%2e/secret.js",
    "/assets/..%2fsecret.js",
    "/assets/..%2f..%2fsecret.js",
    "/assets/%252e%252e%252fsecret.js",
    "/assets/..\\secret.js",
    "/assets/..%5csecret.js",
    "/assets/deep/../../secret.js",
    "/assets/deep/%2e%2e/%2e%2e/secret.js",
    "/assets//../secret.js",
    "/assets/./../secret.js",
    "/assets/%00/secret.js",
    "/assets/.hidden.js",
    "/assets/program.exe",
    "/assets/deep",
    "/assets/",
    "/assets/index-CuvONupp.js/",
    "/assets/index-CuvONupp.js%00.css",
    "/assets/missing-CuvONupp.js",
    "/secret.js",
    "//secret.js",
    "/../secret.js",
  ])("nothing else is served: %s", async (path) => {
    const answer = await rawly(path);
    expect(answer).toMatch(/^HTTP\/1\.1 /);
    expect(answer).not.toContain(SECRET);
    if (path.startsWith("/assets/") && !/\.\.[/\\]|%2e%2e\//.test(path)) expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
  });
});
