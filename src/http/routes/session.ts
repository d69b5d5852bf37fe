import { OpenAPIHono, z } from "@hono/zod-openapi";
import { isoTime } from "../../base/clock.ts";
import type { Clock } from "../../base/clock.ts";
import type { Caller, Sluice } from "../../app/sluice.ts";
import { NAME, toLifetime } from "../access.ts";
import { MAX_SECRET, wrongOrigin } from "../auth.ts";
import type { Document } from "../documents.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { ownAddress, requestOrigin } from "../origin.ts";
import { HttpProblem } from "../problem.ts";
import { ROLES } from "../roles.ts";
import { clearSession, setSession } from "../session-cookie.ts";

/** Anybody may send one, so it is not worth reading more than a code. */
const MAX_CODE_BYTES = 4_096;
const LONGEST_LINK = "24h";

const SESSION = z
  .object({
    token_id: z.string().describe("By which it is listed among the tokens, and revoked."),
    name: z.string(),
    role: z.enum(ROLES),
    kind: z.enum(["session", "token"]),
    expires_at: z.iso.datetime().nullable().describe("Of a session: moves while it is used. Null: until revoked."),
  })
  .openapi("Session");
const LINK_WANTED = z.strictObject({
  name: NAME,
  role: z.enum(ROLES),
  expires_in: z.string().default("15m").describe(`How long the link is good for; at most ${LONGEST_LINK}.`),
});
const LINK = z
  .object({
    url: z.url().describe("Opens the console, signed in, once. The code is behind the #, which no server sees."),
    expires_at: z.iso.datetime(),
  })
  .openapi("LoginLink");

export interface SessionRoutesOptions {
  clock: Clock;
  /** The address people open, where that is not the one requests arrive with. */
  publicUrl: string | undefined;
}

/**
 * Signing in at the console. A code has 256 random bits, so guesses are not counted; each costs a look-up, like a wrong
 * bearer token.
 */
export function sessionRoutes(sluice: Sluice, { clock, publicUrl }: SessionRoutesOptions): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  api.use("/v1/session", async (c, next) => {
    c.set("maxBodyBytes", MAX_CODE_BYTES);
    await next();
  });
  operation(
    api,
    "POST /v1/session",
    {
      tag: "session",
      summary: "Sign in with the code of a login link",
      description: "Answers with a session cookie. A code is good once.",
      body: z.strictObject({ code: z.string().min(1).max(MAX_SECRET) }),
      answers: { 200: { description: "Signed in.", schema: SESSION } },
    },
    async (c, { body }) => {
      // Else another site could sign somebody in as whom it likes.
      if (requestOrigin(c, publicUrl) === "foreign") throw wrongOrigin();
      const redeemed = await sluice.redeemLogin(body.code);
      if (redeemed === null) throw invalidCode();
      setSession(c, redeemed.secret);
      return c.json(sessionDocument(redeemed.caller));
    },
  );
  operation(
    api,
    "GET /v1/session",
    { tag: "session", summary: "Who am I?", answers: { 200: { description: "You.", schema: SESSION } } },
    (c, { caller }) => c.json(sessionDocument(caller)),
  );
  operation(
    api,
    "DELETE /v1/session",
    { tag: "session", summary: "Sign out", answers: { 204: { description: "The session is over." } } },
    async (c, { caller }) => {
      if (caller.kind !== "session") throw noSession(caller.tokenId);
      await sluice.revokeToken(caller.tokenId);
      clearSession(c);
      return c.body(null, 204);
    },
  );
  operation(
    api,
    "POST /v1/login-links",
    {
      tag: "session",
      summary: "Make a link that lets somebody sign in once",
      body: LINK_WANTED,
      answers: { 201: { description: "The link.", schema: LINK } },
    },
    async (c, { body, actor }) => {
      const expiresAt = clock.now() + toLifetime(body.expires_in, LONGEST_LINK);
      const { secret } = await sluice.createLogin(body.name, body.role, expiresAt, actor.name);
      const url = `${ownAddress(c, publicUrl)}/login#code=${secret}`;
      return c.json({ url, expires_at: isoTime(expiresAt) }, 201);
    },
  );
  return api;
}

function sessionDocument({ tokenId, name, role, kind, expiresAt }: Caller): Document {
  return { token_id: tokenId, name, role, kind, expires_at: expiresAt === null ? null : isoTime(expiresAt) };
}

function invalidCode(): HttpProblem {
  return new HttpProblem({
    status: 401,
    code: "invalid_code",
    detail: 'This link was used already, has expired, or is none. "sluice login" makes a new one.',
  });
}

function noSession(tokenId: string): HttpProblem {
  return new HttpProblem({
    status: 409,
    code: "not_a_session",
    detail: `This is a token, not a session. DELETE /v1/tokens/${tokenId} revokes it.`,
  });
}
