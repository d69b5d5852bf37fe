import type { PromptDocument } from "./document.ts";

/** What somebody has typed into a draft and the server does not have yet; it survives a reload and a lost line. */
export interface Unsaved {
  document: PromptDocument;
  /** The revision it was typed over. */
  revision: number;
}

const keyOf = (draftId: string): string => `sluice.draft.${draftId}`;

export function unsavedOf(draftId: string): Unsaved | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(keyOf(draftId)) ?? "null") as Partial<Unsaved> | null;
    if (typeof found?.revision !== "number" || typeof found.document !== "object") return null;
    return { document: found.document, revision: found.revision };
  } catch {
    return null;
  }
}

export function keepUnsaved(draftId: string, unsaved: Unsaved | null): void {
  try {
    if (unsaved === null) sessionStorage.removeItem(keyOf(draftId));
    else sessionStorage.setItem(keyOf(draftId), JSON.stringify(unsaved));
  } catch {
    // A browser that keeps nothing still has it on the page.
  }
}
