import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Eval } from "../../api/schema.gen.ts";
import { dateTime } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Comparison } from "./comparison.tsx";
import css from "./evals.module.css";
import { compareQuery, evalQuery, evalsQuery } from "./queries.ts";
import { isInContext, subjectText } from "./words.ts";

/** Two eval runs of one suite beside each other. */
export function ComparePage(): ReactNode {
  const { a, b } = useSearch({ from: "/frame/evals/compare" });
  const navigate = useNavigate({ from: "/evals/compare" });
  const swap = (): void => {
    if (a !== undefined && b !== undefined) void navigate({ search: { a: b, b: a }, replace: true });
  };
  useShortcuts("Comparison", [{ keys: "x", label: "Swap the two", run: swap }]);
  return (
    <Page
      title="Two eval runs, case by case"
      actions={b !== undefined && <Choice a={a} b={b} onChoose={(next) => void navigate({ search: next, replace: true })} />}
    >
      {a === undefined || b === undefined ? (
        <Empty title="Choose two eval runs of one suite.">
          <Link to="/evals">See all eval runs</Link>
        </Empty>
      ) : (
        <Both a={a} b={b} />
      )}
    </Page>
  ); // prettier-ignore
}

function Both({ a, b }: { a: string; b: string }): ReactNode {
  const query = useQuery(compareQuery(a, b));
  const sides = [useQuery(evalQuery(a)).data, useQuery(evalQuery(b)).data];
  const inContext = sides.some((side) => side !== undefined && isInContext(side.subject));
  return <Loaded query={query}>{(data) => <Comparison comparison={data} inContext={inContext} />}</Loaded>;
}

interface ChoiceProps {
  a: string | undefined;
  b: string;
  onChoose(next: { a?: string; b: string }): void;
}

function Choice({ a, b, onChoose }: ChoiceProps): ReactNode {
  const { data: one } = useQuery(evalQuery(b));
  const { data } = useQuery(evalsQuery(one?.suite));
  const done = (data?.items ?? []).filter(({ status }) => status === "done");
  const options = done.map((run) => ({ value: run.eval_id, label: nameOf(run) }));
  return (
    <div className={css["choice"]}>
      <NativeSelect
        label="Before"
        data={a === undefined ? [{ value: "", label: "choose one" }, ...options] : options}
        value={a ?? ""}
        onChange={({ currentTarget }) => onChoose({ a: currentTarget.value, b })}
      />
      <NativeSelect
        label="After"
        data={options}
        value={b}
        onChange={({ currentTarget }) => onChoose({ ...(a === undefined ? {} : { a }), b: currentTarget.value })}
      />
    </div>
  );
}

function nameOf({ subject, created_at: at }: Eval): string {
  return `${subjectText(subject)}, ${dateTime(at, undefined)}`;
}
