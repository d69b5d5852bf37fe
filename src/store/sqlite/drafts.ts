import type { Draft, DraftOutcome, PromptStore } from "../../prompt/ports.ts";
import type { Database } from "./database.ts";
import { plain, type Operation } from "./operation.ts";

type Given<K extends keyof PromptStore> = Parameters<PromptStore[K]>[0];

const DRAFT =
  "SELECT draft_id AS draftId, name, base, revision, document, created_at AS createdAt, created_by AS createdBy," +
  " updated_at AS updatedAt, updated_by AS updatedBy FROM prompt_drafts";

function draftOf(db: Database, draftId: string): Draft | null {
  return (db.get(`${DRAFT} WHERE draft_id = ?`, draftId) as Draft | undefined) ?? null;
}

export const draft: Operation<string, string, Draft | null> = plain("draft", draftOf);

export const drafts: Operation<string | null, string | null, Draft[]> = plain("drafts", (db, name) =>
  db.all<Draft>(`${DRAFT} WHERE ?1 IS NULL OR name = ?1 ORDER BY updated_at DESC, draft_id DESC`, name),
);

export const addDraft: Operation<Given<"addDraft">, Given<"addDraft">, Draft> = plain(
  "addDraft",
  (db, { draftId, name, base, document, by }, now) => {
    db.insert(
      "INSERT INTO prompt_drafts (draft_id, name, base, revision, document, created_at, created_by, updated_at, updated_by)" +
        " VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?5, ?6)",
      draftId,
      name,
      base,
      document,
      now,
      by,
    );
    return draftOf(db, draftId) as Draft;
  },
);

/** The draft as somebody saw it last; what became of it since refuses the change. */
function seen(db: Database, draftId: string, revision: number | null): DraftOutcome {
  const found = draftOf(db, draftId);
  if (found === null) return { ok: false, why: "unknown" };
  return revision === null || found.revision === revision
    ? { ok: true, draft: found }
    : { ok: false, why: "moved", draft: found };
}

export const saveDraft: Operation<Given<"saveDraft">, Given<"saveDraft">, DraftOutcome> = plain(
  "saveDraft",
  (db, { draftId, expectedRevision, document, by }, now) => {
    const present = seen(db, draftId, expectedRevision);
    if (!present.ok) return present;
    db.change(
      "UPDATE prompt_drafts SET revision = revision + 1, document = ?, updated_at = ?, updated_by = ? WHERE draft_id = ?",
      document,
      now,
      by,
      draftId,
    );
    return { ok: true, draft: draftOf(db, draftId) as Draft };
  },
);

export const dropDraft: Operation<Given<"dropDraft">, Given<"dropDraft">, DraftOutcome> = plain(
  "dropDraft",
  (db, { draftId, expectedRevision }) => {
    const present = seen(db, draftId, expectedRevision);
    if (present.ok) db.change("DELETE FROM prompt_drafts WHERE draft_id = ?", draftId);
    return present;
  },
);
