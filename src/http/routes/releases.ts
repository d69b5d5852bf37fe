import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Sluice } from "../../app/sluice.ts";
import { listOf } from "../documents.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { plannedAct, PLAN } from "../release-changes.ts";
import {
  DIFFERENCE,
  PLANNED,
  PRESENT,
  PROPOSAL,
  RELEASE,
  SERVED,
  differenceDocument,
  evidenceDocument,
  plannedDocument,
  proposalDocument,
  releaseDocument,
  servedDocument,
} from "../release-documents.ts";

const HISTORY = listOf(z.object({ release: RELEASE, changes: z.array(DIFFERENCE) })).openapi("ReleaseHistory");

/** Looking at releases, and at what a change would ask for. */
export function releaseRoutes({ releases }: Pick<Sluice, "releases">): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/releases",
    {
      tag: "releases",
      summary: "The present release of each workflow",
      answers: { 200: { description: "By name.", schema: listOf(RELEASE).openapi("Releases") } },
    },
    async (c) => c.json({ items: (await releases.presentReleases()).map(releaseDocument) }),
  );
  operation(
    api,
    "GET /v1/releases/{workflow}",
    {
      tag: "releases",
      summary: "The present release of a workflow",
      description: "With the evidence it rests on, and what could be raised next.",
      answers: { 200: { description: "The release.", schema: PRESENT } },
    },
    async (c, { param, actor }) => {
      const release = await releases.presentRelease(param("workflow"));
      const [restsOn, raises] = await Promise.all([
        releases.evidenceOf(release),
        releases.possibleRaises(release.workflow, actor),
      ]);
      return c.json({ ...releaseDocument(release), rests_on: restsOn.map(evidenceDocument), raises });
    },
  );
  recordRoutes(api, releases);
  planRoutes(api, releases);
  return api;
}

type Releases = Sluice["releases"];

function recordRoutes(api: Api, releases: Releases): void {
  operation(
    api,
    "GET /v1/releases/{workflow}/history",
    {
      tag: "releases",
      summary: "Every release of a workflow, with what it changed",
      answers: { 200: { description: "Newest first.", schema: HISTORY } },
    },
    async (c, { param }) => {
      const history = await releases.history(param("workflow"));
      const items = history.map(({ release, differences }) => ({
        release: releaseDocument(release),
        changes: differences.map(differenceDocument),
      }));
      return c.json({ items });
    },
  );
  operation(
    api,
    "GET /v1/releases/{workflow}/served",
    {
      tag: "releases",
      summary: "What each live worker serves now",
      answers: { 200: { description: "Workers, the longest running first.", schema: SERVED } },
    },
    async (c, { param }) => c.json(servedDocument(await releases.served(param("workflow")))),
  );
}

function planRoutes(api: Api, releases: Releases): void {
  operation(
    api,
    "POST /v1/releases/{workflow}/plan",
    {
      tag: "releases",
      summary: "What a change would do, and what it asks for",
      description: "Changes nothing.",
      body: PLAN,
      answers: { 200: { description: "Each difference, and each requirement of the raises.", schema: PLANNED } },
    },
    async (c, { param, body, actor }) =>
      c.json(plannedDocument(await releases.plan(param("workflow"), plannedAct(body), actor))),
  );
  operation(
    api,
    "GET /v1/releases/{workflow}/proposals",
    {
      tag: "releases",
      summary: "Changes that wait, or waited, for a second person",
      answers: {
        200: { description: "Newest first, at most 200.", schema: listOf(PROPOSAL).openapi("ReleaseProposals") },
      },
    },
    async (c, { param }) => c.json({ items: (await releases.proposals(param("workflow"))).map(proposalDocument) }),
  );
}
