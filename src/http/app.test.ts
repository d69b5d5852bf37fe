import { pino } from "pino";
import { describe, expect, test } from "vitest";
import type { Sluice } from "../app/sluice.ts";
import { StoreError } from "../store/store-error.ts";
import { fakeSluice } from "../testing/fake-sluice.ts";
import { createHttp } from "./app.ts";
import type { Api } from "./operation.ts";
import { ROUTES } from "./roles.ts";
import type { RouteKey } from "./roles.ts";

function appOf(sluice: Partial<Sluice> = {}, log = pino({ enabled: false })): Api {
  return createHttp(fakeSluice(sluice), { log, loopbackOnly: true });
}

function as(role: string, init: RequestInit = {}): RequestInit {
  return {
    ...init,
    headers: { authorization: `Bearer ${role}`, "content-type": "application/json", ...(init.headers as object) },
  };
}

async function problem(response: Response): Promise<{ status: number; code: string; detail: string }> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = (await response.json()) as { type: string; title: string; status: number; code: string; detail: string };
  expect(body.status).toBe(response.status);
  for (const member of [body.type, body.title, body.code, body.detail]) expect(member).toBeTruthy();
  return body;
}

const KEYS = Object.keys(ROUTES) as RouteKey[];
const GUARDED = KEYS.filter((key) => ROUTES[key] !== "open");
const split = (key: string): [string, string] => key.split(" ") as [string, string];

describe("a store that does not answer", () => {
  test("is a 503 that says when to try again, and nothing about its insides", async () => {
    const full = (): Promise<never> =>
      Promise.reject(new StoreError("disk_full", "database or disk is full: /data/x.db"));
    const response = await appOf({ run: full }).request("/v1/runs/run_1", as("admin"));
    expect(response.headers.get("retry-after")).toBe("5");
    const { status, code, detail } = await problem(response);
    expect([status, code]).toEqual([503, "store_disk_full"]);
    expect(detail).toMatch(/^The disk of the data folder is full.*Free some space/);
    expect(detail).not.toContain("/data");
  });
});

describe("who may call what", () => {
  test("every route of the table is there, and every route that is there is in the table", () => {
    const app = appOf();
    const there = app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(there.toSorted()).toEqual([...KEYS].toSorted());
  });

  test.each(GUARDED)("%s needs a token", async (key) => {
    const [method, path] = split(key);
    const response = await appOf().request(path, { method });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
    expect((await problem(response)).code).toBe("missing_token");
    const wrong = await appOf().request(path, { method, headers: { authorization: "Bearer nobody" } });
    expect((await problem(wrong)).code).toBe("invalid_token");
  });

  test.each(GUARDED.filter((key) => ROUTES[key] !== "viewer"))("%s refuses the role below", async (key) => {
    const [method, path] = split(key);
    const order = ["viewer", "reviewer", "editor", "operator", "admin"];
    const below = order[order.indexOf(ROUTES[key]) - 1] as string;
    expect((await problem(await appOf().request(path, as(below, { method })))).code).toBe("role_too_low");
    // The role itself comes further: to the body, or to the fake that has nothing to give.
    const enough = await appOf().request(path, as(ROUTES[key], { method }));
    expect([400, 404, 500]).toContain(enough.status);
  });

  test("the probes are open", async () => {
    expect((await appOf().request("/healthz")).status).toBe(200);
    expect((await appOf().request("/readyz")).status).toBe(200);
    const sick = appOf({ health: async () => ({ ready: false, problems: ["the store is gone"] }) });
    const answer = await sick.request("/readyz");
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ ready: false, problems: ["the store is gone"] });
  });

  test("a page of another site that points its name at this machine gets nothing", async () => {
    const answers = ["evil.example:4780", "127.0.0.1.evil.example", "10.0.0.1", ""].map(async (host) =>
      appOf().request("/healthz", { headers: { host } }),
    );
    for (const answer of await Promise.all(answers)) expect((await problem(answer)).code).toBe("wrong_host");
    for (const host of ["localhost:4780", "127.0.0.1:1", "[::1]:4780", "sluice.localhost"])
      expect((await appOf().request("/healthz", { headers: { host } })).status).toBe(200);
  });
});

describe("wrong addresses and errors", () => {
  test("an unknown address is 404, a known one with another method 405", async () => {
    expect(await problem(await appOf().request("/v1/run", as("viewer")))).toMatchObject({
      status: 404,
      code: "unknown_route",
    });
    const response = await appOf().request("/v1/runs/run_1", as("viewer", { method: "DELETE" }));
    expect(response.headers.get("allow")).toBe("GET");
    expect(await problem(response)).toMatchObject({ status: 405, code: "method_not_allowed" });
  });

  test("a mistyped query parameter names the near one", async () => {
    const answer = await problem(await appOf().request("/v1/runs?worklfow=x", as("viewer")));
    expect(answer).toMatchObject({ status: 400, code: "invalid_query" });
    expect(answer.detail).toContain('Did you mean "workflow"?');
  });

  test("an unexpected error is told by its id only; the log has the place but no message and no body", async () => {
    const lines: string[] = [];
    const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
    const answer = await problem(await appOf({}, log).request("/v1/runs", as("viewer")));
    expect(answer).toMatchObject({ status: 500, code: "internal_error" });
    const errorId = (answer as unknown as { error_id: string }).error_id;
    expect(JSON.stringify(answer)).not.toMatch(/secret detail|at /);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(errorId);
    expect(lines[0]).toContain("fake-sluice.ts");
    expect(lines[0]).not.toContain("secret detail");
  });

  test("every answer is safe to be shown by a browser, failures too", async () => {
    for (const path of ["/healthz", "/v1/runs", "/nowhere"]) {
      const { headers } = await appOf().request(path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });
});

describe("the reference", () => {
  test("lists every route, with its role and the shape of problems", async () => {
    const document = (await (await appOf().request("/openapi.json", as("viewer"))).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { description?: string; security: unknown[] }>>;
      components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
    };
    expect(document.openapi).toBe("3.1.0");
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(listed.toSorted()).toEqual([...KEYS].toSorted());
    expect(document.paths["/v1/events"]?.["post"]?.description).toContain("Role: operator");
    expect(document.paths["/healthz"]?.["get"]?.security).toEqual([]);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(["Problem", "Run", "Review", "Receipt"]),
    );
    expect(document.components.securitySchemes).toHaveProperty("bearer");
  });
});
