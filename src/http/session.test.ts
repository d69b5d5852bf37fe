import { once } from "node:events";
import { request } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { ApiWorld } from "../testing/api-world.ts";
import { ticket } from "../testing/sample-project.ts";

let api: ApiWorld;
beforeAll(async () => {
  api = await ApiWorld.start();
});
afterAll(() => api.close());

interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: JsonObject;
}

/** As a browser would send it, with any header; `fetch` forbids some. */
async function ask(key: string, headers: Record<string, string> = {}, body?: unknown): Promise<Answered> {
  const [method, path = ""] = key.split(" ");
  const sent = { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const asking = request(api.url + path, { method, headers: sent });
  asking.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  const answered = await text(response);
  const document = answered === "" ? {} : (JSON.parse(answered) as JsonObject);
  return { status: response.statusCode ?? 0, headers: response.headers, body: document };
}

async function code(name = "mia", role = "reviewer"): Promise<string> {
  const { body } = await api.call("POST /v1/login-links", { name, role });
  return new URL(body["url"] as string).hash.replace("#code=", "");
}

/** The cookie of somebody who has signed in. */
async function signedIn(name = "mia", role = "reviewer"): Promise<{ cookie: string }> {
  const { headers } = await ask("POST /v1/session", { origin: api.url }, { code: await code(name, role) });
  return { cookie: headers["set-cookie"]?.[0]?.split(";")[0] ?? "" };
}

describe("a login link", () => {
  test("is of the address that was asked, with the code behind the #, for 15 minutes unless said", async () => {
    const { status, body } = await api.call("POST /v1/login-links", { name: "mia", role: "viewer" });
    expect(status).toBe(201);
    expect(body["url"]).toMatch(new RegExp(`^${api.url}/login#code=sll_[\\w-]{43}$`));
    const minutes = (Date.parse(body["expires_at"] as string) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(14.5);
    expect(minutes).toBeLessThanOrEqual(15);
  });

  test("says https where the request says it came so, and the browser's own address where there is one", async () => {
    const link = async (headers: Record<string, string>): Promise<string> => {
      const asked = { authorization: `Bearer ${api.admin}`, ...headers };
      const { body } = await ask("POST /v1/login-links", asked, { name: "mia", role: "viewer" });
      return new URL(body["url"] as string).origin;
    };
    const { host } = new URL(api.url);
    expect(await link({ "x-forwarded-proto": "https" })).toBe(`https://${host}`);
    expect(await link({ origin: `https://${host}` })).toBe(`https://${host}`);
    expect(await link({ origin: "https://evil.example" })).toBe(api.url);
  });

  test.each([
    ["a role that is none", { role: "root" }],
    ["no name", { name: " " }],
    ["the name of the server's own credential", { name: "local" }],
    ["more than a day", { expires_in: "25h" }],
    ["no time at all", { expires_in: "0s" }],
    ["what is no time", { expires_in: "soon" }],
  ])("is refused for %s", async (_what, bad) => {
    expect(await api.call("POST /v1/login-links", { name: "mia", role: "viewer", ...bad })).toMatchObject({
      status: 422,
    });
  });

  test("is made by an admin only, by token and by session", async () => {
    const wanted = { name: "mia", role: "admin" };
    const token = await api.tokenOf("ops", "operator");
    expect(await api.call("POST /v1/login-links", wanted, token)).toMatchObject({ status: 403 });
    const operator = { ...(await signedIn("ops", "operator")), origin: api.url };
    expect(await ask("POST /v1/login-links", operator, wanted)).toMatchObject({ status: 403 });
    const admin = { ...(await signedIn("root", "admin")), origin: api.url };
    expect(await ask("POST /v1/login-links", admin, wanted)).toMatchObject({ status: 201 });
  });
});

describe("signing in", () => {
  test("answers who one is, with a cookie that scripts and other sites cannot use, named by the port", async () => {
    const answer = await ask("POST /v1/session", { origin: api.url }, { code: await code() });
    expect(answer).toMatchObject({ status: 200, body: { name: "mia", role: "reviewer", kind: "session" } });
    const [cookie = "", ...more] = answer.headers["set-cookie"] ?? [];
    expect(more).toEqual([]);
    const { port } = new URL(api.url);
    expect(cookie).toMatch(new RegExp(`^sluice_session_${port}=sls_[\\w-]{43}; Max-Age=604800; Path=/; HttpOnly; SameSite=Strict$`)); // prettier-ignore
    expect(JSON.stringify(answer.body)).not.toContain("sls_");
    const who = await ask("GET /v1/session", { cookie });
    expect(who.body).toEqual(answer.body);
    expect(Date.parse(who.body["expires_at"] as string)).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  });

  test("over https sets a cookie that never leaves https", async () => {
    const origin = `https://${new URL(api.url).host}`;
    const { headers } = await ask("POST /v1/session", { origin }, { code: await code() });
    expect(headers["set-cookie"]?.[0]).toMatch(/; Secure/);
  });

  test("with a code that was used, or is none, is refused alike, and sets no cookie", async () => {
    const used = await code();
    expect((await ask("POST /v1/session", {}, { code: used })).status).toBe(200);
    const unknown = `sll_${"A".repeat(43)}`;
    const answers = await Promise.all([used, unknown, "x", api.admin].map((each) => ask("POST /v1/session", {}, { code: each }))); // prettier-ignore
    for (const { status, headers, body } of answers) {
      expect([status, body["code"], headers["set-cookie"]]).toEqual([401, "invalid_code", undefined]);
      expect(body["detail"]).toBe(answers[0]?.body["detail"]);
    }
  });

  test("at once by many with one code lets in one", async () => {
    const one = await code();
    const all = await Promise.all(Array.from({ length: 12 }, () => ask("POST /v1/session", {}, { code: one })));
    expect(all.map(({ status }) => String(status)).toSorted()).toEqual([
      "200",
      ...Array.from({ length: 11 }, () => "401"),
    ]);
  });

  test.each([
    ["another site", { origin: "https://evil.example" }],
    ["another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["a page without an origin", { origin: "null" }],
    ["a page of another site, as the browser says", { "sec-fetch-site": "cross-site" }],
    ["a page of a neighbour, as the browser says", { "sec-fetch-site": "same-site" }],
  ])("from %s is refused and leaves the code as it was", async (_who, headers) => {
    const one = await code();
    expect(await ask("POST /v1/session", headers as Record<string, string>, { code: one })).toMatchObject({
      status: 403,
      body: { code: "wrong_origin" },
    });
    expect((await ask("POST /v1/session", { origin: api.url }, { code: one })).status).toBe(200);
  });

  test("reads no more than a code from whoever asks", async () => {
    expect(await ask("POST /v1/session", {}, { code: "x".repeat(10_000) })).toMatchObject({ status: 413 });
    expect(await ask("POST /v1/session", {}, { code: "" })).toMatchObject({ status: 422 });
  });
});

describe("a session", () => {
  test("acts in the name of whoever signed in, with their role and no more", async () => {
    const { path } = await api.waiting("other/low/0.5");
    const mia = { ...(await signedIn()), origin: api.url };
    expect(await ask(`POST ${path}/claim`, mia, {})).toMatchObject({
      status: 200,
      body: { review: { claimed_by: "mia" } },
    });
    const vera = { ...(await signedIn("vera", "viewer")), origin: api.url };
    expect(await ask("GET /v1/runs", vera)).toMatchObject({ status: 200 });
    expect(await ask("POST /v1/events", vera, ticket("evt_by_cookie", "x"))).toMatchObject({
      status: 403,
      body: { code: "role_too_low", detail: "This needs the role operator; you have viewer." },
    });
    expect((await api.call("GET /v1/runs?q=evt_by_cookie")).body).toMatchObject({ items: [] });
  });

  test.each([
    ["another site", { origin: "https://evil.example" }],
    ["another port of this machine", { origin: "http://localhost:1" }],
    ["a page without an origin", { origin: "null" }],
    ["a page of another site, as the browser says", { "sec-fetch-site": "cross-site" }],
    ["a page of a neighbour, as the browser says", { "sec-fetch-site": "same-site" }],
    ["nobody knows where", {}],
    ["a typed address", { "sec-fetch-site": "none" }],
    ["another site that claims to be this one's neighbour", { origin: "https://evil.example", "sec-fetch-site": "same-origin" }],
  ])("changes nothing for a request from %s", async (_who, headers) => {
    const { path } = await api.waiting("other/low/0.5");
    const { cookie } = await signedIn();
    const refused = { status: 403, body: { code: "wrong_origin" } };
    expect(await ask(`POST ${path}/claim`, { cookie, ...headers }, {})).toMatchObject(refused);
    expect((await api.call(`GET ${path}`)).body).toMatchObject({ review: { status: "open", claimed_by: null } });
    expect(await ask("DELETE /v1/session", { cookie, ...headers })).toMatchObject(refused);
    expect(await ask("GET /v1/session", { cookie })).toMatchObject({ status: 200 });
  }); // prettier-ignore

  test("changes things where only Sec-Fetch-Site says that the page is this server's", async () => {
    const { path } = await api.waiting("other/low/0.5");
    const mia = { ...(await signedIn()), "sec-fetch-site": "same-origin" };
    expect(await ask(`POST ${path}/claim`, mia, {})).toMatchObject({ status: 200 });
  });

  test("shows nothing to pages of others either, which would put views on record that nobody had", async () => {
    const { path } = await api.waiting("other/low/0.5");
    const { cookie } = await signedIn();
    for (const site of ["same-site", "cross-site"])
      expect(await ask(`GET ${path}`, { cookie, "sec-fetch-site": site })).toMatchObject({ status: 403 });
    for (const site of ["same-origin", "none"])
      expect(await ask(`GET ${path}`, { cookie, "sec-fetch-site": site })).toMatchObject({ status: 200 });
  });

  test("stands behind a bearer token that comes with it, also behind a bad one", async () => {
    const { cookie } = await signedIn();
    const authorization = `Bearer ${await api.tokenOf("desk", "operator")}`;
    const who = await ask("GET /v1/session", { cookie, authorization });
    expect(who.body).toMatchObject({ name: "desk", role: "operator", kind: "token" });
    for (const bad of ["Bearer slu_nobody", "Bearer", "bearer "])
      expect(await ask("GET /v1/session", { cookie, authorization: bad })).toMatchObject({ status: 401 });
    const proxy = { cookie, authorization: "Basic cHJveHk6cHJveHk=" };
    expect(await ask("GET /v1/session", proxy)).toMatchObject({ status: 200, body: { name: "mia" } });
  });

  test("is over when its person signs out", async () => {
    const { cookie } = await signedIn();
    const answer = await ask("DELETE /v1/session", { cookie, origin: api.url });
    expect(answer.status).toBe(204);
    expect(answer.headers["set-cookie"]?.[0]).toMatch(/^sluice_session_\d+=; Max-Age=0; Path=\/$/);
    expect(await ask("GET /v1/runs", { cookie })).toMatchObject({ status: 401, body: { code: "invalid_session" } });
  });

  test("is told apart from tokens, and over at once when an admin revokes it", async () => {
    const { cookie } = await signedIn("nora", "viewer");
    const pending = await code("nora", "viewer");
    const { items } = (await api.call("GET /v1/tokens")).body as { items: JsonObject[] };
    const hers = items.filter(({ name }) => name === "nora");
    expect(hers.map(({ kind, created_by }) => [kind, created_by])).toEqual([["session", "local"], ["login", "local"]]); // prettier-ignore
    expect(items.filter(({ name }) => name === "local")).toMatchObject([{ kind: "bearer" }]);
    for (const { token_id: id } of hers) await api.call(`DELETE /v1/tokens/${id as string}`);
    expect(await ask("GET /v1/session", { cookie })).toMatchObject({ status: 401 });
    expect(await ask("POST /v1/session", {}, { code: pending })).toMatchObject({ status: 401 });
  });
});

describe("secrets are good for one thing", () => {
  test("a session or a code is no bearer token, and a bearer token no session", async () => {
    const { cookie } = await signedIn();
    const [name = "", secret = ""] = cookie.split("=");
    for (const wrong of [secret, await code()])
      expect(await ask("GET /v1/runs", { authorization: `Bearer ${wrong}` })).toMatchObject({
        status: 401,
        body: { code: "invalid_token" },
      });
    for (const wrong of [api.admin, await code(), "", "x".repeat(5_000)])
      expect(await ask("GET /v1/runs", { cookie: `${name}=${wrong}` })).toMatchObject({ status: 401 });
    expect(await ask("GET /v1/runs", { cookie: `sluice_session_1=${secret}` })).toMatchObject({ status: 401 });
  });

  test("a token says so, and does not sign out", async () => {
    expect((await api.call("GET /v1/session")).body).toMatchObject({ name: "local", role: "admin", kind: "token", expires_at: null }); // prettier-ignore
    expect(await api.call("DELETE /v1/session")).toMatchObject({ status: 409, body: { code: "not_a_session" } });
    expect((await api.call("GET /v1/session")).status).toBe(200);
  });
});
