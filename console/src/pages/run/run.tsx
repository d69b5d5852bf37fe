import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Suspense, lazy, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { ApiError } from "../../api/client.ts";
import type { Run, TraceStep } from "../../api/schema.gen.ts";
import { Page } from "../../parts/page.tsx";
import { Failed, Loading } from "../../parts/states.tsx";
import { useNow } from "../../parts/time.tsx";
import { RunActions } from "./actions.tsx";
import { axisOf } from "./axis.ts";
import { RunFacts, RunHeading } from "./head.tsx";
import type { Originals } from "./originals.ts";
import { Outcome } from "./outcome.tsx";
import { reviewsQuery, runQuery, traceQuery } from "./queries.ts";
import { RevealedBanner } from "./reveal.tsx";
import { rowsOf } from "./rows.ts";
import css from "./run.module.css";
import { StepPanel } from "./step-panel.tsx";
import { UnknownRun } from "./unknown.tsx";
import { Waterfall } from "./waterfall.tsx";
import { SevenQuestions } from "./why.tsx";

const Compare = lazy(() => import("./compare.tsx").then((module) => ({ default: module.Compare })));

/** One run: what happened, step by step, and why. */
export function RunPage(): ReactNode {
  const { runId } = useParams({ from: "/frame/runs/$runId" });
  const query = useQuery(runQuery(runId));
  // Keyed, so that nothing of one run (its originals, above all) is there when another is opened.
  if (query.data !== undefined) return <RunView key={runId} run={query.data} />;
  if (query.error instanceof ApiError && query.error.code === "unknown_run") return <UnknownRun id={runId} />;
  return (
    <Page title={runId}>
      {query.isError ? (
        <Failed error={query.error} again={() => void query.refetch()} />
      ) : (
        <Loading rows={14} height={40} />
      )}
    </Page>
  );
}

function RunView({ run }: { run: Run }): ReactNode {
  const id = run.run_id;
  const trace = useQuery(traceQuery(id));
  const reviews = useQuery(reviewsQuery(id)).data?.items ?? [];
  const [originals, setOriginals] = useState<Originals | null>(null);
  const steps = trace.data;
  return (
    <Page
      title={id}
      heading={<RunHeading run={run} />}
      actions={<RunActions run={run} reviews={reviews} originals={originals} reveal={setOriginals} />}
    >
      {originals !== null && <RevealedBanner originals={originals} hide={() => setOriginals(null)} />}
      <RunFacts run={run} trace={steps ?? []} />
      <Outcome run={run} trace={steps ?? []} reviews={reviews} originals={originals} />
      {steps !== undefined && <Steps run={run} trace={steps} originals={originals} />}
      {steps === undefined && trace.isError && <Failed error={trace.error} again={() => void trace.refetch()} />}
      {steps === undefined && !trace.isError && <Loading rows={8} height={40} />}
    </Page>
  );
}

interface StepsProps {
  run: Run;
  trace: readonly TraceStep[];
  originals: Originals | null;
}

/** The waterfall, and beside it the open step or, without one, the seven questions. */
function Steps({ run, trace, originals }: StepsProps): ReactNode {
  const { step: open, against } = useSearch({ from: "/frame/runs/$runId" });
  const navigate = useNavigate({ from: "/runs/$runId" });
  const show = (search: { step?: number; against?: number }): void =>
    void navigate({ search, replace: true, resetScroll: false });
  const clock = useNow();
  const now = run.ended_at === null ? clock : 0;
  const rows = useMemo(() => rowsOf(trace), [trace]);
  const axis = useMemo(() => axisOf(run, trace, now), [run, trace, now]);
  const step = open === undefined ? undefined : trace[open - 1];
  return (
    <div className={css["columns"]}>
      <Waterfall run={run} rows={rows} axis={axis} open={open} show={show} />
      {step === undefined ? (
        <div className={css["side"]}>
          {open !== undefined && <p className={css["missing"]}>This run has no step {open} on record.</p>}
          <SevenQuestions run={run} trace={trace} />
        </div>
      ) : (
        <StepPanel key={step.step} run={run} trace={trace} step={step} originals={originals} show={show} />
      )}
      <Suspense>
        {step !== undefined && against !== undefined && (
          <Compare trace={trace} step={step} against={against} originals={originals} show={show} />
        )}
      </Suspense>
    </div>
  );
}
