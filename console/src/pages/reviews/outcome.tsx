import type { ReactNode } from "react";
import type { Json, Outcome, ReviewItem } from "../../api/schema.gen.ts";
import { Badge, Tag } from "../../parts/badge.tsx";
import type { Tone } from "../../parts/badge.tsx";
import { JsonView } from "../../parts/json.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed, Loading, Problems } from "../../parts/states.tsx";
import { Pieces } from "../../parts/text.tsx";
import type { Mode, Preview } from "./desk.ts";
import { isObject, isSame } from "./form/value.ts";
import css from "./review.module.css";

type Effect = Outcome["writes"][number];

interface OutcomeProps {
  item: ReviewItem;
  mode: Mode;
  preview: Preview;
}

/** What the answer would lead to, recomputed by the server: the decision and every write with its exact payload. */
export function OutcomePanel({ item, mode, preview }: OutcomeProps): ReactNode {
  const title = {
    look: "What follows, if approved",
    approve: "What follows, approved",
    correct: "What follows, corrected",
    reject: "What follows, rejected",
  }[mode];
  return (
    <Section title={title} aside={mode === "correct" ? <PreviewState preview={preview} /> : undefined}>
      <Follows item={item} mode={mode} preview={preview} />
    </Section>
  );
}

function PreviewState({ preview: { state } }: { preview: Preview }): ReactNode {
  const text = {
    none: "",
    asking: "being recomputed…",
    ready: "recomputed by the server",
    invalid: "the output does not hold yet",
    failed: "could not be recomputed",
  }[state];
  return <output aria-live="polite">{text}</output>;
}

function Follows({ item, mode, preview }: OutcomeProps): ReactNode {
  if (mode === "reject") return <Rejected item={item} />;
  if (mode !== "correct")
    return item.outcome === null ? (
      <p className={css["dim"]}>
        There is no valid output to approve. Correct it, and what would follow is shown here.
      </p>
    ) : (
      <OutcomeView outcome={item.outcome} before={null} />
    );
  if (preview.state === "failed") return <Failed error={preview.error} again={() => void preview.again()} />;
  if (preview.outcome === null)
    return preview.state === "asking" ? (
      <Loading rows={4} />
    ) : (
      <p className={css["dim"]}>
        {preview.state === "invalid"
          ? "What would follow is shown once the output holds."
          : "Change the output: what would follow is shown here before anything is sent."}
      </p>
    );
  return (
    <div className={css["outcome"]} data-old={preview.state !== "ready" || undefined}>
      <OutcomeView outcome={preview.outcome} before={item.outcome} />
    </div>
  );
}

function Rejected({ item: { outcome } }: { item: ReviewItem }): ReactNode {
  return (
    <div className={css["outcome"]}>
      <p>The run ends with the disposition “rejected”, without a decision.</p>
      <Effects
        effects={outcome?.writes ?? []}
        tone="bad"
        says="withdrawn"
        title="Proposed, and not made"
        none="No write was proposed."
      />
      <Effects effects={outcome?.done ?? []} tone="ok" says="done already" title="Done already; it stays" />
    </div>
  );
}

function OutcomeView({ outcome, before }: { outcome: Outcome; before: Outcome | null }): ReactNode {
  return (
    <div className={css["outcome"]}>
      {outcome.problems.length > 0 && <Problems errors={outcome.problems} />}
      {outcome.incomplete_at !== null && (
        <p>
          The run goes on to the step “{outcome.incomplete_at}”. What comes after it is not on record yet, so it cannot
          be shown here.
        </p>
      )}
      <Effects
        effects={outcome.writes}
        tone="run"
        says="will be sent"
        title="Writes this sends, exactly as they go out"
        none={outcome.incomplete_at === null ? "Nothing is written anywhere." : undefined}
      />
      <Effects effects={outcome.withdrawn} tone="bad" says="withdrawn" title="Proposed before, and not made any more" />
      <Effects effects={outcome.done} tone="ok" says="done already" title="Done already; it stays" />
      {outcome.decision !== null && <Decision decision={outcome.decision} before={before?.decision ?? null} />}
    </div>
  );
}

/** The decision, field by field; beside it what it was without the correction, where that differs. */
function Decision({ decision, before }: { decision: Json; before: Json }): ReactNode {
  const now = isObject(decision) ? decision : { decision };
  const then = isObject(before) ? before : {};
  const isCompared = isObject(before);
  const all = [...new Set([...Object.keys(now), ...(isCompared ? Object.keys(then) : [])])];
  const names = isCompared ? all.filter((name) => !isSame(now[name], then[name])) : all;
  const same = all.filter((name) => !names.includes(name));
  if (isCompared && names.length === 0) return <p className={css["dim"]}>The decision is the same as proposed.</p>;
  return (
    <table className={css["decision"]}>
      <caption>{isCompared ? "What changes in the decision" : "Decision"}</caption>
      <thead className={isCompared ? "" : "visually-hidden"}>
        <tr>
          <th scope="col">Field</th>
          {isCompared && <th scope="col">As proposed</th>}
          <th scope="col">{isCompared ? "As corrected" : "Value"}</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => {
          const isChanged = isCompared && !isSame(now[name], then[name]);
          return (
            <tr key={name} data-changed={isChanged || undefined}>
              <th scope="row">
                <Pieces text={name} />
              </th>
              {isCompared && <td>{then[name] === undefined ? <em>not there</em> : <JsonView value={then[name]} />}</td>}
              <td>
                {now[name] === undefined ? <em>not there</em> : <JsonView value={now[name]} />}
                {isChanged && <span className="visually-hidden">changed</span>}
              </td>
            </tr>
          );
        })}
      </tbody>
      {same.length > 0 && (
        <tfoot>
          <tr>
            <td colSpan={3}>
              As proposed: <Pieces text={same.join(", ")} />
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

interface EffectsProps {
  effects: readonly Effect[];
  tone: Tone;
  says: string;
  title: string;
  none?: string | undefined;
}

function Effects({ effects, tone, says, title, none }: EffectsProps): ReactNode {
  if (effects.length === 0) return none === undefined ? null : <p className={css["dim"]}>{none}</p>;
  return (
    <div className={css["effects"]}>
      <h3 className={css["subtitle"]}>{title}</h3>
      {effects.map((effect, index) => (
        // Two writes may be alike to the letter, and are two all the same.
        <div key={index} className={css["effect"]} data-tone={tone}>
          <div className={css["effectHead"]}>
            <Badge tone={tone}>{says}</Badge>
            <code>{effect.tool}</code>
            <Tag title="Step">{effect.step}</Tag>
          </div>
          <JsonView value={effect.payload} />
        </div>
      ))}
    </div>
  );
}
