import { Readable } from "node:stream";
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Json } from "../../base/json.ts";
import type { Datasets } from "../../app/datasets.ts";
import type { Project } from "../../app/project.ts";
import { readCases } from "../../eval/case-files.ts";
import type { CaseFormat } from "../../eval/case-files.ts";
import { DATASET_KINDS } from "../../eval/case.ts";
import { caseDocument } from "../../eval/check-case.ts";
import { readMapping } from "../../eval/csv-mapping.ts";
import type { CsvMapping } from "../../eval/csv-mapping.ts";
import { mediaType, readJson, unsupported } from "../body.ts";
import {
  CASE,
  DATASET,
  DATASET_VERSIONS,
  IMPORTED,
  KIND,
  placedCaseDocument,
  versionDocument,
} from "../dataset-documents.ts";
import { anyJson, listOf, pageOf } from "../documents.ts";
import { PAGE } from "../filter.ts";
import type { Api, ApiContext, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";
import { spooled } from "../spool.ts";

/** Largest file that is imported, in bytes. */
const MAX_IMPORT_BYTES = 512 * 1024 * 1024;
const JSONL = "application/x-ndjson";
const CSV = "text/csv";

const WHOLE = z
  .strictObject({
    kind: KIND,
    format: z.enum(["jsonl", "csv"]).default("jsonl"),
    map: anyJson.optional().describe('Of CSV: where each column goes, {"text": "input.ticket.body"}.'),
    set: anyJson.optional().describe('Of CSV: the same in every case, {"input.ticket.channel": "email"}.'),
    delimiter: z.string().optional(),
    data: z.string().describe("The file."),
  })
  .openapi("DatasetImport");

const IMPORT_QUERY = z.object({
  kind: KIND.optional().describe("Of a body that is the file itself."),
  map: z.string().optional().describe('Of CSV: JSON, {"text": "input.ticket.body"}.'),
  set: z.string().optional().describe('Of CSV: JSON, {"input.ticket.channel": "email"}.'),
  delimiter: z.string().optional(),
});

const VERSION = z.coerce.number().int().min(1);

/** What of a server these routes are about; evals without a server have it too. */
export interface DatasetDesk {
  readonly project: Project;
  readonly datasets: Datasets;
}

export function datasetRoutes(desk: DatasetDesk): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  listing(api, desk);
  contents(api, desk);
  importing(api, desk);
  return api;
}

function suitesOf({ project }: DatasetDesk, name: string): string[] {
  const suites = [...project.suites.values()].filter(({ datasets }) => datasets.some((each) => each.name === name));
  return suites.map((suite) => suite.name);
}

function listing(api: Api, desk: DatasetDesk): void {
  const { datasets } = desk;
  operation(
    api,
    "GET /v1/datasets",
    {
      tag: "datasets",
      summary: "Datasets, each as its newest version",
      answers: { 200: { description: "By name.", schema: listOf(DATASET).openapi("Datasets") } },
    },
    async (c) => {
      const items = (await datasets.list()).map((each) => ({ name: each.name, ...versionDocument(each), suites: suitesOf(desk, each.name) })); // prettier-ignore
      return c.json({ items });
    },
  );
  operation(
    api,
    "GET /v1/datasets/{name}",
    {
      tag: "datasets",
      summary: "One dataset, every version",
      answers: { 200: { description: "Newest version first.", schema: DATASET_VERSIONS } },
    },
    async (c, { param }) => {
      const versions = await datasets.versions(param("name"));
      return c.json({
        name: param("name"),
        suites: suitesOf(desk, param("name")),
        versions: versions.map(versionDocument),
      });
    },
  );
}

function contents(api: Api, { datasets }: DatasetDesk): void {
  operation(
    api,
    "GET /v1/datasets/{name}/versions/{version}/cases",
    {
      tag: "datasets",
      summary: "Cases of a version",
      query: z.object(PAGE),
      answers: { 200: { description: "In their order.", schema: pageOf(CASE).openapi("Cases") } },
    },
    async (c, { param, query }) => {
      const version = await datasets.version(param("name"), numbered(param("version")));
      const from = query.cursor === undefined ? 0 : place(query.cursor);
      const page = await datasets.page(version, from, query.limit);
      const next = from + page.length < version.cases ? String(from + page.length) : null;
      return c.json({ items: page.map(placedCaseDocument), next_cursor: next } as Record<string, Json>);
    },
  );
  operation(
    api,
    "GET /v1/datasets/{name}/export",
    {
      tag: "datasets",
      summary: "All cases of a version, as a file",
      query: z.object({ version: VERSION.optional().describe("The newest unless given.") }),
      answers: { 200: { description: "One case to a line, as suites read them.", type: JSONL } },
    },
    async (_c, { param, query }) => {
      const version = await datasets.version(param("name"), query.version);
      const lines = linesOf(datasets, version);
      return new Response(Readable.toWeb(Readable.from(lines)) as ReadableStream, {
        headers: { "content-type": JSONL },
      });
    },
  );
}

async function* linesOf(datasets: Datasets, version: Parameters<Datasets["casesOf"]>[0]): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  for await (const placed of datasets.casesOf(version)) {
    if (lines.push(`${JSON.stringify(caseDocument(placed))}\n`) < 100) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
  }
  yield Buffer.from(lines.join(""));
}

function numbered(text: string): number {
  const version = VERSION.safeParse(text);
  if (version.success) return version.data;
  throw new HttpProblem({ status: 404, code: "unknown_dataset_version", detail: `${JSON.stringify(text)} is no version: versions are numbers from 1.` }); // prettier-ignore
}

function place(cursor: string): number {
  if (/^\d{1,9}$/.test(cursor)) return Number(cursor);
  throw new HttpProblem({ status: 400, code: "bad_cursor", detail: "The cursor is not one that this listing gave. Start again without a cursor." }); // prettier-ignore
}

function importing(api: Api, { datasets, project }: DatasetDesk): void {
  operation(
    api,
    "POST /v1/datasets/{name}/import",
    {
      tag: "datasets",
      summary: "Publish a version of a dataset from a file",
      description:
        "As JSON with the file in `data`, or the file itself as the body, then with `kind` in the query. Where one case has a mistake nothing is published. Content that the newest version holds already is no new version.",
      query: IMPORT_QUERY,
      reads: { "application/json": WHOLE, [JSONL]: z.string(), [CSV]: z.string() },
      answers: {
        200: { description: "The newest version holds the same already.", schema: IMPORTED },
        201: { description: "Published. Evidence of suites that use it is stale now.", schema: IMPORTED },
        413: { description: `too_large: over ${MAX_IMPORT_BYTES} bytes.` },
        422: { description: "bad_cases: every mistake, with its line (`/12` is line 12)." },
      },
    },
    async (c, { param, query, actor }) => {
      const name = param("name");
      assertOwn(project, name);
      const { kind, format, mapping, bytes } = await given(c, query, project.config.dataDir);
      const draft = { name, kind, source: "import", by: actor.name };
      const { version, fresh } = await datasets.publish(draft, readCases(bytes, format, mapping));
      return c.json({ name, ...versionDocument(version), fresh } as Record<string, Json>, fresh ? 201 : 200);
    },
  );
}

/** What a file of the project says is not said by somebody else: the next evaluation would put the file's cases back. */
function assertOwn(project: Project, name: string): void {
  for (const { datasets } of project.suites.values())
    for (const { name: known, file } of datasets)
      if (known === name && file !== null)
        throw new HttpProblem({ status: 409, code: "dataset_of_file", detail: `The dataset ${name} is what ${file} of the project holds. Change that file, or import under another name.` }); // prettier-ignore
}

interface Given {
  kind: z.output<typeof KIND>;
  format: CaseFormat;
  mapping: CsvMapping | null;
  bytes: AsyncIterable<Uint8Array>;
}

async function given(c: ApiContext, query: z.output<typeof IMPORT_QUERY>, folder: string): Promise<Given> {
  const request = c.req.raw;
  const type = mediaType(request.headers);
  if (type === "application/json") return wholeBody(await readJson(request, c.get("maxBodyBytes")));
  if (type !== JSONL && type !== CSV)
    throw unsupported(`Send the file as ${JSONL} or ${CSV}, or JSON with the file in "data".`);
  const { kind, map, set, delimiter } = query;
  if (kind === undefined)
    throw new HttpProblem({ status: 400, code: "invalid_query", detail: `Say which kind of dataset it is: ?kind=${DATASET_KINDS.join("|")}.` }); // prettier-ignore
  const format = type === CSV ? "csv" : "jsonl";
  const mapping = mappingOf(format, jsonParameter("map", map), jsonParameter("set", set), delimiter);
  return { kind, format, mapping, bytes: await spooled(request.body, folder, MAX_IMPORT_BYTES) };
}

function wholeBody(body: Json): Given {
  const parsed = WHOLE.safeParse(body);
  if (!parsed.success)
    throw new HttpProblem({
      status: 422,
      code: "invalid_body",
      detail: "The body is not what this call takes.",
      errors: parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join("/")}`, message })),
    });
  const { kind, format, map, set, delimiter, data } = parsed.data;
  const mapping = mappingOf(format, map, set, delimiter);
  return { kind, format, mapping, bytes: Readable.from([Buffer.from(data)]) };
}

function jsonParameter(name: string, text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new HttpProblem({ status: 400, code: "invalid_query", detail: `The query parameter "${name}" is not JSON.` });
  }
}

function mappingOf(
  format: CaseFormat,
  map: Json | undefined,
  set: Json | undefined,
  delimiter: string | undefined,
): CsvMapping | null {
  const asked = [map, set, delimiter].some((each) => each !== undefined);
  if (asked && format === "jsonl")
    throw new HttpProblem({ status: 422, code: "bad_mapping", detail: "Only the columns of CSV are mapped." });
  if (!asked) return null;
  const { mapping, problems } = readMapping(map ?? {}, set ?? {}, delimiter ?? ",");
  if (problems.length === 0) return mapping;
  throw new HttpProblem({ status: 422, code: "bad_mapping", detail: "The mapping cannot be used.", errors: problems });
}
