import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { plural } from "../../parts/format.ts";
import { Redrive } from "../../parts/redrive.tsx";
import { redriveNow } from "../../parts/redrive-call.ts";
import { careFor } from "../../parts/redrive-care.tsx";
import { asked } from "./ask.ts";
import { readAll } from "./bulk.ts";
import { BulkDialog } from "./bulk-dialog.tsx";
import type { Cohort } from "./cohort-text.ts";
import { fixedTimes } from "./cohort-text.ts";
import type { Row } from "./row.ts";
import type { RunsSearch } from "./search.ts";

interface ActProps {
  cohort: Cohort;
  onClose: () => void;
}

/** Cancels those of the cohort that have not ended. */
export function CancelRuns({ cohort, onClose }: ActProps): ReactNode {
  return (
    <BulkDialog
      title="Cancel runs"
      words={{ act: "Cancel", acting: "Cancelling", acted: "cancelled" }}
      about="Those that have ended are left as they are. A write that is settled stays; nothing more is done."
      onClose={onClose}
      gather={(signal, told) => gathered(cohort, ["queued", "running", "waiting"], signal, told)}
      act={async (id, reason, signal) => {
        await call("POST /v1/runs/{id}/cancel", { params: { id }, body: { reason }, signal });
        return null;
      }}
    />
  );
}

const MAX_REDRIVE = 10_000;

interface RedriveProps extends ActProps {
  /** How many of the cohort are dead. */
  dead: number;
}

/** Redrives the dead ones of the cohort from the step that failed: many that match a filter with care, in the background. */
export function RedriveRuns({ cohort, dead, onClose }: RedriveProps): ReactNode {
  const many = cohort.all && cohort.filters.disposition === undefined && careFor(dead) !== null;
  if (many) return <RedriveMatching filters={cohort.filters} dead={dead} onClose={onClose} />;
  return <RedriveEach cohort={cohort} onClose={onClose} />;
}

function RedriveMatching({
  filters,
  dead,
  onClose,
}: Omit<RedriveProps, "cohort"> & { filters: RunsSearch }): ReactNode {
  // Times that say how long ago mean the moment at which it was opened.
  const [filter] = useState(() => {
    const { status: _status, disposition: _disposition, ...rest } = asked(fixedTimes(filters, Date.now()));
    return rest;
  });
  return <Redrive filter={filter} expected={dead} onClose={onClose} />;
}

function RedriveEach({ cohort, onClose }: ActProps): ReactNode {
  return (
    <BulkDialog
      title="Redrive dead runs"
      words={{ act: "Redrive", acting: "Redriving", acted: "redriven" }}
      about="Each goes on from the step that failed, on the present code. A settled write is never repeated."
      onClose={onClose}
      gather={async (signal, told) => {
        const ids = await gathered(cohort, ["dead"], signal, told);
        await dryRun(cohort, ids, signal);
        return ids;
      }}
      act={async (id, reason, signal) => {
        const report = await redriveNow({ filter: { run_id: id }, reason }, signal);
        if (report.redriven.includes(id)) return null;
        return report.refused[0]?.why ?? "It is not dead any more.";
      }}
    />
  );
}

/** Throws where the server counts others than those that were gathered: then something is changing just now. */
async function dryRun(cohort: Cohort, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const body = { limit: MAX_REDRIVE, dry_run: true, reason: "Counted before redriving" };
  const ask = async (filter: RedriveBody["filter"]): Promise<number> =>
    (await redriveNow({ ...body, filter: filter ?? {} }, signal)).matched;
  let matched = 0;
  if (cohort.all) {
    const { status: _status, disposition, ...filter } = asked(fixedTimes(cohort.filters, Date.now()));
    // Dead runs have no disposition, and the call knows none.
    matched = disposition === undefined ? await ask(filter) : 0;
  } else for (const id of ids) matched += await ask({ run_id: id });
  if (matched !== ids.length)
    throw new Error(`${plural(matched, "run")} would be redriven, but ${ids.length} were found dead. Try again.`);
}

type RedriveBody = NonNullable<Parameters<typeof call<"POST /v1/dead-letters/redrive">>[1]>["body"];

/** Ids of the cohort's runs in one of the statuses, as they are now. */
async function gathered(
  cohort: Cohort,
  statuses: readonly Row["status"][],
  signal: AbortSignal,
  told: (found: number) => void,
): Promise<string[]> {
  if (!cohort.all) return cohort.rows.filter(({ status }) => statuses.includes(status)).map(({ id }) => id);
  const ids = new Set<string>();
  const fixed = fixedTimes(cohort.filters, Date.now());
  for (const status of statuses) {
    if (fixed.status !== undefined && fixed.status !== status) continue;
    const search: RunsSearch = { ...fixed, status };
    await readAll(search, signal, (rows) => {
      for (const { id } of rows) ids.add(id);
      told(ids.size);
    });
  }
  return [...ids];
}
