import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { Eval, EvalReport, EvalWithReport } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { Badge } from "../../parts/badge.tsx";
import { Id } from "../../parts/copy.tsx";
import { InContext, Proportion, Verdict } from "../../parts/figures.tsx";
import { count, duration, percent, plural, usd } from "../../parts/format.ts";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { CasePanel } from "./case-panel.tsx";
import { Comparison } from "./comparison.tsx";
import { Confusion } from "./confusion.tsx";
import css from "./evals.module.css";
import { FailingCases } from "./failing.tsx";
import { Golden } from "./golden.tsx";
import { evalQuery, isOpen } from "./queries.ts";
import { Reliability } from "./reliability.tsx";
import { Slices } from "./slices.tsx";
import { isInContext, modelsOf, progressText, subjectText, toneOf } from "./words.ts";

/** One eval run: how far it is, and what it showed. */
export function EvalPage(): ReactNode {
  const { evalId } = useParams({ from: "/frame/evals/$evalId" });
  const query = useQuery(evalQuery(evalId));
  const run = query.data;
  return (
    <Page
      title={run === undefined ? evalId : run.suite}
      about={run !== undefined && <About run={run} />}
      actions={run !== undefined && <Actions run={run} />}
    >
      <Loaded query={query}>{(data) => <Body run={data} />}</Loaded>
    </Page>
  );
}

function About({ run }: { run: Eval }): ReactNode {
  return (
    <span className={css["standing"]}>
      {run.verdict === null ? <Badge tone={toneOf(run.status)}>{run.status}</Badge> : <Verdict verdict={run.verdict} />}
      <Line text={subjectText(run.subject)} max={160} />
      <span className={css["mono"]}>{modelsOf(run.subject).join(", ")}</span>
      <Id id={run.eval_id} what="eval run's id" />
      <span>
        <Time at={run.created_at} /> by <Line text={run.created_by} max={40} />
      </span>
    </span>
  );
}

function Actions({ run }: { run: Eval }): ReactNode {
  const { data: session } = useQuery(sessionQuery);
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => call("POST /v1/evals/{eval_id}/cancel", { params: { eval_id: run.eval_id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["evals"] }),
  });
  const may = atLeast(session, "editor");
  return (
    <>
      {run.baseline !== null && (
        <Link to="/evals/compare" search={{ a: run.baseline, b: run.eval_id }}>
          Compare with its baseline
        </Link>
      )}
      <Link to="/evals" search={{ suite: run.suite }}>
        All of this suite
      </Link>
      {may && isOpen(run) && (
        <Button variant="default" color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel
        </Button>
      )}
    </>
  );
}

function Body({ run }: { run: EvalWithReport }): ReactNode {
  const { report, failure } = run;
  return (
    <>
      {isInContext(run.subject) && <InContext long />}
      {isOpen(run) && <Progress run={run} />}
      {failure !== null && (
        <p className={css["failure"]} role="alert">
          {run.status === "cancelled" ? "Cancelled: " : "It failed: "}
          <Line text={failure.message} max={400} />
        </p>
      )}
      {report !== null && <Shown report={report} />}
    </>
  );
}

function Progress({ run }: { run: Eval }): ReactNode {
  const share = run.total === 0 ? 0 : run.done / run.total;
  return (
    <Section title={run.status === "queued" ? "Waits for its turn" : "Under way"}>
      <progress className={css["progress"]} max={1} value={share} aria-label="Attempts answered" />
      <output className={css["dim"]}>{progressText(run)}</output>
    </Section>
  );
}

function Shown({ report }: { report: EvalReport }): ReactNode {
  const search = useSearch({ from: "/frame/evals/$evalId" });
  const navigate = useNavigate({ from: "/evals/$evalId" });
  const { data: session } = useQuery(sessionQuery);
  const seesCases = atLeast(session, "editor");
  const close = (): void => void navigate({ search: {}, replace: true, resetScroll: false });
  useShortcuts(
    "This eval run",
    search.case === undefined ? [] : [{ keys: "escape", label: "Close the case", run: close }],
  );
  return (
    <>
      <Section title="Targets" aside={report.in_context && <InContext />} flush>
        <Golden report={report} />
      </Section>
      {search.case !== undefined && seesCases && (
        <CasePanel
          key={JSON.stringify([search.dataset, search.case])}
          evalId={report.eval_id}
          caseId={search.case}
          dataset={search.dataset}
          onClose={close}
        />
      )}
      <FailingCases report={report} seesCases={seesCases} />
      <Section title="Totals">
        <Totals report={report} />
      </Section>
      {report.comparison !== null && <Comparison comparison={report.comparison} inContext={report.in_context} />}
      <Slices report={report} />
      {report.fields.map((field) => (
        <Confusion key={field.field} table={field} inContext={report.in_context} />
      ))}
      <Reliability calibration={report.calibration} inContext={report.in_context} />
    </>
  );
}

function Totals({ report }: { report: EvalReport }): ReactNode {
  const { totals, usage, flakiness, datasets, repeat } = report;
  const { passing, outcomes } = totals;
  const ends = Object.entries(outcomes).filter(([, n]) => n > 0);
  const all = flakiness?.pass.at(-1);
  return (
    <Facts
      facts={[
        [
          "All as expected",
          <Proportion key="p" value={passing.value} interval={passing.interval} cases={passing.cases} />,
        ],
        ["Ended", ends.map(([name, n]) => `${count(n)} ${name.replace("_", " ")}`).join(", ") || "nothing"],
        ["Datasets", datasets.map(({ name, version, cases }) => `${name} v${version} (${count(cases)})`).join(", ")],
        [
          "Latency",
          `${ms(usage.latency_ms.avg)} average, ${ms(usage.latency_ms.p50)} p50, ${ms(usage.latency_ms.p95)} p95`,
        ],
        ["Tokens", `${count(usage.input_tokens.total)} in, ${count(usage.output_tokens.total)} out`],
        [
          "Cost",
          usage.unpriced > 0 ? `unknown: no price for ${plural(usage.unpriced, "attempt")}` : cost(usage.cost_usd),
        ],
        ["From the cache", count(usage.cached)],
        ...(flakiness === null || all === undefined
          ? []
          : ([[`pass^${repeat}`, `${all.value === null ? "–" : percent(all.value, 2)}, mean ${flakiness.mean === null ? "–" : percent(flakiness.mean, 2)}, ${plural(flakiness.flaky, "case")} undecided`]] as const)), // prettier-ignore
      ]}
    />
  );
}

function ms(value: number | null): string {
  return value === null ? "–" : duration(value);
}

function cost({ attempts, total }: EvalReport["usage"]["cost_usd"]): string {
  return attempts === 0 ? "–" : usd(total);
}
