import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Run, TraceStep } from "../../api/schema.gen.ts";
import { StatusBadge, Tag } from "../../parts/badge.tsx";
import { Copy, Id } from "../../parts/copy.tsx";
import { count, duration, usd } from "../../parts/format.ts";
import { Time, useNow } from "../../parts/time.tsx";
import { axisOf } from "./axis.ts";
import css from "./run.module.css";
import { tokensOf } from "./step-words.ts";

/** The run's id and how it stands. */
export function RunHeading({ run }: { run: Run }): ReactNode {
  const { run_id: id, status, waiting_for: waitingFor, disposition, stage, workflow } = run;
  return (
    <>
      <Id id={id} what="run id" />
      <StatusBadge status={status} waitingFor={waitingFor} />
      {disposition !== null && (
        <Link
          to="/runs"
          search={{ workflow, disposition }}
          className={css["tag"]}
          title={`All runs of ${workflow} that were ${disposition}`}
        >
          <Tag>{disposition}</Tag>
        </Link>
      )}
      {stage !== null && (
        <Link
          to="/runs"
          search={{ workflow, stage }}
          className={css["tag"]}
          title={`All runs of ${workflow} at stage ${stage}`}
        >
          <Tag>{stage}</Tag>
        </Link>
      )}
    </>
  );
}

/** Where the run came from, what it ran under, and what it took. */
export function RunFacts({ run, trace }: { run: Run; trace: readonly TraceStep[] }): ReactNode {
  const { workflow, event_type: type, event_id: eventId, contract_version: version, release } = run;
  const facts: [string, ReactNode][] = [
    ["Workflow", <Link key="w" to="/workflows/$name" params={{ name: workflow }}>{workflow}</Link>], // prettier-ignore
    ["Event", <EventFact key="e" type={type} id={eventId} version={version} />],
    ["Prompts", <Prompts key="p" versions={run.prompt_versions} />],
    ["Release", <ReleaseFact key="r" workflow={workflow} release={release} />],
    ["Duration", <Took key="d" run={run} trace={trace} />],
    ["Cost", <Spent key="c" run={run} trace={trace} />],
    ["Created", <Time key="t" at={run.created_at} />],
    ["Deadline", <Deadline key="l" run={run} />],
    ...forgotten(run),
  ];
  return (
    <dl className={css["facts"]}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Where the release stands in the history, and the other runs it had. */
function ReleaseFact({ workflow, release }: Pick<Run, "workflow" | "release">): ReactNode {
  if (release === null) return <None what="not claimed yet" />;
  return (
    <span className={css["row"]}>
      <Link
        to="/releases/$workflow"
        params={{ workflow }}
        search={{ number: release }}
        aria-label={`Release ${release} of ${workflow}`}
      >
        {release}
      </Link>
      <Link to="/runs" search={{ workflow, release: String(release) }}>
        its runs
      </Link>
    </span>
  );
}

/** What is no longer kept of it, and since when. */
function forgotten(run: Run): [string, ReactNode][] {
  const since: readonly (readonly [string, string, string | null])[] = [
    ["Originals", "removed", run.originals_removed_at],
    ["Values", "removed", run.values_removed_at],
    ["Backup", "restored", run.restored_at],
  ];
  return since.flatMap(
    ([name, what, at]): [string, ReactNode][] =>
    at === null ? [] : [[name, <span key={name}>{what} <Time at={at} /></span>]], // prettier-ignore
  );
}

function EventFact({ type, id, version }: { type: string; id: string; version: number }): ReactNode {
  return (
    <span className={css["row"]}>
      <span className={css["mono"]}>
        {id} <Copy text={id} what="event id" />
      </span>
      <Link to="/contracts/$type" params={{ type }} search={{ version: String(version) }}>
        {type} v{version}
      </Link>
    </span>
  );
}

function None({ what }: { what: string }): ReactNode {
  return <span className={css["dim"]}>{what}</span>;
}

function Prompts({ versions }: { versions: Readonly<Record<string, string>> }): ReactNode {
  const entries = Object.entries(versions);
  if (entries.length === 0) return <None what="none" />;
  return (
    <span className={css["row"]}>
      {entries.map(([name, version]) => (
        <Link key={name} to="/prompts/$name" params={{ name }} search={{ version }}>
          {name}@{version}
        </Link>
      ))}
    </span>
  );
}

interface RunAndTrace {
  run: Run;
  trace: readonly TraceStep[];
}

function Took({ run, trace }: RunAndTrace): ReactNode {
  const now = useNow();
  const ended = run.ended_at === null ? now : Date.parse(run.ended_at);
  const { busyMs, start, end } = axisOf(run, trace, ended);
  return (
    <span className="num" title="From the event to the end, and of that the time in which a step ran">
      {duration(end - start)}
      {run.ended_at === null && " so far"}
      <span className={css["dim"]}> · {duration(busyMs)} at work</span>
    </span>
  );
}

function Spent({ run, trace }: RunAndTrace): ReactNode {
  const tokens = trace.reduce((sum, step) => sum + (tokensOf(step) ?? 0), 0);
  return (
    <span
      className="num"
      title={run.cost_usd === null ? "The price of a model that was called is not known" : undefined}
    >
      {usd(run.cost_usd)}
      {tokens > 0 && <span className={css["dim"]}> · {count(tokens)} tokens</span>}
    </span>
  );
}

function Deadline({ run }: { run: Run }): ReactNode {
  if (run.deadline_at === null) return <None what="none" />;
  return run.ended_at === null ? <Time at={run.deadline_at} relative /> : <Time at={run.deadline_at} />;
}
