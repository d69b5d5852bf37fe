import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import { Section } from "../../../parts/page.tsx";
import { Empty, Failed, Loading } from "../../../parts/states.tsx";
import type { PromptDocument } from "./document.ts";
import css from "./draft.module.css";
import { PreviewRows } from "./preview-rows.tsx";
import { PreviewSummary } from "./preview-summary.tsx";
import { usePreview } from "./use-preview.ts";

interface PreviewProps {
  name: string;
  /** Null while it has mistakes. */
  document: PromptDocument | null;
  /** Those that use the prompt. */
  workflows: readonly string[];
}

/** What the draft would have decided of the last runs, beside what was decided. */
export function Preview({ name, document, workflows }: PreviewProps): ReactNode {
  const [chosen, setChosen] = useState<string | null>(null);
  const workflow = chosen ?? workflows[0];
  return (
    <Section
      title="Decisions over the last runs"
      aside={
        workflows.length > 1 && (
          <NativeSelect
            aria-label="Runs of workflow"
            size="xs"
            data={[...workflows]}
            value={workflow}
            onChange={({ currentTarget }) => setChosen(currentTarget.value)}
          />
        )
      }
      flush
    >
      {workflow === undefined ? (
        <Empty title="No workflow uses this prompt.">
          Name it in a workflow’s prompts; then its runs are shown here.
        </Empty>
      ) : (
        <Asked name={name} document={document} workflow={workflow} />
      )}
    </Section>
  );
}

interface AskedProps {
  name: string;
  document: PromptDocument | null;
  workflow: string;
}

function Asked({ name, document, workflow }: AskedProps): ReactNode {
  const { preview, error, isOld, again } = usePreview(name, document, workflow);
  if (error !== null) return <Failed error={error} again={again} />;
  if (preview === undefined)
    return document === null ? (
      <Empty title="The draft has mistakes.">Mend them; then the last runs are decided anew.</Empty>
    ) : (
      <Loading rows={8} />
    );
  const { total, status } = preview;
  if (total === 0 && status !== "running")
    return (
      <Empty title={`No run of ${workflow} has asked this prompt yet.`}>
        Send events, and come back: the draft is kept.
      </Empty>
    );
  const isStale = isOld || document === null;
  return (
    <div className={css["preview"]} aria-busy={isStale || status === "running"} data-old={isStale}>
      <PreviewSummary preview={preview} isOld={isStale} />
      <PreviewRows preview={preview} />
    </div>
  );
}
