import { z } from "@hono/zod-openapi";
import { isoTime } from "../base/clock.ts";
import { DATASET_KINDS } from "../eval/case.ts";
import type { DatasetKind, PlacedCase } from "../eval/case.ts";
import { caseDocument } from "../eval/check-case.ts";
import type { DatasetVersion } from "../eval/dataset-ports.ts";
import { anyJson } from "./documents.ts";
import type { Document } from "./documents.ts";

export const KIND: z.ZodType<DatasetKind> = z.enum(DATASET_KINDS);

const VERSION_FIELDS = {
  version: z.int().describe("Grows by one each time other content is published."),
  kind: KIND,
  hash: z.string().describe("SHA-256 over the kind and the cases, whatever their order."),
  cases: z.int(),
  source: z.string().describe("A file of the project, or import."),
  published_by: z.string(),
  published_at: z.iso.datetime(),
};

export const DATASET: z.ZodType = z
  .object({
    name: z.string(),
    ...VERSION_FIELDS,
    suites: z.array(z.string()).describe("Suites of the project that use it."),
  })
  .openapi("Dataset");

export const DATASET_VERSIONS: z.ZodType = z
  .object({
    name: z.string(),
    suites: z.array(z.string()),
    versions: z.array(z.object(VERSION_FIELDS)).describe("Newest first."),
  })
  .openapi("DatasetVersions");

export const IMPORTED: z.ZodType = z
  .object({
    name: z.string(),
    ...VERSION_FIELDS,
    fresh: z.boolean().describe("False: the newest version held the same already."),
  })
  .openapi("ImportedDataset");

export const CASE: z.ZodType = z
  .object({
    id: z.string(),
    input: z.record(z.string(), anyJson),
    expected: anyJson,
    tags: z.array(z.string()).optional(),
    source: z.string().optional().describe("The run it came from."),
    tools: z.record(z.string(), anyJson).optional().describe("What tools answer, in place of being called."),
    hash: z.string(),
  })
  .openapi("Case");

export function versionDocument(version: DatasetVersion): Document {
  return {
    version: version.version,
    kind: version.kind,
    hash: version.hash,
    cases: version.cases,
    source: version.source,
    published_by: version.publishedBy,
    published_at: isoTime(version.publishedAt),
  };
}

export function placedCaseDocument(placed: PlacedCase): Document {
  return { ...caseDocument(placed), hash: placed.hash };
}
