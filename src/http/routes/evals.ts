import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Evals } from "../../app/evals.ts";
import type { EvalRun } from "../../eval/ports.ts";
import { htmlReport } from "../../eval/report-html.ts";
import { junitReport } from "../../eval/report-junit.ts";
import { markdownReport } from "../../eval/report-markdown.ts";
import type { Report } from "../../eval/report.ts";
import { listOf, pageOf } from "../documents.ts";
import {
  EVAL,
  EVAL_CASE,
  EVAL_CASE_DETAIL,
  EVAL_STARTED,
  EVAL_WITH_REPORT,
  OUTCOMES,
  SUITE,
  caseDetail,
  caseDocument,
  evalDocument,
  viewDocument,
  withoutCases,
} from "../eval-documents.ts";
import { PAGE, toPage } from "../filter.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";
import { COMPARISON, REPORT } from "../report-documents.ts";
import { ROLES } from "../roles.ts";

const REFERENCE = z.string().regex(/^[^@]+@[^@]+$/, "is written NAME@VERSION");
const STATEMENTS = z.record(z.string(), z.number());

const REQUEST = z
  .object({
    suite: z.string(),
    prompt: REFERENCE.optional().describe("NAME@VERSION; the newest version unless given."),
    model: z.string().optional().describe("In place of the version's own."),
    baseline: REFERENCE.optional().describe("NAME@VERSION to compare with, on the same cases."),
    thresholds: STATEMENTS.optional().describe("Of a workflow's suite, in place of those in force."),
    repeat: z.int().min(1).max(100).default(1),
    concurrency: z.int().min(1).max(500).default(10),
    budget_usd: z.number().positive().nullable().default(null),
    fresh: z.boolean().default(false).describe("Ask anew what was answered before."),
  })
  .strict();

/** Suites, and eval runs in the background. */
export function evalRoutes(evals: Evals): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  begin(api, evals);
  look(api, evals);
  cases(api, evals);
  reports(api, evals);
  return api;
}

function begin(api: Api, evals: Evals): void {
  operation(
    api,
    "POST /v1/evals",
    {
      tag: "evals",
      summary: "Evaluate a prompt version or a workflow's whole path",
      description: "It goes on in the background. The same request goes on with what it began, where that did not end.",
      body: REQUEST,
      answers: {
        202: { description: "It has begun.", schema: EVAL_STARTED },
        404: { description: "unknown_suite, unknown_prompt, unknown_prompt_version." },
        409: { description: "same_version, model_not_usable, unknown_price." },
      },
    },
    async (c, { body, actor }) => {
      const { prompt, baseline, budget_usd: budgetUsd, model, thresholds, ...rest } = body;
      const request = {
        ...rest,
        budgetUsd,
        ...(model === undefined ? {} : { model }),
        ...(thresholds === undefined ? {} : { thresholds }),
        ...(prompt === undefined ? {} : { prompt: reference(prompt) }),
        ...(baseline === undefined ? {} : { baseline: reference(baseline) }),
      };
      const { view, resumed } = await evals.startEval(request, actor);
      return c.json({ ...viewDocument(view), resumed }, 202);
    },
  );
  operation(
    api,
    "POST /v1/evals/{eval_id}/cancel",
    {
      tag: "evals",
      summary: "Ask no further case",
      description: "What was answered is kept: the same request goes on from there. One that has ended stays as it is.",
      answers: { 200: { description: "The eval run.", schema: EVAL }, 409: { description: "eval_over." } },
    },
    async (c, { param, actor }) => {
      const run = await found(evals, param("eval_id"));
      if (run.status !== "queued" && run.status !== "running")
        throw new HttpProblem({ status: 409, code: "eval_over", detail: `${run.evalId} is ${run.status} already.` });
      return c.json(evalDocument((await evals.cancelEval(run.evalId, actor)) ?? run));
    },
  );
}

function look(api: Api, evals: Evals): void {
  operation(
    api,
    "GET /v1/evals/suites",
    {
      tag: "evals",
      summary: "The project's suites, each with its newest eval run",
      answers: { 200: { description: "By name.", schema: listOf(SUITE).openapi("EvalSuites") } },
    },
    async (c) => c.json({ items: await suites(evals) }),
  );
  operation(
    api,
    "GET /v1/evals/compare",
    {
      tag: "evals",
      summary: "Two eval runs of one suite, case by case",
      query: z.object({ a: z.string().describe("The one before."), b: z.string() }),
      answers: { 200: { description: "What moved.", schema: COMPARISON }, 409: { description: "other_suite." } },
    },
    async (c, { query }) => c.json(await evals.compareEvals(await found(evals, query.a), await found(evals, query.b))),
  );
  operation(
    api,
    "GET /v1/evals",
    {
      tag: "evals",
      summary: "Eval runs, newest first",
      query: z.object({ suite: z.string().optional(), ...PAGE }),
      answers: { 200: { description: "One page.", schema: pageOf(EVAL).openapi("Evals") } },
    },
    async (c, { query }) => {
      const filter = query.suite === undefined ? {} : { suite: query.suite };
      const { items, next } = await evals.listEvals(filter, toPage(query));
      return c.json({ items: items.map(evalDocument), next_cursor: next });
    },
  );
  operation(
    api,
    "GET /v1/evals/{eval_id}",
    {
      tag: "evals",
      summary: "How far an eval run is; its report once it is done",
      answers: { 200: { description: "The eval run.", schema: EVAL_WITH_REPORT } },
    },
    async (c, { param, actor }) => {
      const view = await evals.evalView(param("eval_id"));
      if (view === null) throw unknown(param("eval_id"));
      const report = await evals.evalReport(view.run.evalId);
      const shown = report === null || seesCases(actor.role) ? report : withoutCases(report);
      return c.json({ ...viewDocument(view), report: shown });
    },
  );
}

const FORMS = {
  json: { type: "application/json", of: (report: Report) => JSON.stringify(report) },
  markdown: { type: "text/markdown; charset=utf-8", of: markdownReport },
  junit: { type: "application/xml; charset=utf-8", of: junitReport },
  html: { type: "text/html; charset=utf-8", of: htmlReport },
} as const;

function reports(api: Api, evals: Evals): void {
  operation(
    api,
    "GET /v1/evals/{eval_id}/report",
    {
      tag: "evals",
      summary: "The report, to be kept or passed on",
      query: z.object({ format: z.enum(["json", "markdown", "junit", "html"]).default("json") }),
      answers: {
        200: { description: "The report, in the form asked for.", schema: REPORT },
        409: { description: "not_done." },
      },
    },
    async (_c, { param, query }) => {
      const { evalId, status } = await found(evals, param("eval_id"));
      const report = await evals.evalReport(evalId);
      if (report === null)
        throw new HttpProblem({ status: 409, code: "not_done", detail: `${evalId} is ${status}; it has no report.` });
      const form = FORMS[query.format];
      return new Response(form.of(report), { headers: { "content-type": form.type } });
    },
  );
}

/** Cases are originals: who keeps prompts and suites sees them. */
function seesCases(role: (typeof ROLES)[number]): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf("editor");
}

function cases(api: Api, evals: Evals): void {
  operation(
    api,
    "GET /v1/evals/{eval_id}/cases",
    {
      tag: "evals",
      summary: "What the cases came to, in the order of the datasets",
      query: z.object({
        outcome: z.enum(OUTCOMES).optional(),
        failing: z.enum(["true", "false"]).optional(),
        slice: z
          .string()
          .optional()
          .describe("PATH=VALUE, as in customer.plan=pro; without a value: those that have none."),
        dataset: z.string().optional(),
        ...PAGE,
      }),
      answers: { 200: { description: "One page.", schema: pageOf(EVAL_CASE).openapi("EvalCases") } },
    },
    async (c, { param, query }) => {
      const run = await found(evals, param("eval_id"));
      const { limit, cursor, outcome, failing, slice, dataset } = query;
      const { items, next } = await evals.evalCases(run, {
        limit,
        from: place(cursor),
        ...(outcome === undefined ? {} : { outcome }),
        ...(failing === undefined ? {} : { failing: failing === "true" }),
        ...(dataset === undefined ? {} : { dataset }),
        ...(slice === undefined ? {} : { slice: sliceOf(slice) }),
      });
      return c.json({ items: items.map(caseDocument), next_cursor: next === null ? null : String(next) });
    },
  );
  operation(
    api,
    "GET /v1/evals/{eval_id}/cases/{case_id}",
    {
      tag: "evals",
      summary: "One case with all attempts at it, step by step",
      query: z.object({ dataset: z.string().optional().describe("Where several have a case of this id.") }),
      answers: { 200: { description: "The case.", schema: EVAL_CASE_DETAIL } },
    },
    async (c, { param, query }) => {
      const run = await found(evals, param("eval_id"));
      const caseId = param("case_id");
      const dataset = query.dataset === undefined ? {} : { dataset: query.dataset };
      const { items } = await evals.evalCases(run, { caseId, from: 0, limit: 100, ...dataset });
      const attempts = items.filter(({ case: each }) => each.dataset === items[0]?.case.dataset);
      if (attempts.length > 0) return c.json(caseDetail(run.evalId, attempts));
      const detail = `${run.evalId} has no result of a case ${JSON.stringify(caseId)}.`;
      throw new HttpProblem({ status: 404, code: "unknown_case", detail });
    },
  );
}

async function suites(evals: Evals): Promise<unknown[]> {
  return await Promise.all(
    evals.evalSuites().map(async ({ name, description, file, subject, hash, datasets, slices, targets }) => {
      const [last] = (await evals.listEvals({ suite: name }, { limit: 1 })).items;
      return {
        name,
        description,
        file,
        prompt: subject.kind === "prompt" ? subject.prompt : null,
        workflow: subject.kind === "workflow" ? subject.workflow : null,
        hash,
        datasets,
        slices,
        targets: targets.map(({ name: called, metric, target, critical }) => ({
          name: called,
          metric,
          target,
          critical,
        })),
        last: last === undefined ? null : evalDocument(last),
      };
    }),
  );
}

function reference(text: string): { name: string; version: string } {
  const at = text.indexOf("@");
  return { name: text.slice(0, at), version: text.slice(at + 1) };
}

function sliceOf(text: string): { path: string; value: string | null } {
  const at = text.indexOf("=");
  return at === -1 ? { path: text, value: null } : { path: text.slice(0, at), value: text.slice(at + 1) };
}

function place(cursor: string | undefined): number {
  const value = Number(cursor ?? 0);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new HttpProblem({ status: 400, code: "invalid_query", detail: "This cursor is none of this list." });
}

async function found(evals: Evals, evalId: string): Promise<EvalRun> {
  const view = await evals.evalView(evalId);
  if (view === null) throw unknown(evalId);
  return view.run;
}

function unknown(evalId: string): HttpProblem {
  const detail = `There is no eval run ${JSON.stringify(evalId)}.`;
  return new HttpProblem({ status: 404, code: "unknown_eval", detail });
}
