import type { PromptProblem } from "../../../api/schema.gen.ts";
import type { PromptDocument, TextName } from "./document.ts";

export interface EditorProps {
  document: PromptDocument;
  problems: readonly PromptProblem[];
  isReadOnly: boolean;
  onChange(document: PromptDocument): void;
  onBroken(name: TextName, isBroken: boolean): void;
}
