import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Eval, EvalSuite } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { Badge } from "../../parts/badge.tsx";
import { Command } from "../../parts/copy.tsx";
import { InContext, Verdict } from "../../parts/figures.tsx";
import { plural } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import type { Column } from "../../parts/listing.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import css from "./evals.module.css";
import { evalsQuery, isOpen, suitesQuery } from "./queries.ts";
import { StartDialog } from "./start.tsx";
import { isInContext, modelsOf, progressText, subjectText, toneOf } from "./words.ts";

/** Suites with what their newest eval run showed, and all eval runs. */
export function Evals(): ReactNode {
  const { suite } = useSearch({ from: "/frame/evals" });
  const suites = useQuery(suitesQuery);
  const { data: session } = useQuery(sessionQuery);
  const [isStarting, setStarting] = useState(false);
  const may = atLeast(session, "editor") && (suites.data?.items.length ?? 0) > 0;
  useShortcuts("Evals", may ? [{ keys: "s", label: "Start an eval run", run: () => setStarting(true) }] : []);
  return (
    <Page
      title="Evals"
      about="What the project demands of its prompts and workflows, and what was shown. Only a PASS promotes."
      actions={
        may && (
          <Button onClick={() => setStarting(true)} rightSection={<kbd>s</kbd>}>
            Start an eval run
          </Button>
        )
      }
    >
      <Loaded query={suites}>
        {({ items }) =>
          items.length === 0 ? (
            <NoSuites />
          ) : (
            <>
              <Section title="Suites" aside={plural(items.length, "suite")} flush>
                <Table label="Suites" items={items} keyOf={({ name }) => name} columns={SUITE_COLUMNS} />
              </Section>
              <Runs suite={suite} />
              {isStarting && <StartDialog suites={items} suite={suite} onClose={() => setStarting(false)} />}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

const SUITE_COLUMNS: readonly Column<EvalSuite>[] = [
  {
    name: "Suite",
    render: ({ name, description }) => (
      <div className={css["stack"]}>
        <Link to="/evals" search={{ suite: name }}>
          {name}
        </Link>
        {description !== "" && <Line text={description} max={120} />}
      </div>
    ),
  },
  {
    name: "Of",
    render: ({ prompt, workflow }) =>
      prompt !== null ? (
        <Link to="/prompts/$name" params={{ name: prompt }}>
          {prompt}
        </Link>
      ) : (
        <Link to="/workflows/$name" params={{ name: workflow ?? "" }}>
          {workflow}
        </Link>
      ),
  },
  { name: "Targets", num: true, render: ({ targets }) => targets.length },
  { name: "Datasets", render: ({ datasets }) => datasets.map(({ kind }) => kind).join(", ") },
  {
    name: "Newest eval run",
    render: ({ last }) => (last === null ? <span className={css["dim"]}>none yet</span> : <Standing of={last} />),
  },
];

/** Verdict or progress of an eval run, leading to it. */
function Standing({ of }: { of: Eval }): ReactNode {
  return (
    <span className={css["standing"]}>
      <Link to="/evals/$evalId" params={{ evalId: of.eval_id }}>
        {of.verdict === null ? <Badge tone={toneOf(of.status)}>{of.status}</Badge> : <Verdict verdict={of.verdict} />}
      </Link>
      {isInContext(of.subject) && <InContext />}
      <span className={css["dim"]}>
        {isOpen(of) ? progressText(of) : <Time at={of.ended_at ?? of.created_at} relative />}
      </span>
    </span>
  );
}

const RUN_COLUMNS: readonly Column<Eval>[] = [
  {
    name: "Eval run",
    render: ({ eval_id: evalId }) => (
      <Link to="/evals/$evalId" params={{ evalId }} className={css["mono"]}>
        {evalId}
      </Link>
    ),
  },
  { name: "Suite", render: ({ suite }) => suite },
  {
    name: "Subject",
    render: ({ subject }) => (
      <div className={css["stack"]}>
        <Line text={subjectText(subject)} max={100} />
        <span className={css["dim"]}>{modelsOf(subject).join(", ")}</span>
      </div>
    ),
  },
  { name: "Standing", render: (run) => <Standing of={run} /> },
  {
    name: "Compare",
    render: ({ eval_id: evalId, baseline }) =>
      baseline === null ? (
        <span className={css["dim"]}>–</span>
      ) : (
        <Link to="/evals/compare" search={{ a: baseline, b: evalId }}>
          with its baseline
        </Link>
      ),
  },
  { name: "By", render: ({ created_by: by }) => <Line text={by} max={40} /> },
];

function Runs({ suite }: { suite: string | undefined }): ReactNode {
  const query = useQuery(evalsQuery(suite));
  return (
    <Section
      title={suite === undefined ? "Eval runs" : `Eval runs of ${suite}`}
      aside={suite !== undefined && <Link to="/evals">All suites</Link>}
      flush
    >
      <Loaded query={query} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No eval run is on record.">
              <Command text={`sluice eval run ${suite ?? "SUITE"}`} />
            </Empty>
          ) : (
            <Table label="Eval runs" items={items} keyOf={({ eval_id: id }) => id} columns={RUN_COLUMNS} />
          )
        }
      </Loaded>
    </Section>
  );
}

const EXAMPLE = `name: ticket_classifier_regression
prompt: ticket_classifier
datasets: [{file: golden.jsonl, kind: golden}]
targets:
  - {name: Category accuracy, metric: accuracy, field: category, target: ">= 95%"}`;

function NoSuites(): ReactNode {
  return (
    <Empty title="The project has no suite yet, so nothing can show that a prompt may serve.">
      <p>
        A suite is a file: <Command text="evals/ticket_classifier_regression/suite.yaml" />
      </p>
      <pre className={css["example"]}>{EXAMPLE}</pre>
      <p>
        A prompt names it as its <code>eval_suite</code>.
      </p>
    </Empty>
  );
}
