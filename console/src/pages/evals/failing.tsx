import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import type { ReactNode } from "react";
import type { EvalCaseResult, EvalReport } from "../../api/schema.gen.ts";
import { Badge } from "../../parts/badge.tsx";
import { InContext } from "../../parts/figures.tsx";
import { count } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import type { Column } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Empty, Failed, Loading } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./evals.module.css";
import { failingPage } from "./queries.ts";
import { valueText } from "./words.ts";

interface FailingCasesProps {
  report: EvalReport;
  seesCases: boolean;
}

/** The attempts that were not as expected, each with what differs and the way to its trace. */
export function FailingCases({ report, seesCases }: FailingCasesProps): ReactNode {
  const failing = report.totals.attempts - Math.round(report.totals.passing.hits * report.repeat);
  return (
    <Section
      title="Failing cases"
      aside={
        <>
          {count(failing)} of {count(report.totals.attempts)} {report.in_context && <InContext />}
        </>
      }
      flush
    >
      {failing === 0 ? (
        <Empty title="Every answer was as expected." />
      ) : seesCases ? (
        <List evalId={report.eval_id} />
      ) : (
        <Empty title="Cases hold originals: they are shown to editors." />
      )}
    </Section>
  );
}

const COLUMNS: readonly Column<EvalCaseResult>[] = [
  {
    name: "Case",
    render: ({ case_id: id, dataset, repeat }) => (
      <Link to="." search={{ case: id, dataset }} resetScroll={false} className={css["mono"]}>
        <Line text={repeat > 1 ? `${id}, attempt ${repeat}` : id} max={60} />
      </Link>
    ),
  },
  { name: "Dataset", render: ({ dataset }) => <Line text={dataset} max={40} /> },
  {
    name: "Ended",
    render: ({ outcome }) => (
      <Badge tone={outcome === "answered" ? "bad" : "wait"}>
        {outcome === "answered" ? "wrong" : outcome.replace("_", " ")}
      </Badge>
    ),
  },
  { name: "Expected, and what was answered", render: (result) => <Differences result={result} /> },
];

function Differences({ result: { differences, error, outcome } }: { result: EvalCaseResult }): ReactNode {
  if (outcome !== "answered") return <Line text={error?.message ?? "There is no answer."} max={160} />;
  return (
    <ul className={css["differences"]}>
      {differences.slice(0, 6).map(({ pointer, expected, actual }) => (
        <li key={pointer}>
          <code>{pointer === "" ? "all of it" : pointer}</code> <ins>{valueText(expected).slice(0, 120)}</ins>{" "}
          <del>{valueText(actual).slice(0, 120)}</del>
        </li>
      ))}
    </ul>
  );
}

function List({ evalId }: { evalId: string }): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const query = useInfiniteQuery({
    queryKey: ["evals", "failing", evalId],
    queryFn: ({ pageParam, signal }) => failingPage(evalId, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const move = (by: number): void => {
    const links = [...(frame.current?.querySelectorAll<HTMLElement>("tbody a") ?? [])];
    const now = links.indexOf(document.activeElement as HTMLElement);
    links[now === -1 ? 0 : Math.min(Math.max(now + by, 0), links.length - 1)]?.focus();
  };
  useShortcuts("Failing cases", [
    { keys: "j", label: "Next failing case", run: () => move(1) },
    { keys: "k", label: "Failing case before", run: () => move(-1) },
  ]);
  if (query.isError) return <Failed error={query.error} again={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading rows={4} />;
  return (
    <div ref={frame}>
      <Table
        label="Failing cases"
        items={query.data.pages.flatMap(({ items }) => items)}
        keyOf={({ dataset, case_id: id, repeat }) => JSON.stringify([dataset, id, repeat])}
        columns={COLUMNS}
      />
      {query.hasNextPage && (
        <p className={css["below"]}>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </p>
      )}
    </div>
  );
}
