import assert from "node:assert/strict";
import type { Token, TokenKind } from "../../base/access.ts";
import { auditLink, CHAIN_START } from "../../journal/chain.ts";
import type { AuditEntry } from "../../journal/ports.ts";
import { aspect, digest, type Aspect, type World } from "./world.ts";

export const releasing: Aspect = aspect("releases", {
  "a published release is the present one": async (world) => {
    const { store, workflow } = world;
    assert.equal(await store.control(workflow), null);
    const first = { workflow, number: 1, body: "one", createdAt: 5 };
    const second = { workflow, number: 2, body: "two", createdAt: 6 };
    assert.equal(await store.publish(first, 0), true);
    assert.equal(await store.publish(second, 1), true);
    assert.deepEqual(await store.control(workflow), { workflow, version: 2, release: 2, body: "two" });
    assert.deepEqual(await store.releases(workflow), [first, second]);
  },

  "of two who publish at once one is told that the other was first": async (world) => {
    const { store, workflow } = world;
    const bodies = ["a", "b", "c"];
    const results = await Promise.all(
      bodies.map((body) => store.publish({ workflow, number: 1, body, createdAt: 1 }, 0)),
    );
    assert.deepEqual(results, [true, false, false]);
    assert.equal((await store.control(workflow))?.body, "a");
  },

  "a release number that does not follow is refused": async (world) => {
    const { store, workflow } = world;
    assert.equal(await store.publish({ workflow, number: 2, body: "two", createdAt: 1 }, 0), false);
    assert.deepEqual(await store.releases(workflow), []);
  },

  "a version keeps the content it was first registered with": async (world) => {
    const version = {
      kind: "prompt",
      name: world.name("prompt"),
      version: "1",
      hash: "h1",
      body: "b1",
      registeredAt: 3,
    } as const;
    assert.deepEqual(await world.store.registerVersion(version), version);
    assert.deepEqual(await world.store.registerVersion({ ...version, hash: "h2", body: "b2" }), version);
    const contract = { ...version, kind: "contract", hash: "h3" } as const;
    assert.deepEqual(await world.store.registerVersion(contract), contract);
    const prompts = (await world.store.versions("prompt")).filter(({ name }) => name === version.name);
    assert.deepEqual(prompts, [version]);
  },
});

export const keepingTokens: Aspect = aspect("tokens", {
  "a token is found by its hash until it is unknown": async (world) => {
    const token: Token = {
      tokenId: world.name("tok"),
      kind: "bearer",
      name: "ci",
      role: "operator",
      createdBy: "ana",
      createdAt: 1,
      expiresAt: 99,
      revokedAt: null,
    };
    const hash = digest(token.tokenId);
    await world.store.addToken(token, hash);
    assert.deepEqual(await world.store.tokenByHash(hash), token);
    assert.deepEqual(await world.store.token(token.tokenId), token);
    assert.equal(await world.store.token("tok_unknown"), null);
    assert.equal(await world.store.tokenByHash(digest("another")), null);
    assert.deepEqual(
      (await world.store.tokens()).filter(({ tokenId }) => tokenId === token.tokenId),
      [token],
    );
  },

  "a revoked token says since when, once and for all": async (world) => {
    const tokenId = world.name("tok");
    const hash = digest(tokenId);
    await world.store.addToken(
      {
        tokenId,
        kind: "bearer",
        name: "x",
        role: "viewer",
        createdBy: null,
        createdAt: 1,
        expiresAt: null,
        revokedAt: null,
      },
      hash,
    );
    const at = world.clock.now();
    assert.equal(await world.store.revokeToken(tokenId), true);
    world.clock.advance(10);
    assert.equal(await world.store.revokeToken(tokenId), true);
    assert.equal((await world.store.tokenByHash(hash))?.revokedAt, at);
    assert.equal(await world.store.revokeToken("tok_unknown"), false);
  },
});

function signIn(world: World, kind: TokenKind, expiresAt: number): Token {
  const createdAt = world.clock.now();
  return {
    tokenId: world.name("ses"),
    kind,
    name: "mia",
    role: "reviewer",
    createdBy: "ana",
    createdAt,
    expiresAt,
    revokedAt: null,
  };
}

export const signingIn: Aspect = aspect("sign-in", {
  "of two who redeem a login code at once one gets the session, and the code is gone": async (world) => {
    const { store, clock } = world;
    const login = signIn(world, "login", clock.now() + 1_000);
    const codeHash = digest(login.tokenId);
    await store.addToken(login, codeHash);
    clock.advance(10);
    const redemptions = ["a", "b"].map((who) => ({
      codeHash,
      sessionHash: digest(`${login.tokenId} ${who}`),
      expiresAt: clock.now() + 5_000,
    }));
    const results = await Promise.all(redemptions.map((redemption) => store.redeemLogin(redemption)));
    const session: Token = { ...login, kind: "session", createdAt: clock.now(), expiresAt: clock.now() + 5_000 };
    assert.deepEqual(results, [session, null]);
    assert.equal(await store.tokenByHash(codeHash), null);
    assert.equal(await store.tokenByHash(digest(`${login.tokenId} b`)), null);
    assert.deepEqual(await store.tokenByHash(digest(`${login.tokenId} a`)), session);
  },

  "a code that has run out, was revoked, or is no code is not redeemed": async (world) => {
    const { store, clock } = world;
    const late = signIn(world, "login", clock.now() + 10);
    const revoked = signIn(world, "login", clock.now() + 1_000);
    const bearer = signIn(world, "bearer", clock.now() + 1_000);
    const session = signIn(world, "session", clock.now() + 1_000);
    for (const token of [late, revoked, bearer, session]) await store.addToken(token, digest(token.tokenId));
    await store.revokeToken(revoked.tokenId);
    clock.advance(10);
    for (const { tokenId } of [late, revoked, bearer, session, { tokenId: "unknown" }]) {
      const sessionHash = digest(`${tokenId} session`);
      const expiresAt = clock.now() + 1_000;
      assert.equal(await store.redeemLogin({ codeHash: digest(tokenId), sessionHash, expiresAt }), null);
      assert.equal(await store.tokenByHash(sessionHash), null);
    }
    assert.deepEqual(await store.token(bearer.tokenId), bearer);
  },

  "the end of a session is moved until it has come": async (world) => {
    const { store, clock } = world;
    const session = signIn(world, "session", clock.now() + 10);
    await store.addToken(session, digest(session.tokenId));
    assert.equal(await store.extendSession(session.tokenId, clock.now() + 20), true);
    assert.equal((await store.token(session.tokenId))?.expiresAt, clock.now() + 20);
    clock.advance(20);
    assert.equal(await store.extendSession(session.tokenId, clock.now() + 20), false);
    const revoked = signIn(world, "session", clock.now() + 10);
    const bearer = signIn(world, "bearer", clock.now() + 10);
    for (const token of [revoked, bearer]) await store.addToken(token, digest(token.tokenId));
    await store.revokeToken(revoked.tokenId);
    assert.equal(await store.extendSession(revoked.tokenId, clock.now() + 20), false);
    assert.equal(await store.extendSession(bearer.tokenId, clock.now() + 20), false);
    assert.deepEqual(await store.token(bearer.tokenId), bearer);
  },

  "sign-ins that ended a month ago are forgotten, bearer tokens are not": async (world) => {
    const { store, clock } = world;
    const old = [signIn(world, "login", clock.now() + 1), signIn(world, "bearer", clock.now() + 1)];
    for (const token of old) await store.addToken(token, digest(token.tokenId));
    clock.advance(29 * 86_400_000);
    await store.addToken(signIn(world, "login", clock.now() + 1), digest(world.name("other")));
    assert.deepEqual(await Promise.all(old.map(({ tokenId }) => store.token(tokenId))), old);
    clock.advance(2 * 86_400_000);
    await store.addToken(signIn(world, "login", clock.now() + 1), digest(world.name("other")));
    assert.deepEqual(await Promise.all(old.map(({ tokenId }) => store.token(tokenId))), [null, old[1]]);
  },
});

async function endRun(world: World): Promise<string> {
  const started = await world.start();
  await world.move(started, { do: "complete", disposition: "applied" }, [world.sealed("a")]);
  return started.runId;
}

/** Entries for every head that is due, chained to what is there. */
async function nextEntries(world: World): Promise<AuditEntry[]> {
  const head = await world.store.auditHead();
  let index = head?.index ?? 0;
  let link = head?.link ?? CHAIN_START;
  return (await world.store.unauditedHeads(1_000)).map(({ runId, lastSeq, chain }) => {
    const entry = { index: ++index, runId, lastSeq, head: chain };
    link = Uint8Array.from(auditLink(world.chainKey, link, entry));
    return { ...entry, link };
  });
}

export const auditing: Aspect = aspect("audit", {
  "the head of an ended run is due, oldest end first, until it is in the audit chain": async (world) => {
    await world.store.appendAudit(await nextEntries(world));
    const unfinished = await world.start();
    const first = await endRun(world);
    world.clock.advance(1);
    const second = await endRun(world);
    const due = await world.store.unauditedHeads(10);
    assert.deepEqual(
      due.map(({ runId, lastSeq }) => [runId, lastSeq]),
      [
        [first, 2],
        [second, 2],
      ],
    );
    assert.deepEqual(
      (await world.store.unauditedHeads(1)).map(({ runId }) => runId),
      [first],
    );
    const entries = await nextEntries(world);
    await world.store.appendAudit(entries);
    assert.deepEqual(await world.store.unauditedHeads(10), []);
    assert.deepEqual(await world.store.auditHead(), entries.at(-1));
    await world.move(unfinished, { do: "yield" });
  },

  "entries are listed newest first, in pages": async (world) => {
    await endRun(world);
    await endRun(world);
    const entries = await nextEntries(world);
    await world.store.appendAudit(entries);
    const first = await world.store.auditEntries({ limit: 1 });
    assert.deepEqual(first.items, [entries[1]]);
    assert.ok(first.next);
    assert.deepEqual((await world.store.auditEntries({ limit: 1, cursor: first.next })).items, [entries[0]]);
  },

  "an entry that does not follow the head is refused, and none of its batch is kept": async (world) => {
    await endRun(world);
    await endRun(world);
    const [first, second] = await nextEntries(world);
    assert.ok(first !== undefined && second !== undefined);
    await assert.rejects(world.store.appendAudit([first, { ...second, index: second.index + 1 }]));
    assert.equal((await world.store.unauditedHeads(10)).length, 2);
    await world.store.appendAudit([first]);
    await assert.rejects(world.store.appendAudit([first]));
    await world.store.appendAudit([second]);
  },

  "a dead run that comes back is not due, and due again with its new head when it ends": async (world) => {
    await world.store.appendAudit(await nextEntries(world));
    const started = await world.start();
    const failure = { class: "bug", code: "threw", message: "no", step: null } as const;
    await world.move(started, { do: "die", failure });
    await world.store.appendAudit(await nextEntries(world));
    await world.store.command({ runId: started.runId, command: { do: "redrive" }, record: world.sealed("redriven") });
    assert.deepEqual(await world.store.unauditedHeads(10), []);
    await world.move(await world.resume(started.runId), { do: "complete", disposition: "applied" });
    assert.deepEqual(
      (await world.store.unauditedHeads(10)).map(({ lastSeq }) => lastSeq),
      [2],
    );
  },
});
