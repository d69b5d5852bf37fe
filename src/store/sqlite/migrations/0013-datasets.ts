/**
 * Datasets as versions. A version without a number is a draft. Cases are kept once, by a keyed hash of their content, and
 * sealed; so are their ids.
 */
export const sql = `
CREATE TABLE dataset_versions (
  version_no INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL, version INTEGER, kind TEXT NOT NULL, hash TEXT, cases INTEGER NOT NULL,
  source TEXT NOT NULL, published_by TEXT NOT NULL,
  -- Of a draft: when it was last added to.
  published_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX dataset_version ON dataset_versions (name, version) WHERE version IS NOT NULL;
CREATE INDEX dataset_drafts ON dataset_versions (published_at) WHERE version IS NULL;

CREATE TABLE dataset_cases (case_no INTEGER PRIMARY KEY, address BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL) STRICT;

CREATE TABLE dataset_members (
  version_no INTEGER NOT NULL, position INTEGER NOT NULL, case_no INTEGER NOT NULL, id_token BLOB NOT NULL,
  PRIMARY KEY (version_no, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX dataset_member_ids ON dataset_members (version_no, id_token);
CREATE INDEX dataset_member_cases ON dataset_members (case_no);
`;
