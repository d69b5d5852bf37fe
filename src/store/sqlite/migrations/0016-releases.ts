/** Changes of releases that wait for a second person, and what became of them. */
export const sql = `
-- base: the release it would change; another one by now, and it has lapsed. body: what it says, as JSON.
-- state: open, approved, rejected, lapsed. release: the one it became.
CREATE TABLE release_proposals (
  proposal_no INTEGER PRIMARY KEY, proposal_id TEXT NOT NULL UNIQUE, workflow TEXT NOT NULL, base INTEGER NOT NULL,
  body TEXT NOT NULL, by TEXT NOT NULL, created_at INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'open',
  closed_by TEXT, closed_at INTEGER, closed_reason TEXT, release INTEGER
) STRICT;
CREATE INDEX release_proposals_workflow ON release_proposals (workflow, proposal_no);
CREATE INDEX release_proposals_open ON release_proposals (workflow) WHERE state = 'open';
`;
