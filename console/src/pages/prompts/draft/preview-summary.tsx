import { Progress } from "@mantine/core";
import type { ReactNode } from "react";
import type { PromptPreview } from "../../../api/schema.gen.ts";
import { Badge } from "../../../parts/badge.tsx";
import { InContext, Proportion } from "../../../parts/figures.tsx";
import { count, plural, usd } from "../../../parts/format.ts";
import { Line } from "../../../parts/text.tsx";
import css from "./draft.module.css";

interface SummaryProps {
  preview: PromptPreview;
  /** It is of the text as it was before the last edit. */
  isOld: boolean;
}

/** How far it is, how many decisions change, and what people said of the runs. */
export function PreviewSummary({ preview, isOld }: SummaryProps): ReactNode {
  const { done, total, changed, status, failure, in_context: inContext } = preview;
  return (
    <div className={css["summary"]}>
      <Progress value={total === 0 ? 0 : (100 * done) / total} aria-label="Runs decided anew" />
      <p aria-live="polite">
        {isOld && <Badge tone="off">of the text before</Badge>} <strong>{plural(changed, "decision")} changed</strong>{" "}
        of {count(done)}
        {done < total ? `, ${count(total - done)} to go` : ""}
        {status === "cancelled" ? ", stopped" : ""}
      </p>
      {failure !== null && (
        <p role="alert">
          It failed: <Line text={failure} max={300} />
        </p>
      )}
      <Sides preview={preview} />
      <Paired preview={preview} />
      {inContext && <InContext long />}
      <Skipped preview={preview} />
    </div>
  );
}

/** The figures of both, each with its interval and how many runs it is of. */
function Sides({ preview }: { preview: PromptPreview }): ReactNode {
  const { accuracy, automation } = preview;
  const sides = [
    { says: "as it was", right: accuracy.before, alone: automation.before, cost: preview.cost_before_usd },
    { says: "with the draft", right: accuracy.after, alone: automation.after, cost: preview.cost_usd },
  ];
  return (
    <table className={css["accuracy"]} aria-label="Before and after">
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Measure</span>
          </th>
          {sides.map(({ says }) => (
            <th scope="col" key={says}>
              {says}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Right, where people decided</th>
          {sides.map(({ says, right }) => (
            <td key={says}>
              <Proportion {...right} what="run" />
            </td>
          ))}
        </tr>
        <tr>
          <th scope="row">Without a person</th>
          {sides.map(({ says, alone }) => (
            <td key={says}>
              <Proportion {...alone} what="run" />
            </td>
          ))}
        </tr>
        <tr>
          <th scope="row">Cost</th>
          {sides.map(({ says, cost }) => (
            <td key={says} className="num">
              {usd(cost)}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

const SHOWN = {
  worse: { tone: "bad", says: "shown to be worse" },
  better: { tone: "ok", says: "shown to be better" },
  nothing: { tone: "off", says: "no difference is shown" },
} as const;

/** Whether people's decisions show that one is worse: on the runs in which the two differ. */
function Paired({ preview: { accuracy } }: { preview: PromptPreview }): ReactNode {
  const { people_decided: people, worse, better, p, shown } = accuracy;
  if (people === 0) return <p className={css["dim"]}>No person has decided any of these runs.</p>;
  const { tone, says } = SHOWN[shown];
  return (
    <p>
      <Badge tone={tone}>{says}</Badge>{" "}
      <span title="Exact paired test on the runs in which they differ, two-sided">
        {plural(worse, "run")} worse, {count(better)} better, p = {Number(p.toPrecision(2))}
      </span>
    </p>
  );
}

function Skipped({ preview: { skipped } }: { preview: PromptPreview }): ReactNode {
  const { originals_gone: gone, not_asked: notAsked } = skipped;
  if (gone + notAsked === 0) return null;
  const why = [
    ...(notAsked === 0 ? [] : [`${plural(notAsked, "run")} ended before the prompt was asked`]),
    ...(gone === 0 ? [] : [`of ${plural(gone, "run")} the originals are gone`]),
  ];
  return <p className={css["dim"]}>Left out: {why.join("; ")}.</p>;
}
