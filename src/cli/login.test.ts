import { userInfo } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import type { Listening } from "../http/listen.ts";
import { startServer } from "../http/server.ts";
import { startSample } from "../testing/sample-project.ts";
import type { Sample } from "../testing/sample-project.ts";
import { typed } from "../testing/terminal.ts";
import type { Ended } from "../testing/terminal.ts";
import type { Io } from "./io.ts";
import { tellHowToSignIn } from "./sign-in.ts";

let sample: Sample;
let server: Listening;
beforeAll(async () => {
  sample = await startSample();
  const { dataDir } = sample.sluice.project.config;
  const log = pino({ enabled: false });
  server = await startServer({ sluice: sample.sluice, port: 0, host: "127.0.0.1", dataDir, log });
});
afterAll(async () => {
  await server.close();
  await sample.close();
});

const sluice = (...argv: string[]): Promise<Ended> => typed(argv, { cwd: sample.dir });

/** Opens a link as the console does. */
async function opened(link: string): Promise<{ status: number; body: JsonObject; cookie: string }> {
  const { origin, hash } = new URL(link);
  const response = await fetch(`${origin}/v1/session`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify({ code: hash.replace("#code=", "") }),
  });
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { status: response.status, body: (await response.json()) as JsonObject, cookie };
}

describe("login", () => {
  test("prints a link alone on standard output, which signs in whoever is at this machine as admin, once", async () => {
    const { code, out, err } = await sluice("login");
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${server.url}/login#code=\\S+\\n$`));
    const { username: name } = userInfo();
    expect(err).toMatch(new RegExp(`^Signs in ${name}, admin, once, until \\d{4}-\\S+ \\S+ UTC\\.\\n$`));
    expect(await opened(out.trim())).toMatchObject({ status: 200, body: { name, role: "admin", kind: "session" } });
    expect(await opened(out.trim())).toMatchObject({ status: 401, body: { code: "invalid_code" } });
  });

  test("makes a link for somebody else, in JSON too, for as long as it is asked to", async () => {
    const { out, err } = await sluice("login", "--name", "mia", "--role", "reviewer", "--expires", "2h", "--json");
    const link = JSON.parse(out) as { url: string; name: string; role: string; expires_at: string };
    expect([link.name, link.role, err]).toEqual(["mia", "reviewer", ""]);
    const hours = (Date.parse(link.expires_at) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(1.9);
    expect(hours).toBeLessThanOrEqual(2);
    expect(await opened(link.url)).toMatchObject({ status: 200, body: { name: "mia", role: "reviewer" } });
  });

  test.each([
    [["--role", "root"], "/role"],
    [["--name", "local"], "/name"],
    [["--expires", "2d"], "/expires_in"],
    [["--nmae", "mia"], "Did you mean --name?"],
  ])("%j is wrong use, and says why", async (argv, told) => {
    const { code, out, err } = await sluice("login", ...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(told);
  });

  test("is refused to a token that is no admin's, and says so where no server runs", async () => {
    const secret = (await sluice("token", "create", "ops", "--role", "operator")).out.trim();
    const env = { SLUICE_URL: server.url, SLUICE_TOKEN: secret };
    expect(await typed(["login"], { env })).toMatchObject({ code: 2, out: "", err: expect.stringContaining("admin") });
    const nowhere = await typed(["login", "--data", join(sample.dir, "nowhere")]);
    expect(nowhere).toMatchObject({ code: 2, out: "", err: expect.stringContaining("No Sluice server is running") });
  });
});

test("sessions are listed apart from tokens and codes, and end when they are revoked", async () => {
  const { out } = await sluice("login", "--name", "nora", "--role", "viewer");
  await sluice("login", "--name", "late", "--role", "viewer");
  const { cookie } = await opened(out.trim());
  const who = async (): Promise<number> => (await fetch(`${server.url}/v1/session`, { headers: { cookie } })).status;
  expect(await who()).toBe(200);
  const table = (await sluice("token", "list")).out;
  expect(table).toMatch(/^ID +KIND +NAME +ROLE/);
  const [id = ""] = /ses_\w+(?= +session +nora +viewer)/.exec(table) ?? [];
  expect(table).toMatch(/tok_\w+ +bearer +local +admin/);
  expect(table).toMatch(/ses_\w+ +login +late +viewer/);
  expect(await sluice("token", "revoke", id)).toMatchObject({ code: 0 });
  expect(await who()).toBe(401);
});

describe("a server that has started", () => {
  /** What is said on a terminal, or elsewhere. */
  async function told(interactive: boolean, cwd: string, dataDir?: string): Promise<{ out: string; err: string }> {
    const said = { out: "", err: "" };
    const io = { interactive, cwd, env: {}, out: (text) => void (said.out += text), err: (text) => void (said.err += text) } as Io; // prettier-ignore
    await tellHowToSignIn({ dir: sample.dir, dataDir: dataDir ?? sample.sluice.project.config.dataDir }, io);
    return said;
  }

  test("prints a link where somebody sits at a terminal", async () => {
    const { out, err } = await told(true, sample.dir);
    expect([out.split("\n").length, err]).toEqual([2, ""]);
    const [link = ""] = /http:\S+/.exec(out) ?? [];
    expect(await opened(link)).toMatchObject({ status: 200, body: { role: "admin" } });
  });

  test("elsewhere says how to get one, as it works from there, and puts no link where it would be kept", async () => {
    const here = await told(false, sample.dir);
    expect(here.out).toBe("");
    expect(here.err).toMatch(/^Console: ".*sluice\S* login" prints a link to sign in with\.\n$/);
    expect((await told(false, "/")).err).toContain(` login --dir ${sample.dir.slice(1)}"`);
    const { err } = await told(false, sample.dir, join(sample.dir, "else where"));
    expect(err).toContain(" login --data 'else where'\"");
  });

  test("that cannot be reached says how to get a link all the same", async () => {
    const { out, err } = await told(true, sample.dir, join(sample.dir, "nowhere"));
    expect(out).toBe("");
    expect(err).toContain("login");
  });
});
