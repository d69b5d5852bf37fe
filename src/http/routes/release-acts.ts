import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { ReleaseAct, ReleaseOutcome } from "../../app/releasing.ts";
import type { Actor, Sluice } from "../../app/sluice.ts";
import type { Json } from "../../base/json.ts";
import { REASON } from "../hold-documents.ts";
import type { Api, ApiContext, ApiEnv, Operation } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";
import { CHANGE, FORCE, ROLLBACK, WHY, changeOf, requestOf, targetOf } from "../release-changes.ts";
import {
  PROPOSAL,
  RELEASED,
  differenceDocument,
  proposalDocument,
  releaseDocument,
  requirementDocument,
} from "../release-documents.ts";
import type { RouteKey } from "../roles.ts";

const LOWERS = "Needs no evidence and no second person; in force when it is answered.";
const RAISES =
  "Every raise needs passing evidence for exactly what would serve, and where the workflow affects much, a second person.";

/** One way to change a release. */
interface Act {
  key: RouteKey;
  summary: string;
  description: string;
  body: z.ZodRawShape;
  /** Whether it may raise something, so that it can be refused or become a proposal. */
  raises: boolean;
  act(body: Record<string, unknown>, param: (name: string) => string): ReleaseAct;
}

const ACTS: readonly Act[] = [
  {
    key: "POST /v1/releases/{workflow}/promote",
    summary: "Change a release, raises included",
    description: RAISES,
    body: { change: CHANGE, ...WHY, ...FORCE },
    raises: true,
    act: ({ change }) => ({ act: "promote", change: changeOf(change) }),
  },
  {
    key: "POST /v1/releases/{workflow}/demote",
    summary: "Let a workflow do less",
    description: `One stage down unless the change says what; it is refused where it would raise anything. ${LOWERS}`,
    body: { change: CHANGE.optional(), ...WHY },
    raises: false,
    act: ({ change }) => ({ act: "demote", ...(change === undefined ? {} : { change: changeOf(change) }) }),
  },
  {
    key: "POST /v1/releases/{workflow}/traffic",
    summary: "Set the share of the traffic",
    description: `A smaller share is in force at once; a larger one is a raise. ${RAISES}`,
    body: { share: z.number().min(0).max(1), ...WHY, ...FORCE },
    raises: true,
    act: ({ share }) => ({ act: "traffic", share: share as number }),
  },
  {
    key: "POST /v1/releases/{workflow}/off",
    summary: "Switch a workflow off",
    description: `Its events are held, or go to review. ${LOWERS}`,
    body: { when_off: z.enum(["hold", "review"]).optional(), ...WHY },
    raises: false,
    act: ({ when_off: whenOff }) => ({
      act: "off",
      ...(whenOff === undefined ? {} : { whenOff: whenOff as "hold" | "review" }),
    }),
  },
  {
    key: "POST /v1/releases/{workflow}/on",
    summary: "Switch a workflow on again",
    description: `At the stage it had before it was switched off. That is a raise. ${RAISES}`,
    body: { ...WHY, ...FORCE },
    raises: true,
    act: () => ({ act: "on" }),
  },
  {
    key: "POST /v1/releases/{workflow}/rollback",
    summary: "Go back to earlier prompt versions and models",
    description: `To those before the present ones, unless a release, a version or the fallback model is named. Nothing else rises with it. A version that was never let through the gate needs evidence. ${LOWERS}`,
    body: { ...ROLLBACK, ...WHY, ...FORCE },
    raises: true,
    act: (body) => ({ act: "rollback", target: targetOf(body) }),
  },
];

const TOOL_ACTS: readonly Act[] = [
  {
    key: "POST /v1/tools/{name}/grant",
    summary: "Let a workflow call a tool",
    description: RAISES,
    body: { workflow: z.string(), ...WHY, ...FORCE },
    raises: true,
    act: (_, param) => ({ act: "grant", tool: param("name") }),
  },
  {
    key: "POST /v1/tools/{name}/revoke",
    summary: "Take a tool away from a workflow",
    description: `Paused runs lose it too. ${LOWERS}`,
    body: { workflow: z.string(), ...WHY },
    raises: false,
    act: (_, param) => ({ act: "revoke", tool: param("name") }),
  },
];

/** Changing releases: one way for all of them, and what comes of it told in one form. */
export function releaseActRoutes({ releases }: Pick<Sluice, "releases">): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  const perform = async (
    c: ApiContext,
    workflow: string,
    act: ReleaseAct,
    body: Record<string, unknown>,
    actor: Actor,
  ) => answer(c, await releases.change(workflow, act, requestOf(body), actor));
  for (const each of ACTS)
    operation(api, each.key, definition(each), (c, { param, body, actor }) =>
      perform(c, param("workflow"), each.act(body, param), body, actor),
    );
  for (const each of TOOL_ACTS)
    operation(api, each.key, definition(each), (c, { param, body, actor }) =>
      perform(c, body["workflow"] as string, each.act(body, param), body, actor),
    );
  operation(
    api,
    "POST /v1/releases/{workflow}/proposals/{id}/approve",
    {
      tag: "releases",
      summary: "Agree to a proposal, as another person than who made it",
      description: "The gate is asked again: what it has come to miss since then refuses.",
      body: z.strictObject({ reason: REASON }),
      answers: {
        200: { description: "The release it has become.", schema: RELEASED },
        409: { description: "same_person, proposal_closed, gate_closed, release_moved" },
      },
    },
    async (c, { param, body, actor }) =>
      answer(c, await releases.approve(param("workflow"), param("id"), body.reason, actor)),
  );
  operation(
    api,
    "POST /v1/releases/{workflow}/proposals/{id}/reject",
    {
      tag: "releases",
      summary: "Refuse a proposal",
      body: z.strictObject({ reason: REASON }),
      answers: {
        200: { description: "The proposal.", schema: PROPOSAL },
        409: { description: "proposal_closed" },
      },
    },
    async (c, { param, body, actor }) =>
      c.json(proposalDocument(await releases.reject(param("workflow"), param("id"), body.reason, actor))),
  );
  return api;
}

function definition({ summary, description, body, raises }: Act): Operation<z.ZodObject, z.ZodObject> {
  return {
    tag: "releases",
    summary,
    description,
    body: z.strictObject(body),
    answers: {
      200: { description: "The release in force.", schema: RELEASED },
      ...(raises ? { 202: { description: "A proposal: a second person has to agree.", schema: PROPOSAL } } : {}),
      409: {
        description: raises
          ? "gate_closed, with the requirements; release_moved, with what changed"
          : "release_moved, with what changed",
      },
    },
  };
}

function answer(c: ApiContext, outcome: ReleaseOutcome): Response {
  if (outcome.outcome === "released" || outcome.outcome === "nothing") {
    const changes = outcome.outcome === "nothing" ? [] : outcome.differences.map(differenceDocument);
    return c.json({ ...releaseDocument(outcome.release), changes });
  }
  if (outcome.outcome === "proposed") return c.json(proposalDocument(outcome.proposal), 202);
  throw refused(outcome);
}

function refused(outcome: Extract<ReleaseOutcome, { outcome: "gate_closed" | "release_moved" }>): HttpProblem {
  if (outcome.outcome === "gate_closed") {
    const { requirements, differences } = outcome.plan;
    const unmet = requirements.filter(({ met }) => !met);
    const said = unmet.map(({ message }) => message).join(" ");
    return new HttpProblem({
      status: 409,
      code: "gate_closed",
      detail: `The gate is closed. ${said}`,
      more: {
        requirements: requirements.map(requirementDocument) as Json[],
        changes: differences.map(differenceDocument) as Json[],
      },
    });
  }
  const { expected, present, differences } = outcome;
  const changed = differences.map(({ what }) => what).join(", ");
  const said = changed === "" ? "" : ` It changed ${changed}.`;
  return new HttpProblem({
    status: 409,
    code: "release_moved",
    detail: `Release ${present.number}, by ${present.createdBy}, came after release ${expected}, which you have seen.${said} Look at it and ask again.`,
    more: {
      expected,
      present: releaseDocument(present) as Json,
      changes: differences.map(differenceDocument) as Json[],
    },
  });
}
