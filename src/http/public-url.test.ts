import { pino } from "pino";
import { expect, test } from "vitest";
import { fakeSluice } from "../testing/fake-sluice.ts";
import { createHttp } from "./app.ts";
import type { Api } from "./operation.ts";

const PUBLIC = "https://sluice.example.com";

/** A server on loopback behind a proxy that people reach by another name. The fake's session secrets are roles. */
function behindProxy(publicUrl: string | undefined): Api {
  const cancel = async (): Promise<{ ok: boolean; message: string }> => ({ ok: true, message: "" });
  const createLogin = async (): Promise<never> => ({ secret: "sll_code" }) as never;
  const run = async (): Promise<null> => null;
  const log = pino({ enabled: false });
  return createHttp(fakeSluice({ cancel, createLogin, run }), { log, loopbackOnly: true, publicUrl });
}

/** `host`: what the proxy passes on. */
async function post(app: Api, host: string, origin: string): Promise<number> {
  const { port } = new URL(`http://${host}`);
  const cookie = `sluice_session${port === "" ? "" : `_${port}`}=admin`;
  const headers = { host, origin, cookie, "content-type": "application/json" };
  const body = JSON.stringify({ name: "mia", role: "viewer" });
  return (await app.request("/v1/login-links", { method: "POST", headers, body })).status;
}

test("behind a proxy the public address counts as the server's own, whichever host the proxy passes on", async () => {
  const app = behindProxy(PUBLIC);
  expect(await post(app, "127.0.0.1:4780", PUBLIC)).toBe(201);
  expect(await post(app, "sluice.example.com", PUBLIC)).toBe(201);
  expect(await post(app, "127.0.0.1:4780", "http://127.0.0.1:4780")).toBe(201);
  expect(await post(app, "127.0.0.1:4780", "http://sluice.example.com")).toBe(403);
  expect(await post(app, "127.0.0.1:4780", "https://other.example.com")).toBe(403);
  expect(await post(app, "other.example.com", "https://other.example.com")).toBe(421);
});

test("without a public address only the host that requests name is the server's own", async () => {
  const app = behindProxy(undefined);
  expect(await post(app, "127.0.0.1:4780", PUBLIC)).toBe(403);
  expect(await post(app, "sluice.example.com", PUBLIC)).toBe(421);
  expect(await post(app, "localhost", "http://localhost:80")).toBe(201);
});

test("links are of the public address", async () => {
  const response = await behindProxy(`${PUBLIC}/`).request("/v1/login-links", {
    method: "POST",
    headers: { host: "127.0.0.1:4780", authorization: "Bearer admin", "content-type": "application/json" },
    body: JSON.stringify({ name: "mia", role: "viewer" }),
  });
  expect(await response.json()).toMatchObject({ url: `${PUBLIC}/login#code=sll_code` });
});
