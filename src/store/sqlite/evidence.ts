import type { Evidence, EvidenceQuery } from "../../release/evidence.ts";
import type { Database } from "./database.ts";
import { plain, type Operation } from "./operation.ts";

/** Within the transaction that ends the eval run it comes of. */
export function addEvidence(db: Database, evidence: Evidence): void {
  const { evidenceId, subject, suite, verdict, at } = evidence;
  const about =
    subject.kind === "prompt"
      ? { name: subject.prompt, hash: subject.hash, model: subject.model }
      : { name: subject.workflow, hash: subject.code, model: "" };
  db.change(
    "INSERT INTO evidence (evidence_id, kind, name, hash, model, suite, verdict, at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    evidenceId,
    subject.kind,
    about.name,
    about.hash,
    about.model,
    suite,
    verdict,
    at,
    JSON.stringify(evidence),
  );
}

interface Asked {
  query: EvidenceQuery;
  limit: number;
}

export const evidenceFor: Operation<Asked, Asked, Evidence[]> = plain("evidenceFor", (db, { query, limit }) => {
  const { kind, name, hash, model, suite, verdict } = query;
  const asked = Object.entries({ kind, name, hash, model, suite, verdict }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return db
    .all<{ body: string }>(
      `SELECT body FROM evidence WHERE ${asked.map(([column]) => `${column} = ?`).join(" AND ")}` +
        " ORDER BY evidence_no DESC LIMIT ?",
      ...asked.map(([, value]) => value),
      limit,
    )
    .map(({ body }) => JSON.parse(body) as Evidence);
});

export const evidenceById: Operation<readonly string[], readonly string[], Evidence[]> = plain(
  "evidenceById",
  (db, ids) =>
    ids.flatMap((id) => {
      const row = db.get("SELECT body FROM evidence WHERE evidence_id = ?", id);
      return row === undefined ? [] : [JSON.parse(row["body"] as string) as Evidence];
    }),
);
