import { Popover } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { CandidateTotals } from "../../api/schema.gen.ts";
import { RunLink } from "../../parts/badge.tsx";
import { count, duration, percent, plural, usd, words } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed, Loading } from "../../parts/states.tsx";
import { candidatesQuery } from "./queries.ts";
import css from "./releases.module.css";
import { VersionLink } from "./version-link.tsx";

/** What shadow candidates answered beside the runs, and how often they said the same; nothing where none was asked. */
export function Candidates({ workflow }: { workflow: string }): ReactNode {
  const { data, isError, error, refetch } = useQuery(candidatesQuery(workflow));
  if (isError) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Section title="Shadow candidates" flush>
      <Table
        label="Shadow candidates"
        items={data.items}
        keyOf={({ slot, version, hash, model }) => `${slot} ${version} ${hash} ${model}`}
        columns={[
          {
            name: "Candidate",
            render: ({ slot, prompt, version, model }) => (
              <div className={css["candidate"]}>
                <span>
                  <VersionLink prompt={prompt} version={version} /> <span className={css["dim"]}>in {slot}</span>
                </span>
                <code className={css["dim"]}>{model}</code>
              </div>
            ),
          },
          { name: "Answers", render: (totals) => <Answers totals={totals} /> },
          {
            name: "Decides the same",
            num: true,
            render: ({ agreed, compared }) => <Of n={agreed} of={compared} />,
          },
          { name: "Otherwise", num: true, render: (totals) => <Differing workflow={workflow} totals={totals} /> },
          {
            name: "Right, where people decided",
            num: true,
            render: ({ candidate_right: right, served_right: served, judged }) => (
              <div className={css["candidate"]}>
                <Of n={right} of={judged} />
                <span className={css["dim"]}>
                  what serves: <Of n={served} of={judged} />
                </span>
              </div>
            ),
          },
          {
            name: "Cost, time",
            num: true,
            render: ({ cost_usd: cost, unknown_costs: unknown, latency_p95_ms: p95 }) => (
              <div className={css["candidate"]}>
                <span>{unknown > 0 && cost === 0 ? "unknown" : usd(cost)}</span>
                <span className={css["dim"]}>{p95 === null ? "–" : `p95 ${duration(p95)}`}</span>
              </div>
            ),
          },
        ]}
      />
    </Section>
  );
}

function Of({ n, of }: { n: number; of: number }): ReactNode {
  if (of === 0) return <span className={css["dim"]}>none yet</span>;
  return (
    <span title={percent(n / of)}>
      {count(n)} of {count(of)}
    </span>
  );
}

function Answers({ totals }: { totals: CandidateTotals }): ReactNode {
  const { total, invalid, failed, skipped, skipped_why: why } = totals;
  const rest = [
    ...(invalid > 0 ? [`${count(invalid)} invalid`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(skipped > 0 ? [`${count(skipped)} not asked`] : []),
  ];
  const reasons = Object.entries(why).map(([code, n]) => `${words(code)}: ${count(n)}`);
  return (
    <div className={css["candidate"]}>
      <span className="num">{plural(total, "run")}</span>
      {rest.length > 0 && (
        <span className={css["dim"]} title={reasons.join("\n")}>
          {rest.join(", ")}
        </span>
      )}
    </div>
  );
}

const SHOWN = 12;

/** How many runs it would have decided otherwise; opened, which. */
function Differing({ workflow, totals }: { workflow: string; totals: CandidateTotals }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { slot, version, agreed, compared } = totals;
  const query = useQuery({
    queryKey: ["releases", workflow, "candidates", slot, version, "differing"],
    queryFn: ({ signal }) =>
      call("GET /v1/releases/{workflow}/candidates/answers", {
        params: { workflow },
        query: { slot, version, differing: "true", limit: SHOWN },
        signal,
      }),
    enabled: isOpen,
  });
  const n = compared - agreed;
  if (n === 0) return "0";
  return (
    <Popover withArrow position="left" trapFocus returnFocus shadow="md" opened={isOpen} onChange={setOpen}>
      <Popover.Target>
        <button
          type="button"
          className={css["opens"]}
          aria-label={`${plural(n, "run")} that ${version} decides otherwise`}
          onClick={() => setOpen(!isOpen)}
        >
          {count(n)}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Runs">
        {query.isError ? (
          <Failed error={query.error} />
        ) : query.data === undefined ? (
          <Loading rows={2} />
        ) : (
          <ul className={css["list"]}>
            {query.data.items.map(({ run_id: id, key }) => (
              <li key={`${id} ${key}`}>
                <RunLink id={id} />
              </li>
            ))}
          </ul>
        )}
        {n > SHOWN && <span className={css["dim"]}>the newest of {count(n)}</span>}
      </Popover.Dropdown>
    </Popover>
  );
}
