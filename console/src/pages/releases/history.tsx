import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import type { Release, ReleaseHistory } from "../../api/schema.gen.ts";
import { Badge, Tag } from "../../parts/badge.tsx";
import { plural } from "../../parts/format.ts";
import { Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { ActDialog } from "./act-dialog.tsx";
import { historyQuery } from "./queries.ts";
import css from "./releases.module.css";
import { Changes } from "./requirements.tsx";

interface HistoryProps {
  workflow: string;
  mayAct: boolean;
}

/** Shown before the rest is asked for. */
const SHOWN = 20;

/** Every release there was, the newest first, with what each changed, who did it and why. */
export function History({ workflow, mayAct }: HistoryProps): ReactNode {
  const query = useQuery(historyQuery(workflow));
  const { number: wanted } = useSearch({ from: "/frame/releases/$workflow" });
  const [all, setAll] = useState(false);
  const [back, setBack] = useState<number | null>(null);
  const items = [...(query.data?.items ?? [])].sort((a, b) => b.release.number - a.release.number);
  const present = items[0]?.release;
  const at = items.findIndex(({ release }) => release.number === wanted);
  const shown = all ? items : items.slice(0, Math.max(SHOWN, at + 1));
  return (
    <Section title="History" aside={plural(items.length, "release")}>
      <Loaded query={query} rows={4}>
        {() => (
          <>
            <ol className={css["history"]} aria-label="Releases, the newest first">
              {shown.map(({ release, changes }, index) => (
                <Entry
                  key={release.number}
                  release={release}
                  changes={changes}
                  isPresent={index === 0}
                  isWanted={release.number === wanted}
                  onBack={mayAct && index > 0 ? () => setBack(release.number) : undefined}
                />
              ))}
            </ol>
            {shown.length < items.length && (
              <Button variant="default" onClick={() => setAll(true)}>
                Show the {items.length - shown.length} before
              </Button>
            )}
          </>
        )}
      </Loaded>
      {back !== null && present !== undefined && (
        <ActDialog present={present} act={{ kind: "rollback", to: back }} onClose={() => setBack(null)} />
      )}
    </Section>
  );
}

interface EntryProps {
  release: Release;
  /** From the one before it. */
  changes: ReleaseHistory["items"][number]["changes"];
  isPresent: boolean;
  isWanted: boolean;
  onBack: (() => void) | undefined;
}

function Entry({ release, changes, isPresent, isWanted, onBack }: EntryProps): ReactNode {
  const { workflow, number, stage, development, created_at: at, created_by: by, reason } = release;
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isWanted) place.current?.scrollIntoView({ block: "center" });
  }, [isWanted]);
  return (
    <li ref={place} data-wanted={isWanted} aria-label={`Release ${number}`}>
      <div className={css["entryHead"]}>
        <strong>{number}</strong>
        <Tag>{stage}</Tag>
        {isPresent && <Badge tone="ok">present</Badge>}
        {development && <Tag title="Made by sluice dev, without the gate">development</Tag>}
        <span className={css["dim"]}>
          <Time at={at} /> by <Line text={by} max={60} />
        </span>
        <Link to="/runs" search={{ workflow, release: String(number) }}>
          its runs
        </Link>
        {onBack !== undefined && (
          <Button variant="default" size="compact-xs" onClick={onBack}>
            Roll back to {number}…
          </Button>
        )}
      </div>
      <p>
        <Line text={reason} max={400} />
      </p>
      {number > 1 && <Changes changes={changes} />}
      <Rests release={release} />
    </li>
  );
}

/** What it was let through by: evidence, people, or an override. */
function Rests({ release: { evidence, approvals, override } }: { release: Release }): ReactNode {
  return (
    <>
      {evidence.length > 0 && (
        <p className={css["dim"]}>
          Rests on{" "}
          {evidence.map((id) => (
            <span key={id}>
              <Link to="/evals/$evalId" params={{ evalId: id }}>
                {id}
              </Link>{" "}
            </span>
          ))}
        </p>
      )}
      {approvals.map(({ by, at, reason }) => (
        <p key={`${by} ${at}`} className={css["dim"]}>
          Agreed to by <Line text={by} max={60} />, <Time at={at} />: <Line text={reason} max={300} />
        </p>
      ))}
      {override !== null && (
        <div className={css["override"]}>
          <p>
            Past the gate{override.solo ? ", without a second person" : ""}: <Line text={override.reason} max={300} />
          </p>
          <ul>
            {override.missing.map(({ code, message }) => (
              <li key={`${code} ${message}`}>
                <Line text={message} max={400} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
