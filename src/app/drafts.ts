import { UsageError } from "../base/failure.ts";
import { newId } from "../base/id.ts";
import type { JsonObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import { checkDocument } from "../prompt/document.ts";
import type { DocumentProblem } from "../prompt/document.ts";
import type { Draft, DraftOutcome } from "../prompt/ports.ts";
import type { Parts } from "./parts.ts";
import type { CheckedDraft, Prompting } from "./prompting.ts";

type Drafting = Pick<
  Prompting,
  "promptDrafts" | "promptDraft" | "addDraft" | "saveDraft" | "dropDraft" | "publishDraft"
>;

/** Versions that are being written: kept with their mistakes, checked each time they are looked at. */
export function draftsOf(parts: Parts, publish: Prompting["publishPrompt"]): Drafting {
  const { store } = parts;
  return {
    async promptDrafts(name) {
      return (await store.drafts(name)).map((draft) => checked(parts, draft));
    },
    promptDraft: (name, draftId) => checkedDraft(parts, name, draftId),
    async addDraft(name, document, base, actor) {
      if (base !== null) parts.prompts.get(name, base);
      const draftId = newId("drf");
      const text = JSON.stringify(document);
      return checked(parts, await store.addDraft({ draftId, name, base, document: text, by: actor.name }));
    },
    async saveDraft(name, draftId, { document, expectedRevision }, actor) {
      await checkedDraft(parts, name, draftId);
      const text = JSON.stringify(document);
      const outcome = await store.saveDraft({ draftId, expectedRevision, document: text, by: actor.name });
      return checked(parts, taken(name, draftId, outcome));
    },
    async dropDraft(name, draftId, expectedRevision) {
      await checkedDraft(parts, name, draftId);
      taken(name, draftId, await store.dropDraft({ draftId, expectedRevision }));
    },
    async publishDraft(name, draftId, { version, reason, expectedRevision }, actor) {
      const { draft, document } = await checkedDraft(parts, name, draftId);
      if (expectedRevision !== null && draft.revision !== expectedRevision)
        taken(name, draftId, { ok: false, why: "moved", draft });
      const published = await publish(name, { ...document, name, version }, reason, actor);
      // What somebody wrote into it in between stays a draft.
      await store.dropDraft({ draftId, expectedRevision: draft.revision });
      return published;
    },
  };
}

/** Throws `UsageError` unknown_draft (404). */
export async function checkedDraft(parts: Parts, name: string, draftId: string): Promise<CheckedDraft> {
  const draft = await parts.store.draft(draftId);
  if (draft !== null && draft.name === name) return checked(parts, draft);
  const known = (await parts.store.drafts(name)).map((each) => each.draftId);
  throw unknown(name, draftId, known);
}

/** A draft that names no version yet is looked at under one of its own. */
export function asDrafted(document: JsonObject, name: string): JsonObject {
  return { ...document, name: document["name"] ?? name, version: document["version"] ?? "draft" };
}

function checked({ prompts, engine }: Parts, draft: Draft): CheckedDraft {
  const { name } = draft;
  const document = JSON.parse(draft.document) as JsonObject;
  const versions = prompts.versions(name).map(({ version }) => version);
  const { problems } = checkDocument(asDrafted(document, name), name, versions);
  const model = document["model"];
  const unknownModel = typeof model === "string" ? engine.models.problems(model) : [];
  const warned = unknownModel.map(({ code, message }): DocumentProblem => {
    return { pointer: "/model", line: 1, code, message, severity: "warning" };
  });
  return { draft, document, problems: [...problems, ...warned] };
}

function taken(name: string, draftId: string, outcome: DraftOutcome): Draft {
  if (outcome.ok) return outcome.draft;
  if (outcome.why === "unknown") throw unknown(name, draftId, []);
  const { updatedBy, revision } = outcome.draft;
  const message = `${updatedBy} has changed this draft since you loaded it: it is at revision ${revision} now. Look at that, and change it again.`;
  throw new UsageError("draft_moved", message, { status: 409 });
}

function unknown(name: string, draftId: string, known: readonly string[]): UsageError {
  const message = `There is no draft ${JSON.stringify(draftId)} of ${name}. ${didYouMean(draftId, known)}`;
  return new UsageError("unknown_draft", message.trimEnd(), { status: 404 });
}
