import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Token } from "../base/access.ts";
import type { Sluice } from "../app/sluice.ts";
import { fakeSluice } from "../testing/fake-sluice.ts";
import { credentialFile, readCredential } from "./credential.ts";
import { startServer } from "./server.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "sluice-"));
});
afterEach(async () => rm(dataDir, { recursive: true }));

/** Tokens in memory: the secret of `tok_1` is `secret of tok_1`. */
function tokens(): { all: Token[]; sluice: Sluice } {
  const all: Token[] = [];
  const sluice = fakeSluice({
    listTokens: async () => all,
    createToken: async (name, role, expiresAt) => {
      const tokenId = `tok_${all.length + 1}`;
      const token: Token = { tokenId, kind: "bearer", name, role, createdBy: null, createdAt: 0, expiresAt, revokedAt: null }; // prettier-ignore
      all.push(token);
      return { token, secret: `secret-of-${token.tokenId}` };
    },
    revokeToken: async (tokenId) => {
      const token = all.find((each) => each.tokenId === tokenId);
      if (token !== undefined) token.revokedAt = 1;
      return token !== undefined;
    },
    authenticate: async (secret) => {
      const token = all.find(({ tokenId, revokedAt }) => secret === `secret-of-${tokenId}` && revokedAt === null);
      if (token === undefined) return null;
      return { name: token.name, role: token.role, kind: "token", tokenId: token.tokenId, expiresAt: null };
    },
  });
  return { all, sluice };
}

test("a started server leaves a credential that only its owner can read, and takes it back when it stops", async () => {
  const { all, sluice } = tokens();
  const server = await startServer({ sluice, port: 0, host: "127.0.0.1", dataDir, log: pino({ enabled: false }) });
  const credential = await readCredential(dataDir);
  expect(credential).toEqual({ url: server.url, token: "secret-of-tok_1" });
  expect((await stat(credentialFile(dataDir))).mode & 0o777).toBe(0o600);
  const answer = await fetch(`${server.url}/v1/tokens`, { headers: { authorization: `Bearer ${credential?.token}` } });
  expect(await answer.json()).toMatchObject({ items: [{ name: "local", role: "admin" }] });
  await server.close();
  expect(await readdir(dataDir)).toEqual([]);
  expect(all.map(({ revokedAt }) => revokedAt)).toEqual([1]);
});

test("a start after a crash revokes the credential that was left, and no other token", async () => {
  const { all, sluice } = tokens();
  await sluice.createToken("local", "admin", null);
  await sluice.createToken("ci", "operator", null);
  const server = await startServer({ sluice, port: 0, host: "127.0.0.1", dataDir, log: pino({ enabled: false }) });
  expect(all.map(({ name, revokedAt }) => [name, revokedAt])).toEqual([["local", 1], ["ci", null], ["local", null]]); // prettier-ignore
  await server.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("nothing listens before the credential is there, so that no command meets a server it cannot sign in to", async () => {
  const { sluice } = tokens();
  const port = await freePort();
  const seen: string[] = [];
  const look = async (): Promise<string> =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      () => "answers",
      () => "nothing listens",
    );
  const log = pino({ enabled: false });
  const slow: Sluice = fakeSluice({
    ...sluice,
    createToken: async (...given) => {
      seen.push(await look());
      return sluice.createToken(...given);
    },
    listTokens: () => sluice.listTokens(),
    revokeToken: (tokenId) => sluice.revokeToken(tokenId),
    authenticate: (secret) => sluice.authenticate(secret),
  });
  const server = await startServer({ sluice: slow, port, host: "127.0.0.1", dataDir, log });
  expect([...seen, await look()]).toEqual(["nothing listens", "answers"]);
  await server.close();
});

test("a port that is taken leaves no credential behind", async () => {
  const { all, sluice } = tokens();
  const log = pino({ enabled: false });
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  await expect(startServer({ sluice, port, host: "127.0.0.1", dataDir, log })).rejects.toThrow("is taken");
  expect(await readdir(dataDir)).toEqual([]);
  expect(all.map(({ revokedAt }) => revokedAt)).toEqual([1]);
  taken.close();
});

test.each([
  ["names no host", "GET /v1/runs HTTP/1.1\r\n\r\n", 400, "bad_request"],
  ["has an address that is none", "GET http://[::1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400, "bad_request"],
  [
    "expects miracles",
    "GET /v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: miracles\r\n\r\n",
    417,
    "unknown_expectation",
  ],
  ["has headers without an end", `GET / HTTP/1.1\r\nX: ${"y".repeat(20_000)}`, 431, "headers_too_large"],
  ["is none", "hello\r\n\r\n", 400, "bad_request"],
])("a request that %s is refused in the words of every refusal", async (_what, bytes, status, code) => {
  const { sluice } = tokens();
  const server = await startServer({ sluice, port: 0, host: "127.0.0.1", dataDir, log: pino({ enabled: false }) });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += String(chunk)));
  socket.write(bytes);
  await once(socket, "end");
  socket.destroy();
  expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*content-type: application/problem\\+json`, "i"));
  expect(JSON.parse(text.slice(text.indexOf("{")))).toMatchObject({ status, code });
  await server.close();
});
