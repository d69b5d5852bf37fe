/** Who published a prompt version, who agreed to it, and drafts that are not published yet. */
export const sql = `
-- The document itself is in versions, by the same name and version. Withdrawn: not served any more, and the name stays taken.
CREATE TABLE prompt_publications (
  name TEXT NOT NULL, version TEXT NOT NULL, hash TEXT NOT NULL,
  published_at INTEGER NOT NULL, published_by TEXT NOT NULL, reason TEXT NOT NULL,
  withdrawn_at INTEGER, withdrawn_by TEXT, withdrawn_reason TEXT,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
-- Appended only; of the content, so that an approval never passes on to other content.
CREATE TABLE prompt_approvals (
  approval_no INTEGER PRIMARY KEY, hash TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
  approved_at INTEGER NOT NULL, approved_by TEXT NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX prompt_approvals_of ON prompt_approvals (hash, approved_by);
-- revision: raised with every change, so that nobody writes over what they have not seen.
CREATE TABLE prompt_drafts (
  draft_id TEXT PRIMARY KEY, name TEXT NOT NULL, base TEXT, revision INTEGER NOT NULL, document TEXT NOT NULL,
  created_at INTEGER NOT NULL, created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX prompt_drafts_of ON prompt_drafts (name, updated_at);
`;
