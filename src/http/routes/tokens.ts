import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Token } from "../../base/access.ts";
import type { Clock } from "../../base/clock.ts";
import type { Sluice } from "../../app/sluice.ts";
import { NAME, toLifetime } from "../access.ts";
import { TOKEN, listOf, tokenDocument } from "../documents.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";
import { ROLES } from "../roles.ts";

const CREATE = z.strictObject({
  name: NAME,
  role: z.enum(ROLES),
  expires_in: z
    .string()
    .nullable()
    .default("90d")
    .describe('How long it is good for, like "90d"; null: until it is revoked.'),
});
const CREATED = z.object({ ...TOKEN.shape, secret: z.string().describe("Shown this once.") }).openapi("CreatedToken");
const TOKENS = listOf(TOKEN).openapi("Tokens");

export function tokenRoutes(sluice: Sluice, clock: Clock): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/tokens",
    {
      tag: "tokens",
      summary: "List tokens, login codes and sessions",
      answers: { 200: { description: "All of them, revoked ones too.", schema: TOKENS } },
    },
    async (c) => c.json({ items: (await sluice.listTokens()).map(tokenDocument) }),
  );
  operation(
    api,
    "POST /v1/tokens",
    {
      tag: "tokens",
      summary: "Make a token",
      body: CREATE,
      answers: { 201: { description: "With its secret.", schema: CREATED } },
    },
    async (c, { body, actor }) => {
      const expiresAt = body.expires_in === null ? null : clock.now() + toLifetime(body.expires_in, "3650d");
      const { token, secret } = await sluice.createToken(body.name, body.role, expiresAt, actor.name);
      return c.json({ ...tokenDocument(token), secret }, 201);
    },
  );
  operation(
    api,
    "DELETE /v1/tokens/{id}",
    {
      tag: "tokens",
      summary: "Revoke a token, a login code or a session, at once",
      answers: { 204: { description: "Revoked." } },
    },
    async (c, { param }) => {
      if (!(await sluice.revokeToken(param("id")))) throw unknownToken(param("id"), await sluice.listTokens());
      return c.body(null, 204);
    },
  );
  return api;
}

/** A name is not enough, since several tokens may have it; but it says which ids may be meant. */
function unknownToken(id: string, tokens: readonly Token[]): HttpProblem {
  const named = tokens.filter(({ name, revokedAt }) => name === id && revokedAt === null).map(({ tokenId }) => tokenId);
  const hint = named.length === 0 ? "" : ` Tokens are revoked by id; of that name there is: ${named.join(", ")}.`;
  const detail = `There is no token ${JSON.stringify(id)}.${hint}`;
  return new HttpProblem({ status: 404, code: "unknown_token", detail });
}
