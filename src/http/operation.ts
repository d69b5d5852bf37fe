import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { pointerToken } from "../base/json.ts";
import type { Problem } from "../base/json.ts";
import { didYouMean, nearest } from "../base/suggest.ts";
import type { Actor, Caller } from "../app/sluice.ts";
import { mediaType, readJson, unsupported } from "./body.ts";
import { HttpProblem } from "./problem.ts";
import { ROUTES, mayCall } from "./roles.ts";
import type { RouteKey } from "./roles.ts";

/** `caller` is set by authentication on every request but the open ones. */
export interface ApiEnv {
  Variables: { caller: Caller; maxBodyBytes: number };
}
export type Api = OpenAPIHono<ApiEnv>;
export type ApiContext = Context<ApiEnv>;

export interface Operation<Q extends z.ZodObject, B extends z.ZodType> {
  /** The domain's word; groups the routes in the reference. */
  tag: string;
  summary: string;
  description?: string;
  query?: Q;
  /** Read, bounded and parsed before the handler runs. A handler that reads by itself leaves it out and names it in `documents`. */
  body?: B;
  /** Only for the reference: the media types a handler reads by itself. */
  reads?: Record<string, z.ZodType>;
  /** Without a schema the answer has no body or one that is described in words. */
  answers: Record<number, { description: string; schema?: z.ZodType; type?: string }>;
}

export interface Input<Q extends z.ZodObject, B extends z.ZodType> {
  query: z.output<Q>;
  body: z.output<B>;
  /** Whose doing it is, for the record. */
  actor: Actor;
  /** How the actor was let in. */
  caller: Caller;
  /** A part of the path by its name in the route's key. */
  param(name: string): string;
}

const PROBLEM: z.ZodType = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe("Stable; what a program acts on."),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  })
  .openapi("Problem");

/** Defines one route of the table in `roles.ts`: its role, its validation and its place in the reference, in one go. */
export function operation<Q extends z.ZodObject = z.ZodObject, B extends z.ZodType = z.ZodUndefined>(
  api: Api,
  key: RouteKey,
  definition: Operation<Q, B>,
  handle: (c: ApiContext, input: Input<Q, B>) => Response | Promise<Response>,
): void {
  const [method, path] = key.split(" ") as [string, string];
  document(api, key, method, path, definition);
  api.on(method, path.replaceAll(/\{(\w+)\}/g, ":$1"), async (c: ApiContext) => {
    const caller = c.get("caller");
    requireRole(caller, key);
    const query = parseQuery(c, definition.query) as z.output<Q>;
    const body = (await parseBody(c, definition.body)) as z.output<B>;
    const actor = caller === undefined ? caller : { name: caller.name, role: caller.role };
    return handle(c, { query, body, actor, caller, param: (name) => c.req.param(name) ?? "" });
  });
}

function requireRole(actor: Actor | undefined, key: RouteKey): void {
  if (ROUTES[key] === "open") return;
  if (actor === undefined || !mayCall(actor.role, key))
    throw new HttpProblem({
      status: 403,
      code: "role_too_low",
      detail: `This needs the role ${ROUTES[key]}; you have ${actor?.role ?? "none"}.`,
    });
}

function parseQuery(c: ApiContext, schema: z.ZodObject | undefined): Record<string, unknown> {
  const known = Object.keys(schema?.shape ?? {});
  const given = c.req.queries();
  for (const [name, values] of Object.entries(given)) {
    if (!known.includes(name)) {
      const hint = known.length === 0 ? "This call takes none." : didYouMean(name, known);
      throw badQuery(`There is no query parameter ${JSON.stringify(name)} here. ${hint}`);
    }
    if (values.length > 1)
      throw badQuery(`The query parameter "${name}" is given ${values.length} times; give it once.`);
  }
  if (schema === undefined) return {};
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(given).map(([name, [value]]) => [name, value])));
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw badQuery(
    `The query parameter "${first?.path.join(".")}" cannot be used: ${first === undefined ? "" : meant(first, given)}.`,
  );
}

/** A mistyped word of a fixed list is answered with the near one; anything else as it is. */
function meant(issue: z.core.$ZodIssue, given: Record<string, string[]>): string {
  const word = given[String(issue.path[0])]?.[0];
  if (issue.code !== "invalid_value" || word === undefined) return issue.message;
  const near = nearest(word, issue.values.map(String));
  return near === undefined ? issue.message : `${JSON.stringify(word)} is none of its words. Did you mean "${near}"?`;
}

function badQuery(detail: string): HttpProblem {
  return new HttpProblem({ status: 400, code: "invalid_query", detail: detail.trimEnd() });
}

async function parseBody(c: ApiContext, schema: z.ZodType | undefined): Promise<unknown> {
  if (schema === undefined) return undefined;
  if (mediaType(c.req.raw.headers) !== "application/json")
    throw unsupported('Send JSON, with the header "content-type: application/json".');
  const parsed = schema.safeParse(await readJson(c.req.raw, c.get("maxBodyBytes")));
  if (parsed.success) return parsed.data;
  throw new HttpProblem({
    status: 422,
    code: "invalid_body",
    detail: "The body is not what this call takes.",
    errors: parsed.error.issues.map(toProblem),
  });
}

function toProblem(issue: z.core.$ZodIssue): Problem {
  const pointer = issue.path.map((part) => `/${pointerToken(String(part))}`).join("");
  return { pointer, message: issue.message };
}

function document<Q extends z.ZodObject, B extends z.ZodType>(
  api: Api,
  key: RouteKey,
  method: string,
  path: string,
  definition: Operation<Q, B>,
): void {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  const params = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const reads =
    definition.reads ?? (definition.body === undefined ? undefined : { "application/json": definition.body });
  const role = ROUTES[key];
  api.openAPIRegistry.registerPath({
    method: method.toLowerCase() as "get" | "post" | "put" | "delete",
    path,
    tags: [definition.tag],
    summary: definition.summary,
    description: [definition.description, role === "open" ? undefined : `Role: ${role} or above.`]
      .filter(Boolean)
      .join("\n\n"),
    security: role === "open" ? [] : [{ bearer: [] }, { session: [] }],
    request: {
      ...(names.length === 0 ? {} : { params }),
      ...(definition.query === undefined ? {} : { query: definition.query }),
      ...(reads === undefined ? {} : { body: { required: true, content: contentOf(reads) } }),
    },
    responses: {
      ...Object.fromEntries(
        Object.entries(definition.answers).map(([status, { description, schema, type }]) => [
          status,
          schema === undefined
            ? { description, ...(type === undefined ? {} : { content: { [type]: { schema: z.string() } } }) }
            : {
                description,
                content: {
                  [type ?? (Number(status) < 400 ? "application/json" : "application/problem+json")]: { schema },
                },
              },
        ]),
      ),
      default: { description: "Any failure.", content: { "application/problem+json": { schema: PROBLEM } } },
    },
  });
}

function contentOf(reads: Record<string, z.ZodType>): Record<string, { schema: z.ZodType }> {
  return Object.fromEntries(Object.entries(reads).map(([type, schema]) => [type, { schema }]));
}
