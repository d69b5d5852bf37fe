import type { Agreement } from "../../release/ports.ts";
import type { NewProposal, Proposal } from "../../release/proposal.ts";
import type { Database } from "./database.ts";
import { plain, type Operation } from "./operation.ts";
import { controlOf } from "./run-row.ts";

interface ProposalRow {
  body: string;
  state: Proposal["state"];
  created_at: number;
  closed_by: string | null;
  closed_at: number | null;
  closed_reason: string | null;
  release: number | null;
}

const SELECT = "SELECT body, state, created_at, closed_by, closed_at, closed_reason, release FROM release_proposals";

/** As many as anybody would look at; older ones are found by their id. */
const SHOWN = 200;

function toProposal(row: ProposalRow): Proposal {
  return {
    ...(JSON.parse(row.body) as NewProposal),
    state: row.state,
    createdAt: row.created_at,
    closedBy: row.closed_by,
    closedAt: row.closed_at,
    closedReason: row.closed_reason,
    release: row.release,
  };
}

function proposalOf(db: Database, proposalId: string): Proposal | null {
  const row = db.get(`${SELECT} WHERE proposal_id = ?`, proposalId) as ProposalRow | undefined;
  return row === undefined ? null : toProposal(row);
}

export const propose: Operation<NewProposal, NewProposal, boolean> = plain("propose", (db, given, now) => {
  const { proposalId, workflow, base, by } = given;
  if (controlOf(db, workflow)?.release !== base) return false;
  db.change(
    "INSERT INTO release_proposals (proposal_id, workflow, base, body, by, created_at) VALUES (?, ?, ?, ?, ?, ?)",
    proposalId,
    workflow,
    base,
    JSON.stringify(given),
    by,
    now,
  );
  return true;
});

export const proposals: Operation<string, string, Proposal[]> = plain("proposals", (db, workflow) =>
  db
    .all<ProposalRow>(`${SELECT} WHERE workflow = ? ORDER BY proposal_no DESC LIMIT ${SHOWN}`, workflow)
    .map(toProposal),
);

export const proposal: Operation<string, string, Proposal | null> = plain("proposal", proposalOf);

const CLOSE = "UPDATE release_proposals SET state = ?, closed_by = ?, closed_at = ?, closed_reason = ?, release = ?";

/** Within the transaction that publishes the release it becomes; false where it is not open any more. */
export function agree(db: Database, { proposalId, by, reason }: Agreement, release: number, now: number): boolean {
  const where = "WHERE proposal_id = ? AND state = 'open'";
  return db.change(`${CLOSE} ${where}`, "approved", by, now, reason, release, proposalId) === 1;
}

/** What was proposed for another release than the present one is proposed for nothing. */
export function lapseProposals(db: Database, workflow: string, now: number): void {
  const where = "WHERE workflow = ? AND state = 'open'";
  db.change(`${CLOSE} ${where}`, "lapsed", null, now, null, null, workflow);
}

interface Rejection {
  proposalId: string;
  by: string;
  reason: string;
}

export const rejectProposal: Operation<Rejection, Rejection, Proposal | null> = plain(
  "rejectProposal",
  (db, { proposalId, by, reason }, now) => {
    const where = "WHERE proposal_id = ? AND state = 'open'";
    db.change(`${CLOSE} ${where}`, "rejected", by, now, reason, null, proposalId);
    return proposalOf(db, proposalId);
  },
);
