import { Popover, SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { PromptVersion, Run, RunFacets } from "../../api/schema.gen.ts";
import { RunLink } from "../../parts/badge.tsx";
import { count, plural, usd, words } from "../../parts/format.ts";
import { Section } from "../../parts/page.tsx";
import { RunsLink } from "../../parts/runs-link.tsx";
import { Failed, Loading } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { decidedOf, meanCost } from "./decided.ts";
import type { DecidedField } from "./decided.ts";
import css from "./prompts.module.css";
import { promptSearch } from "./search.ts";

/** Decisions are added up over the newest runs, not over all of them. */
const SAMPLE = 200;
const RUNS_SHOWN = 12;

const WINDOWS = [
  { value: "24h", label: "24 hours" },
  { value: "7d", label: "7 days" },
  { value: "all", label: "All time" },
];

interface Side {
  version: string;
  search: { prompt_version: string; since?: string };
  facets: UseQueryResult<RunFacets>;
  sample: UseQueryResult<{ items: Run[] }>;
}

function useSide(prompt: PromptVersion, since: string | undefined): Side {
  const search = {
    prompt_version: `${prompt.name}@${prompt.version}`,
    ...(since === undefined ? {} : { since }),
  };
  const facets = useQuery({
    queryKey: ["runs", "facets", search],
    queryFn: ({ signal }) => call("GET /v1/runs/facets", { query: search, signal }),
    placeholderData: keepPreviousData,
  });
  const sample = useQuery({
    queryKey: ["runs", "sample", search],
    queryFn: ({ signal }) => call("GET /v1/runs", { query: { ...search, limit: SAMPLE }, signal }),
    placeholderData: keepPreviousData,
  });
  return { version: prompt.version, search, facets, sample };
}

interface ServedProps {
  version: PromptVersion;
  against: PromptVersion | undefined;
}

/** What the versions served and decided, side by side; every number leads to its runs. */
export function Served({ version, against }: ServedProps): ReactNode {
  const { since } = useSearch({ from: "/frame/prompts/$name" });
  const navigate = useNavigate({ from: "/prompts/$name" });
  const before = useSide(against ?? version, since);
  const after = useSide(version, since);
  const sides = against === undefined || against === version ? [after] : [before, after];
  return (
    <Section
      title="What they served and decided"
      flush
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Runs since"
          value={since ?? "all"}
          data={WINDOWS}
          onChange={(value) =>
            void navigate({
              search: (search) => promptSearch({ ...search, since: value === "all" ? undefined : value }),
              replace: true,
            })
          }
        />
      }
    >
      <Sides sides={sides} />
    </Section>
  );
}

function Sides({ sides }: { sides: readonly Side[] }): ReactNode {
  const failed = sides.flatMap(({ facets, sample }) => [facets, sample]).find(({ isError }) => isError);
  if (failed !== undefined) return <Failed error={failed.error} again={() => void failed.refetch()} />;
  if (sides.some(({ facets, sample }) => facets.data === undefined || sample.data === undefined))
    return <Loading rows={8} />;
  return (
    <table className={css["served"]} aria-label="What they served and decided">
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Measure</span>
          </th>
          {sides.map(({ version }) => (
            <th scope="col" key={version}>
              <code>{version}</code>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Runs</th>
          {sides.map(({ version, facets, search }) => (
            <td key={version}>
              <RunsLink n={facets.data?.total} search={search} what={`runs with ${version}`} />
            </td>
          ))}
        </tr>
        <FacetRows sides={sides} facet="status" />
        <FacetRows sides={sides} facet="disposition" />
        <CostRow sides={sides} />
        <DecidedRows sides={sides} />
      </tbody>
    </table>
  );
}

/** One line for each status or disposition that any of the sides has. */
function FacetRows({ sides, facet }: { sides: readonly Side[]; facet: "status" | "disposition" }): ReactNode {
  const values = [
    ...new Set(sides.flatMap(({ facets }) => facets.data?.facets[facet].map(({ value }) => value) ?? [])),
  ];
  return values.map((value) => (
    <tr key={value}>
      <th scope="row" className={css["inner"]}>
        {words(value)}
      </th>
      {sides.map(({ version, facets, search }) => {
        const n = facets.data?.facets[facet].find((each) => each.value === value)?.count ?? 0;
        return (
          <td key={version}>
            <Share n={n} of={facets.data?.total ?? 0}>
              <RunsLink n={n} search={{ ...search, [facet]: value }} what={`runs with ${version}, ${words(value)}`} />
            </Share>
          </td>
        );
      })}
    </tr>
  ));
}

function Share({ n, of, children }: { n: number; of: number; children: ReactNode }): ReactNode {
  const share = of === 0 ? 0 : n / of;
  return (
    <span className={css["share"]}>
      <span className={css["percent"]}>{of === 0 ? "–" : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`}</span>
      <span className={css["bar"]} aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      {children}
    </span>
  );
}

function CostRow({ sides }: { sides: readonly Side[] }): ReactNode {
  return (
    <tr>
      <th scope="row">Cost of a run, mean</th>
      {sides.map(({ version, sample }) => {
        const { usd: cost, known } = meanCost(sample.data?.items ?? []);
        return (
          <td key={version}>
            {known === 0 ? "–" : usd(cost)} <span className={css["dim"]}>{ofRuns(known)}</span>
          </td>
        );
      })}
    </tr>
  );
}

function ofRuns(known: number): string {
  if (known === 0) return "no run of known price";
  return known >= SAMPLE ? `of the newest ${count(known)}` : `of ${plural(known, "run")}`;
}

/** The fields of the decisions, in the order they are first seen; a value is opened to see its runs. */
function DecidedRows({ sides }: { sides: readonly Side[] }): ReactNode {
  const decided = sides.map(({ version, sample }) => ({ version, fields: decidedOf(sample.data?.items ?? []) }));
  const names = [...new Set(decided.flatMap(({ fields }) => fields.map(({ name }) => name)))];
  return names.map((name) => {
    const cells = decided.map(({ version, fields }) => ({ version, field: fields.find((each) => each.name === name) }));
    return <DecidedField key={name} name={name} cells={cells} />;
  });
}

interface Cell {
  version: string;
  field: DecidedField | undefined;
}

function DecidedField({ name, cells }: { name: string; cells: readonly Cell[] }): ReactNode {
  const values = [
    ...new Set(cells.flatMap(({ field }) => (field?.kind === "values" ? field.values.map(({ value }) => value) : []))),
  ];
  return (
    <>
      <tr>
        <th scope="row">
          Decided <Line text={name} />
        </th>
        {cells.map(({ version, field }) => (
          <td key={version} className={css["dim"]}>
            {field === undefined
              ? "nothing yet"
              : field.kind === "number"
                ? `${Number(field.mean.toPrecision(3))} on average, ${ofRuns(field.total)}`
                : ofRuns(field.total)}
          </td>
        ))}
      </tr>
      {values.map((value) => (
        <tr key={value}>
          <th scope="row" className={css["inner"]}>
            <Line text={value} />
          </th>
          {cells.map(({ version, field }) => (
            <td key={version}>
              <DecidedShare field={field} value={value} />
            </td>
          ))}
        </tr>
      ))}
    </>
  );
}

function DecidedShare({ field, value }: { field: DecidedField | undefined; value: string }): ReactNode {
  if (field?.kind !== "values") return "–";
  const runs = field.values.find((each) => each.value === value)?.runs ?? [];
  return (
    <Share n={runs.length} of={field.total}>
      {runs.length === 0 ? (
        "0"
      ) : (
        <Popover withArrow position="right" trapFocus returnFocus shadow="md">
          <Popover.Target>
            <button
              type="button"
              className={css["opens"]}
              aria-label={`${plural(runs.length, "run")} decided ${field.name} ${value}`}
            >
              {count(runs.length)}
            </button>
          </Popover.Target>
          <Popover.Dropdown aria-label="Runs">
            <ul className={css["runs"]}>
              {runs.slice(0, RUNS_SHOWN).map((run) => (
                <li key={run}>
                  <RunLink id={run} />
                </li>
              ))}
            </ul>
            {runs.length > RUNS_SHOWN && <span className={css["dim"]}>the newest of {count(runs.length)}</span>}
          </Popover.Dropdown>
        </Popover>
      )}
    </Share>
  );
}
