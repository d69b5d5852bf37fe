import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ApiError, call } from "../../api/client.ts";
import type { DeadLetter as Letter, RunFailure, TraceStep } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { Badge, RunLink, StatusBadge } from "../../parts/badge.tsx";
import { Command, Id } from "../../parts/copy.tsx";
import { meaningOf } from "../../parts/failure-classes.ts";
import { duration, words } from "../../parts/format.ts";
import { JsonView } from "../../parts/json.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Redrive } from "../../parts/redrive.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Empty, Failed, Loading } from "../../parts/states.tsx";
import { Block, Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import css from "./dead-letters.module.css";

/** One dead run: why it cannot go on, what was tried, and what to do. */
export function DeadLetter(): ReactNode {
  const { runId } = useParams({ from: "/frame/dead-letters/$runId" });
  const query = useQuery({
    queryKey: ["run", runId, "dead"],
    queryFn: ({ signal }) => call("GET /v1/dead-letters/{run_id}", { params: { run_id: runId }, signal }),
  });
  if (query.error instanceof ApiError && query.error.status === 404) return <NotDead runId={runId} />;
  return (
    <Page
      title={`Dead letter ${runId}`}
      heading={<Heading runId={runId} />}
      actions={query.data && <Actions letter={query.data} />}
    >
      {query.data === undefined ? (
        query.isError ? (
          <Failed error={query.error} again={() => void query.refetch()} />
        ) : (
          <Loading />
        )
      ) : (
        <Body letter={query.data} />
      )}
    </Page>
  );
}

function Heading({ runId }: { runId: string }): ReactNode {
  return (
    <>
      Dead letter <Id id={runId} what="run id" />
    </>
  );
}

/** It was never dead, or goes on by now. */
function NotDead({ runId }: { runId: string }): ReactNode {
  const { data: run } = useQuery({
    queryKey: ["run", runId, "status"],
    queryFn: ({ signal }) => call("GET /v1/runs/{id}", { params: { id: runId }, signal }),
    retry: false,
  });
  return (
    <Page title="Dead letter" heading={<Heading runId={runId} />}>
      {run === undefined ? (
        <Empty title="There is no such run.">
          <Link to="/dead-letters">See the dead letters</Link>
        </Empty>
      ) : (
        <Empty title="This run is no dead letter.">
          It is <StatusBadge status={run.status} waitingFor={run.waiting_for} />. <RunLink id={runId} /> shows it.
        </Empty>
      )}
    </Page>
  );
}

function Actions({ letter: { run } }: { letter: Letter }): ReactNode {
  const { data: session } = useQuery(sessionQuery);
  const [opened, { open, close }] = useDisclosure(false);
  const navigate = useNavigate();
  const mayAct = atLeast(session, "operator");
  useShortcuts("Dead letter", [
    {
      keys: "o",
      label: "Open the run",
      run: () => void navigate({ to: "/runs/$runId", params: { runId: run.run_id } }),
    },
    ...(mayAct ? [{ keys: "r", label: "Redrive it", run: open }] : []),
  ]);
  return (
    <>
      <Button variant="default" onClick={() => void navigate({ to: "/runs/$runId", params: { runId: run.run_id } })}>
        Open the run
      </Button>
      <Button disabled={!mayAct} title={mayAct ? undefined : "Needs the role operator"} onClick={open}>
        Redrive…
      </Button>
      {opened && <Redrive filter={{ run_id: run.run_id }} expected={1} onClose={close} />}
    </>
  );
}

function Body({ letter: { run, failed_steps: steps } }: { letter: Letter }): ReactNode {
  const parted = partedAt(run);
  return (
    <>
      {run.failure !== null && <Why failure={run.failure} />}
      <Section title="The run">
        <Facts
          facts={[
            [
              "Workflow",
              <Link key="workflow" to="/workflows/$name" params={{ name: run.workflow }}>
                {run.workflow}
              </Link>,
            ],
            ["Event", <Id key="event" id={run.event_id} what="event id" />],
            ["Stage", run.stage ?? "–"],
            ["Began", <Time key="began" at={run.created_at} />],
            ["Died", <Time key="died" at={run.ended_at} />],
            [
              "Died alike",
              <Link key="alike" to="/runs" search={{ fingerprint: run.fingerprint ?? "", status: "dead" }}>
                all runs of this group
              </Link>,
            ],
          ]}
        />
      </Section>
      <Section title={steps.length === 1 ? "The attempt that failed" : `${steps.length} attempts that failed`}>
        {steps.length === 0 ? (
          <p className={css["next"]}>No step failed: it died outside any step.</p>
        ) : (
          <ol className={css["attempts"]}>
            {steps.map((step) => (
              <Attempt key={step.step} runId={run.run_id} step={step} />
            ))}
          </ol>
        )}
      </Section>
      <Section title="On the command line">
        <div className={css["commands"]}>
          <Command text={`sluice dead show ${run.run_id}`} />
          {parted !== null && <Command text={`sluice runs restart ${run.run_id} --from ${parted} --reason "…"`} />}
          <Command text={`sluice dead redrive --run ${run.run_id} --reason "…"`} />
        </div>
      </Section>
    </>
  );
}

/** The step at which present code and record part, as one word of a shell; null where a restart is no way out. */
function partedAt({ failure }: Letter["run"]): string | null {
  const { divergence } = (failure?.detail ?? {}) as { divergence?: { step: string; part: string } };
  if (divergence === undefined || divergence.part === "renamed_write") return null;
  return `'${divergence.step.replaceAll("'", `'\\''`)}'`;
}

function Why({ failure }: { failure: RunFailure }): ReactNode {
  const meaning = meaningOf(failure);
  return (
    <Section
      title={
        <>
          <Badge tone="bad">{words(failure.class)}</Badge>{" "}
          {failure.step === null ? "outside any step" : `at "${failure.step}"`}
        </>
      }
      aside={<code>{failure.code}</code>}
    >
      <Block text={failure.message} />
      <p className={css["next"]}>{meaning.means}</p>
      <p>{meaning.next}</p>
    </Section>
  );
}

function Attempt({ runId, step }: { runId: string; step: TraceStep }): ReactNode {
  return (
    <li>
      <p className={css["attempt"]}>
        <Link to="/runs/$runId" params={{ runId }} search={{ step: step.step }}>
          <Line text={step.name} />, attempt {step.attempt}
        </Link>
        <span>
          <Time at={step.started_at} ms /> · {duration(step.latency_ms)}
        </span>
      </p>
      {step.error !== undefined && <JsonView value={step.error} />}
    </li>
  );
}
