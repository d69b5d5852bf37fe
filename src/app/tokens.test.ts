import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import { StoreError } from "../store/store-error.ts";
import { frozenClock } from "../testing/frozen-clock.ts";
import type { FrozenClock } from "../testing/frozen-clock.ts";
import type { Parts } from "./parts.ts";
import { accessOf } from "./tokens.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let dir: string;
let clock: FrozenClock;
let store: SqliteStore;
let access: ReturnType<typeof accessOf>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-access-"));
  clock = frozenClock();
  store = await openSqliteStore({ dataDir: dir, chainKey: new Uint8Array(32), clock });
  access = accessOf({
    store,
    engine: { keyring: { tokenKey: new Uint8Array(32).fill(7) }, clock },
  } as unknown as Parts);
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

async function code(): Promise<{ code: string; tokenId: string }> {
  const { token, secret } = await access.createLogin("mia", "reviewer", clock.now() + 15 * MINUTE, "ana");
  return { code: secret, tokenId: token.tokenId };
}

async function session(): Promise<{ secret: string; tokenId: string }> {
  const redeemed = await access.redeemLogin((await code()).code);
  if (redeemed === null) throw new Error("a fresh code was not redeemed");
  return { secret: redeemed.secret, tokenId: redeemed.caller.tokenId };
}

const secretOf = { bearer: async () => (await access.createToken("ci", "admin", null)).secret, login: async () => (await code()).code, session: async () => (await session()).secret }; // prettier-ignore
type Kind = keyof typeof secretOf;

describe("a login code", () => {
  test("is exchanged for a session of its name and role, once", async () => {
    const login = await code();
    const redeemed = await access.redeemLogin(login.code);
    const caller = { name: "mia", role: "reviewer", kind: "session", tokenId: login.tokenId };
    expect(redeemed?.caller).toMatchObject(caller);
    expect(await access.authenticateSession(redeemed?.secret ?? "")).toMatchObject(caller);
    expect(await access.redeemLogin(login.code)).toBeNull();
    expect(await access.listTokens()).toMatchObject([{ kind: "session", name: "mia", createdBy: "ana" }]);
  });

  test("gives one session to all who redeem it at once", async () => {
    const login = await code();
    const all = await Promise.all(Array.from({ length: 20 }, () => access.redeemLogin(login.code)));
    const winners = all.filter((each) => each !== null);
    expect(winners).toHaveLength(1);
    expect(await access.authenticateSession(winners[0]?.secret ?? "")).toMatchObject({ name: "mia" });
  });

  test("is worth nothing once it has run out or was revoked", async () => {
    const [late, revoked] = [await code(), await code()];
    expect(await access.revokeToken(revoked.tokenId)).toBe(true);
    expect(await access.redeemLogin(revoked.code)).toBeNull();
    clock.advance(15 * MINUTE);
    expect(await access.redeemLogin(late.code)).toBeNull();
  });

  test("that was only guessed takes no turn of the writer", async () => {
    const redeeming = vi.spyOn(store, "redeemLogin");
    for (const guess of ["", "x", "sll_", `sll_${"A".repeat(43)}`]) expect(await access.redeemLogin(guess)).toBeNull();
    expect(redeeming).not.toHaveBeenCalled();
  });
});

test.each<[Kind, Kind]>([
  ["login", "bearer"],
  ["session", "bearer"],
  ["bearer", "session"],
  ["login", "session"],
  ["bearer", "login"],
  ["session", "login"],
])("the secret of a %s does not do for a %s, whatever it is made to look like", async (kind, asked) => {
  const opens = { bearer: access.authenticate, session: access.authenticateSession, login: access.redeemLogin };
  const secret = await secretOf[kind]();
  const prefix = (await secretOf[asked]()).slice(0, 4);
  expect(await opens[asked](secret)).toBeNull();
  expect(await opens[asked](prefix + secret.slice(4))).toBeNull();
  expect(await opens[kind](secret)).not.toBeNull();
});

describe("a session", () => {
  test("ends a day after it was used last", async () => {
    const { secret } = await session();
    clock.advance(23 * HOUR);
    expect(await access.authenticateSession(secret)).toMatchObject({ expiresAt: clock.now() + 24 * HOUR });
    clock.advance(23 * HOUR);
    expect(await access.authenticateSession(secret)).not.toBeNull();
    clock.advance(24 * HOUR);
    expect(await access.authenticateSession(secret)).toBeNull();
  });

  test("ends a week after it began, however much it is used", async () => {
    const { secret } = await session();
    const end = clock.now() + 7 * 24 * HOUR;
    for (let hour = 0; hour < 7 * 24 - 1; hour++) {
      clock.advance(HOUR);
      expect((await access.authenticateSession(secret))?.expiresAt).toBeLessThanOrEqual(end);
    }
    clock.advance(HOUR);
    expect(await access.authenticateSession(secret)).toBeNull();
  });

  test("costs a write an hour, not one a request", async () => {
    const extending = vi.spyOn(store, "extendSession");
    const { secret } = await session();
    for (let minute = 0; minute < 180; minute++) {
      clock.advance(MINUTE);
      await access.authenticateSession(secret);
    }
    expect(extending).toHaveBeenCalledTimes(3);
  });

  test("lets somebody look while the disk is full", async () => {
    const { secret } = await session();
    clock.advance(2 * HOUR);
    vi.spyOn(store, "extendSession").mockRejectedValue(new StoreError("disk_full", "full"));
    expect(await access.authenticateSession(secret)).toMatchObject({ name: "mia" });
  });

  test("that is revoked is over at once, and whoever listens is told", async () => {
    const { secret, tokenId } = await session();
    const other = await session();
    const caller = await access.authenticateSession(secret);
    if (caller === null) throw new Error("no session");
    expect(await access.stillGood(caller)).toBe(true);
    const told: string[] = [];
    const silence = access.onRevoked((revoked) => told.push(revoked));
    await access.revokeToken(tokenId);
    expect(await access.authenticateSession(secret)).toBeNull();
    expect(await access.stillGood(caller)).toBe(false);
    silence();
    await access.revokeToken(other.tokenId);
    expect(told).toEqual([tokenId]);
  });

  test("is not kept alive by asking whether it is still good", async () => {
    const { secret } = await session();
    const caller = await access.authenticateSession(secret);
    if (caller === null) throw new Error("no session");
    clock.advance(23 * HOUR);
    expect(await access.stillGood(caller)).toBe(true);
    clock.advance(HOUR);
    expect(await access.stillGood(caller)).toBe(false);
  });
});

test("no secret is on disk", async () => {
  const secrets = await Promise.all(Object.values(secretOf).map((make) => make()));
  const files = await Promise.all((await readdir(dir)).map((name) => readFile(join(dir, name), "latin1")));
  expect(files.join("")).toContain("mia");
  for (const secret of secrets) expect(files.join("")).not.toContain(secret.slice(4));
});
