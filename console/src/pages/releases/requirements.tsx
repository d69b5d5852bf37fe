import type { ReactNode } from "react";
import type { ReleasePlan, ReleaseRequirement } from "../../api/schema.gen.ts";
import { ApiError } from "../../api/client.ts";
import { Badge } from "../../parts/badge.tsx";
import { InContext, Verdict } from "../../parts/figures.tsx";
import { percent, plural, words } from "../../parts/format.ts";
import { Failed } from "../../parts/states.tsx";
import { Targets } from "../../parts/targets.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./releases.module.css";

const DIRECTION = {
  raise: { tone: "wait", says: "raises" },
  lower: { tone: "ok", says: "lowers" },
  same: { tone: "off", says: "neither" },
} as const;

/** What a change changes, each thing with whether it lets the workflow do more or less. */
export function Changes({ changes }: Pick<ReleasePlan, "changes">): ReactNode {
  if (changes.length === 0) return <p className={css["dim"]}>The same in all but who, when and why.</p>;
  return (
    <ul className={css["changes"]} aria-label="What changes">
      {changes.map(({ what, from, to, direction }) => (
        <li key={what}>
          <Badge tone={DIRECTION[direction].tone}>{DIRECTION[direction].says}</Badge>
          <span>
            <code>{what}</code> <Value value={from} /> → <Value value={to} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Value({ value }: { value: unknown }): ReactNode {
  if (value === null || value === undefined) return <span className={css["dim"]}>none</span>;
  if (isCandidate(value))
    return <Line text={`${value.version} on ${value.model}, ${percent(value.share)} ${value.mode}`} />;
  return <Line text={typeof value === "string" ? value : JSON.stringify(value)} max={120} />;
}

function isCandidate(value: unknown): value is { version: string; model: string; share: number; mode: string } {
  return typeof value === "object" && value !== null && "version" in value && "mode" in value && "share" in value;
}

/** What a raise needs: first what is missing, by how much and what to do; what is met folded below. */
export function Requirements({ requirements }: { requirements: readonly ReleaseRequirement[] }): ReactNode {
  const missing = requirements.filter(({ met }) => !met);
  const met = requirements.filter((each) => each.met);
  if (requirements.length === 0) return null;
  return (
    <div className={css["requirements"]}>
      {missing.length > 0 && (
        <>
          <h3>{plural(missing.length, "thing is", "things are")} missing</h3>
          <List requirements={missing} />
        </>
      )}
      {met.length > 0 && (
        <details open={missing.length === 0}>
          <summary>{plural(met.length, "requirement is", "requirements are")} met</summary>
          <List requirements={met} />
        </details>
      )}
    </div>
  );
}

function List({ requirements }: { requirements: readonly ReleaseRequirement[] }): ReactNode {
  return (
    <ul className={css["list"]}>
      {requirements.map((each) => (
        <li key={`${each.code} ${each.slot ?? ""} ${each.message}`} data-met={each.met}>
          <p>
            <Badge tone={each.met ? "ok" : "bad"}>{each.met ? "met" : "missing"}</Badge>{" "}
            <strong>{words(each.code)}</strong>
            {each.slot !== null && <code> {each.slot}</code>}: <Line text={each.message} max={600} />
          </p>
          {each.fix !== null && (
            <p className={css["fix"]}>
              → <Line text={each.fix} max={600} />
            </p>
          )}
          <EvidenceOf requirement={each} />
        </li>
      ))}
    </ul>
  );
}

function EvidenceOf({ requirement: { evidence, met } }: { requirement: ReleaseRequirement }): ReactNode {
  if (evidence === null) return null;
  const failing = evidence.targets.filter(({ status }) => status !== "PASS");
  return (
    <>
      <p className={css["dim"]}>
        <Verdict verdict={evidence.verdict} /> {evidence.suite} over {plural(evidence.cases, "case")}{" "}
        {evidence.in_context && <InContext />}
      </p>
      {!met && failing.length > 0 && (
        <Targets targets={failing} label={`Targets of ${evidence.suite} that are missed`} />
      )}
    </>
  );
}

/** A refusal in the server's words, with what it says is missing. */
export function Refused({ error }: { error: unknown }): ReactNode {
  const named = error instanceof ApiError ? error.problem["requirements"] : undefined;
  return (
    <>
      <Failed error={error} />
      {Array.isArray(named) && <Requirements requirements={named as ReleaseRequirement[]} />}
    </>
  );
}
