import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { ReactNode } from "react";
import { count, plural, usd } from "../../parts/format.ts";
import { readAll } from "./bulk.ts";
import type { Cohort } from "./cohort-text.ts";
import type { Row } from "./row.ts";
import { fixedTimes } from "./cohort-text.ts";
import css from "./cohort.module.css";

interface Cost {
  usd: number;
  unknown: number;
  runs: number;
}

const NOTHING: Cost = { usd: 0, unknown: 0, runs: 0 };

function added(cost: Cost, rows: readonly Row[]): Cost {
  return rows.reduce(
    (sum, row) => ({
      usd: sum.usd + (row.cost ?? 0),
      unknown: sum.unknown + (row.cost === null ? 1 : 0),
      runs: sum.runs + 1,
    }),
    cost,
  );
}

/** What the runs have cost. Of all that match it is added up when asked for, page by page: there may be very many. */
export function CohortCost({ cohort }: { cohort: Cohort }): ReactNode {
  return cohort.all ? <AllCost cohort={cohort} /> : <Sum cost={added(NOTHING, cohort.rows)} />;
}

function Sum({ cost }: { cost: Cost }): ReactNode {
  return (
    <span className={css["cost"]}>
      {usd(cost.usd)}
      {cost.unknown > 0 && ` and ${plural(cost.unknown, "run")} of unknown price`}
    </span>
  );
}

function AllCost({ cohort }: { cohort: Cohort & { all: true } }): ReactNode {
  const id = useId();
  const [asked, setAsked] = useState(false);
  const [sofar, setSofar] = useState(NOTHING);
  const { data, isError } = useQuery({
    queryKey: ["cohort-cost", id],
    enabled: asked,
    gcTime: 0,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      let cost = NOTHING;
      await readAll(fixedTimes(cohort.filters, Date.now()), signal, (rows) => {
        cost = added(cost, rows);
        setSofar(cost);
      });
      return cost;
    },
  });
  if (data !== undefined) return <Sum cost={data} />;
  if (isError) return <span className={css["cost"]}>The cost could not be read.</span>;
  if (asked) return <span className={css["cost"]}>adding up, {count(sofar.runs)} so far…</span>;
  return (
    <Button variant="subtle" onClick={() => setAsked(true)}>
      Add up the cost
    </Button>
  );
}
