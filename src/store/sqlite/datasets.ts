import { UsageError } from "../../base/failure.ts";
import type { DatasetKind } from "../../eval/case.ts";
import type { DatasetPublication, DatasetVersion, NewDraft, SealedCase, StoredCase } from "../../eval/dataset-ports.ts";
import type { Database, Row } from "./database.ts";
import { plain, type Operation } from "./operation.ts";

const COLUMNS = "version_no, name, version, kind, hash, cases, source, published_by, published_at";
/** A draft that nobody has added to for that long was left behind by a process that died. */
const DRAFT_MS = 86_400_000;
/** Drafts dropped at once, so that no call takes long; the next one goes on. */
const DROPPED_AT_ONCE = 4;

function toVersion(row: Row): DatasetVersion {
  return {
    name: row["name"] as string,
    version: row["version"] as number,
    kind: row["kind"] as DatasetKind,
    hash: row["hash"] as string,
    cases: row["cases"] as number,
    publishedBy: row["published_by"] as string,
    publishedAt: row["published_at"] as number,
    source: row["source"] as string,
  };
}

function draftOf(db: Database, draft: number): Row | undefined {
  return db.get(`SELECT ${COLUMNS} FROM dataset_versions WHERE version_no = ? AND version IS NULL`, draft);
}

function drop(db: Database, draft: number): void {
  if (db.change("DELETE FROM dataset_versions WHERE version_no = ? AND version IS NULL", draft) === 0) return;
  const held = db.all<{ case_no: number }>("SELECT case_no FROM dataset_members WHERE version_no = ?", draft);
  db.change("DELETE FROM dataset_members WHERE version_no = ?", draft);
  for (const { case_no } of held)
    db.change(
      "DELETE FROM dataset_cases WHERE case_no = ?1 AND NOT EXISTS (SELECT 1 FROM dataset_members WHERE case_no = ?1)",
      case_no,
    );
}

export const beginDataset: Operation<NewDraft, NewDraft, number> = plain("beginDataset", (db, input, now) => {
  const left = db.all<{ version_no: number }>(
    "SELECT version_no FROM dataset_versions WHERE version IS NULL AND published_at < ? ORDER BY published_at LIMIT ?",
    now - DRAFT_MS,
    DROPPED_AT_ONCE,
  );
  for (const { version_no } of left) drop(db, version_no);
  return db.insert(
    "INSERT INTO dataset_versions (name, kind, cases, source, published_by, published_at) VALUES (?, ?, 0, ?, ?, ?)",
    input.name,
    input.kind,
    input.source,
    input.by,
    now,
  );
});

interface Addition {
  draft: number;
  cases: readonly SealedCase[];
}

export const addCases: Operation<Addition, Addition, boolean> = plain("addCases", (db, { draft, cases }, now) => {
  const row = draftOf(db, draft);
  if (row === undefined) return false;
  let position = row["cases"] as number;
  for (const each of cases) {
    const known = db.get("SELECT 1 FROM dataset_members WHERE version_no = ? AND id_token = ?", draft, each.idToken);
    if (known !== undefined)
      throw new UsageError("duplicate_case", `Case ${position + 1} has the id of one before it.`, { status: 409 });
    const caseNo = caseNumber(db, each);
    db.change(
      "INSERT INTO dataset_members (version_no, position, case_no, id_token) VALUES (?, ?, ?, ?)",
      draft,
      position++,
      caseNo,
      each.idToken,
    );
  }
  db.change("UPDATE dataset_versions SET cases = ?, published_at = ? WHERE version_no = ?", position, now, draft);
  return true;
});

function caseNumber(db: Database, { address, sealed }: SealedCase): number {
  const row = db.get("SELECT case_no FROM dataset_cases WHERE address = ?", address);
  if (row !== undefined) return row["case_no"] as number;
  return db.insert("INSERT INTO dataset_cases (address, sealed) VALUES (?, ?)", address, sealed);
}

interface Publishing {
  draft: number;
  hash: string;
}

export const publishDataset: Operation<Publishing, Publishing, DatasetPublication> = plain(
  "publishDataset",
  (db, { draft, hash }, now) => {
    const row = draftOf(db, draft);
    if (row === undefined) return { ok: false, reason: "unknown_draft" };
    const newest = versionsOf(db, row["name"] as string, 1)[0];
    if (newest?.hash === hash) {
      drop(db, draft);
      return { ok: true, version: newest, fresh: false };
    }
    const version = (newest?.version ?? 0) + 1;
    db.change(
      "UPDATE dataset_versions SET version = ?, hash = ?, published_at = ? WHERE version_no = ?",
      version,
      hash,
      now,
      draft,
    );
    return { ok: true, version: toVersion({ ...row, version, hash, published_at: now }), fresh: true };
  },
);

export const dropDatasetDraft: Operation<number, number, null> = plain("dropDatasetDraft", (db, draft) => {
  drop(db, draft);
  return null;
});

function versionsOf(db: Database, name: string, limit: number): DatasetVersion[] {
  return db
    .all(
      `SELECT ${COLUMNS} FROM dataset_versions WHERE name = ? AND version IS NOT NULL ORDER BY version DESC LIMIT ?`,
      name,
      limit,
    )
    .map(toVersion);
}

export const datasets: Operation<null, null, DatasetVersion[]> = plain("datasets", (db) =>
  db
    .all(
      `SELECT ${COLUMNS} FROM dataset_versions v WHERE version = (SELECT max(version) FROM dataset_versions` +
        " WHERE name = v.name AND version IS NOT NULL) ORDER BY name",
    )
    .map(toVersion),
);

export const datasetVersions: Operation<string, string, DatasetVersion[]> = plain("datasetVersions", (db, name) =>
  versionsOf(db, name, -1),
);

interface CaseQuery {
  name: string;
  version: number;
  from: number;
  limit: number;
}

export const datasetCases: Operation<CaseQuery, CaseQuery, StoredCase[]> = plain("datasetCases", (db, query) =>
  db.all<StoredCase & Row>(
    "SELECT m.position, c.sealed FROM dataset_members m JOIN dataset_cases c USING (case_no)" +
      " WHERE m.version_no = (SELECT version_no FROM dataset_versions WHERE name = ? AND version = ?) AND m.position >= ?" +
      " ORDER BY m.position LIMIT ?",
    query.name,
    query.version,
    query.from,
    query.limit,
  ),
);

interface OneCase {
  name: string;
  version: number;
  idToken: Uint8Array;
}

export const datasetCase: Operation<OneCase, OneCase, Uint8Array | null> = plain(
  "datasetCase",
  (db, { name, version, idToken }) =>
    (db.get(
      "SELECT c.sealed FROM dataset_members m JOIN dataset_cases c USING (case_no) WHERE m.id_token = ?" +
        " AND m.version_no = (SELECT version_no FROM dataset_versions WHERE name = ? AND version = ?)",
      idToken,
      name,
      version,
    )?.["sealed"] as Uint8Array | undefined) ?? null,
);
