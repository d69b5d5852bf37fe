import { NativeSelect, Progress, Switch } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import type { PromptPreview } from "../../../api/coming.ts";
import { Badge, RunLink } from "../../../parts/badge.tsx";
import { InContext, Proportion } from "../../../parts/figures.tsx";
import { count, plural, usd, words } from "../../../parts/format.ts";
import { Section } from "../../../parts/page.tsx";
import { Empty, Failed, Loading } from "../../../parts/states.tsx";
import { Line } from "../../../parts/text.tsx";
import { decisionWords, fieldChanges } from "./changed.ts";
import type { PromptDocument } from "./document.ts";
import css from "./draft.module.css";
import { usePreview } from "./queries.ts";

interface PreviewProps {
  name: string;
  /** Null while what is typed cannot be asked: it has mistakes. */
  document: PromptDocument | null;
  /** Those that use the prompt. */
  workflows: readonly string[];
}

/** What the draft would have decided of the last runs, beside what was decided. */
export function Preview({ name, document, workflows }: PreviewProps): ReactNode {
  const [chosen, setChosen] = useState<string | null>(null);
  const workflow = chosen ?? workflows[0];
  const { preview, error, isOld, again } = usePreview(name, document, workflow);
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
      ) : error !== null ? (
        <Failed error={error} again={again} />
      ) : preview === undefined ? (
        document === null ? (
          <Empty title="The draft has mistakes.">Mend them; then the last runs are decided anew.</Empty>
        ) : (
          <Loading rows={8} />
        )
      ) : (
        <Shown preview={preview} isOld={isOld || document === null} />
      )}
    </Section>
  );
}

function Shown({ preview, isOld }: { preview: PromptPreview; isOld: boolean }): ReactNode {
  const { total, status } = preview;
  if (total === 0 && status !== "running")
    return (
      <Empty title={`No run of ${preview.workflow} has asked this prompt yet.`}>
        Send events, and come back: the draft is kept.
      </Empty>
    );
  return (
    <div className={css["preview"]} aria-busy={isOld || status === "running"} data-old={isOld}>
      <Summary preview={preview} isOld={isOld} />
      <Rows preview={preview} />
    </div>
  );
}

function Summary({ preview, isOld }: { preview: PromptPreview; isOld: boolean }): ReactNode {
  const { done, total, changed, cost_usd: cost, accuracy, status, in_context: inContext } = preview;
  const { before, after, people_decided: people, intervals } = accuracy;
  return (
    <div className={css["summary"]}>
      <Progress value={total === 0 ? 0 : (100 * done) / total} aria-label="Runs decided anew" />
      <p aria-live="polite">
        {isOld ? <Badge tone="off">of the text before</Badge> : null}{" "}
        <strong>{plural(changed, "decision")} changed</strong> of {count(done)}
        {done < total ? `, ${count(total - done)} to go` : ""} · cost {usd(cost)}
        {status === "failed" || status === "cancelled" ? ` · ${status}` : ""}
      </p>
      {inContext && <InContext long />}
      <table className={css["accuracy"]} aria-label="Accuracy where people decided">
        <tbody>
          {(
            [
              ["as it was", before, intervals.before],
              ["with the draft", after, intervals.after],
            ] as const
          ).map(([which, value, interval]) => (
            <tr key={which}>
              <th scope="row">Right, {which}</th>
              <td>
                <Proportion value={value} interval={interval} cases={people} what="that people decided" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Row = PromptPreview["rows"][number];

function Rows({ preview: { rows, changed } }: { preview: PromptPreview }): ReactNode {
  const [all, setAll] = useState(false);
  const sorted = [...rows].sort((a, b) => Number(b.changed) - Number(a.changed));
  const shown = all ? sorted : sorted.filter(({ changed: isChanged, status }) => isChanged || status !== "done");
  return (
    <>
      <div className={css["which"]}>
        <Switch
          size="xs"
          label={`Also those that stay (${count(rows.length - changed)})`}
          checked={all}
          onChange={({ currentTarget }) => setAll(currentTarget.checked)}
        />
      </div>
      {shown.length === 0 ? (
        <p className={css["none"]}>No decision changes so far.</p>
      ) : (
        <ol className={css["rows"]} aria-label="Runs, changed decisions first">
          {shown.map((row) => (
            <RunRow key={row.run_id} row={row} />
          ))}
        </ol>
      )}
    </>
  );
}

function RunRow({ row }: { row: Row }): ReactNode {
  const { run_id: id, before, after, person, changed, cost_usd: cost, status } = row;
  return (
    <li data-changed={changed}>
      <div className={css["rowHead"]}>
        <RunLink id={id} />
        <span className={css["dim"]}>
          {status === "done" ? "" : `${words(status)} · `}
          {usd(cost)}
        </span>
      </div>
      {changed ? (
        <ul>
          {fieldChanges(before, after).map(({ field, before: was, after: is }) => (
            <li key={field}>
              {field !== "" && <code>{field}</code>} <Line text={was} max={80} /> →{" "}
              <strong>
                <Line text={is} max={80} />
              </strong>
            </li>
          ))}
        </ul>
      ) : (
        <Line text={decisionWords(after)} max={160} />
      )}
      {person !== undefined && person !== null && (
        <p className={css["person"]}>
          a person said <Line text={decisionWords(person)} max={160} />
        </p>
      )}
    </li>
  );
}
