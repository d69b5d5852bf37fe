import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { ReactNode } from "react";
import type { EvalCaseDetail, TraceStep } from "../../api/schema.gen.ts";
import { Badge, RunLink, Tag } from "../../parts/badge.tsx";
import { Diff } from "../../parts/diff.tsx";
import { duration, usd } from "../../parts/format.ts";
import { JsonView } from "../../parts/json.tsx";
import { Facts, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./evals.module.css";
import { caseQuery } from "./queries.ts";

interface CasePanelProps {
  evalId: string;
  caseId: string;
  dataset: string | undefined;
  onClose(): void;
}

/** One case: what went in, what was expected beside what was answered, and each step of every attempt. */
export function CasePanel({ evalId, caseId, dataset, onClose }: CasePanelProps): ReactNode {
  const query = useQuery(caseQuery(evalId, caseId, dataset));
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => top.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <div ref={top}>
      <Section
        title={
          <>
            Case <Line text={caseId} max={80} />
          </>
        }
        aside={
          <Button variant="default" size="xs" onClick={onClose} rightSection={<kbd>esc</kbd>}>
            Close
          </Button>
        }
      >
        <Loaded query={query} rows={4}>
          {(detail) => <Detail detail={detail} />}
        </Loaded>
      </Section>
    </div>
  );
}

function Detail({ detail: { case: of, attempts } }: { detail: EvalCaseDetail }): ReactNode {
  return (
    <div className={css["form"]}>
      <Facts
        facts={[
          ["Dataset", `${of.dataset} (${of.kind})`],
          ["Tags", of.tags.length === 0 ? "none" : of.tags.join(", ")],
          ["From", of.source === null ? "a file" : <RunLink key="run" id={of.source} />],
        ]}
      />
      <div>
        <h3 className={css["head"]}>Input</h3>
        <JsonView value={of.input} />
      </div>
      {attempts.map((attempt) => (
        <Attempt key={attempt.result.repeat} attempt={attempt} of={attempts.length} />
      ))}
    </div>
  );
}

function Attempt({
  attempt: { result, trace },
  of,
}: {
  attempt: EvalCaseDetail["attempts"][number];
  of: number;
}): ReactNode {
  const { repeat, outcome, passing, expected, output, error, latency_ms: latency, cost_usd: cost, cached } = result;
  return (
    <section aria-label={of > 1 ? `Attempt ${repeat}` : "Attempt"} className={css["form"]}>
      <span className={css["standing"]}>
        {of > 1 && <strong>Attempt {repeat}</strong>}
        <Badge tone={passing ? "ok" : "bad"}>{passing ? "as expected" : outcome === "answered" ? "wrong" : outcome.replace("_", " ")}</Badge>
        {cached && <Tag title="Answered before, and not asked again">from the cache</Tag>}
        <span className={css["dim"]}>
          {latency === null ? "" : `${duration(latency)}, `}
          cost {usd(cost)}
        </span>
      </span>
      {error !== null && <Line text={error.message} max={400} />}
      <Diff
        before={output === null ? "no answer" : JSON.stringify(output, null, 2)}
        after={JSON.stringify(expected, null, 2)}
        titles={["Answered", "Expected"]}
      />
      <Trace trace={trace} />
    </section>
  ); // prettier-ignore
}

function Trace({ trace }: { trace: readonly TraceStep[] }): ReactNode {
  if (trace.length === 0) return <p className={css["dim"]}>No step is on record.</p>;
  return (
    <ol className={css["trace"]} aria-label="Trace">
      {trace.map((step) => (
        <li key={step.step}>
          <details>
            <summary>
              {step.step} <Line text={step.name} max={60} /> <Tag>{step.type.replace("_", " ")}</Tag>{" "}
              <Badge tone={step.status === "success" ? "ok" : "bad"}>{step.status}</Badge>{" "}
              <span className={css["dim"]}>{duration(step.latency_ms)}</span>
            </summary>
            <h4 className={css["head"]}>Input</h4>
            <JsonView value={step.input} />
            <h4 className={css["head"]}>Output</h4>
            <JsonView value={step.output} />
            {step.error !== undefined && <JsonView value={step.error} />}
          </details>
        </li>
      ))}
    </ol>
  );
}
