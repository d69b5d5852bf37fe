import { queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { changedSince, datasetsQuery, suitesQuery } from "../../api/evals.ts";
import type { Evidence, PromptServed, PromptVersion, PromptVersionDetail } from "../../api/schema.gen.ts";
import { Badge } from "../../parts/badge.tsx";
import { Command } from "../../parts/copy.tsx";
import { InContext, Proportion, Verdict, metricText } from "../../parts/figures.tsx";
import { count, plural } from "../../parts/format.ts";
import { Section } from "../../parts/page.tsx";
import { Empty, Failed, Loading } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { targetNames } from "./target-names.ts";
import css from "./prompts.module.css";

const detailQuery = (name: string, version: string) =>
  queryOptions({
    queryKey: ["prompts", name, "version", version],
    queryFn: ({ signal }) => call("GET /v1/prompts/{name}/versions/{version}", { params: { name, version }, signal }),
    staleTime: 5_000,
  });

interface EvidenceProps {
  version: PromptVersion;
  against: PromptVersion | undefined;
}

/** What evaluations showed of the versions, side by side, and where each was in force. */
export function EvidenceOf({ version, against }: EvidenceProps): ReactNode {
  const sides = against === undefined || against.version === version.version ? [version] : [against, version];
  const queries = useQueries({ queries: sides.map((each) => detailQuery(each.name, each.version)) });
  const failed = queries.find(({ isError }) => isError);
  const details = queries.flatMap(({ data }) => data ?? []);
  return (
    <Section title="Evidence" flush>
      {failed !== undefined ? (
        <Failed error={failed.error} again={() => void failed.refetch()} />
      ) : details.length < sides.length ? (
        <Loading rows={4} />
      ) : details.every(({ evidence }) => evidence.length === 0) ? (
        <NoEvidence version={version} />
      ) : (
        <Sides details={details} />
      )}
      {details.length === sides.length && <InForce details={details} />}
    </Section>
  );
}

function NoEvidence({ version: { name, version, eval_suite: suite } }: { version: PromptVersion }): ReactNode {
  return (
    <Empty title="No evaluation of this wording is on record.">
      {suite === undefined ? (
        <>
          It names no <code>eval_suite</code>, so nothing can show that it may serve.
        </>
      ) : (
        <Command text={`sluice eval run ${suite} --prompt ${name}@${version}`} />
      )}
    </Empty>
  );
}

function Sides({ details }: { details: readonly PromptVersionDetail[] }): ReactNode {
  const newest = details.map(({ version, evidence }) => ({ version, evidence: evidence[0] }));
  const names = targetNames(newest.flatMap(({ evidence }) => evidence ?? []));
  return (
    <table className={css["served"]} aria-label="Evidence side by side">
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Target</span>
          </th>
          {newest.map(({ version }) => (
            <th scope="col" key={version}>
              <code>{version}</code>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Newest evaluation</th>
          {newest.map(({ version, evidence }) => (
            <td key={version}>{evidence === undefined ? "none" : <Head evidence={evidence} />}</td>
          ))}
        </tr>
        {names.map((name) => (
          <tr key={name}>
            <th scope="row" className={css["inner"]}>
              <Line text={name} />
            </th>
            {newest.map(({ version, evidence }) => (
              <td key={version}>
                <TargetCell evidence={evidence} name={name} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Head({ evidence }: { evidence: Evidence }): ReactNode {
  const { verdict, suite, subject, cases, datasets, by, at, in_context: inContext } = evidence;
  const versions = datasets.map(({ name, version, cases: n }) => `${name} v${version}, ${count(n)}`).join("\n");
  return (
    <div className={css["head"]}>
      <span>
        <Verdict verdict={verdict} /> <Stale evidence={evidence} /> {inContext && <InContext />}
      </span>
      <span>
        <code>{suite}</code> over <span title={versions}>{plural(cases, "case")}</span> of{" "}
        {plural(datasets.length, "dataset")}
      </span>
      {subject.model !== null && <code className={css["dim"]}>{subject.model}</code>}
      <span className={css["dim"]}>
        <Time at={at} /> by <Line text={by} max={40} />
      </span>
    </div>
  );
}

/** Says where suite or datasets have changed since: a raise cannot rest on it any more. */
function Stale({ evidence }: { evidence: Evidence }): ReactNode {
  const { data: suites } = useQuery(suitesQuery);
  const { data: datasets } = useQuery(datasetsQuery);
  if (suites === undefined || datasets === undefined) return null;
  const changed = changedSince(evidence, suites.items, datasets.items);
  if (changed.length === 0) return null;
  return (
    <Badge tone="wait" title={changed.join("; ")}>
      stale: {changed.join("; ")}
    </Badge>
  );
}

function TargetCell({ evidence, name }: { evidence: Evidence | undefined; name: string }): ReactNode {
  const target = evidence?.targets.find((each) => each.name === name);
  if (target === undefined) return <span className={css["dim"]}>–</span>;
  const { value, interval, hits, cases, status, metric, target: wanted, note } = target;
  const isShare = hits !== null || interval !== null;
  return (
    <div className={css["head"]}>
      <span className={css["target"]}>
        <Verdict verdict={status} title={note} />
        {value === null || isShare ? (
          <Proportion value={value} interval={interval} cases={cases} />
        ) : (
          <strong className="num">{metricText(metric, value, false)}</strong>
        )}
        <span className={css["dim"]}>wanted {wanted}</span>
      </span>
      {status !== "PASS" && (
        <span className={css["dim"]}>
          <Line text={note} max={200} />
        </span>
      )}
    </div>
  );
}

/** The stretches of releases in which the versions served or were tried. */
function InForce({ details }: { details: readonly PromptVersionDetail[] }): ReactNode {
  const all = details.flatMap(({ version, served }) => served.map((each) => ({ version, ...each })));
  if (all.length === 0) return null;
  return (
    <ul className={css["inForce"]} aria-label="Where they were in force">
      {all.map((each) => (
        <li key={`${each.version} ${each.workflow} ${each.from_release} ${each.as}`}>
          <Stretch {...each} />
        </li>
      ))}
    </ul>
  );
}

function Stretch({ version, workflow, as, since, until, ...served }: PromptServed & { version: string }): ReactNode {
  const { from_release: from, to_release: to } = served;
  return (
    <>
      <code>{version}</code> {as === "serves" ? "served" : `was a ${as} candidate in`}{" "}
      <Link to="/releases/$workflow" params={{ workflow }} search={{ number: from }}>
        {workflow}, {from === to ? `release ${from}` : `releases ${from} to ${to}`}
      </Link>
      , <Time at={since} />{" "}
      {until === null ? (
        "until now"
      ) : (
        <>
          to <Time at={until} />
        </>
      )}
    </>
  );
}
