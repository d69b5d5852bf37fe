import { Button, NativeSelect } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Release, ReleaseCurve } from "../../api/schema.gen.ts";
import { InContext, Proportion } from "../../parts/figures.tsx";
import { count, plural } from "../../parts/format.ts";
import { Section } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { CurvePlot } from "./curve-plot.tsx";
import { nearest } from "./curve-scale.ts";
import type { Point } from "./curve-scale.ts";
import { curveQuery } from "./queries.ts";
import css from "./releases.module.css";
import type { Draft } from "./search.ts";

interface CurveProps {
  present: Release;
  mayAct: boolean;
  draft: Draft;
}

/** What another threshold would have decided by itself, and how often it would have been right. */
export function Curve({ present, mayAct, draft }: CurveProps): ReactNode {
  const names = Object.keys(present.thresholds);
  const [name, setName] = useState(names[0] ?? "");
  const query = useQuery({
    ...curveQuery(present.workflow, name),
    enabled: names.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (names.length === 0) return null;
  return (
    <Section
      title="Automation against accuracy"
      aside={
        names.length > 1 && (
          <NativeSelect
            aria-label="Threshold"
            size="xs"
            data={names}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
        )
      }
    >
      <Loaded query={query} rows={6}>
        {(curve) =>
          curve.people_decided === 0 || curve.points.length === 0 ? (
            <NothingYet curve={curve} name={name} />
          ) : (
            <Choice key={name} name={name} curve={curve} present={present} mayAct={mayAct} draft={draft} />
          )
        }
      </Loaded>
    </Section>
  );
}

function NothingYet({ curve, name }: { curve: ReleaseCurve; name: string }): ReactNode {
  return (
    <Empty title={`No person has decided any of the ${plural(curve.runs, "recorded run")} yet.`}>
      What <code>{name}</code> could be is shown once people have: answer reviews, or send a sample of the decisions to
      review.
    </Empty>
  );
}

function Choice({
  name,
  curve,
  present,
  mayAct,
  draft,
}: CurveProps & { name: string; curve: ReleaseCurve }): ReactNode {
  const now = present.thresholds[name] ?? 0;
  const [chosen, setChosen] = useState(now);
  const { points } = curve;
  const isSame = chosen === now;
  return (
    <div className={css["curve"]}>
      {curve.in_context && <InContext long />}
      <CurvePlot points={points} present={now} chosen={chosen} name={name} onChoose={setChosen} />
      <Figures
        name={name}
        sides={[
          { says: `at present, ${now}`, point: nearest(points, now) },
          { says: `chosen, ${chosen}`, point: nearest(points, chosen) },
        ]}
      />
      <div className={css["acts"]}>
        <Button
          disabled={isSame || !mayAct}
          title={mayAct ? undefined : "Needs the role operator"}
          onClick={() => draft({ thresholds: { [name]: chosen } })}
        >
          {isSame ? "Draft a release" : `Draft a release with ${name} ${chosen}…`}
        </Button>
        <Button variant="default" disabled={isSame} onClick={() => setChosen(now)}>
          Back to {now}
        </Button>
        <span className={css["dim"]}>
          Over {plural(curve.runs, "recorded run")}, {count(curve.people_decided)} of them decided by people
          {curve.skipped > 0 ? `; ${plural(curve.skipped, "run")} left out, which cannot be replayed` : ""}.
        </span>
      </div>
    </div>
  );
}

interface FiguresProps {
  name: string;
  sides: readonly { says: string; point: Point }[];
}

const MEASURES = [
  { measure: "automation", says: "Decided without a person" },
  { measure: "accuracy", says: "Right, where people decided" },
] as const;

function Figures({ name, sides }: FiguresProps): ReactNode {
  return (
    <table className={css["figures"]} aria-label={`What ${name} does`}>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Measure</span>
          </th>
          {sides.map(({ says }, index) => (
            <th scope="col" key={`${index}`}>
              {says}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {MEASURES.map(({ measure, says }) => (
          <tr key={measure}>
            <th scope="row">{says}</th>
            {sides.map(({ point: { [measure]: share } }, index) => (
              <td key={`${index}`}>
                <Proportion value={share.value} interval={share.interval} cases={share.cases} what="run" />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
